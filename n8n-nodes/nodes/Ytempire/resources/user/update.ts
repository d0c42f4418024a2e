import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { additionalFields, type Operation } from '../../../shared/operation';
import { ask } from '../../../shared/sidecar';
import { asUser, displayName, settings, settingsOf, user, userPath } from './fields';

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
	async executeItem(context, item) {
		const path = userPath(context, item);
		const body = settingsOf(context, item);
		return [
			asUser(await ask<IDataObject>(context, { method: 'PATCH', path, body, itemIndex: item })),
		];
	},
};
