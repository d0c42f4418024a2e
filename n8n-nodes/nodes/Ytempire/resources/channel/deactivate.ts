import type { Operation } from '../../../shared/operation';
import { channel, CHANNEL, user } from './fields';

export const deactivate: Operation = {
	option: {
		name: 'Deactivate',
		value: 'deactivate',
		action: 'Deactivate a channel',
		description: 'Keep a channel and its data, but sync it no longer',
	},
	fields: [user, channel],
	request: { method: 'PATCH', path: CHANNEL, constants: { isActive: false } },
};
