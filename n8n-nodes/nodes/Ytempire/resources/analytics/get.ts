import type { Operation } from '../../../shared/operation';
import { endDate, options, period, read, singleView, startDate, user } from './fields';

export const get: Operation = {
	option: {
		name: 'Get',
		value: 'get',
		action: 'Get the revenue progress or totals of a user',
		description:
			"Answer 'how is this month going?' with one row of stored figures: revenue progress to the target, totals of a period, costs and profit",
	},
	empty:
		'No figures are stored of these days and channels. Sync the user first, or choose other days.',
	fields: [user, singleView, period, startDate, endDate, options],
	async executeItem(context, item) {
		return await read(context, item, 1);
	},
};
