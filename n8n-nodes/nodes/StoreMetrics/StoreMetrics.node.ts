import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes, NodeOperationError } from 'n8n-workflow';
import type { StoreRequest, StoreResult } from '../shared/contract';
import { ask, chunks, nodeError } from '../shared/sidecar';

/** The most that one request to the sidecar may carry (schemas/store-request.json). */
const ROWS_AT_ONCE = 5000;

export class StoreMetrics implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'YTEMPIRE Store Metrics',
		name: 'storeMetrics',
		icon: { light: 'file:../../icons/ytempire.svg', dark: 'file:../../icons/ytempire.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["output"] === "summary" ? "one summary" : "row by row" }}',
		description:
			'Store rows of YouTube numbers, each under its user. Sending a row twice changes nothing; a bad row leaves as Rejected and never stops the others.',
		defaults: { name: 'Store Metrics' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Stored', 'Rejected'],
		credentials: [{ name: 'ytempireApi', required: true }],
		properties: [
			{
				displayName: 'Row',
				name: 'row',
				type: 'json',
				default: '={{ $json }}',
				required: true,
				description: 'The row to store. Rows from Fetch Metrics go in as they are.',
			},
			{
				displayName: 'Output',
				name: 'output',
				type: 'options',
				noDataExpression: true,
				default: 'rows',
				description: 'What leaves on the output Stored',
				options: [
					{
						name: 'Each Row',
						value: 'rows',
						description: 'Each row with what became of it: stored, updated or unchanged',
					},
					{
						name: 'One Summary',
						value: 'summary',
						description: 'One item with the counts; quicker for many rows',
					},
				],
			},
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const output = this.getNodeParameter('output', 0) as 'rows' | 'summary';
		const stored: INodeExecutionData[] = [];
		const rejected: INodeExecutionData[] = [];
		const counts = { stored: 0, updated: 0, unchanged: 0, rejected: 0 };
		const input = this.getInputData();
		const items = input.map((_, item) => item);
		for (const some of chunks(items, ROWS_AT_ONCE)) {
			try {
				const rows = some.map((item) => rowOf(this, item, input));
				const body: StoreRequest = { rows };
				const result = await ask<StoreResult>(this, {
					method: 'POST',
					path: '/v1/metrics/store',
					body,
				});
				for (const { row, ...outcome } of result.rows) {
					counts[outcome.outcome]++;
					const item = some[row]!;
					if (outcome.outcome !== 'rejected' && output === 'summary') continue;
					const out: INodeExecutionData = {
						json: { ...rows[row], ...(outcome as IDataObject) },
						pairedItem: { item },
					};
					(outcome.outcome === 'rejected' ? rejected : stored).push(out);
				}
			} catch (error) {
				if (!this.continueOnFail()) throw nodeError(this, error);
				some.forEach((item) =>
					stored.push({ json: { error: (error as Error).message }, pairedItem: { item } }),
				);
			}
		}
		if (output === 'summary') {
			stored.push({ json: counts, pairedItem: items.map((item) => ({ item })) });
		}
		return [stored, rejected];
	}
}

/** The whole item, which is what nearly everybody stores: evaluating that for each of 100,000 items takes n8n minutes. */
const WHOLE_ITEM = /^=\{\{\s*\$json\s*\}\}$/;

function rowOf(context: IExecuteFunctions, item: number, items: INodeExecutionData[]): IDataObject {
	const raw = context.getNode().parameters.row;
	if (typeof raw === 'string' && WHOLE_ITEM.test(raw)) {
		return items[item]!.json;
	}
	const row = context.getNodeParameter('row', item) as unknown;
	try {
		const value: unknown = typeof row === 'string' ? JSON.parse(row) : row;
		if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
			return value as IDataObject;
		}
	} catch {
		// told below
	}
	throw new NodeOperationError(context.getNode(), 'Row is not a JSON object', {
		itemIndex: item,
		description: 'Use the expression {{ $json }} to store the item as it is.',
	});
}
