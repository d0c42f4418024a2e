import type { INodeProperties } from 'n8n-workflow';
import { ROW_KINDS } from '../../../shared/choices';
import { optionalDaysFrom } from '../../../shared/dates';
import { channelIdIn } from '../../../shared/ids';
import { withMoneyAsNumbers } from '../../../shared/money';
import { limit, returnAll, type Operation } from '../../../shared/operation';
import { channelPicker } from '../../../shared/pickers';
import { optionalDay, user } from './fields';

const kind: INodeProperties = {
	displayName: 'Kind of Row',
	name: 'kind',
	type: 'options',
	default: 'channel-day',
	description: 'Which rows to get',
	options: ROW_KINDS,
};

const onlyChannel: INodeProperties = {
	...channelPicker('Only the rows of this channel; left empty, of all channels of the user'),
	name: 'onlyChannelId',
	required: false,
	hint: 'Left empty: all channels of the user',
};

const from = optionalDay(
	'First Day',
	'from',
	'First day; left empty, from the first that is stored',
);
const to = optionalDay('Last Day', 'to', 'Last day; left empty, to the last that is stored');

/** Limited by default: a user has hundreds of thousands of rows. */
const returnFew: INodeProperties = { ...returnAll, default: false };

export const getAll: Operation = {
	option: {
		name: 'Get Many',
		value: 'getAll',
		action: 'Get many stored metrics',
		description: 'Get many stored rows of a user, newest first. Nothing is asked of YouTube.',
	},
	empty:
		'No row of this kind is stored of this channel and these days. Sync fetches and stores rows.',
	fields: [user, kind, onlyChannel, from, to, returnFew, limit],
	request: {
		method: 'GET',
		path: '/v1/users/{userId}/metrics/{kind}',
		query: (context, item) => {
			const days = optionalDaysFrom(context, ['from', 'to'], item);
			const channel = String(
				context.getNodeParameter('onlyChannelId', item, '', { extractValue: true }),
			).trim();
			return {
				channelId: channel && channelIdIn(context, channel, item),
				from: days.startDate,
				to: days.endDate,
			};
		},
		list: 'rows',
		pageSize: 5000,
		result: withMoneyAsNumbers,
	},
};
