import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { additionalFields, type Operation } from '../../../shared/operation';
import { ask } from '../../../shared/sidecar';
import { channel, channelName, channelPath, niche, user } from './fields';

const isActive: INodeProperties = {
	displayName: 'Active',
	name: 'isActive',
	type: 'boolean',
	default: true,
	description: 'Whether the channel is synced',
};

export const update: Operation = {
	option: {
		name: 'Update',
		value: 'update',
		action: 'Update a channel',
		description: 'Change a channel',
	},
	fields: [user, channel, additionalFields([isActive, channelName, niche])],
	async executeItem(context, item) {
		const path = channelPath(context, item);
		const body = context.getNodeParameter('fields', item, {}) as IDataObject;
		return [await ask<IDataObject>(context, { method: 'PATCH', path, body, itemIndex: item })];
	},
};
