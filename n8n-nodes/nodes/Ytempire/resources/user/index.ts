import type { Resource } from '../../../shared/operation';
import { create } from './create';
import { deactivate } from './deactivate';
import { erase } from './erase';
import { exportUser } from './export';
import { get } from './get';
import { getAll } from './getAll';
import { getNotices } from './getNotices';
import { update } from './update';
import { upsert } from './upsert';

export const user: Resource = {
	option: { name: 'User', value: 'user' },
	operations: [create, upsert, deactivate, erase, exportUser, get, getAll, getNotices, update],
	defaultOperation: 'getAll',
};
