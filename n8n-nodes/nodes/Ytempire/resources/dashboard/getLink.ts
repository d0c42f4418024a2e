import type { IDataObject } from 'n8n-workflow';
import { userIdOf } from '../../../shared/ids';
import type { Operation } from '../../../shared/operation';
import { ask } from '../../../shared/sidecar';
import { user, userPath } from './fields';

export const getLink: Operation = {
	option: {
		name: 'Get Link',
		value: 'getLink',
		action: 'Get the link to the dashboards of a user',
		description:
			"Get the address of a user's dashboards, their state and the account that sees them",
	},
	fields: [user],
	async executeItem(context, item) {
		const path = `${userPath(context, item)}/dashboards`;
		const answer = await ask<IDataObject>(context, { method: 'GET', path, itemIndex: item });
		return [{ userId: userIdOf(context, item), ...answer }];
	},
};
