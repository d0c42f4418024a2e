import type { INodeProperties } from 'n8n-workflow';
import type { Operation } from '../../../shared/operation';
import { channel, CHANNEL, user } from './fields';

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
	request: {
		method: 'POST',
		path: `${CHANNEL}/connect`,
		query: { revenue: 'revenue' },
		result: (link, { channelId }) => ({ channelId, ...link }),
	},
};
