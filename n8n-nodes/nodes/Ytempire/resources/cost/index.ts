import type { Resource } from '../../../shared/operation';
import { compare } from './compare';
import { getAll } from './getAll';
import { getSummary } from './getSummary';
import { record } from './record';

export const cost: Resource = {
	option: { name: 'Cost', value: 'cost' },
	operations: [compare, getAll, getSummary, record],
	defaultOperation: 'record',
};
