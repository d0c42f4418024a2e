import type { IExecuteFunctions } from 'n8n-workflow';
import type { ChannelList } from './contract';
import { ask, chunks } from './sidecar';

/**
 * The largest number of users that one request names: 44 characters each in its address, of which servers and
 * proxies take 8,000 at least.
 */
const USERS_AT_ONCE = 100;

type Channel = ChannelList['channels'][number];

/**
 * The channels of many users, in a few requests; a group of users that fails is reported by itself.
 *
 * @param failed gets the users that could not be asked about, and why
 */
export async function channelsOf(
	context: IExecuteFunctions,
	userIds: string[],
	activeOnly: boolean,
	failed: (userIds: string[], error: unknown) => void,
): Promise<Channel[]> {
	const found: Channel[] = [];
	for (const some of chunks(userIds, USERS_AT_ONCE)) {
		try {
			const { channels } = await ask<ChannelList>(context, {
				method: 'GET',
				path: '/v1/channels',
				query: { userId: some, active: activeOnly },
			});
			found.push(...channels);
		} catch (error) {
			failed(some, error);
		}
	}
	return found;
}
