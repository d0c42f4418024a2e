import type { Resource } from '../../../shared/operation';
import { getAll } from './getAll';
import { getBreaks } from './getBreaks';
import { getPlan } from './getPlan';
import { sync } from './sync';

export const metrics: Resource = {
	option: { name: 'Metrics', value: 'metrics' },
	operations: [getAll, getBreaks, getPlan, sync],
	defaultOperation: 'sync',
};
