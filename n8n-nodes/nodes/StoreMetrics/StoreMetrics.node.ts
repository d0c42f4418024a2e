import type {
	IDataObject,
	IExecuteFunctions,
	ILoadOptionsFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	ResourceMapperFields,
} from 'n8n-workflow';
import { NodeConnectionTypes, NodeOperationError } from 'n8n-workflow';
import { ROW_KINDS } from '../shared/choices';
import type { StoreRequest, StoreResult } from '../shared/contract';
import { ask, chunks, nodeError } from '../shared/sidecar';
import { mapperFields, rowOf, type Kind } from './columns';

/** The most that one request to the sidecar may carry (schemas/store-request.json). */
const ROWS_AT_ONCE = 5000;

export class StoreMetrics implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'YTEMPIRE Store Metrics',
		name: 'storeMetrics',
		icon: { light: 'file:../../icons/ytempire.svg', dark: 'file:../../icons/ytempire.dark.svg' },
		group: ['output'],
		version: [1],
		defaultVersion: 1,
		subtitle: '={{ $parameter["output"] === "summary" ? "one summary" : "row by row" }}',
		description:
			'Store YouTube numbers, each under its user: rows, or references to rows that the sidecar holds. Sending one twice changes nothing; a bad one leaves as Rejected and never stops the others.',
		defaults: { name: 'Store Metrics' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Stored', 'Rejected'],
		credentials: [{ name: 'ytempireApi', required: true }],
		properties: [
			{
				displayName: 'Rows',
				name: 'source',
				type: 'options',
				noDataExpression: true,
				default: 'fetched',
				description: 'Where the rows come from',
				options: [
					{
						name: 'From Fetch Metrics',
						value: 'fetched',
						description: 'Rows or references; they go in as they are',
					},
					{
						name: 'Map Columns',
						value: 'mapped',
						description: 'Rows of a sheet, a form or another API: map their columns to the fields of the row',
					},
				],
			},
			{
				displayName: 'Kind of Row',
				name: 'kind',
				type: 'options',
				noDataExpression: true,
				default: 'channel-day',
				description: 'What each item is',
				options: ROW_KINDS,
				displayOptions: { show: { source: ['mapped'] } },
			},
			{
				displayName: 'Columns',
				name: 'columns',
				type: 'resourceMapper',
				noDataExpression: true,
				default: { mappingMode: 'defineBelow', value: null },
				required: true,
				description: 'What is left empty keeps what is stored',
				typeOptions: {
					loadOptionsDependsOn: ['kind'],
					resourceMapper: {
						resourceMapperMethod: 'getColumns',
						mode: 'add',
						fieldWords: { singular: 'column', plural: 'columns' },
						addAllFields: false,
						multiKeyMatch: false,
						supportAutoMap: true,
					},
				},
				displayOptions: { show: { source: ['mapped'] } },
			},
			{
				displayName: 'Row',
				name: 'row',
				type: 'json',
				default: '={{ $json }}',
				required: true,
				description:
					'The row or reference to store. What comes from Fetch Metrics goes in as it is.',
				displayOptions: { show: { source: ['fetched'] } },
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
						description:
							'Each row with what became of it: stored, updated or unchanged; each reference with counts',
					},
					{
						name: 'One Summary',
						value: 'summary',
						description: 'One item with the counts; quicker for many rows',
					},
				],
			},
			{
				displayName: 'Dry Run',
				name: 'dryRun',
				type: 'boolean',
				default: false,
				description:
					'Whether only to tell what would become of each row: nothing is stored, and nothing is changed',
			},
		],
	};

	methods = {
		resourceMapping: {
			async getColumns(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
				return { fields: mapperFields(this.getCurrentNodeParameter('kind') as Kind) };
			},
		},
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const output = this.getNodeParameter('output', 0) as 'rows' | 'summary';
		const stored: INodeExecutionData[] = [];
		const rejected: INodeExecutionData[] = [];
		const input = this.getInputData();
		const dryRun = this.getNodeParameter('dryRun', 0, false) as boolean;
		const toStore =
			this.getNodeParameter('source', 0, 'fetched') === 'mapped'
				? (item: number) => mappedRow(this, item)
				: (item: number) => fetchedRow(this, item, input);
		const counts = { stored: 0, updated: 0, unchanged: 0, rejected: 0 };
		const batches: Record<ReferenceOutcome['outcome'], number> = {
			stored: 0,
			'already-stored': 0,
			'unknown-batch': 0,
			unavailable: 0,
		};
		const reasons: string[] = [];
		const items = input.map((_, item) => item);
		let done = 0;
		for (const some of chunks(items, ROWS_AT_ONCE)) {
			try {
				const sent = some.map((item) => ({ item, json: toStore(item) }));
				const rows = sent.filter(({ json }) => !isReference(json));
				const references = sent.filter(({ json }) => isReference(json));
				const body = {
					...(rows.length ? { rows: rows.map(({ json }) => json) } : {}),
					...(references.length
						? {
								references: references.map(({ json: { userId, batchId } }) => ({
									userId,
									batchId,
								})),
							}
						: {}),
					...(dryRun ? { dryRun } : {}),
				} as StoreRequest;
				const result = await ask<StoreResult>(this, {
					method: 'POST',
					path: '/v1/metrics/store',
					body,
					waitSeconds: references.length ? REFERENCES_TAKE_SECONDS : 0,
				});
				this.logger.info(
					`YTEMPIRE Store Metrics: ${(done += some.length)} of ${items.length} items answered`,
				);
				for (const { row, ...outcome } of result.rows) {
					counts[outcome.outcome]++;
					const isRejected = outcome.outcome === 'rejected';
					if (isRejected) reasons.push(reasonOf(outcome.faults));
					if (!isRejected && output === 'summary') continue;
					const out: INodeExecutionData = {
						json: { ...rows[row]!.json, ...(outcome as IDataObject) },
						pairedItem: { item: rows[row]!.item },
					};
					(isRejected ? rejected : stored).push(out);
				}
				for (const { reference, ...outcome } of result.references ?? []) {
					batches[outcome.outcome]++;
					for (const each of COUNTS) counts[each] += outcome[each];
					const isRefused =
						outcome.rejected > 0 ||
						outcome.outcome === 'unknown-batch' ||
						outcome.outcome === 'unavailable';
					if (isRefused) reasons.push(outcome.faults ? reasonOf(outcome.faults) : outcome.outcome);
					if (!isRefused && output === 'summary') continue;
					const out: INodeExecutionData = {
						json: { ...references[reference]!.json, ...(outcome as unknown as IDataObject) },
						pairedItem: { item: references[reference]!.item },
					};
					(isRefused ? rejected : stored).push(out);
				}
			} catch (error) {
				if (!this.continueOnFail()) throw nodeError(this, error);
				some.forEach((item) =>
					stored.push({ json: { error: (error as Error).message }, pairedItem: { item } }),
				);
			}
		}
		if (rejected.length) {
			this.addExecutionHints({
				type: 'warning',
				location: 'outputPane',
				message: `${rejected.length} of ${items.length} ${Object.values(batches).some((count) => count > 0) ? 'items' : 'rows'} were rejected, most often with: ${commonest(reasons)}. They leave on the output Rejected, each with what is wrong.`,
			});
		}
		if (output === 'summary') {
			const ofReferences = Object.values(batches).some((count) => count > 0);
			stored.push({
				json: {
					...counts,
					...(ofReferences
						? {
								alreadyStored: batches['already-stored'],
								unknownBatches: batches['unknown-batch'],
								unavailable: batches.unavailable,
							}
						: {}),
					dryRun,
				},
				pairedItem: items.map((item) => ({ item })),
			});
		}
		return [stored, rejected];
	}
}

const COUNTS = ['stored', 'updated', 'unchanged', 'rejected'] as const;

type ReferenceOutcome = StoreResult['references'][number];

/** How long the sidecar may take to store the batches of one request. */
const REFERENCES_TAKE_SECONDS = 120;

/** Whether an item stands for rows that the sidecar holds. */
const isReference = (json: IDataObject) => typeof json.batchId === 'string' && !('kind' in json);

const reasonOf = (faults: ReferenceOutcome['faults'] = []) =>
	faults.length ? `${faults[0]!.pointer} ${faults[0]!.message}` : 'rejected';

/** What comes most often. */
function commonest(words: string[]): string {
	const counts = new Map<string, number>();
	words.forEach((word) => counts.set(word, (counts.get(word) ?? 0) + 1));
	return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 'unknown';
}

/** The whole item, which is what nearly everybody stores: evaluating that for each of 100,000 items takes n8n minutes. */
const WHOLE_ITEM = /^=\{\{\s*\$json\s*\}\}$/;

/** A row from the columns that the mapper names, or from those of the input that have the same names. */
function mappedRow(context: IExecuteFunctions, item: number): IDataObject {
	const kind = context.getNodeParameter('kind', 0) as Kind;
	const { mappingMode, value } = context.getNodeParameter('columns', item) as {
		mappingMode: 'autoMapInputData' | 'defineBelow';
		value: IDataObject | null;
	};
	return rowOf(
		kind,
		mappingMode === 'autoMapInputData' ? context.getInputData()[item]!.json : (value ?? {}),
	);
}

function fetchedRow(
	context: IExecuteFunctions,
	item: number,
	items: INodeExecutionData[],
): IDataObject {
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
