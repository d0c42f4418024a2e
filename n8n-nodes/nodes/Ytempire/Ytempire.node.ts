import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { channelsOf } from '../shared/channels';
import type { Erasure, NoticePage, UserPage } from '../shared/contract';
import { pickerMethods, userPicker } from '../shared/pickers';
import { ask, nodeError, required } from '../shared/sidecar';
import { channelFields, channelOperations } from './channel';
import { databaseLogin, databaseLoginFields, databaseLoginOperations } from './databaseLogin';
import { userFields, userOperations } from './user';

const USERS_A_PAGE = 500;

/** A user with years of rows is written to a file before the first byte comes. */
const EXPORT_SECONDS = 600;

export class Ytempire implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'YTEMPIRE',
		name: 'ytempire',
		icon: { light: 'file:../../icons/ytempire.svg', dark: 'file:../../icons/ytempire.dark.svg' },
		group: ['transform'],
		version: [1],
		defaultVersion: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Manage the users of the platform, their YouTube channels and database logins',
		defaults: { name: 'YTEMPIRE' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'ytempireApi', required: true }],
		properties: [
			{
				displayName: 'Resource',
				name: 'resource',
				type: 'options',
				noDataExpression: true,
				default: 'user',
				options: [
					{ name: 'Channel', value: 'channel' },
					{ name: 'Database Login', value: 'databaseLogin' },
					{ name: 'User', value: 'user' },
				],
			},
			userOperations,
			channelOperations,
			databaseLoginOperations,
			userPicker('The user that it is about', {
				show: { resource: ['user'] },
				hide: { operation: ['create', 'getAll'] },
			}),
			userPicker('The user whose channel it is', { show: { resource: ['channel'] } }),
			userPicker('The user whose login it is', { show: { resource: ['databaseLogin'] } }),
			...userFields,
			...channelFields,
			...databaseLoginFields,
			{
				displayName: 'Active Only',
				name: 'activeOnly',
				type: 'boolean',
				default: true,
				description: 'Whether to leave out users that are not active',
				displayOptions: { show: { resource: ['user'], operation: ['getAll'] } },
			},
		],
	};

	methods = pickerMethods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const resource = this.getNodeParameter('resource', 0) as keyof typeof RESOURCES;
		const operation = this.getNodeParameter('operation', 0) as string;
		if (resource === 'channel' && operation === 'getAll') {
			return [await channelsOfAllItems(this)];
		}
		const out: INodeExecutionData[] = [];
		for (let item = 0; item < this.getInputData().length; item++) {
			try {
				if (operation === 'export') {
					out.push(await exported(this, item));
					continue;
				}
				const found = await RESOURCES[resource](this, operation, item);
				found.forEach((json) => out.push({ json, pairedItem: { item } }));
			} catch (error) {
				if (!this.continueOnFail()) throw nodeError(this, error);
				out.push({ json: { error: (error as Error).message }, pairedItem: { item } });
			}
		}
		return [out];
	}
}

async function user(
	context: IExecuteFunctions,
	operation: string,
	item: number,
): Promise<IDataObject[]> {
	if (operation === 'getAll') {
		return await manyUsers(context, item);
	}
	const fields = context.getNodeParameter('fields', item, {}) as IDataObject;
	if (operation === 'create') {
		const body = {
			...fields,
			email: required(context, 'email', 'Email', item),
			displayName: required(context, 'displayName', 'Name', item),
		};
		return [
			await ask<IDataObject>(context, { method: 'POST', path: '/v1/users', body, itemIndex: item }),
		];
	}
	const path = `/v1/users/${encodeURIComponent(required(context, 'userId', 'User', item))}`;
	switch (operation) {
		case 'get':
			return [await ask<IDataObject>(context, { method: 'GET', path, itemIndex: item })];
		case 'getNotices': {
			const notices: IDataObject[] = [];
			let after: number | null = null;
			do {
				const page: NoticePage = await ask<NoticePage>(context, {
					method: 'GET',
					path: `${path}/notices`,
					query: after === null ? {} : { after },
					itemIndex: item,
				});
				notices.push(...page.notices.map((notice) => ({ ...notice })));
				after = page.next;
			} while (after !== null);
			return notices;
		}
		case 'erase': {
			const confirm = required(context, 'confirm', 'Email, to Confirm', item);
			const erasure = await ask<Erasure>(context, {
				method: 'DELETE',
				path,
				query: { confirm },
				itemIndex: item,
			});
			return [{ erased: true, email: confirm, n8nExecutions: erasure.n8nExecutions }];
		}
	}
	const body = operation === 'deactivate' ? { isActive: false } : fields;
	return [await ask<IDataObject>(context, { method: 'PATCH', path, body, itemIndex: item })];
}

async function manyUsers(context: IExecuteFunctions, item: number): Promise<IDataObject[]> {
	const limit = context.getNodeParameter('returnAll', item)
		? Number.POSITIVE_INFINITY
		: (context.getNodeParameter('limit', item) as number);
	const users: IDataObject[] = [];
	let after: string | undefined;
	do {
		const page = await ask<UserPage>(context, {
			method: 'GET',
			path: '/v1/users',
			query: {
				active: context.getNodeParameter('activeOnly', item) as boolean,
				limit: Math.min(USERS_A_PAGE, limit - users.length),
				...(after ? { after } : {}),
			},
			itemIndex: item,
		});
		users.push(...page.users.map((each) => ({ ...each })));
		after = page.next ?? undefined;
	} while (after && users.length < limit);
	return users;
}

async function channel(
	context: IExecuteFunctions,
	operation: string,
	item: number,
): Promise<IDataObject[]> {
	const channels = `/v1/users/${encodeURIComponent(required(context, 'userId', 'User', item))}/channels`;
	const channelId = required(context, 'channelId', 'Channel', item);
	const path = `${channels}/${encodeURIComponent(channelId)}`;
	const fields = context.getNodeParameter('fields', item, {}) as IDataObject;
	switch (operation) {
		case 'create': {
			const body = {
				...fields,
				channelId,
				channelName: required(context, 'channelName', 'Name', item),
			};
			return [
				await ask<IDataObject>(context, { method: 'POST', path: channels, body, itemIndex: item }),
			];
		}
		case 'get':
			return [await ask<IDataObject>(context, { method: 'GET', path, itemIndex: item })];
		case 'connectLink': {
			const link = await ask<IDataObject>(context, {
				method: 'POST',
				path: `${path}/connect${context.getNodeParameter('revenue', item, true) ? '' : '?revenue=false'}`,
				itemIndex: item,
			});
			return [{ channelId, ...link }];
		}
		case 'disconnect':
			await ask(context, { method: 'DELETE', path: `${path}/connection`, itemIndex: item });
			return [await ask<IDataObject>(context, { method: 'GET', path, itemIndex: item })];
		default: {
			const body = operation === 'deactivate' ? { isActive: false } : fields;
			return [await ask<IDataObject>(context, { method: 'PATCH', path, body, itemIndex: item })];
		}
	}
}

/** Everything that is stored of a user, as a file. */
async function exported(context: IExecuteFunctions, item: number): Promise<INodeExecutionData> {
	const userId = required(context, 'userId', 'User', item);
	const bytes = await ask<Parameters<typeof context.helpers.prepareBinaryData>[0]>(context, {
		method: 'GET',
		path: `/v1/users/${encodeURIComponent(userId)}/export`,
		isFile: true,
		waitSeconds: EXPORT_SECONDS,
		itemIndex: item,
	});
	const data = await context.helpers.prepareBinaryData(
		bytes,
		`ytempire-${userId}.zip`,
		'application/zip',
	);
	return { json: { userId }, binary: { data }, pairedItem: { item } };
}

/** What runs an operation for one item, by resource. */
const RESOURCES = { user, channel, databaseLogin };

/** However many users come in, a few requests bring the channels of all; each is paired to its user's item. */
async function channelsOfAllItems(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
	const itemOf = new Map<string, number>();
	context.getInputData().forEach((_, item) => {
		const userId = required(context, 'userId', 'User', item);
		if (!itemOf.has(userId)) itemOf.set(userId, item);
	});
	const out: INodeExecutionData[] = [];
	const pairedItem = (userId: string) => ({ item: itemOf.get(userId) ?? 0 });
	const activeOnly = context.getNodeParameter('activeOnly', 0) as boolean;
	const found = await channelsOf(context, [...itemOf.keys()], activeOnly, (userIds, error) => {
		if (!context.continueOnFail()) throw nodeError(context, error);
		userIds.forEach((userId) =>
			out.push({ json: { error: (error as Error).message }, pairedItem: pairedItem(userId) }),
		);
	});
	found.forEach((each) => out.push({ json: { ...each }, pairedItem: pairedItem(each.userId) }));
	return out;
}
