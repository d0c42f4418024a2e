import type { IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { youTubeDay, type Days } from './period';

const DAY = /^(\d{4}-\d{2}-\d{2})(?:[T ].*)?$/;

/**
 * The day in a date field: a day, an ISO date and time, a Luxon DateTime, or a Date. Text and DateTime name the day that they
 * show; a Date is a moment and names YouTube's (Pacific) day of it.
 *
 * @throws NodeOperationError naming the field and the item
 */
export function dayOf(
	context: IExecuteFunctions,
	name: string,
	label: string,
	item: number,
): string {
	const value = context.getNodeParameter(name, item, '') as unknown;
	const refused = (message: string) =>
		new NodeOperationError(context.getNode(), message, {
			itemIndex: item,
			description: `Choose the day in the calendar, or use an expression such as {{ $now.minus({ days: 7 }) }} or a text such as 2026-10-01.`,
		});
	if (value === undefined || value === null || value === '') throw refused(`${label} is empty`);
	const text = dayTextOf(value);
	const day = DAY.exec(text.trim())?.[1];
	if (!day || !isDay(day)) {
		throw refused(`${label}: '${text}' is not a day`);
	}
	return day;
}

/**
 * The days from one field to another, in order.
 *
 * @param mustBeOver whether YouTube can have no numbers of a day in the future
 * @throws NodeOperationError naming what is wrong
 */
export function daysFrom(
	context: IExecuteFunctions,
	[first, last]: [string, string],
	item: number,
	mustBeOver = false,
): Days {
	const days = {
		startDate: dayOf(context, first, 'First Day', item),
		endDate: dayOf(context, last, 'Last Day', item),
	};
	refuseDisorder(context, days, item);
	const today = youTubeDay(new Date());
	if (mustBeOver && days.endDate > today) {
		throw new NodeOperationError(
			context.getNode(),
			`Last Day (${days.endDate}) is in the future: for YouTube it is still ${today}`,
			{
				itemIndex: item,
				description: `Choose a Last Day up to ${today}. YouTube counts days in Pacific time; {{ $now.setZone('America/Los_Angeles') }} is its today.`,
			},
		);
	}
	return days;
}

/**
 * The days of two fields that may each be left empty.
 *
 * @returns empty text for a field without a day
 */
export function optionalDaysFrom(
	context: IExecuteFunctions,
	[first, last]: [string, string],
	item: number,
): Days {
	const day = (name: string, label: string) =>
		context.getNodeParameter(name, item, '') ? dayOf(context, name, label, item) : '';
	const days = { startDate: day(first, 'First Day'), endDate: day(last, 'Last Day') };
	if (days.startDate && days.endDate) refuseDisorder(context, days, item);
	return days;
}

function refuseDisorder(
	context: IExecuteFunctions,
	{ startDate, endDate }: Days,
	item: number,
): void {
	if (startDate <= endDate) return;
	throw new NodeOperationError(
		context.getNode(),
		`First Day (${startDate}) is after Last Day (${endDate})`,
		{ itemIndex: item, description: 'Swap First Day and Last Day.' },
	);
}

/** Whether there is such a day: 30 February is none. */
function isDay(day: string): boolean {
	const moment = new Date(`${day}T00:00:00Z`);
	return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(day);
}

/** The text of a value that names a day: of a Date, YouTube's (Pacific) day of that moment. */
export function dayTextOf(value: unknown): string {
	if (value instanceof Date)
		return Number.isNaN(value.getTime()) ? String(value) : youTubeDay(value);
	const moment = value as { toISODate?: unknown };
	return typeof moment.toISODate === 'function'
		? String((value as { toISODate(): string | null }).toISODate())
		: String(value);
}
