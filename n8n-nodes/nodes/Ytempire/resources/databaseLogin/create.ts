import type { Operation } from '../../../shared/operation';
import { createLogin, loginPath, passwordNotice, tokenNotice, user } from './fields';

export const create: Operation = {
	option: {
		name: 'Create',
		value: 'create',
		action: 'Create a database login',
		description: 'Create a PostgreSQL login that sees the rows of one user, who may have two',
	},
	fields: [user, tokenNotice, passwordNotice],
	async executeItem(context, item) {
		const { userId, path } = loginPath(context, item);
		return [{ userId, ...(await createLogin(context, path, item)) }];
	},
};
