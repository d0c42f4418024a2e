import type { INodeProperties } from 'n8n-workflow';
import { limit, returnAll, type Operation } from '../../../shared/operation';
import { asUser } from './fields';

const activeOnly: INodeProperties = {
	displayName: 'Active Only',
	name: 'activeOnly',
	type: 'boolean',
	default: true,
	description: 'Whether to leave out users that are not active',
};

const search: INodeProperties = {
	displayName: 'Search',
	name: 'search',
	type: 'string',
	default: '',
	placeholder: 'e.g. lovelace',
	description: 'Only users whose name or email has this text in it; left empty, all users',
};

export const getAll: Operation = {
	option: {
		name: 'Get Many',
		value: 'getAll',
		action: 'Get many users',
		description: 'Get many users, in order of email',
	},
	empty:
		'No user has the text of Search in name or email. Active Only leaves out users that are not active.',
	fields: [returnAll, limit, search, activeOnly],
	request: {
		method: 'GET',
		path: '/v1/users',
		query: { active: 'activeOnly', search: 'search' },
		list: 'users',
		pageSize: 500,
		result: asUser,
	},
};
