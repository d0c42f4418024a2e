import type { Operation } from '../../../shared/operation';
import { required } from '../../../shared/sidecar';
import {
	createLogin,
	login,
	loginPath,
	passwordNotice,
	revokeLogin,
	tokenNotice,
	user,
} from './fields';

export const rotate: Operation = {
	option: {
		name: 'Rotate',
		value: 'rotate',
		action: 'Rotate a database login',
		description:
			'Create a new PostgreSQL login, then revoke the old one. The user must not have two already.',
	},
	fields: [user, tokenNotice, passwordNotice, login],
	/** Creates before it revokes, so that whoever uses the old login is never without one. */
	async executeItem(context, item) {
		const { userId, path } = loginPath(context, item);
		required(context, 'login', 'Database Login', item);
		const created = await createLogin(context, path, item);
		return [{ userId, ...created, revokedLogin: await revokeLogin(context, path, item) }];
	},
};
