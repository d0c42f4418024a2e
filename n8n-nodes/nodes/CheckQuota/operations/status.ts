import type { QuotaStatus } from '../../shared/contract';
import { maxResults } from '../../shared/maxResults';
import { limit, returnAll, type Operation } from '../../shared/operation';
import { ask } from '../../shared/sidecar';

export const status: Operation = {
	option: {
		name: 'Get Status',
		value: 'status',
		action: 'Get the status of all buckets',
		description:
			'Return one item for each bucket, with its limit, what is used, reserved and available, when it resets and whether it will last',
	},
	fields: [returnAll, limit],
	async executeAll(context) {
		const { buckets } = await ask<QuotaStatus>(context, { method: 'GET', path: '/v1/quota' });
		const pairedItem = context.getInputData().map((_, item) => ({ item }));
		const limit = maxResults(context, 0);
		return [buckets.slice(0, limit).map((bucket) => ({ json: { ...bucket }, pairedItem })), []];
	},
};
