import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	QuotaCheckResult,
	QuotaReservation,
	QuotaSettled,
	QuotaShares,
	QuotaStatus,
} from '../shared/contract';
import { BUCKETS, BUCKET_TRAITS } from '../shared/choices';
import { ask, nodeError, problemIn, required } from '../shared/sidecar';

/** Buckets that are shared out among users: those of a day. */
const DAY_BUCKETS = BUCKETS.filter(({ value }) => BUCKET_TRAITS[value].window === 'day');

const UNITS_TAKING = ['check', 'reserve'];

export class CheckQuota implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'YTEMPIRE Check Quota',
		name: 'checkQuota',
		icon: { light: 'file:../../icons/ytempire.svg', dark: 'file:../../icons/ytempire.dark.svg' },
		group: ['transform'],
		version: [1],
		defaultVersion: 1,
		subtitle:
			'={{ ({ check: "check " + $parameter["bucket"], reserve: "reserve " + $parameter["bucket"], settle: "settle", status: "status", shares: "shares of " + $parameter["dayBucket"] })[$parameter["operation"]] }}',
		description:
			"See what is left of Google's quota, reserve some of it, and branch when it is too little. Asking costs nothing.",
		defaults: { name: 'Check Quota' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Available', 'Exhausted'],
		credentials: [{ name: 'ytempireApi', required: true }],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				default: 'check',
				options: [
					{
						name: 'Check',
						value: 'check',
						action: 'Check whether units are left',
						description:
							'Pass the items on when enough units are left, and send them the other way when not, with the time to wait until',
					},
					{
						name: 'Get Shares',
						value: 'shares',
						action: 'Get how a bucket is shared out',
						description:
							'Return one item for each user, with its guaranteed units, what it used and what of that it borrowed',
					},
					{
						name: 'Get Status',
						value: 'status',
						action: 'Get how all buckets stand',
						description:
							'Return one item for each bucket, with its limit, what is used, reserved and left, when it is full again and whether it will last',
					},
					{
						name: 'Reserve',
						value: 'reserve',
						action: 'Reserve units',
						description:
							'Hold units for calls to Google that this workflow makes itself; when there are too few, the items leave the other way with the time to wait until',
					},
					{
						name: 'Settle',
						value: 'settle',
						action: 'Settle a reservation',
						description: 'Say what was spent of a reservation, so that the rest goes back at once',
					},
				],
			},
			{
				displayName: 'Bucket',
				name: 'bucket',
				type: 'options',
				default: 'data.general',
				description: "Which of Google's quotas",
				options: BUCKETS,
				displayOptions: { show: { operation: UNITS_TAKING } },
			},
			{
				displayName: 'Bucket',
				name: 'dayBucket',
				type: 'options',
				default: 'data.general',
				description: "Which of Google's daily quotas; those of a minute are not shared out",
				options: DAY_BUCKETS,
				displayOptions: { show: { operation: ['shares'] } },
			},
			{
				displayName: 'Units',
				name: 'units',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 1000000 },
				default: 300,
				description: 'How many units are needed. Read once, for all items together.',
				displayOptions: { show: { operation: UNITS_TAKING } },
			},
			{
				displayName: 'Reservation ID',
				name: 'reservationId',
				type: 'string',
				default: '={{ $json.quota.reservationId }}',
				required: true,
				placeholder: 'e.g. 3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d',
				description:
					'What Reserve answered. Each reservation is settled once, whatever the number of items.',
				displayOptions: { show: { operation: ['settle'] } },
			},
			{
				displayName: 'Units Spent',
				name: 'unitsSpent',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 1000000 },
				default: 0,
				description: 'What Google charged, at most what was reserved. 0 gives all back.',
				displayOptions: { show: { operation: ['settle'] } },
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add Option',
				default: {},
				displayOptions: { show: { operation: UNITS_TAKING } },
				options: [
					{
						displayName: 'Expires After (Minutes)',
						name: 'leaseMinutes',
						type: 'number',
						typeOptions: { minValue: 1, maxValue: 1440 },
						default: 15,
						description:
							'For Reserve: when the reservation is released if it is not settled. Do not call Google on it afterwards.',
					},
					{
						displayName: 'Interactive Priority',
						name: 'interactive',
						type: 'boolean',
						default: true,
						description:
							'Whether to use the units that are kept for people who wait for an answer. Default: yes when the workflow is run by hand.',
					},
					{
						displayName: 'User ID',
						name: 'userId',
						type: 'string',
						default: '',
						placeholder: 'e.g. 3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d',
						description: 'Whose share pays. Left out: what is common to all.',
					},
				],
			},
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const items = this.getInputData();
		const pairedItem = items.map((_, item) => ({ item }));
		try {
			switch (this.getNodeParameter('operation', 0) as string) {
				case 'status': {
					const status = await ask<QuotaStatus>(this, { method: 'GET', path: '/v1/quota' });
					return [status.buckets.map((bucket) => ({ json: { ...bucket }, pairedItem })), []];
				}
				case 'shares':
					return await shares(this);
				case 'reserve':
					return await reserve(this);
				case 'settle':
					return await settle(this);
				default:
					return await check(this);
			}
		} catch (error) {
			if (!this.continueOnFail()) throw nodeError(this, error);
			return [[{ json: { error: (error as Error).message }, pairedItem }], []];
		}
	}
}

/** What is needed, and whose share pays. */
function needed(context: IExecuteFunctions, operation: string): IDataObject {
	const { leaseMinutes, userId, interactive } = context.getNodeParameter('options', 0, {}) as {
		leaseMinutes?: number;
		userId?: string;
		interactive?: boolean;
	};
	return {
		bucket: context.getNodeParameter('bucket', 0) as string,
		units: context.getNodeParameter('units', 0) as number,
		interactive: interactive ?? context.getMode() === 'manual',
		...(userId ? { userId } : {}),
		...(operation === 'reserve' && leaseMinutes ? { leaseMinutes } : {}),
	};
}

/** The input as it came, with what was learned of the quota beside it. */
function passed(context: IExecuteFunctions, more: IDataObject = {}): INodeExecutionData[] {
	return context.getInputData().map((item, index) => ({
		...item,
		json: { ...item.json, ...more },
		pairedItem: { item: index },
	}));
}

async function check(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const result = await ask<QuotaCheckResult>(context, {
		method: 'POST',
		path: '/v1/quota/check',
		body: needed(context, 'check'),
	});
	if (result.enough) return [passed(context), []];
	const { bucket, waitUntil, available } = result;
	return [[], passed(context, { quota: { ...bucket, available }, waitUntil })];
}

/** The shares of each bucket that the items name, each bucket once. */
async function shares(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const itemsOf = new Map<string, number[]>();
	context.getInputData().forEach((_, item) => {
		const bucket = context.getNodeParameter('dayBucket', item) as string;
		itemsOf.set(bucket, [...(itemsOf.get(bucket) ?? []), item]);
	});
	const out: INodeExecutionData[] = [];
	for (const [bucket, items] of itemsOf) {
		const shared = await ask<QuotaShares>(context, {
			method: 'GET',
			path: '/v1/quota/shares',
			query: { bucket },
			itemIndex: items[0],
		});
		const pairedItem = items.map((item) => ({ item }));
		shared.shares.forEach((share) => out.push({ json: { ...share }, pairedItem }));
	}
	return [out, []];
}

async function reserve(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	try {
		const { bucket, ...reservation } = await ask<QuotaReservation>(context, {
			method: 'POST',
			path: '/v1/quota/reservations',
			body: needed(context, 'reserve'),
		});
		return [passed(context, { quota: { ...bucket, ...reservation } }), []];
	} catch (error) {
		const problem = problemIn(error);
		if (problem?.type !== '/problems/quota-exhausted') throw nodeError(context, error);
		const quota = {
			bucket: context.getNodeParameter('bucket', 0) as string,
			resetsAt: problem.resetsAt ?? null,
			reason: problem.detail,
		};
		return [[], passed(context, { quota, waitUntil: problem.retryAt ?? problem.resetsAt ?? null })];
	}
}

async function settle(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const settled = new Map<string, IDataObject>();
	const items: INodeExecutionData[] = [];
	for (let item = 0; item < context.getInputData().length; item++) {
		const id = required(context, 'reservationId', 'Reservation ID', item);
		if (!settled.has(id)) {
			const { bucket, ...spent } = await ask<QuotaSettled>(context, {
				method: 'POST',
				path: `/v1/quota/reservations/${encodeURIComponent(id)}/settle`,
				body: { unitsSpent: context.getNodeParameter('unitsSpent', item) as number },
				itemIndex: item,
			});
			settled.set(id, { ...bucket, reservationId: id, ...spent });
		}
		const input = context.getInputData()[item]!;
		items.push({
			...input,
			json: { ...input.json, quota: settled.get(id)! },
			pairedItem: { item },
		});
	}
	return [items, []];
}
