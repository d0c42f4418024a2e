import type { Operation } from '../../../shared/operation';
import { COSTS, month, ofUser, user } from './fields';

export const getSummary: Operation = {
	option: {
		name: 'Get Summary',
		value: 'getSummary',
		action: 'Get what videos cost beside the limits',
		description:
			'Get what the videos of a month cost on average beside the limits (data 0.65, AI 1.50, platform 0.85, total 3.00 USD), by channel and by video',
	},
	fields: [user, month(false, 'The Pacific month, YYYY-MM. Empty: the running month.')],
	request: {
		method: 'GET',
		path: `${COSTS}/summary`,
		query: { month: 'month' },
		result: ofUser,
	},
};
