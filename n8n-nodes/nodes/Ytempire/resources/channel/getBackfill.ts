import type { IDataObject } from 'n8n-workflow';
import type { Operation } from '../../../shared/operation';
import { ask } from '../../../shared/sidecar';
import { channel, channelPath, user } from './fields';

export const getBackfill: Operation = {
	option: {
		name: 'Get Backfill',
		value: 'getBackfill',
		action: 'Get the progress of a backfill',
		description: "Get how far the backfill of a channel's history has come",
	},
	fields: [user, channel],
	async executeItem(context, item) {
		const path = `${channelPath(context, item)}/backfill`;
		return [await ask<IDataObject>(context, { method: 'GET', path, itemIndex: item })];
	},
};
