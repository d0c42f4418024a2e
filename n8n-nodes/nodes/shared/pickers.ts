import type {
	IDisplayOptions,
	ILoadOptionsFunctions,
	INodeListSearchResult,
	INodeProperties,
} from 'n8n-workflow';
import type { ChannelList, DatabaseLoginList, MetricPage, UserPage, Video } from './contract';
import { ask } from './sidecar';

const USERS_A_PAGE = 500;

/** As many as a list in the editor can usefully show at once. */
const SHOWN = 100;

/** Something that is chosen from a list with a search, by id, or by an expression. */
function picker(
	{ noun, name, method, example }: Record<'noun' | 'name' | 'method' | 'example', string>,
	description: string,
	displayOptions?: IDisplayOptions,
): INodeProperties {
	return {
		displayName: noun.charAt(0).toUpperCase() + noun.slice(1),
		name,
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		required: true,
		description,
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: `Choose a ${noun} …`,
				typeOptions: { searchListMethod: method, searchable: true },
			},
			{ displayName: 'By ID', name: 'id', type: 'string', placeholder: `e.g. ${example}` },
		],
		...(displayOptions ? { displayOptions } : {}),
	};
}

/** A user. */
export const userPicker = (description: string, displayOptions?: IDisplayOptions) =>
	picker(
		{
			noun: 'user',
			name: 'userId',
			method: 'searchUsers',
			example: '3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d',
		},
		description,
		displayOptions,
	);

/** A channel of the user chosen above it. */
export const channelPicker = (description: string, displayOptions?: IDisplayOptions) =>
	picker(
		{
			noun: 'channel',
			name: 'channelId',
			method: 'searchChannels',
			example: 'UCabcdefghijklmnopqrstuv',
		},
		description,
		displayOptions,
	);

/** A video of the channel chosen above it. */
export const videoPicker = (description: string, displayOptions?: IDisplayOptions) =>
	picker(
		{ noun: 'video', name: 'videoId', method: 'searchVideos', example: 'dQw4w9WgXcQ' },
		description,
		displayOptions,
	);

/** A database login of the user chosen above it. */
export const databaseLoginPicker = (description: string, displayOptions?: IDisplayOptions) => ({
	...picker(
		{
			noun: 'database login',
			name: 'login',
			method: 'searchDatabaseLogins',
			example: 'tenant_3f1c9e6a4f0e4b8e9d3f2a6f2f9c1b7d',
		},
		description,
		displayOptions,
	),
	displayName: 'Database Login',
});

const matches = (filter: string | undefined, ...texts: string[]) =>
	!filter || texts.some((text) => text.toLowerCase().includes(filter.toLowerCase()));

/** Users whose name or email has the words searched for, in order of email. */
async function searchUsers(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const results: INodeListSearchResult['results'] = [];
	let after = paginationToken;
	do {
		const page = await ask<UserPage>(this, {
			method: 'GET',
			path: '/v1/users',
			query: { limit: USERS_A_PAGE, ...(after ? { after } : {}) },
		});
		for (const { userId, displayName, email, isActive } of page.users) {
			if (matches(filter, displayName, email)) {
				const name = `${displayName} (${email})${isActive ? '' : ', not active'}`;
				results.push({ name, value: userId });
			}
		}
		after = page.next ?? undefined;
	} while (after && results.length < SHOWN);
	return { results, paginationToken: after };
}

/** The user chosen above a list of what is a user's. */
function chosenUser(context: ILoadOptionsFunctions, noun: string): string {
	const userId = context.getCurrentNodeParameter('userId', { extractValue: true });
	if (typeof userId !== 'string' || userId === '' || userId.startsWith('=')) {
		throw new Error(`Choose the user first. Where it comes from the input, so does the ${noun}.`);
	}
	return userId;
}

/** Channels of the user chosen above it. */
async function searchChannels(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	const userId = chosenUser(this, 'channel');
	const { channels } = await ask<ChannelList>(this, {
		method: 'GET',
		path: '/v1/channels',
		query: { userId: [userId] },
	});
	return {
		results: channels
			.filter((channel) => matches(filter, channel.channelName, channel.channelId))
			.map(({ channelId, channelName, isActive, connection }) => ({
				name: `${channelName}${isActive ? '' : ', not active'}${connection === 'connected' ? '' : `, ${connection}`}`,
				value: channelId,
			})),
	};
}

/** Stored videos of the channel chosen above it, newest first. */
async function searchVideos(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const userId = chosenUser(this, 'video');
	const channelId = this.getCurrentNodeParameter('channelId', { extractValue: true });
	const isChosen = typeof channelId === 'string' && channelId !== '' && !channelId.startsWith('=');
	const page = await ask<MetricPage>(this, {
		method: 'GET',
		path: `/v1/users/${encodeURIComponent(userId)}/metrics/video`,
		query: {
			limit: SHOWN,
			...(isChosen ? { channelId } : {}),
			...(paginationToken ? { after: paginationToken } : {}),
		},
	});
	const videos = page.rows as Video[];
	return {
		results: videos
			.filter(({ title, videoId }) => matches(filter, title, videoId))
			.map(({ title, videoId }) => ({ name: title, value: videoId })),
		paginationToken: page.next ?? undefined,
	};
}

/** Database logins of the user chosen above it. */
async function searchDatabaseLogins(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	const userId = chosenUser(this, 'database login');
	const { logins } = await ask<DatabaseLoginList>(this, {
		method: 'GET',
		path: `/v1/users/${encodeURIComponent(userId)}/database-logins`,
	});
	return {
		results: logins
			.filter(({ login }) => matches(filter, login))
			.map(({ login }) => ({ name: login, value: login })),
	};
}

/** What the pickers above need of their node. */
export const pickerMethods = {
	listSearch: { searchUsers, searchChannels, searchDatabaseLogins, searchVideos },
};
