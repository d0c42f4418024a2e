import type { Resource } from '../../../shared/operation';
import { create } from './create';
import { get } from './get';
import { getFacts } from './getFacts';

export const insight: Resource = {
	option: { name: 'Insight', value: 'insight' },
	operations: [create, get, getFacts],
	defaultOperation: 'get',
};
