import type { INodeProperties } from 'n8n-workflow';
import type { Operation } from '../../../shared/operation';

const subscriptionId: INodeProperties = {
	displayName: 'Subscription ID',
	name: 'subscriptionId',
	type: 'string',
	default: '={{ $json.subscriptionId }}',
	required: true,
	description: 'The subscription to delete',
};

export const deleteSubscription: Operation = {
	option: {
		name: 'Delete',
		value: 'delete',
		action: 'Delete a subscription to events',
		description: 'Delete a subscription permanently',
	},
	fields: [subscriptionId],
	request: {
		method: 'DELETE',
		path: '/v1/subscriptions/{subscriptionId}',
		result: (_, { subscriptionId: id }) => ({ subscriptionId: id, deleted: true }),
	},
};
