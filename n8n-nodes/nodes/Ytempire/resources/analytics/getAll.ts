import { maxResults } from '../../../shared/maxResults';
import { limit, returnAll, type Operation } from '../../../shared/operation';
import {
	direction,
	endDate,
	interval,
	manyView,
	options,
	period,
	read,
	sort,
	startDate,
	user,
} from './fields';

export const getAll: Operation = {
	option: {
		name: 'Get Many',
		value: 'getAll',
		action: 'Get stored analytics such as top videos and channel comparison',
		description:
			"Answer 'how did my channels do last week?' with rows of stored figures: channels compared, top videos, metrics by day",
	},
	empty:
		'No figures are stored of these days and channels. Sync the user first, or choose other days.',
	fields: [
		user,
		manyView,
		period,
		startDate,
		endDate,
		interval,
		returnAll,
		limit,
		sort,
		direction,
		options,
	],
	async executeItem(context, item) {
		return await read(context, item, maxResults(context, item));
	},
};
