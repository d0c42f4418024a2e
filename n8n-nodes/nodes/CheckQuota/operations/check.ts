import type { QuotaCheckResult } from '../../shared/contract';
import { isTool } from '../../shared/errors';
import type { Operation } from '../../shared/operation';
import { ask } from '../../shared/sidecar';
import { bucket, inputWith, needed, options, requireUnitsWithinLimit, units } from './fields';

export const check: Operation = {
	option: {
		name: 'Check',
		value: 'check',
		action: 'Check whether units are available',
		description:
			'Pass the items on when enough units are available, and send them to Exhausted when not, with the time to wait until. A tool gets {enough, available, waitUntil}.',
	},
	fields: [bucket, units, options()],
	async executeAll(context) {
		const result = await ask<QuotaCheckResult>(context, {
			method: 'POST',
			path: '/v1/quota/check',
			body: needed(context),
		});
		const { enough, available, waitUntil } = result;
		if (!enough) requireUnitsWithinLimit(context, result.bucket);
		if (isTool(context)) {
			return [[{ json: { enough, available, waitUntil }, pairedItem: { item: 0 } }], []];
		}
		if (enough) return [inputWith(context), []];
		return [[], inputWith(context, { quota: { ...result.bucket, available }, waitUntil })];
	},
};
