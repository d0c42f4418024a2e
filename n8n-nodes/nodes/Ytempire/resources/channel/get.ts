import type { Operation } from '../../../shared/operation';
import { channel, CHANNEL, user } from './fields';

export const get: Operation = {
	option: {
		name: 'Get',
		value: 'get',
		action: 'Get a channel',
		description: 'Get a channel, with whether it is connected',
	},
	fields: [user, channel],
	request: { method: 'GET', path: CHANNEL },
};
