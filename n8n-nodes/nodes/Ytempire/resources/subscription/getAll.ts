import { limit, returnAll, type Operation } from '../../../shared/operation';

export const getAll: Operation = {
	option: {
		name: 'Get Many',
		value: 'getAll',
		action: 'Get many subscriptions to events',
		description: 'Get many subscriptions, with whether their address takes what is sent',
	},
	empty: 'There are no subscriptions. Create makes one.',
	fields: [returnAll, limit],
	request: { method: 'GET', path: '/v1/subscriptions', list: 'subscriptions' },
};
