import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { channelIdOf } from '../../../shared/ids';
import type { Operation } from '../../../shared/operation';
import { ask } from '../../../shared/sidecar';
import { channel, channelPath, user } from './fields';

const revenue: INodeProperties = {
	displayName: 'Offer Revenue',
	name: 'revenue',
	type: 'boolean',
	default: true,
	description:
		"Whether the link's page offers to show the channel's revenue as well. Its owner decides.",
};

export const connectLink: Operation = {
	option: {
		name: 'Get Connect Link',
		value: 'connectLink',
		action: 'Get a connect link',
		description: "Get the address at which the channel's owner grants access; it works for a day",
	},
	fields: [user, channel, revenue],
	async executeItem(context, item) {
		const isOffered = context.getNodeParameter('revenue', item, true) as boolean;
		const link = await ask<IDataObject>(context, {
			method: 'POST',
			path: `${channelPath(context, item)}/connect${isOffered ? '' : '?revenue=false'}`,
			itemIndex: item,
		});
		return [{ channelId: channelIdOf(context, item), ...link }];
	},
};
