import type { Resource } from '../../../shared/operation';
import { getCounts } from './getCounts';
import { record } from './record';

export const event: Resource = {
	option: { name: 'Event', value: 'event' },
	operations: [getCounts, record],
	defaultOperation: 'record',
};
