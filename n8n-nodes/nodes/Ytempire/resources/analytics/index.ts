import type { Resource } from '../../../shared/operation';
import { get } from './get';
import { getAll } from './getAll';

export const analytics: Resource = {
	option: { name: 'Analytics', value: 'analytics' },
	operations: [get, getAll],
	defaultOperation: 'get',
};
