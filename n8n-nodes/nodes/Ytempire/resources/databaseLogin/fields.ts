import type { INodeProperties } from 'n8n-workflow';
import { databaseLoginPicker, userPicker } from '../../../shared/pickers';
import type { Request } from '../../../shared/request';

/** The user of a login. */
export const user = userPicker('The user whose login it is');

/** A login of the user. */
export const login = databaseLoginPicker('The login to act on');

/** Which token may manage logins. */
export const tokenNotice: INodeProperties = {
	displayName:
		"The credential needs the user's own token or an operator token: a service token may not manage database logins.",
	name: 'tokenNotice',
	type: 'notice',
	default: '',
};

/** That the password comes once. */
export const passwordNotice: INodeProperties = {
	displayName:
		'The password is shown this once, and is in the data of this execution. Pass it on at once, and set the workflow to save no successful executions.',
	name: 'passwordNotice',
	type: 'notice',
	default: '',
};

/** Creates a login; its password is in the answer this once. */
export const CREATE: Request = {
	method: 'POST',
	path: '/v1/users/{userId}/database-login',
	result: (login, { userId }) => ({ userId, ...login }),
};

/** Deletes a login and ends its sessions. */
export const REVOKE: Request = {
	method: 'DELETE',
	path: '/v1/users/{userId}/database-logins/{login}',
	result: (_, { userId, login: name }) => ({ userId, login: name, revoked: true }),
};
