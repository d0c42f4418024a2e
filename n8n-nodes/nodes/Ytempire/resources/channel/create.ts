import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { channelIdOf } from '../../../shared/ids';
import { additionalFields, type Operation } from '../../../shared/operation';
import { ask, required } from '../../../shared/sidecar';
import { channelName, channelsPath, niche, user } from './fields';

const channelId: INodeProperties = {
	displayName: 'Channel ID',
	name: 'channelId',
	type: 'string',
	default: '={{ $json.channelId }}',
	required: true,
	placeholder: 'e.g. UCabcdefghijklmnopqrstuv',
	description: "YouTube's ID of the channel to add, or the address of its page that has the ID",
};

export const create: Operation = {
	option: {
		name: 'Create',
		value: 'create',
		action: 'Create a channel',
		description: 'Add a YouTube channel to a user, who may have five active ones',
	},
	fields: [user, channelId, { ...channelName, required: true }, additionalFields([niche])],
	async executeItem(context, item) {
		const body = {
			...(context.getNodeParameter('fields', item, {}) as IDataObject),
			channelId: channelIdOf(context, item),
			channelName: required(context, 'channelName', 'Name', item),
		};
		const path = channelsPath(context, item);
		return [await ask<IDataObject>(context, { method: 'POST', path, body, itemIndex: item })];
	},
};
