import type {
	IExecuteFunctions,
	ILoadOptionsFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	ResourceMapperFields,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import type { StoreRequest, StoreResult } from '../shared/contract';
import { failedItem, isTool } from '../shared/errors';
import { addHint } from '../shared/hints';
import { ask, chunks } from '../shared/sidecar';
import { mapperFields, type Kind } from './columns';
import { Outcomes, type SentItem } from './outcomes';
import { properties } from './properties';
import { isMapped, isReference, rowToStore } from './rows';

/** The most that one request to the sidecar may carry (schemas/store-request.json). */
const ROWS_AT_ONCE = 5000;

/** How long the sidecar may take to store the batches of one request. Seconds. */
const REFERENCES_TAKE_SECONDS = 120;

export class StoreMetrics implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'YTEMPIRE Store Metrics',
		name: 'storeMetrics',
		icon: {
			light: 'file:../../icons/storeMetrics.svg',
			dark: 'file:../../icons/storeMetrics.dark.svg',
		},
		group: ['output'],
		version: [1],
		defaultVersion: 1,
		subtitle:
			'={{ ($parameter["operation"] === "validate" ? "Validate · " : "") + ($parameter["source"] === "mapped" ? "Map Columns" : "From Fetch Metrics") + ($parameter["dryRun"] ? " · Dry Run" : "") + ($parameter["output"] === "summary" ? " · Summary" : "") }}',
		description:
			'Store YouTube metrics, each row under its user: rows, or references to rows that the sidecar holds. Storing a row twice changes nothing; a bad row leaves on Rejected and never stops the others. A tool gets {stored, rejected}.',
		defaults: { name: 'Store Metrics' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Stored', 'Rejected'],
		credentials: [{ name: 'ytempireApi', required: true }],
		properties,
	};

	methods = {
		resourceMapping: {
			async getColumns(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
				return { fields: mapperFields(this.getCurrentNodeParameter('kind') as Kind) };
			},
		},
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const isSummary = this.getNodeParameter('output', 0) === 'summary';
		const dryRun =
			this.getNodeParameter('operation', 0, 'store') === 'validate' ||
			(this.getNodeParameter('dryRun', 0, false) as boolean);
		const outcomes = new Outcomes(isSummary, dryRun);
		const mapped = isMapped(this);
		const items = this.getInputData().map((_, item) => item);
		let done = 0;
		for (const some of chunks(items, ROWS_AT_ONCE)) {
			const sent: SentItem[] = [];
			for (const item of some) {
				try {
					const json = rowToStore(this, item, mapped);
					// Alone and empty: Always Output Data has made it of nothing.
					if (items.length > 1 || Object.keys(json).length) sent.push({ item, json });
				} catch (error) {
					outcomes.addFailed(failedItem(this, error, item));
				}
			}
			try {
				if (sent.length) await store(this, sent, dryRun, outcomes);
			} catch (error) {
				for (const { item } of sent) outcomes.addFailed(failedItem(this, error, item));
			}
			done += some.length;
			this.logger.info(`YTEMPIRE Store Metrics: ${done} of ${items.length} items answered`);
		}
		for (const message of outcomes.hints(items.length)) {
			addHint(this, message);
		}
		if (isSummary) {
			outcomes.stored.push({
				json: outcomes.summary(),
				pairedItem: items.map((item) => ({ item })),
			});
		}
		if (!isTool(this)) return [outcomes.stored, outcomes.rejected];
		const json = {
			stored: outcomes.stored.map((each) => each.json),
			rejected: outcomes.rejected.map((each) => each.json),
		};
		return [[{ json, pairedItem: { item: 0 } }], []];
	}
}

async function store(
	context: IExecuteFunctions,
	sent: SentItem[],
	dryRun: boolean,
	outcomes: Outcomes,
): Promise<void> {
	const rows = sent.filter(({ json }) => !isReference(json));
	const references = sent.filter(({ json }) => isReference(json));
	const body = {
		...(rows.length ? { rows: rows.map(({ json }) => json) } : {}),
		...(references.length
			? { references: references.map(({ json: { userId, batchId } }) => ({ userId, batchId })) }
			: {}),
		...(dryRun ? { dryRun } : {}),
	} as StoreRequest;
	const result = await ask<StoreResult>(context, {
		method: 'POST',
		path: '/v1/metrics/store',
		body,
		waitSeconds: references.length ? REFERENCES_TAKE_SECONDS : 0,
	});
	outcomes.add(result, rows, references);
}
