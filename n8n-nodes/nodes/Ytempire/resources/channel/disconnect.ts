import type { IDataObject } from 'n8n-workflow';
import type { Operation } from '../../../shared/operation';
import { ask } from '../../../shared/sidecar';
import { channel, channelPath, user } from './fields';

export const disconnect: Operation = {
	option: {
		name: 'Disconnect',
		value: 'disconnect',
		action: 'Disconnect a channel',
		description: "Revoke the owner's grant at Google and delete it",
	},
	fields: [user, channel],
	async executeItem(context, item) {
		const path = channelPath(context, item);
		await ask(context, { method: 'DELETE', path: `${path}/connection`, itemIndex: item });
		return [await ask<IDataObject>(context, { method: 'GET', path, itemIndex: item })];
	},
};
