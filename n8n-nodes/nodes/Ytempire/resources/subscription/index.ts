import type { Resource } from '../../../shared/operation';
import { create } from './create';
import { deleteSubscription } from './delete';
import { getAll } from './getAll';

export const subscription: Resource = {
	option: { name: 'Subscription', value: 'subscription' },
	operations: [create, deleteSubscription, getAll],
	defaultOperation: 'getAll',
};
