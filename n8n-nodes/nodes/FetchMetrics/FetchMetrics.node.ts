import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { METRICS, METRIC_TRAITS, REPORTS, REPORT_TRAITS } from '../shared/choices';
import type { FetchRequest, FetchResult, Report } from '../shared/contract';
import { channelsOf } from '../shared/channels';
import { daysOf, PERIODS, type Period } from '../shared/period';
import { channelPicker, pickerMethods, userPicker } from '../shared/pickers';
import { ask, chunks, nodeError, required } from '../shared/sidecar';

/** The most that one request to the sidecar may ask for (schemas/fetch-request.json). */
const REQUESTS_AT_ONCE = 5000;

type FetchItem = FetchRequest['requests'][number];

/** Whether a report takes an option of a request. */
const takes = (report: Report, option: string) =>
	(REPORT_TRAITS[report].takes as readonly string[]).includes(option);

/** What YouTube sorts top videos by. */
const SORTS = METRICS.filter(({ value }) => 'sortsTopVideos' in METRIC_TRAITS[value]).map(
	({ name, value }) => ({ name, value }),
);

/** In the order in which people look for them. */
const PERIOD_OPTIONS = [
	{
		name: 'New and Changed (Incremental)',
		value: 'due',
		description:
			'Only what can have changed since it was stored: current statistics by their age, days while YouTube still restates them. For a workflow that runs every 15 minutes.',
	},
	{
		name: 'Latest Complete Data',
		value: 'latest',
		description:
			'28 days up to 3 days ago (4 for revenue); for videos the last of these days. Current statistics as of now.',
	},
	...PERIODS,
	{
		name: 'Custom',
		value: 'custom',
		description: 'From one day to another, whatever is stored',
	},
];

export class FetchMetrics implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'YTEMPIRE Fetch Metrics',
		name: 'fetchMetrics',
		icon: { light: 'file:../../icons/ytempire.svg', dark: 'file:../../icons/ytempire.dark.svg' },
		group: ['input'],
		version: [1],
		defaultVersion: 1,
		subtitle: '={{ $parameter["reports"].length + " reports of each channel" }}',
		description:
			"Fetch YouTube numbers of users' channels. All items travel together, share one Google quota fairly, and come back paired to their channel.",
		defaults: { name: 'Fetch Metrics' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Fetched', 'Not Fetched'],
		credentials: [{ name: 'ytempireApi', required: true }],
		properties: [
			{
				displayName: 'Channels',
				name: 'channels',
				type: 'options',
				noDataExpression: true,
				default: 'one',
				description: 'Of which channels to fetch',
				options: [
					{
						name: 'All Active Channels',
						value: 'all',
						description: 'Looked up for all users of the input at once',
					},
					{ name: 'Single Channel', value: 'one', description: 'The channel named below, for each item' },
				],
			},
			userPicker('The user whose channel it is'),
			channelPicker("YouTube's ID of the channel", { show: { channels: ['one'] } }),
			{
				displayName: 'Reports',
				name: 'reports',
				type: 'multiOptions',
				default: [
					'channel-statistics',
					'recent-uploads',
					'video-statistics',
					'video-details',
					'channel-day',
					'channel-revenue-day',
					'video-day',
					'video-revenue-day',
				],
				required: true,
				description: 'What to fetch of each channel',
				options: REPORTS,
			},
			{
				displayName: 'Period',
				name: 'period',
				type: 'options',
				noDataExpression: true,
				default: 'due',
				description:
					'Which numbers to fetch, and which days (in Pacific time, as YouTube counts them)',
				options: PERIOD_OPTIONS,
			},
			{
				displayName: 'First Day',
				name: 'startDate',
				type: 'string',
				default: '',
				placeholder: 'e.g. 2026-10-01',
				description: 'First day of the reports by day, YYYY-MM-DD',
				displayOptions: { show: { period: ['custom'] } },
			},
			{
				displayName: 'Last Day',
				name: 'endDate',
				type: 'string',
				default: '',
				placeholder: 'e.g. 2026-10-28',
				description: 'Last day of the reports by day, YYYY-MM-DD',
				displayOptions: { show: { period: ['custom'] } },
			},
			{
				displayName: 'Output',
				name: 'output',
				type: 'options',
				noDataExpression: true,
				default: 'rows',
				description: 'What leaves on the output Fetched',
				options: [
					{
						name: 'References',
						value: 'references',
						description:
							'One item for each report of a channel: how many rows, not the rows. They are kept for an hour for Store Metrics and never enter n8n.',
					},
					{
						name: 'Rows',
						value: 'rows',
						description:
							'One item for each row, for a workflow that looks at the numbers. Execution data then holds them.',
					},
				],
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				options: [
					{
						displayName: 'Cache Max Age (Minutes)',
						name: 'maxAgeMinutes',
						type: 'number',
						typeOptions: { minValue: 0, maxValue: 1440 },
						default: 10,
						description:
							'Use a cached answer up to this age, which costs no units. 0 always asks Google.',
					},
					{
						displayName: 'Limit',
						name: 'limit',
						type: 'number',
						typeOptions: { minValue: 1, maxValue: 200 },
						default: 50,
						description: 'Max number of results to return',
					},
					{
						displayName: 'Metrics',
						name: 'metrics',
						type: 'multiOptions',
						default: [],
						description:
							"Only these, for reports from Analytics, by YouTube's names. What YouTube does not give together is refused before it costs anything, and it is said what would go.",
						options: METRICS,
					},
					{
						displayName: 'Sort Top Videos By',
						name: 'sortBy',
						type: 'options',
						default: 'views',
						description: 'The largest by this come first',
						options: SORTS,
					},
					{
						displayName: 'Timeout (Seconds)',
						name: 'waitSeconds',
						type: 'number',
						typeOptions: { minValue: 0, maxValue: 600 },
						default: 300,
						description:
							'How long to wait for a free slot and for the quota of the minute before a channel is returned as Not Fetched',
					},
					{
						displayName: 'Video IDs',
						name: 'videoIds',
						type: 'string',
						default: '',
						placeholder: 'e.g. dQw4w9WgXcQ, 9bZkp7q19f0',
						description:
							'Only these videos, with commas between; for Retention exactly one. Not with New and Changed.',
					},
				],
			},
		],
	};

	methods = pickerMethods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const rows: INodeExecutionData[] = [];
		const notFetched: INodeExecutionData[] = [];
		const asked: Array<{ item: number; request: FetchItem }> = [];
		const onlyDue = this.getNodeParameter('period', 0, 'due') === 'due';
		const output = this.getNodeParameter('output', 0, 'rows') as 'rows' | 'references';
		const activeChannels =
			this.getNodeParameter('channels', 0, 'one') === 'all'
				? await channelsOfItems(this, notFetched)
				: undefined;
		for (let item = 0; item < this.getInputData().length; item++) {
			try {
				const ofItem = activeChannels ? (activeChannels.get(item) ?? []) : [undefined];
				for (const channelId of ofItem) {
					requestsOf(this, item, channelId).forEach((request) => asked.push({ item, request }));
				}
			} catch (error) {
				if (!this.continueOnFail()) throw nodeError(this, error);
				rows.push({ json: { error: (error as Error).message }, pairedItem: { item } });
			}
		}
		const options = this.getNodeParameter('options', 0, {}) as {
			waitSeconds?: number;
			maxAgeMinutes?: number;
		};
		let fetched = 0;
		for (const some of chunks(asked, REQUESTS_AT_ONCE)) {
			const body: FetchRequest = {
				...(options.waitSeconds === undefined ? {} : { waitSeconds: options.waitSeconds }),
				...(options.maxAgeMinutes === undefined ? {} : { maxAgeMinutes: options.maxAgeMinutes }),
				...(onlyDue ? { onlyDue } : {}),
				...(output === 'references' ? { output } : {}),
				// Somebody looks at the editor and waits.
				...(this.getMode() === 'manual' ? { interactive: true } : {}),
				requests: some.map((each) => each.request),
			};
			try {
				const result = await ask<FetchResult>(this, {
					method: 'POST',
					path: '/v1/metrics/fetch',
					body,
					waitSeconds: options.waitSeconds ?? 300,
				});
				for (const { request, rows: found = [], reference } of result.results) {
					const pairedItem = { item: some[request]!.item };
					found.forEach((row) => rows.push({ json: row as unknown as IDataObject, pairedItem }));
					if (reference) rows.push({ json: reference as unknown as IDataObject, pairedItem });
				}
				this.logger.info(
					`YTEMPIRE Fetch Metrics: ${(fetched += some.length)} of ${asked.length} requests answered`,
				);
				for (const { request, ...missed } of result.notFetched) {
					notFetched.push({ json: missed, pairedItem: { item: some[request]!.item } });
				}
			} catch (error) {
				if (!this.continueOnFail()) throw nodeError(this, error);
				for (const item of new Set(some.map((each) => each.item))) {
					rows.push({ json: { error: (error as Error).message }, pairedItem: { item } });
				}
			}
		}
		if (notFetched.length) {
			const reasons = tally(notFetched.map((each) => String(each.json.reason)));
			this.addExecutionHints({
				type: 'warning',
				location: 'outputPane',
				message: `${notFetched.length} of ${asked.length} requests were not fetched (${reasons}). They leave on the output Not Fetched, each with when to try again.`,
			});
		}
		return [rows, notFetched];
	}
}

/** How often each comes, in words. */
function tally(words: string[]): string {
	const counts = new Map<string, number>();
	words.forEach((word) => counts.set(word, (counts.get(word) ?? 0) + 1));
	return [...counts].map(([word, count]) => `${word}: ${count}`).join(', ');
}

/** The active channels of each item's user, each user once; a user that cannot be asked about is not fetched. */
async function channelsOfItems(
	context: IExecuteFunctions,
	notFetched: INodeExecutionData[],
): Promise<Map<number, string[]>> {
	const itemOf = new Map<string, number>();
	for (let item = 0; item < context.getInputData().length; item++) {
		const userId = required(context, 'userId', 'User', item);
		if (!itemOf.has(userId)) itemOf.set(userId, item);
	}
	const found = await channelsOf(context, [...itemOf.keys()], true, (userIds, error) => {
		if (!context.continueOnFail()) throw nodeError(context, error);
		for (const userId of userIds) {
			notFetched.push({
				json: { userId, reason: 'unavailable', message: (error as Error).message },
				pairedItem: { item: itemOf.get(userId)! },
			});
		}
	});
	const channels = new Map<number, string[]>();
	for (const { userId, channelId } of found) {
		const item = itemOf.get(userId)!;
		channels.set(item, [...(channels.get(item) ?? []), channelId]);
	}
	return channels;
}

function requestsOf(context: IExecuteFunctions, item: number, channelId?: string): FetchItem[] {
	const common: Omit<FetchItem, 'report'> = {
		userId: required(context, 'userId', 'User', item),
		channelId: channelId ?? required(context, 'channelId', 'Channel', item),
	};
	const period = context.getNodeParameter('period', item) as string;
	if (period === 'custom') {
		common.startDate = required(context, 'startDate', 'First Day', item);
		common.endDate = required(context, 'endDate', 'Last Day', item);
	} else if (PERIODS.some(({ value }) => value === period)) {
		Object.assign(common, daysOf(period as Period, new Date()));
	}
	const { limit, metrics, sortBy, videoIds } = context.getNodeParameter('options', item, {}) as {
		metrics?: NonNullable<FetchItem['metrics']>;
		limit?: number;
		sortBy?: NonNullable<FetchItem['sortBy']>;
		videoIds?: string;
	};
	const ids = (videoIds ?? '').split(/[\s,]+/).filter((id) => id !== '');
	const reports = context.getNodeParameter('reports', item) as Array<FetchItem['report']>;
	// An option goes with the reports that know it; the others are asked as they are.
	return reports.map((report) => ({
		...common,
		report,
		...(metrics?.length && takes(report, 'metrics') ? { metrics } : {}),
		...(limit && takes(report, 'limit')
			? { limit: report === 'recent-uploads' ? Math.min(limit, 50) : limit }
			: {}),
		...(sortBy && takes(report, 'sortBy') ? { sortBy } : {}),
		...(ids.length && takes(report, 'videoIds') ? { videoIds: ids } : {}),
	}));
}
