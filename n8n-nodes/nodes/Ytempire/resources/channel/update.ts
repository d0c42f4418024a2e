import type { INodeProperties } from 'n8n-workflow';
import { additionalFields, type Operation } from '../../../shared/operation';
import { channel, CHANNEL, channelName, fieldsOf, niche, user } from './fields';

const isActive: INodeProperties = {
	displayName: 'Active',
	name: 'isActive',
	type: 'boolean',
	default: true,
	description: 'Whether the channel is synced',
};

export const update: Operation = {
	option: {
		name: 'Update',
		value: 'update',
		action: 'Update a channel',
		description: 'Change a channel',
	},
	fields: [user, channel, additionalFields([isActive, channelName, niche])],
	request: { method: 'PATCH', path: CHANNEL, fields: fieldsOf },
};
