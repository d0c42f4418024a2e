import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { EVENTS } from '../../../shared/choices';
import { userIdIn } from '../../../shared/ids';
import { additionalFields, type Operation } from '../../../shared/operation';

const notice: INodeProperties = {
	displayName:
		'To start a workflow of n8n, use the <b>YTEMPIRE Trigger</b>. The secret that signs deliveries is shown this once.',
	name: 'subscriptionNotice',
	type: 'notice',
	default: '',
};

const url: INodeProperties = {
	displayName: 'URL',
	name: 'url',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. https://example.com/events',
	description: 'Where events are sent by POST, as the sidecar reaches it',
};

const events: INodeProperties = {
	displayName: 'Events',
	name: 'events',
	type: 'multiOptions',
	default: ['sync-finished'],
	required: true,
	description: 'Events to send',
	options: EVENTS,
};

const ofUser: INodeProperties = {
	displayName: 'User ID',
	name: 'userId',
	type: 'string',
	default: '',
	description: 'Only what happens to this user',
};

const sendSample: INodeProperties = {
	displayName: 'Send a Sample',
	name: 'sendSample',
	type: 'boolean',
	default: false,
	description: 'Whether to send a sample of each event at once',
};

export const create: Operation = {
	option: {
		name: 'Create',
		value: 'create',
		action: 'Create a subscription to events',
		description: 'Have events sent to an address (webhook)',
	},
	fields: [notice, url, events, additionalFields([sendSample, ofUser])],
	request: {
		method: 'POST',
		path: '/v1/subscriptions',
		required: { url: 'URL' },
		fields: (context, item) => {
			const { userId, ...more } = context.getNodeParameter('fields', item, {}) as IDataObject;
			return {
				...more,
				events: context.getNodeParameter('events', item) as string[],
				...(userId ? { userId: userIdIn(context, String(userId).trim(), item) } : {}),
			};
		},
		result: ({ secret, subscription }) => ({ ...(subscription as IDataObject), secret }),
	},
};
