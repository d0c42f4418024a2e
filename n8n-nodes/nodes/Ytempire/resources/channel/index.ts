import type { Resource } from '../../../shared/operation';
import { connectLink } from './connectLink';
import { create } from './create';
import { deactivate } from './deactivate';
import { deleteChannel } from './delete';
import { disconnect } from './disconnect';
import { findByHandle } from './findByHandle';
import { get } from './get';
import { getAll } from './getAll';
import { getBackfill } from './getBackfill';
import { startBackfill } from './startBackfill';
import { update } from './update';

export const channel: Resource = {
	option: { name: 'Channel', value: 'channel' },
	operations: [
		create,
		deactivate,
		deleteChannel,
		disconnect,
		findByHandle,
		get,
		getBackfill,
		connectLink,
		getAll,
		startBackfill,
		update,
	],
	defaultOperation: 'getAll',
};
