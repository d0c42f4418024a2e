import type { INodeProperties } from 'n8n-workflow';
import { limit, returnAll, type Operation } from '../../../shared/operation';
import { optionalDaysFrom } from '../../../shared/dates';
import { user } from './fields';

const day = (displayName: string, name: string, description: string): INodeProperties => ({
	displayName,
	name,
	type: 'dateTime',
	typeOptions: { dateOnly: true },
	default: '',
	description,
});

const from = day('First Day', 'from', 'First day, in UTC; left empty, six days before the last');
const to = day('Last Day', 'to', 'Last day, in UTC; left empty, today');

const onlyType: INodeProperties = {
	displayName: 'Type',
	name: 'onlyType',
	type: 'string',
	default: '',
	placeholder: 'e.g. video.rendered',
	description: 'Only events of this type; left empty, of all types',
};

export const getCounts: Operation = {
	option: {
		name: 'Get Counts',
		value: 'getCounts',
		action: 'Get counts of recorded events',
		description: 'Get how many events of a user were recorded, by hour, type and source',
	},
	empty: 'No event of this type was recorded on these days. Record records events.',
	fields: [user, onlyType, from, to, { ...returnAll, default: false }, limit],
	request: {
		method: 'GET',
		path: '/v1/users/{userId}/event-counts',
		query: (context, item) => {
			const days = optionalDaysFrom(context, ['from', 'to'], item);
			return {
				type: (context.getNodeParameter('onlyType', item, '') as string).trim(),
				from: days.startDate,
				to: days.endDate,
			};
		},
		list: 'counts',
		pageSize: 1000,
	},
};
