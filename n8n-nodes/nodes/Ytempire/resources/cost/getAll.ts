import type { INodeProperties } from 'n8n-workflow';
import { COST_CATEGORIES } from '../../../shared/choices';
import { dayOf } from '../../../shared/dates';
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
			const dayIn = (name: string, label: string) =>
				context.getNodeParameter(name, item, '') ? dayOf(context, name, label, item) : '';
			return {
				from: dayIn('from', 'First Day'),
				to: dayIn('to', 'Last Day'),
				...(context.getNodeParameter('filters', item, {}) as object),
			};
		},
		list: 'costs',
		pageSize: 500,
		result: ofUser,
	},
};
