import type { Operation } from '../../../shared/operation';
import { login, REVOKE, tokenNotice, user } from './fields';

export const revoke: Operation = {
	option: {
		name: 'Revoke',
		value: 'revoke',
		action: 'Revoke a database login',
		description: 'Delete a PostgreSQL login and end its sessions',
	},
	fields: [user, tokenNotice, login],
	request: REVOKE,
};
