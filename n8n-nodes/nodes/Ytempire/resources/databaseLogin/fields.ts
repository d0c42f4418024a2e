import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import type { DatabaseLogin } from '../../../shared/contract';
import { databaseLoginPicker, userPicker } from '../../../shared/pickers';
import { ask, required } from '../../../shared/sidecar';

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

/** The item's user and the path of its logins in the API, without the plural's s. */
export function loginPath(context: IExecuteFunctions, item: number) {
	const userId = required(context, 'userId', 'User', item);
	return { userId, path: `/v1/users/${encodeURIComponent(userId)}/database-login` };
}

/** Creates a login; its password is in the answer this once. */
export const createLogin = async (context: IExecuteFunctions, path: string, item: number) =>
	await ask<DatabaseLogin>(context, { method: 'POST', path, itemIndex: item });

/** Deletes the item's login and ends its sessions. */
export async function revokeLogin(context: IExecuteFunctions, path: string, item: number) {
	const name = required(context, 'login', 'Database Login', item);
	await ask(context, {
		method: 'DELETE',
		path: `${path}s/${encodeURIComponent(name)}`,
		itemIndex: item,
	});
	return name;
}
