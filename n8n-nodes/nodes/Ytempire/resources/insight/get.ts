import { dayOf } from '../../../shared/dates';
import type { Operation } from '../../../shared/operation';
import { INSIGHTS, user, week } from './fields';

export const get: Operation = {
	option: {
		name: 'Get',
		value: 'get',
		action: 'Get the sentences about a week',
		description: 'Get a few sentences about the week of a user: by a model, or else by rules',
	},
	fields: [user, week],
	request: {
		method: 'GET',
		path: INSIGHTS,
		query: (context, item) => ({
			week: context.getNodeParameter('week', item, '')
				? dayOf(context, 'week', 'First Day', item)
				: '',
		}),
		result: (insight, { userId }) => ({ userId, ...insight }),
	},
};
