import type { IDataObject } from 'n8n-workflow';
import { additionalFields, type Operation } from '../../../shared/operation';
import { ask, required } from '../../../shared/sidecar';
import { asUser, displayName, email, settings, settingsOf } from './fields';

export const create: Operation = {
	option: {
		name: 'Create',
		value: 'create',
		action: 'Create a user',
		description: 'Create a user',
	},
	fields: [email, { ...displayName, required: true }, additionalFields(settings)],
	async executeItem(context, item) {
		const body = {
			...settingsOf(context, item),
			email: required(context, 'email', 'Email', item),
			displayName: required(context, 'displayName', 'Name', item),
		};
		const path = '/v1/users';
		return [
			asUser(await ask<IDataObject>(context, { method: 'POST', path, body, itemIndex: item })),
		];
	},
};
