import type { INodeProperties } from 'n8n-workflow';
import type { Operation } from '../../../shared/operation';
import { user } from './fields';

const handle: INodeProperties = {
	displayName: 'Handle or Address',
	name: 'handle',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. @woodwork',
	description: "The channel's handle, or the address of its page",
};

export const findByHandle: Operation = {
	option: {
		name: 'Find by Handle',
		value: 'findByHandle',
		action: 'Find a channel by its handle',
		description:
			"Find the ID and title of any channel at YouTube by its handle or address. 1 unit of the user's quota.",
	},
	fields: [user, handle],
	request: {
		method: 'GET',
		path: '/v1/users/{userId}/channel-lookup',
		query: { handle: 'handle' },
	},
};
