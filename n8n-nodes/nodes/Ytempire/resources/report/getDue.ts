import { limit, returnAll, type Operation } from '../../../shared/operation';

export const getDue: Operation = {
	option: {
		name: 'Get Due',
		value: 'getDue',
		action: 'Get the reports that are due',
		description:
			'Get the reports that are to be mailed now, one item each, of all users in their own time zones',
	},
	empty: 'No report is due now.',
	fields: [returnAll, limit],
	request: { method: 'GET', path: '/v1/reports/due', list: 'reports' },
};
