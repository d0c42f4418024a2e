import { limit, returnAll, type Operation } from '../../../shared/operation';
import { check, resultDays, user } from './fields';

export const getResults: Operation = {
	option: {
		name: 'Get Results',
		value: 'getResults',
		action: 'Get data quality results of a user',
		description:
			'Get what the checks of the stored data found: how fresh and complete it is, whether revenue agrees with YouTube, and anomalies',
	},
	empty: 'There are no results of this check yet. Checks run by themselves once data is stored.',
	fields: [user, check, resultDays, returnAll, limit],
	request: {
		method: 'GET',
		path: '/v1/users/{userId}/quality',
		list: 'results',
		pageSize: 500,
		query: (context, item) => {
			const name = context.getNodeParameter('check', item, 'all') as string;
			const days = context.getNodeParameter('days', item, 0) as number;
			return { ...(name === 'all' ? {} : { check: name }), ...(days > 0 ? { days } : {}) };
		},
		result: (result, { userId }) => ({ userId, ...result }),
	},
};
