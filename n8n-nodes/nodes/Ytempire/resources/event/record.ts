import { createHash } from 'crypto';
import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import type { EventRecordResult } from '../../../shared/contract';
import { failedItem } from '../../../shared/errors';
import { labelOf } from '../../../shared/labels';
import type { Operation } from '../../../shared/operation';
import { findUser } from '../../../shared/request';
import { ask, chunks, faultInWords, required } from '../../../shared/sidecar';
import { user } from './fields';

/** What the sidecar takes at once (schemas/event-record-request.json). */
const EVENTS_AT_ONCE = 5000;

const type: INodeProperties = {
	displayName: 'Type',
	name: 'eventType',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. video.rendered',
	description: 'What happened: letters, digits, dots, hyphens and underscores',
};

const source: INodeProperties = {
	displayName: 'Source',
	name: 'eventSource',
	type: 'string',
	required: true,
	default: 'n8n',
	placeholder: 'e.g. n8n/render',
	description: 'Where it happened: a path or an address, without spaces',
};

const data: INodeProperties = {
	displayName: 'Data (JSON)',
	name: 'eventData',
	type: 'json',
	default: '',
	description: 'An object with whatever else is to be known, at most 2,048 bytes',
};

const more: INodeProperties = {
	displayName: 'Additional Fields',
	name: 'fields',
	type: 'collection',
	placeholder: 'Add field',
	default: {},
	options: [
		{
			displayName: 'Event ID',
			name: 'id',
			type: 'string',
			default: '',
			description:
				'A UUID of the event. Left empty, one is made of the execution and the item. An event of the same ID and time is recorded once.',
		},
		{
			displayName: 'Subject',
			name: 'subject',
			type: 'string',
			default: '',
			placeholder: 'e.g. UCabcdefghijklmnopqrstuv/dQw4w9WgXcQ',
			description: "The channel's ID, or the channel's and the video's with a slash between",
		},
		{
			displayName: 'Time',
			name: 'time',
			type: 'dateTime',
			default: '',
			description:
				'When it happened, at most 90 days ago; left empty, now. Set it where the node may run again for the same event.',
		},
	],
};

/** A UUID that is the same each time that the execution runs the node for the item. */
function idOf(context: IExecuteFunctions, item: number): string {
	const made = createHash('sha256')
		.update(`${context.getExecutionId()} ${context.getNode().id} ${item}`)
		.digest('hex');
	return made.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

function dataOf(context: IExecuteFunctions, item: number): IDataObject | undefined {
	const value = context.getNodeParameter('eventData', item, '') as unknown;
	if (value === '' || value === null || value === undefined) return undefined;
	let parsed: unknown = value;
	if (typeof value === 'string') {
		try {
			parsed = JSON.parse(value);
		} catch {
			parsed = undefined;
		}
	}
	if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
		throw new NodeOperationError(context.getNode(), 'Data is not a JSON object', {
			itemIndex: item,
			description: 'Write an object such as { "seconds": 12 }, or leave it empty.',
		});
	}
	return parsed as IDataObject;
}

function timeOf(context: IExecuteFunctions, value: unknown, item: number): string {
	if (!value) return new Date().toISOString();
	const time = new Date(typeof value === 'object' ? String(value) : (value as string));
	if (Number.isNaN(time.getTime())) {
		throw new NodeOperationError(context.getNode(), `Time: '${String(value)}' is not a time`, {
			itemIndex: item,
			description: 'Choose it in the calendar, or use a text such as 2026-10-01T12:00:00Z.',
		});
	}
	return time.toISOString();
}

function eventOf(context: IExecuteFunctions, item: number): IDataObject {
	const { id, subject, time } = context.getNodeParameter('fields', item, {}) as IDataObject;
	const eventData = dataOf(context, item);
	return {
		id: id || idOf(context, item),
		source: required(context, 'eventSource', 'Source', item),
		type: required(context, 'eventType', 'Type', item),
		time: timeOf(context, time, item),
		...(subject ? { subject } : {}),
		...(eventData ? { data: eventData } : {}),
	};
}

export const record: Operation = {
	option: {
		name: 'Record',
		value: 'record',
		action: 'Record an event',
		description: 'Record that something happened to a user, such as a video that was rendered',
	},
	fields: [user, type, source, data, more],
	/** Events of one user travel together. */
	async executeAll(context) {
		const out: INodeExecutionData[] = [];
		const byUser = new Map<string, Array<{ item: number; event: IDataObject }>>();
		for (let item = 0; item < context.getInputData().length; item++) {
			try {
				const userId = await findUser(context, item);
				const event = eventOf(context, item);
				byUser.set(userId, [...(byUser.get(userId) ?? []), { item, event }]);
			} catch (error) {
				out.push(failedItem(context, error, item));
			}
		}
		for (const [userId, events] of byUser) {
			for (const some of chunks(events, EVENTS_AT_ONCE)) {
				out.push(...(await recorded(context, userId, some)));
			}
		}
		return [out.sort((one, other) => itemOf(one) - itemOf(other))];
	},
};

const itemOf = ({ pairedItem }: INodeExecutionData) => (pairedItem as { item: number }).item;

async function recorded(
	context: IExecuteFunctions,
	userId: string,
	events: Array<{ item: number; event: IDataObject }>,
): Promise<INodeExecutionData[]> {
	try {
		const result = await ask<EventRecordResult>(context, {
			method: 'POST',
			path: `/v1/users/${encodeURIComponent(userId)}/events`,
			body: { events: events.map(({ event }) => event) },
			itemIndex: events[0]!.item,
		});
		return result.events.map(({ event: place, outcome, faults }) => {
			const { item, event } = events[place]!;
			const fault = faults?.[0];
			if (fault) {
				const refused = new NodeOperationError(
					context.getNode(),
					`The event was not recorded: ${faultInWords(fault, labelOf)}`,
					{ itemIndex: item, description: 'The other events of this run are recorded.' },
				);
				return failedItem(context, refused, item);
			}
			return { json: { userId, ...event, outcome }, pairedItem: { item } };
		});
	} catch (error) {
		return events.map(({ item }) => failedItem(context, error, item));
	}
}
