import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import type { FetchRequest, FetchResult } from '../shared/contract';
import { failedItem, isTool } from '../shared/errors';
import { withMoneyAsNumbers } from '../shared/money';
import { pickerMethods } from '../shared/pickers';
import { ask, chunks } from '../shared/sidecar';
import { activeChannelsOf } from './activeChannels';
import { addHints, type Summary } from './hints';
import { addNames } from './names';
import { subtitle } from './operations';
import { INCREMENTAL, properties } from './properties';
import {
	dataThroughOf,
	isOfAllChannels,
	periodChosen,
	RequestReader,
	type FetchItem,
} from './requests';

/** The most that one request to the sidecar may ask for (schemas/fetch-request.json). */
const REQUESTS_AT_ONCE = 5000;

const TIMEOUT_SECONDS = 300;

export class FetchMetrics implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'YTEMPIRE Fetch Metrics',
		name: 'fetchMetrics',
		icon: {
			light: 'file:../../icons/fetchMetrics.svg',
			dark: 'file:../../icons/fetchMetrics.dark.svg',
		},
		group: ['input'],
		version: [1],
		defaultVersion: 1,
		subtitle,
		description:
			"Fetch YouTube metrics of users' channels: current statistics, daily views, watch time and revenue, reach, traffic sources, top videos, retention. Use it when numbers of a channel or video are wanted; days are complete after 3 days, revenue after 4. A tool gets {rows, missed}: the rows, with field day or observedAt and metrics such as views, estimatedMinutesWatched and estimatedRevenue, and what was not fetched with its reason.",
		defaults: { name: 'Fetch Metrics' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Fetched', 'Not Fetched'],
		credentials: [{ name: 'ytempireApi', required: true }],
		properties,
	};

	methods = pickerMethods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const rows: INodeExecutionData[] = [];
		const notFetched: INodeExecutionData[] = [];
		const asked: ItemRequest[] = [];
		const active = isOfAllChannels(this) ? await activeChannelsOf(this) : undefined;
		const failed = [...(active?.failed ?? [])];
		const missedUsers = active?.notFetched ?? [];
		const reader = new RequestReader(this);
		for (let item = 0; item < this.getInputData().length; item++) {
			try {
				const channels = active ? (active.channels.get(item) ?? []) : undefined;
				reader.requestsOf(item, channels).forEach((request) => asked.push({ item, request }));
			} catch (error) {
				failed.push(failedItem(this, error, item));
			}
		}
		const summary: Summary = {
			items: this.getInputData().length,
			asked: asked.length,
			empty: [],
			notFetched: [],
			missedUsers: missedUsers.map(({ json }) => json),
			failed: [],
			notDue: [],
			unknownVideos: [],
			namesMissing: 0,
			withoutChannels: active?.withoutChannels ?? [],
			rows: 0,
		};
		let answered = 0;
		for (const some of chunks(asked, REQUESTS_AT_ONCE)) {
			try {
				const result = await fetch(this, some);
				collect(this, some, result, { rows, notFetched, summary });
				answered += some.length;
				this.logger.info(
					`YTEMPIRE Fetch Metrics: ${answered} of ${asked.length} requests answered`,
				);
			} catch (error) {
				for (const item of new Set(some.map((each) => each.item))) {
					failed.push(failedItem(this, error, item));
				}
			}
		}
		summary.namesMissing = await addNames(this, rows);
		summary.notFetched = notFetched.map(({ json }) => json);
		summary.failed = failed.map(({ json }) => json);
		addHints(this, summary);
		const missed = [...failed, ...missedUsers, ...notFetched];
		if (!isTool(this)) return [rows, missed];
		const json = {
			rows: rows.map((each) => each.json),
			missed: missed.map((each) => each.json),
		};
		return [[{ json, pairedItem: { item: 0 } }], []];
	}
}

/** A request and the item that it is for. */
interface ItemRequest {
	item: number;
	request: FetchItem;
}

async function fetch(context: IExecuteFunctions, some: ItemRequest[]): Promise<FetchResult> {
	const { waitSeconds, maxAgeMinutes } = context.getNodeParameter('options', 0, {}) as {
		waitSeconds?: number;
		maxAgeMinutes?: number;
	};
	const output = context.getNodeParameter('output', 0, 'rows') as 'rows' | 'references';
	const body: FetchRequest = {
		...(waitSeconds === undefined ? {} : { waitSeconds }),
		...(maxAgeMinutes === undefined ? {} : { maxAgeMinutes }),
		...(periodChosen(context, 0) === INCREMENTAL ? { onlyDue: true } : {}),
		...(output === 'references' ? { output } : {}),
		// A person looks at the editor and waits.
		...(context.getMode() === 'manual' ? { interactive: true } : {}),
		requests: some.map((each) => each.request),
	};
	return await ask<FetchResult>(context, {
		method: 'POST',
		path: '/v1/metrics/fetch',
		body,
		waitSeconds: waitSeconds ?? TIMEOUT_SECONDS,
	});
}

/** Turns an answer into items, each paired to that of its request. */
function collect(
	context: IExecuteFunctions,
	some: ItemRequest[],
	result: FetchResult,
	out: { rows: INodeExecutionData[]; notFetched: INodeExecutionData[]; summary: Summary },
): void {
	const { moneyAsText } = context.getNodeParameter('options', 0, {}) as { moneyAsText?: boolean };
	const now = new Date();
	const shown = moneyAsText ? (row: IDataObject) => row : withMoneyAsNumbers;
	const missed = new Set(result.notFetched.map(({ request }) => request));
	for (const { request: index, rows: found = [], reference } of result.results) {
		const { item, request } = some[index]!;
		const pairedItem = { item };
		const dataThrough = dataThroughOf(request, found as unknown as IDataObject[], now);
		for (const row of found) {
			const json = shown(row as unknown as IDataObject);
			out.rows.push({ json: dataThrough ? { ...json, dataThrough } : json, pairedItem });
		}
		if (reference) out.rows.push({ json: reference as unknown as IDataObject, pairedItem });
		const count = found.length + (reference ? 1 : 0);
		out.summary.rows += count;
		if (missed.has(index)) continue;
		if (request.videoIds && !reference && isOfVideosNow(request)) {
			const known = new Set(found.map((row) => (row as unknown as IDataObject).videoId));
			out.summary.unknownVideos.push(...request.videoIds.filter((id) => !known.has(id)));
		} else if (!count) {
			out.summary.empty.push(request);
		}
	}
	for (const { request: index, ...json } of result.notFetched) {
		out.notFetched.push({ json, pairedItem: { item: some[index]!.item } });
	}
	out.summary.notDue.push(...(result.notDue ?? []));
}

/** Whether a report has a row for every video that exists. */
const isOfVideosNow = ({ report }: FetchItem) =>
	report === 'video-statistics' || report === 'video-details';
