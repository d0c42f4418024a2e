import type { Operation } from '../../../shared/operation';
import { runRequest } from '../../../shared/request';
import { required } from '../../../shared/sidecar';
import { CREATE, login, passwordNotice, REVOKE, tokenNotice, user } from './fields';

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
		required(context, 'login', 'Database Login', item);
		const [created] = await runRequest(context, CREATE, item);
		const [revoked] = await runRequest(context, REVOKE, item);
		return [{ ...created, revokedLogin: revoked?.login }];
	},
};
