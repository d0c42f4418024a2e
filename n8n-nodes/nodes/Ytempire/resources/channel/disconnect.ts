import type { Operation } from '../../../shared/operation';
import { runRequest } from '../../../shared/request';
import { channel, CHANNEL, user } from './fields';

export const disconnect: Operation = {
	option: {
		name: 'Disconnect',
		value: 'disconnect',
		action: 'Disconnect a channel',
		description: "Revoke the owner's grant at Google and delete it",
	},
	fields: [user, channel],
	async executeItem(context, item) {
		await runRequest(context, { method: 'DELETE', path: `${CHANNEL}/connection` }, item);
		return await runRequest(context, { method: 'GET', path: CHANNEL }, item);
	},
};
