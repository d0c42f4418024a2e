import { limit, mostResults, returnAll, type Operation } from '../../../shared/operation';
import {
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
		action: 'Get top videos channel comparison or stored metrics by day',
		description:
			"Read rows of a user's stored figures: channels compared, top videos, metrics by day. For 'how did my channels do last week?'",
	},
	fields: [user, manyView, period, startDate, endDate, interval, returnAll, limit, sort, options],
	async executeItem(context, item) {
		return await read(context, item, mostResults(context, item));
	},
};
