import { limit, returnAll, type Operation } from '../../../shared/operation';
import { user } from './fields';

export const getBreaks: Operation = {
	option: {
		name: 'Get Metric Breaks',
		value: 'getBreaks',
		action: 'Get the days on which a metric changed its meaning',
		description:
			'Get the days on which YouTube changed what a figure means: do not compare figures across them without saying so',
	},
	empty: 'YouTube has changed the meaning of no figure.',
	fields: [user, returnAll, limit],
	request: { method: 'GET', path: '/v1/users/{userId}/metric-breaks', list: 'breaks' },
};
