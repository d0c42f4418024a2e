import type { Resource } from '../../../shared/operation';
import { create } from './create';
import { getAll } from './getAll';
import { revoke } from './revoke';
import { rotate } from './rotate';

export const databaseLogin: Resource = {
	option: { name: 'Database Login', value: 'databaseLogin' },
	operations: [create, getAll, revoke, rotate],
	defaultOperation: 'getAll',
};
