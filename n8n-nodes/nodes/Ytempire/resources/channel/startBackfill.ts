import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { dayOf } from '../../../shared/dates';
import type { Operation } from '../../../shared/operation';
import { ask } from '../../../shared/sidecar';
import { channel, channelPath, user } from './fields';

const startDate: INodeProperties = {
	displayName: 'Start Date',
	name: 'startDate',
	type: 'dateTime',
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
	async executeItem(context, item) {
		const path = `${channelPath(context, item)}/backfill`;
		const body = { startDate: dayOf(context, 'startDate', 'Start Date', item) };
		return [await ask<IDataObject>(context, { method: 'POST', path, body, itemIndex: item })];
	},
};
