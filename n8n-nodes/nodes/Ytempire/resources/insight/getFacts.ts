import { dayOf } from '../../../shared/dates';
import type { Operation } from '../../../shared/operation';
import { user, week } from './fields';

export const getFacts: Operation = {
	option: {
		name: 'Get Facts',
		value: 'getFacts',
		action: 'Get the facts of a week for a model',
		description:
			'Get the figures of a week as facts with slots, for a language model to write sentences from, and whether the budget allows to ask one',
	},
	fields: [user, week],
	request: {
		method: 'GET',
		path: '/v1/users/{userId}/insight-facts',
		query: (context, item) => ({
			week: context.getNodeParameter('week', item, '')
				? dayOf(context, 'week', 'First Day', item)
				: '',
		}),
		result: (facts, { userId }) => ({
			userId,
			...facts,
			budgetUsd: Number(facts.budgetUsd),
			spentUsd: Number(facts.spentUsd),
		}),
	},
};
