import type { IDataObject } from 'n8n-workflow';
import { userIdOf } from '../../../shared/ids';
import type { Operation } from '../../../shared/operation';
import { ask } from '../../../shared/sidecar';
import { passwordNotice, user, userPath } from './fields';

export const resetPassword: Operation = {
	option: {
		name: 'Reset Password',
		value: 'resetPassword',
		action: 'Reset the password of a dashboard account',
		description: "Set another password of the account that sees a user's dashboards",
	},
	fields: [user, passwordNotice],
	async executeItem(context, item) {
		const path = `${userPath(context, item)}/dashboards/password`;
		const answer = await ask<IDataObject>(context, { method: 'POST', path, itemIndex: item });
		return [{ userId: userIdOf(context, item), ...answer }];
	},
};
