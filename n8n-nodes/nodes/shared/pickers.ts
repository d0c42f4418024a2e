import type {
	IDisplayOptions,
	ILoadOptionsFunctions,
	INodeListSearchResult,
	INodeProperties,
} from 'n8n-workflow';
import type { ChannelList, UserPage } from './contract';
import { ask } from './sidecar';

const USERS_A_PAGE = 500;

/** As many as a list in the editor can usefully show at once. */
const SHOWN = 100;

/** A user: from the list with a search, by id, or by an expression. */
export function userPicker(description: string, displayOptions?: IDisplayOptions): INodeProperties {
	return {
		displayName: 'User',
		name: 'userId',
		type: 'resourceLocator',
		default: { mode: 'id', value: '={{ $json.userId }}' },
		required: true,
		description,
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Choose a user …',
				typeOptions: { searchListMethod: 'searchUsers', searchable: true },
			},
			{
				displayName: 'By ID',
				name: 'id',
				type: 'string',
				placeholder: 'e.g. 3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d',
			},
		],
		...(displayOptions ? { displayOptions } : {}),
	};
}

/** A channel of the user chosen: from the list with a search, by id, or by an expression. */
export function channelPicker(
	description: string,
	displayOptions?: IDisplayOptions,
): INodeProperties {
	return {
		displayName: 'Channel',
		name: 'channelId',
		type: 'resourceLocator',
		default: { mode: 'id', value: '={{ $json.channelId }}' },
		required: true,
		description,
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Choose a channel …',
				typeOptions: { searchListMethod: 'searchChannels', searchable: true },
			},
			{
				displayName: 'By ID',
				name: 'id',
				type: 'string',
				placeholder: 'e.g. UCabcdefghijklmnopqrstuv',
			},
		],
		...(displayOptions ? { displayOptions } : {}),
	};
}

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

/** Channels of the user chosen above it. */
async function searchChannels(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	const userId = this.getCurrentNodeParameter('userId', { extractValue: true });
	if (typeof userId !== 'string' || userId === '' || userId.startsWith('=')) {
		throw new Error('Choose the user first. Where it comes from the input, so does the channel.');
	}
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

/** What the pickers above need of their node. */
export const pickerMethods = { listSearch: { searchUsers, searchChannels } };
