import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { QuotaReservation, QuotaStatus } from '../../shared/contract';
import { isTool } from '../../shared/errors';
import type { Operation } from '../../shared/operation';
import { ask, nodeError, problemIn } from '../../shared/sidecar';
import { bucket, inputWith, needed, options, requireUnitsWithinLimit, units } from './fields';

const leaseMinutes: INodeProperties = {
	displayName: 'Expires After (Minutes)',
	name: 'leaseMinutes',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 1440 },
	default: 15,
	description:
		'When the reservation is released if it is not settled. Do not call Google on it afterwards.',
};

export const reserve: Operation = {
	option: {
		name: 'Reserve',
		value: 'reserve',
		action: 'Reserve units',
		description:
			'Reserve units for calls to Google that this workflow makes itself; when there are too few, the items leave on Exhausted with the time to wait until. A tool gets {enough, quota, waitUntil}.',
	},
	fields: [bucket, units, options(leaseMinutes)],
	async executeAll(context) {
		const chosen = context.getNodeParameter('options', 0, {}) as { leaseMinutes?: number };
		const body = {
			...needed(context),
			...(chosen.leaseMinutes ? { leaseMinutes: chosen.leaseMinutes } : {}),
		};
		try {
			const path = '/v1/quota/reservations';
			const { bucket, ...reservation } = await ask<QuotaReservation>(context, {
				method: 'POST',
				path,
				body,
			});
			const quota = { ...bucket, ...reservation };
			return isTool(context)
				? [[{ json: { enough: true, quota, waitUntil: null }, pairedItem: { item: 0 } }], []]
				: [inputWith(context, { quota }), []];
		} catch (error) {
			const problem = problemIn(error);
			if (problem?.type !== '/problems/quota-exhausted') throw nodeError(context, error);
			const { buckets } = await ask<QuotaStatus>(context, { method: 'GET', path: '/v1/quota' });
			const bucket = buckets.find((each) => each.bucket === (body as IDataObject).bucket);
			if (bucket) requireUnitsWithinLimit(context, bucket);
			const quota = {
				bucket: (body as IDataObject).bucket,
				resetsAt: problem.resetsAt ?? null,
				reason: problem.detail,
			};
			const waitUntil = problem.retryAt ?? problem.resetsAt ?? null;
			return isTool(context)
				? [[{ json: { enough: false, quota, waitUntil }, pairedItem: { item: 0 } }], []]
				: [[], inputWith(context, { quota, waitUntil })];
		}
	},
};
