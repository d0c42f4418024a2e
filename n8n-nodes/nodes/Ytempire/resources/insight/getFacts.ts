import type { INodeProperties } from 'n8n-workflow';
import { dayOf } from '../../../shared/dates';
import type { Operation } from '../../../shared/operation';
import { ofUser } from '../cost/fields';
import { user, week } from './fields';

const model: INodeProperties = {
	displayName: 'Model',
	name: 'model',
	type: 'string',
	default: '',
	placeholder: 'e.g. gpt-5.4-mini',
	description:
		'The name of the model that is asked. It is allowed where it has prices, so that its cost counts against the budget. Empty: the prices of its provider for all models.',
};

export const getFacts: Operation = {
	option: {
		name: 'Get Facts',
		value: 'getFacts',
		action: 'Get the facts of seven days for a model',
		description:
			'Get the figures of seven days as facts with slots, for a language model to write sentences from, and whether one may be asked',
	},
	fields: [user, week, model],
	request: {
		method: 'GET',
		path: '/v1/users/{userId}/insight-facts',
		query: (context, item) => ({
			week: context.getNodeParameter('week', item, '')
				? dayOf(context, 'week', 'First Day', item)
				: '',
			model: context.getNodeParameter('model', item, '') as string,
		}),
		result: ofUser,
	},
};
