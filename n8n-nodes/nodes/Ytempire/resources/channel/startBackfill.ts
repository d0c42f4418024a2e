import type { INodeProperties } from 'n8n-workflow';
import { dayOf } from '../../../shared/dates';
import type { Operation } from '../../../shared/operation';
import { channel, CHANNEL, user } from './fields';

const startDate: INodeProperties = {
	displayName: 'First Day',
	name: 'startDate',
	type: 'dateTime',
	typeOptions: { dateOnly: true },
	default: '',
	required: true,
	description:
		"First day to fetch, YouTube's (Pacific) day. The sync fetches 90 days of a channel a day, after everything else.",
};

export const startBackfill: Operation = {
	option: {
		name: 'Start Backfill',
		value: 'startBackfill',
		action: 'Start a backfill',
		description: "Have the sync fetch a channel's history back to a day",
	},
	fields: [user, channel, startDate],
	request: {
		method: 'POST',
		path: `${CHANNEL}/backfill`,
		fields: (context, item) => ({
			startDate: dayOf(context, 'startDate', 'First Day', item),
		}),
	},
};
