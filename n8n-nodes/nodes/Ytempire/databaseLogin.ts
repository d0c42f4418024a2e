import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import type { DatabaseLogin, DatabaseLoginList } from '../shared/contract';
import { databaseLoginPicker } from '../shared/pickers';
import { ask, required } from '../shared/sidecar';

const showOnlyForDatabaseLogins = { resource: ['databaseLogin'] };

/** What can be done with database logins. */
export const databaseLoginOperations: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	default: 'getAll',
	displayOptions: { show: showOnlyForDatabaseLogins },
	options: [
		{
			name: 'Create',
			value: 'create',
			action: 'Create a database login',
			description: 'Create a PostgreSQL login that sees the rows of one user, who may have two',
		},
		{
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many database logins',
			description: "Get a user's PostgreSQL logins, without their passwords",
		},
		{
			name: 'Revoke',
			value: 'revoke',
			action: 'Revoke a database login',
			description: 'Delete a PostgreSQL login and end its sessions',
		},
		{
			name: 'Rotate',
			value: 'rotate',
			action: 'Rotate a database login',
			description:
				'Create a new PostgreSQL login, then revoke the old one. The user must not have two already.',
		},
	],
};

/** Fields of database logins. */
export const databaseLoginFields: INodeProperties[] = [
	{
		displayName:
			"The credential needs the user's own token or an operator token: a service token may not manage database logins.",
		name: 'tokenNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: showOnlyForDatabaseLogins },
	},
	{
		displayName:
			'The password is shown this once, and is in the data of this execution. Pass it on at once, and set the workflow to save no successful executions.',
		name: 'passwordNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { ...showOnlyForDatabaseLogins, operation: ['create', 'rotate'] } },
	},
	databaseLoginPicker('The login that it is about', {
		show: { ...showOnlyForDatabaseLogins, operation: ['revoke', 'rotate'] },
	}),
];

/** Runs an operation for one item. */
export async function databaseLogin(
	context: IExecuteFunctions,
	operation: string,
	item: number,
): Promise<IDataObject[]> {
	const userId = required(context, 'userId', 'User', item);
	const path = `/v1/users/${encodeURIComponent(userId)}/database-login`;
	if (operation === 'getAll') {
		const { logins } = await ask<DatabaseLoginList>(context, {
			method: 'GET',
			path: `${path}s`,
			itemIndex: item,
		});
		return logins.map(({ login }) => ({ userId, login }));
	}
	const create = async () =>
		await ask<DatabaseLogin>(context, { method: 'POST', path, itemIndex: item });
	if (operation === 'create') {
		return [{ userId, ...(await create()) }];
	}
	const login = required(context, 'login', 'Database Login', item);
	const revoke = async () =>
		await ask(context, {
			method: 'DELETE',
			path: `${path}s/${encodeURIComponent(login)}`,
			itemIndex: item,
		});
	if (operation === 'revoke') {
		await revoke();
		return [{ userId, login, revoked: true }];
	}
	// First the new one: whoever uses the old one is never without.
	const created = await create();
	await revoke();
	return [{ userId, ...created, revokedLogin: login }];
}
