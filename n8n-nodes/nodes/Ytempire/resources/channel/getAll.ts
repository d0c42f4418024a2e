import type { INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { channelsOf } from '../../../shared/channels';
import { failedItem } from '../../../shared/errors';
import { userIdOf } from '../../../shared/ids';
import type { Operation } from '../../../shared/operation';
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
	fields: [user, activeOnly],
	/** A few requests bring the channels of all users; each channel is paired to its user's first item. */
	async executeAll(context) {
		const out: INodeExecutionData[] = [];
		const itemOf = new Map<string, number>();
		for (let item = 0; item < context.getInputData().length; item++) {
			try {
				const userId = userIdOf(context, item);
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
			(userIds, error) =>
				userIds.forEach((id) => out.push(failedItem(context, error, itemOf.get(id) ?? 0))),
		);
		found.forEach((each) =>
			out.push({ json: { ...each }, pairedItem: { item: itemOf.get(each.userId) ?? 0 } }),
		);
		return [out];
	},
};
