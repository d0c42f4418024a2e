import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { channelsOf } from '../shared/channels';
import { failedItem } from '../shared/errors';
import { userIdOf } from '../shared/ids';
import { ask, nodeError, problemIn } from '../shared/sidecar';

/** Users without channels of whom it is looked up whether they exist. */
const MAX_LOOKUPS = 20;

/** The active channels of the users of the input. */
export interface ActiveChannels {
	/** Channel ids by item; each user at its first item. */
	channels: Map<number, string[]>;
	/** Items that failed, for n8n's Continue. */
	failed: INodeExecutionData[];
	/** Users that are unknown or could not be asked about. */
	notFetched: INodeExecutionData[];
	/** Users that exist and have no active channel. */
	withoutChannels: string[];
}

/** Looks up the active channels of all users of the input, each user once. */
export async function activeChannelsOf(context: IExecuteFunctions): Promise<ActiveChannels> {
	const out: ActiveChannels = {
		channels: new Map(),
		failed: [],
		notFetched: [],
		withoutChannels: [],
	};
	const itemOf = new Map<string, number>();
	for (let item = 0; item < context.getInputData().length; item++) {
		try {
			const userId = userIdOf(context, item);
			if (!itemOf.has(userId)) itemOf.set(userId, item);
		} catch (error) {
			out.failed.push(failedItem(context, error, item));
		}
	}
	const miss = (userId: string, reason: string, message: string) =>
		out.notFetched.push({
			json: { userId, reason, message },
			pairedItem: { item: itemOf.get(userId)! },
		});
	const unasked = new Set<string>();
	const found = await channelsOf(context, [...itemOf.keys()], true, (userIds, error) => {
		if (!context.continueOnFail()) throw nodeError(context, error);
		userIds.forEach((userId) => {
			unasked.add(userId);
			miss(userId, 'unavailable', (error as Error).message);
		});
	});
	for (const { userId, channelId } of found) {
		const item = itemOf.get(userId)!;
		out.channels.set(item, [...(out.channels.get(item) ?? []), channelId]);
	}
	const empty = [...itemOf].filter(([id, item]) => !out.channels.has(item) && !unasked.has(id));
	for (const [index, [userId]] of empty.entries()) {
		if (index < MAX_LOOKUPS && !(await exists(context, userId))) {
			miss(userId, 'unknown-user', `There is no user ${userId}. Choose the user from the list.`);
		} else {
			out.withoutChannels.push(userId);
		}
	}
	return out;
}

/** Whether a user exists; when it cannot be said now, it does. */
async function exists(context: IExecuteFunctions, userId: string): Promise<boolean> {
	try {
		await ask(context, { method: 'GET', path: `/v1/users/${encodeURIComponent(userId)}` });
		return true;
	} catch (error) {
		return problemIn(error)?.type !== '/problems/unknown-user';
	}
}
