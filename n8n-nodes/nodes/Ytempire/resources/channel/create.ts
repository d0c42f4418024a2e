import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { channelIdOf, handleIn } from '../../../shared/ids';
import { additionalFields, type Operation } from '../../../shared/operation';
import { channelByHandle, findUser } from '../../../shared/request';
import { ask, required } from '../../../shared/sidecar';
import { channelName, fieldsOf, niche, user } from './fields';

const channelId: INodeProperties = {
	displayName: 'Channel',
	name: 'channelId',
	type: 'string',
	default: '={{ $json.channelId }}',
	required: true,
	placeholder: 'e.g. @woodwork or https://www.youtube.com/@woodwork',
	description:
		"The channel to add: its handle, the address of its page, or its ID (UC…). A handle costs 1 unit of the user's quota.",
};

const name: INodeProperties = {
	...channelName,
	description: "The channel's title; left empty, its title at YouTube where it is known",
	hint: 'Left empty: its title at YouTube',
};

export const create: Operation = {
	option: {
		name: 'Create',
		value: 'create',
		action: 'Create a channel',
		description: 'Add a YouTube channel to a user, who may have five active ones',
	},
	fields: [user, channelId, name, additionalFields([niche])],
	async executeItem(context, item) {
		const userId = await findUser(context, item);
		const handle = handleIn(required(context, 'channelId', 'Channel', item));
		const found = handle ? await channelByHandle(context, userId, handle, item) : undefined;
		const id = found?.channelId ?? channelIdOf(context, item);
		const title = (context.getNodeParameter('channelName', item, '') as string).trim();
		return [
			await ask<IDataObject>(context, {
				method: 'POST',
				path: `/v1/users/${userId}/channels`,
				// It is named after its title when it is connected, unless somebody named it.
				body: {
					...fieldsOf(context, item),
					channelId: id,
					channelName: title || found?.title || id,
				},
				itemIndex: item,
			}),
		];
	},
};
