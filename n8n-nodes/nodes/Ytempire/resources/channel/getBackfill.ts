import type { Operation } from '../../../shared/operation';
import { channel, CHANNEL, user } from './fields';

export const getBackfill: Operation = {
	option: {
		name: 'Get Backfill',
		value: 'getBackfill',
		action: 'Get the progress of a backfill',
		description: "Get how far the backfill of a channel's history has come",
	},
	fields: [user, channel],
	request: { method: 'GET', path: `${CHANNEL}/backfill` },
};
