import type { Operation } from '../../../shared/operation';
import { login, loginPath, revokeLogin, tokenNotice, user } from './fields';

export const revoke: Operation = {
	option: {
		name: 'Revoke',
		value: 'revoke',
		action: 'Revoke a database login',
		description: 'Delete a PostgreSQL login and end its sessions',
	},
	fields: [user, tokenNotice, login],
	async executeItem(context, item) {
		const { userId, path } = loginPath(context, item);
		return [{ userId, login: await revokeLogin(context, path, item), revoked: true }];
	},
};
