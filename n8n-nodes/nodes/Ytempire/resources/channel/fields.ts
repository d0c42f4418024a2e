import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { channelPicker, userPicker } from '../../../shared/pickers';

/** The user of a channel. */
export const user = userPicker('The user whose channel it is');

/** A channel of the user. */
export const channel = channelPicker("YouTube's ID of the channel");

/** The path of a user's channel in the API. */
export const CHANNEL = '/v1/users/{userId}/channels/{channelId}';

/** The item's optional fields. */
export const fieldsOf = (context: IExecuteFunctions, item: number) =>
	context.getNodeParameter('fields', item, {}) as IDataObject;

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
