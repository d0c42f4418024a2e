import type { INodeProperties } from 'n8n-workflow';
import type { Operation } from '../../../shared/operation';
import { channel, CHANNEL, user } from './fields';

const notice: INodeProperties = {
	displayName:
		'This cannot be undone: everything stored of the channel goes for good, and its grant ends. <b>Deactivate</b> keeps the data. The token needs the scope erase.',
	name: 'deleteNotice',
	type: 'notice',
	default: '',
};

export const deleteChannel: Operation = {
	option: {
		name: 'Delete',
		value: 'delete',
		action: 'Delete a channel',
		description: 'Delete a channel permanently, with everything stored of it',
	},
	fields: [user, channel, notice],
	request: {
		method: 'DELETE',
		path: CHANNEL,
		result: (_, { userId, channelId }) => ({ userId, channelId, deleted: true }),
	},
};
