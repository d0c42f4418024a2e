import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { channelIdOf } from '../../../shared/ids';
import { channelPicker, userPicker } from '../../../shared/pickers';
import { required } from '../../../shared/sidecar';

/** The user of a channel. */
export const user = userPicker('The user whose channel it is');

/** A channel of the user. */
export const channel = channelPicker("YouTube's ID of the channel");

/** The path of the channels of the item's user in the API. */
export const channelsPath = (context: IExecuteFunctions, item: number) =>
	`/v1/users/${encodeURIComponent(required(context, 'userId', 'User', item))}/channels`;

/** The path of the item's channel in the API. */
export const channelPath = (context: IExecuteFunctions, item: number) =>
	`${channelsPath(context, item)}/${encodeURIComponent(channelIdOf(context, item))}`;

/** The title of a channel. */
export const channelName: INodeProperties = {
	displayName: 'Name',
	name: 'channelName',
	type: 'string',
	default: '',
	placeholder: 'e.g. Cooking with Ada',
	description: "The channel's title",
};

/** The subject of a channel. */
export const niche: INodeProperties = {
	displayName: 'Niche',
	name: 'niche',
	type: 'string',
	default: '',
	placeholder: 'e.g. Cooking',
	description: 'What the channel is about',
};
