import type { INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { channelsOf } from '../../../shared/channels';
import { firstOf } from '../../../shared/counts';
import { failedItem } from '../../../shared/errors';
import { addHint } from '../../../shared/hints';
import { maxResults } from '../../../shared/maxResults';
import { limit, returnAll, type Operation } from '../../../shared/operation';
import { findUser } from '../../../shared/request';
import { user } from './fields';

const activeOnly: INodeProperties = {
	displayName: 'Active Only',
	name: 'activeOnly',
	type: 'boolean',
	default: true,
	description: 'Whether to leave out channels that are not active',
};

export const getAll: Operation = {
	option: {
		name: 'Get Many',
		value: 'getAll',
		action: 'Get many channels',
		description: 'Get many channels',
	},
	fields: [user, returnAll, limit, activeOnly],
	/** A few requests bring the channels of all users; each channel is paired to its user's first item. */
	async executeAll(context) {
		const out: INodeExecutionData[] = [];
		const itemOf = new Map<string, number>();
		const failed = new Set<string>();
		for (let item = 0; item < context.getInputData().length; item++) {
			try {
				const userId = await findUser(context, item);
				if (!itemOf.has(userId)) itemOf.set(userId, item);
			} catch (error) {
				out.push(failedItem(context, error, item));
			}
		}
		const activeChannelsOnly = context.getNodeParameter('activeOnly', 0) as boolean;
		const found = await channelsOf(
			context,
			[...itemOf.keys()],
			activeChannelsOnly,
			(userIds, error) => {
				for (const id of userIds) {
					failed.add(id);
					out.push(failedItem(context, error, itemOf.get(id) ?? 0));
				}
			},
		);
		// Of all users together, as the items come.
		found
			.slice(0, maxResults(context, 0))
			.forEach((each) =>
				out.push({ json: { ...each }, pairedItem: { item: itemOf.get(each.userId) ?? 0 } }),
			);
		const withChannels = new Set(found.map(({ userId }) => userId));
		const without = [...itemOf.keys()].filter((id) => !withChannels.has(id) && !failed.has(id));
		if (without.length) {
			addHint(
				context,
				`Users without ${activeChannelsOnly ? 'an active' : 'a'} channel, or that do not exist (${without.length}): ${firstOf(without)}. Create a channel for them, or choose the users from the list.`,
				'info',
			);
		}
		return [out];
	},
};
