import type { INodeProperties } from 'n8n-workflow';
import { ROW_KINDS } from '../../../shared/choices';
import { dayOf } from '../../../shared/dates';
import { withMoneyAsNumbers } from '../../../shared/money';
import { limit, returnAll, type Operation } from '../../../shared/operation';
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
	displayName: 'Channel ID',
	name: 'onlyChannelId',
	type: 'string',
	default: '',
	placeholder: 'e.g. UCabcdefghijklmnopqrstuv',
	description: 'Only the rows of this channel; left empty, of all channels of the user',
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
	fields: [user, kind, onlyChannel, from, to, returnFew, limit],
	request: {
		method: 'GET',
		path: '/v1/users/{userId}/metrics/{kind}',
		query: (context, item) => {
			const day = (name: string, label: string) =>
				context.getNodeParameter(name, item, '') ? dayOf(context, name, label, item) : '';
			return {
				channelId: (context.getNodeParameter('onlyChannelId', item, '') as string).trim(),
				from: day('from', 'First Day'),
				to: day('to', 'Last Day'),
			};
		},
		list: 'rows',
		pageSize: 5000,
		result: withMoneyAsNumbers,
	},
};
