import type { INodeProperties } from 'n8n-workflow';
import { COST_CATEGORIES } from '../../../shared/choices';
import { optionalDaysFrom } from '../../../shared/dates';
import { channelIdIn, videoIdIn } from '../../../shared/ids';
import { limit, returnAll, type Operation } from '../../../shared/operation';
import { COSTS, ofUser, user } from './fields';

const filters: INodeProperties = {
	displayName: 'Filters',
	name: 'filters',
	type: 'collection',
	placeholder: 'Add filter',
	default: {},
	options: [
		{
			displayName: 'Category',
			name: 'category',
			type: 'options',
			default: 'text',
			description: 'Only costs of this category',
			options: COST_CATEGORIES,
		},
		{
			displayName: 'Channel ID',
			name: 'channelId',
			type: 'string',
			default: '',
			placeholder: 'e.g. UCabcdefghijklmnopqrstuv',
			description: 'Only costs of this channel',
		},
		{
			displayName: 'Video ID',
			name: 'videoId',
			type: 'string',
			default: '',
			placeholder: 'e.g. dQw4w9WgXcQ',
			description: 'Only costs of this video',
		},
	],
};

const day = (displayName: string, name: string, description: string): INodeProperties => ({
	displayName,
	name,
	type: 'dateTime',
	typeOptions: { dateOnly: true },
	default: '',
	description,
});

export const getAll: Operation = {
	option: {
		name: 'Get Many',
		value: 'getAll',
		action: 'Get many costs',
		description: 'Get many booked costs of a user, newest first',
	},
	empty: 'No cost of these days and filters is booked. Record books costs.',
	fields: [
		user,
		day('First Day', 'from', 'First Pacific day; left empty, from the first that is booked'),
		day('Last Day', 'to', 'Last Pacific day; left empty, to the last that is booked'),
		{ ...returnAll, default: false },
		limit,
		filters,
	],
	request: {
		method: 'GET',
		path: COSTS,
		query: (context, item) => {
			const days = optionalDaysFrom(context, ['from', 'to'], item);
			const { category, channelId, videoId } = context.getNodeParameter(
				'filters',
				item,
				{},
			) as Record<string, string | undefined>;
			return {
				from: days.startDate,
				to: days.endDate,
				category,
				channelId: channelId && channelIdIn(context, channelId.trim(), item),
				videoId: videoId && videoIdIn(context, videoId.trim(), item),
			};
		},
		list: 'costs',
		pageSize: 500,
		result: ofUser,
	},
};
