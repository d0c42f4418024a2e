import type { INodeProperties } from 'n8n-workflow';
import { additionalFields, type Operation } from '../../../shared/operation';
import { asUser, displayName, settings, settingsOf, user, USER } from './fields';

const isActive: INodeProperties = {
	displayName: 'Active',
	name: 'isActive',
	type: 'boolean',
	default: true,
	description: 'Whether the user is synced',
};

export const update: Operation = {
	option: {
		name: 'Update',
		value: 'update',
		action: 'Update a user',
		description: 'Change a user',
	},
	fields: [user, additionalFields([isActive, displayName, ...settings])],
	request: { method: 'PATCH', path: USER, fields: settingsOf, result: asUser },
};
