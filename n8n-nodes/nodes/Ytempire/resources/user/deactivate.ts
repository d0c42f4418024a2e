import type { IDataObject } from 'n8n-workflow';
import type { Operation } from '../../../shared/operation';
import { ask } from '../../../shared/sidecar';
import { asUser, user, userPath } from './fields';

export const deactivate: Operation = {
	option: {
		name: 'Deactivate',
		value: 'deactivate',
		action: 'Deactivate a user',
		description: 'Keep a user and its data, but sync it no longer',
	},
	fields: [user],
	async executeItem(context, item) {
		const path = userPath(context, item);
		const body = { isActive: false };
		return [
			asUser(await ask<IDataObject>(context, { method: 'PATCH', path, body, itemIndex: item })),
		];
	},
};
