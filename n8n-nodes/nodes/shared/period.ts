/** A range of YouTube's days, both ends included, YYYY-MM-DD. */
export interface Days {
	startDate: string;
	endDate: string;
}

/** Named periods, in the order of the editor's list. All end with a day whose numbers are complete. */
export const PERIODS = [
	{
		name: 'Latest Complete Day',
		value: 'latestDay',
		description: 'The newest day whose numbers are complete',
	},
	{
		name: 'Last 7 Complete Days',
		value: 'last7',
		description: 'The newest 7 days whose numbers are complete',
	},
	{
		name: 'Last 28 Complete Days',
		value: 'last28',
		description: 'The newest 28 days whose numbers are complete',
	},
	{
		name: 'Last 30 Complete Days',
		value: 'last30',
		description: 'The newest 30 days whose numbers are complete',
	},
	{
		name: 'Last 90 Complete Days',
		value: 'last90',
		description: 'The newest 90 days whose numbers are complete',
	},
	{
		name: 'Last 365 Complete Days',
		value: 'last365',
		description: 'The newest 365 days whose numbers are complete',
	},
	{
		name: 'Last Week (Mon–Sun)',
		value: 'lastWeek',
		description: 'The newest calendar week all of whose days are complete',
	},
	{
		name: 'Last Month',
		value: 'lastMonth',
		description: 'The newest calendar month all of whose days are complete',
	},
	{
		name: 'Month to Date',
		value: 'monthToDate',
		description: 'From the first of the month of the latest complete day to that day',
	},
	{
		name: 'Year to Date',
		value: 'yearToDate',
		description: 'From 1 January of the year of the latest complete day to that day',
	},
] as const;

export type Period = (typeof PERIODS)[number]['value'];

const PACIFIC = new Intl.DateTimeFormat('en-US', {
	timeZone: 'America/Los_Angeles',
	calendar: 'gregory',
	numberingSystem: 'latn',
	year: 'numeric',
	month: '2-digit',
	day: '2-digit',
});

/** The day that YouTube counts at this moment: Pacific time (developers.google.com/youtube/analytics/data_model). */
export function youTubeDay(at: Date): string {
	// By its parts: how a locale orders and separates them is no contract.
	const parts = PACIFIC.formatToParts(at);
	const part = (name: string) => parts.find(({ type }) => type === name)!.value;
	return `${part('year')}-${part('month')}-${part('day')}`;
}

/** So many days later, or earlier. */
export function plusDays(day: string, days: number): string {
	const moment = new Date(`${day}T00:00:00Z`);
	moment.setUTCDate(moment.getUTCDate() + days);
	return moment.toISOString().slice(0, 10);
}

/** The longest period of a fetch. A report that takes fewer days at once is fetched in parts. */
export const MAX_DAYS = 366;

/** A period in parts of at most so many days, oldest first. */
export function parts({ startDate, endDate }: Days, maxDays: number): Days[] {
	const out: Days[] = [];
	for (let first = startDate; first <= endDate; first = plusDays(first, maxDays)) {
		const last = plusDays(first, maxDays - 1);
		out.push({ startDate: first, endDate: last < endDate ? last : endDate });
	}
	return out;
}

/** The number of days, both ends included. */
export const lengthOf = ({ startDate, endDate }: Days) =>
	Math.round((Date.parse(endDate) - Date.parse(startDate)) / 86_400_000) + 1;

const firstOfMonth = (day: string) => `${day.slice(0, 8)}01`;

const LENGTHS: Partial<Record<Period, number>> = {
	latestDay: 1,
	last7: 7,
	last28: 28,
	last30: 30,
	last90: 90,
	last365: 365,
};

/**
 * The days of a named period, as seen at this moment.
 *
 * @param delayDays days until numbers are complete
 */
export function daysOf(period: Period, at: Date, delayDays: number): Days {
	const latest = plusDays(youTubeDay(at), -delayDays);
	const length = LENGTHS[period];
	if (length !== undefined) return { startDate: plusDays(latest, 1 - length), endDate: latest };
	switch (period) {
		case 'lastWeek': {
			// Sunday is 0.
			const endDate = plusDays(latest, -new Date(`${latest}T00:00:00Z`).getUTCDay());
			return { startDate: plusDays(endDate, -6), endDate };
		}
		case 'lastMonth': {
			const isWhole = plusDays(latest, 1).endsWith('-01');
			const endDate = isWhole ? latest : plusDays(firstOfMonth(latest), -1);
			return { startDate: firstOfMonth(endDate), endDate };
		}
		case 'yearToDate':
			return { startDate: `${latest.slice(0, 4)}-01-01`, endDate: latest };
		default:
			return { startDate: firstOfMonth(latest), endDate: latest };
	}
}
