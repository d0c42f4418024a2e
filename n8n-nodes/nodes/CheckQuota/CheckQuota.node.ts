import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import type { QuotaCheckResult, QuotaStatus } from '../shared/contract';
import { ask, nodeError } from '../shared/sidecar';

export class CheckQuota implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'YTEMPIRE Check Quota',
		name: 'checkQuota',
		icon: { light: 'file:../../icons/ytempire.svg', dark: 'file:../../icons/ytempire.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] === "check" ? $parameter["bucket"] : "status" }}',
		description:
			"See what is left of Google's quota, and branch when it is too little. Asking costs nothing.",
		defaults: { name: 'Check Quota' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Enough', 'Not Enough'],
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
							'Pass the items on when enough units are left, and send them the other way when not',
					},
					{
						name: 'Get Status',
						value: 'status',
						action: 'Get how all buckets stand',
						description:
							'Return one item for each bucket, with its limit, what is left and when it is full again',
					},
				],
			},
			{
				displayName: 'Bucket',
				name: 'bucket',
				type: 'options',
				default: 'data.general',
				description: "Which of Google's quotas",
				options: [
					{ name: 'Analytics, Day', value: 'analytics.day' },
					{ name: 'Analytics, Minute', value: 'analytics.minute' },
					{
						name: 'Data API',
						value: 'data.general',
						description: 'Channels, uploads and nearly everything else: 10,000 units a day',
					},
					{ name: 'Reporting, Day', value: 'reporting.day' },
					{ name: 'Reporting, Minute', value: 'reporting.minute' },
					{ name: 'Search', value: 'data.search' },
					{ name: 'Upload', value: 'data.upload' },
					{
						name: 'Video Totals',
						value: 'data.batchGetStats',
						description: '10,000 calls a day, for 50 videos each',
					},
				],
				displayOptions: { show: { operation: ['check'] } },
			},
			{
				displayName: 'Units',
				name: 'units',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 1000000 },
				default: 300,
				description: 'How many units must be left. Read once, for all items together.',
				displayOptions: { show: { operation: ['check'] } },
			},
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const items = this.getInputData();
		const pairedItem = items.map((_, item) => ({ item }));
		try {
			if (this.getNodeParameter('operation', 0) === 'status') {
				const status = await ask<QuotaStatus>(this, { method: 'GET', path: '/v1/quota' });
				return [status.buckets.map((bucket) => ({ json: { ...bucket }, pairedItem })), []];
			}
			const result = await ask<QuotaCheckResult>(this, {
				method: 'POST',
				path: '/v1/quota/check',
				body: {
					bucket: this.getNodeParameter('bucket', 0),
					units: this.getNodeParameter('units', 0),
				},
			});
			const passed = items.map((item, index) => ({ ...item, pairedItem: { item: index } }));
			if (result.enough) return [passed, []];
			const told = passed.map((item) => ({
				...item,
				json: { ...item.json, quota: { ...result.bucket }, waitUntil: result.waitUntil },
			}));
			return [[], told];
		} catch (error) {
			if (!this.continueOnFail()) throw nodeError(this, error);
			return [[{ json: { error: (error as Error).message }, pairedItem }], []];
		}
	}
}
