import type { Resource } from '../../../shared/operation';
import { get } from './get';
import { update } from './update';

export const notificationSettings: Resource = {
	option: { name: 'Notification Setting', value: 'notificationSettings' },
	operations: [get, update],
	defaultOperation: 'get',
};
