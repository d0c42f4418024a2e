import type { IDataObject, IExecuteFunctions, IHttpRequestMethods } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import type { UserPage, YouTubeChannel } from './contract';
import { channelIdOf, handleIn, isUuid, userIdOf } from './ids';
import { maxResults } from './maxResults';
import { ask, required } from './sidecar';

/** A request of the sidecar as data: what an operation sends for an item, and what becomes of the answer. */
export interface Request {
	method: IHttpRequestMethods;
	/** The path of the API, with the names of parameters in braces: /v1/users/{userId}. */
	path: string;
	/** Parameters of the query: the names of their fields, or what makes them; what is empty is left out. */
	query?: Record<string, string> | ((context: IExecuteFunctions, item: number) => IDataObject);
	/** Members of the body that must not be empty: their labels by the names of their fields. */
	required?: Record<string, string>;
	/** Members of the body that are always the same. */
	constants?: IDataObject;
	/** The optional members of the body, from the collection Additional Fields. */
	fields?: (context: IExecuteFunctions, item: number) => IDataObject;
	/** The member of the answer with a list of results; with pages, Return All and Limit apply. */
	list?: string;
	/** The largest number of results of a page; left out: the list comes whole. */
	pageSize?: number;
	/** How long the sidecar may take. Seconds. */
	waitSeconds?: number;
	/** Makes several items of an answer without pages. */
	items?: (answer: IDataObject) => IDataObject[];
	/** Makes an item of a result; left out: the result itself. */
	result?: (result: IDataObject, ids: Ids) => IDataObject;
}

/** The parameters of a path, by name, as the sidecar takes them. */
export type Ids = Record<string, string>;

const LABELS: Record<string, string> = {
	login: 'Database Login',
	subscriptionId: 'Subscription',
	kind: 'Kind of Row',
};

/** Sends an operation's request for one item. */
export async function runRequest(
	context: IExecuteFunctions,
	request: Request,
	item: number,
): Promise<IDataObject[]> {
	const { path, ids } = await filled(context, request.path, item);
	const members = Object.entries(request.required ?? {}).map(([name, label]) => [
		name,
		required(context, name, label, item),
	]);
	const body = {
		...request.fields?.(context, item),
		...Object.fromEntries(members),
		...request.constants,
	};
	const common = {
		method: request.method,
		path,
		itemIndex: item,
		...(request.waitSeconds ? { waitSeconds: request.waitSeconds } : {}),
	};
	const toItem = (result: IDataObject) => request.result?.(result, ids) ?? result;
	if (!request.list) {
		const hasBody = request.method !== 'GET' && Object.keys(body).length > 0;
		const query = queryOf(context, request, item);
		const answer = await ask<IDataObject | undefined>(context, {
			...common,
			...(Object.keys(query).length ? { query } : {}),
			...(hasBody ? { body } : {}),
		});
		const results = request.items ? request.items(answer ?? {}) : [answer || {}];
		return results.slice(0, maxResults(context, item)).map(toItem);
	}
	const limit = maxResults(context, item);
	const results: IDataObject[] = [];
	let after: unknown = null;
	do {
		const page: IDataObject = await ask<IDataObject>(context, {
			...common,
			query: {
				...queryOf(context, request, item),
				...(request.pageSize ? { limit: Math.min(request.pageSize, limit - results.length) } : {}),
				...(after === null ? {} : { after: after as string | number }),
			},
		});
		results.push(...(page[request.list] as IDataObject[]));
		after = page.next ?? null;
	} while (after !== null && results.length < limit);
	return results.slice(0, limit).map(toItem);
}

function queryOf(context: IExecuteFunctions, { query = {} }: Request, item: number): IDataObject {
	const values =
		typeof query === 'function'
			? Object.entries(query(context, item))
			: Object.entries(query).map(([name, field]) => [
					name,
					context.getNodeParameter(field, item, '') as unknown,
				]);
	return Object.fromEntries(values.filter(([, value]) => value !== '' && value !== undefined));
}

/** A path with its parameters put in; the user first, whose channel the others may be. */
async function filled(context: IExecuteFunctions, template: string, item: number) {
	const ids: Ids = {};
	let path = template;
	for (const [braces, name = ''] of template.matchAll(/\{(\w+)\}/g)) {
		const id =
			name === 'userId'
				? await findUser(context, item)
				: name === 'channelId'
					? await findChannel(context, ids.userId ?? '', item)
					: required(context, name, LABELS[name] ?? name, item);
		ids[name] = id;
		path = path.replace(braces, encodeURIComponent(id));
	}
	return { path, ids };
}

/** What was looked up in a run of a node, so that items of one user ask once. */
const found = new WeakMap<object, Map<string, Promise<string>>>();

async function once(context: object, key: string, look: () => Promise<string>): Promise<string> {
	const known = found.get(context) ?? new Map<string, Promise<string>>();
	found.set(context, known);
	const looked = known.get(key) ?? look();
	known.set(key, looked);
	// After a failure the next item asks again, and its error names it.
	looked.catch(() => known.delete(key));
	return await looked;
}

/**
 * The id of the item's user, who may be named by an email.
 *
 * @throws NodeOperationError when there is no such user
 */
export async function findUser(context: IExecuteFunctions, item: number): Promise<string> {
	const value = required(context, 'userId', 'User', item);
	return isUuid(value) || !value.includes('@')
		? userIdOf(context, item)
		: await once(context, value, async () => {
				const user = await userByEmail(context, value, item);
				if (user) return String(user.userId);
				throw new NodeOperationError(
					context.getNode(),
					`There is no user with the email ${value}`,
					{
						itemIndex: item,
						description: 'Choose the user from the list, or correct the email.',
					},
				);
			});
}

/** The user of an email, however it is written; undefined: there is none. */
export async function userByEmail(
	context: IExecuteFunctions,
	email: string,
	item: number,
): Promise<IDataObject | undefined> {
	const { users } = await ask<UserPage>(context, {
		method: 'GET',
		path: '/v1/users',
		query: { email, limit: 1 },
		itemIndex: item,
	});
	return users[0] as IDataObject | undefined;
}

/** The id of the item's channel, which may be named by the address of its page or by its handle. */
export async function findChannel(
	context: IExecuteFunctions,
	userId: string,
	item: number,
): Promise<string> {
	const handle = handleIn(required(context, 'channelId', 'Channel', item));
	return handle === undefined
		? channelIdOf(context, item)
		: await once(
				context,
				`${userId} ${handle}`,
				async () => (await channelByHandle(context, userId, handle, item)).channelId,
			);
}

/** The channel of a handle at YouTube; 1 unit of the user's quota. */
export const channelByHandle = async (
	context: IExecuteFunctions,
	userId: string,
	handle: string,
	item: number,
) =>
	await ask<YouTubeChannel>(context, {
		method: 'GET',
		path: `/v1/users/${encodeURIComponent(userId)}/channel-lookup`,
		query: { handle },
		itemIndex: item,
	});
