import type { IDataObject } from 'n8n-workflow';
import type { Operation } from '../../../shared/operation';
import { ask } from '../../../shared/sidecar';
import { asUser, user, userPath } from './fields';

export const get: Operation = {
	option: { name: 'Get', value: 'get', action: 'Get a user', description: 'Get a user' },
	fields: [user],
	async executeItem(context, item) {
		const path = userPath(context, item);
		return [asUser(await ask<IDataObject>(context, { method: 'GET', path, itemIndex: item }))];
	},
};
