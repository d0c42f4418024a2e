import type { IDataObject } from 'n8n-workflow';
import type { Operation } from '../../../shared/operation';
import { ask } from '../../../shared/sidecar';
import { channel, channelPath, user } from './fields';

export const get: Operation = {
	option: {
		name: 'Get',
		value: 'get',
		action: 'Get a channel',
		description: 'Get a channel, with whether it is connected',
	},
	fields: [user, channel],
	async executeItem(context, item) {
		const path = channelPath(context, item);
		return [await ask<IDataObject>(context, { method: 'GET', path, itemIndex: item })];
	},
};
