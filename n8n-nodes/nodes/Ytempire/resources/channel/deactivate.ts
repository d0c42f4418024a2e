import type { IDataObject } from 'n8n-workflow';
import type { Operation } from '../../../shared/operation';
import { ask } from '../../../shared/sidecar';
import { channel, channelPath, user } from './fields';

export const deactivate: Operation = {
	option: {
		name: 'Deactivate',
		value: 'deactivate',
		action: 'Deactivate a channel',
		description: 'Keep a channel and its data, but sync it no longer',
	},
	fields: [user, channel],
	async executeItem(context, item) {
		const path = channelPath(context, item);
		const body = { isActive: false };
		return [await ask<IDataObject>(context, { method: 'PATCH', path, body, itemIndex: item })];
	},
};
