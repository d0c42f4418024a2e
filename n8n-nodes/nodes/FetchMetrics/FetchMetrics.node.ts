import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import type { FetchRequest, FetchResult } from '../shared/contract';
import { ask, chunks, nodeError, required } from '../shared/sidecar';

/** The most that one request to the sidecar may ask for (schemas/fetch-request.json). */
const REQUESTS_AT_ONCE = 1000;

type FetchItem = FetchRequest['requests'][number];

export class FetchMetrics implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'YTEMPIRE Fetch Metrics',
		name: 'fetchMetrics',
		icon: { light: 'file:../../icons/ytempire.svg', dark: 'file:../../icons/ytempire.dark.svg' },
		group: ['input'],
		version: 1,
		subtitle: '={{ $parameter["reports"].length + " reports of each channel" }}',
		description:
			"Fetch YouTube numbers of users' channels. All items travel together, share one Google quota fairly, and come back paired to their channel.",
		defaults: { name: 'Fetch Metrics' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Rows', 'Not Fetched'],
		credentials: [{ name: 'ytempireApi', required: true }],
		properties: [
			{
				displayName: 'User ID',
				name: 'userId',
				type: 'string',
				default: '={{ $json.userId }}',
				required: true,
				placeholder: 'e.g. 3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d',
				description: 'The user whose channel it is',
			},
			{
				displayName: 'Channel ID',
				name: 'channelId',
				type: 'string',
				default: '={{ $json.channelId }}',
				required: true,
				placeholder: 'e.g. UCabcdefghijklmnopqrstuv',
				description: "YouTube's ID of the channel",
			},
			{
				displayName: 'Reports',
				name: 'reports',
				type: 'multiOptions',
				default: [
					'channel-statistics',
					'recent-uploads',
					'video-statistics',
					'channel-day',
					'video-day',
				],
				required: true,
				description: 'What to fetch of each channel',
				options: [
					{
						name: 'Channel by Day',
						value: 'channel-day',
						description:
							'Views, watch time, subscribers and revenue of each day. Costs no units; 2 to 3 days late.',
					},
					{
						name: 'Channel Totals Now',
						value: 'channel-statistics',
						description:
							'Views, subscribers and videos so far. One unit for all channels of a user.',
					},
					{
						name: 'Recent Uploads',
						value: 'recent-uploads',
						description:
							'The ten newest videos. One unit a channel, asked at most every two hours.',
					},
					{
						name: 'Video by Day',
						value: 'video-day',
						description:
							'The same as Channel by Day, for the 200 most viewed videos of each day. Costs no units; 2 to 3 days late.',
					},
					{
						name: 'Video Totals Now',
						value: 'video-statistics',
						description:
							'Views, likes and comments so far of the recent uploads. One unit of its own bucket for 50 videos.',
					},
				],
			},
			{
				displayName: 'Period',
				name: 'period',
				type: 'options',
				noDataExpression: true,
				default: 'latest',
				description: "Which of YouTube's days (Pacific time) the reports by day cover",
				options: [
					{
						name: 'Latest That Google Has Finished',
						value: 'latest',
						description:
							'For channels 28 days up to 3 days ago; for videos the day 4 days ago, when its revenue is there',
					},
					{ name: 'Custom', value: 'custom', description: 'From one day to another' },
				],
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
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				options: [
					{
						displayName: 'Longest Wait (Seconds)',
						name: 'waitSeconds',
						type: 'number',
						typeOptions: { minValue: 0, maxValue: 600 },
						default: 300,
						description:
							'How long to wait for a turn and for the quota of the minute, before a channel leaves as Not Fetched',
					},
					{
						displayName: 'Oldest Answer Taken (Minutes)',
						name: 'maxAgeMinutes',
						type: 'number',
						typeOptions: { minValue: 0, maxValue: 1440 },
						default: 10,
						description:
							'Take what was fetched before when it is at most this old, which costs nothing. 0 asks Google anew.',
					},
				],
			},
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const rows: INodeExecutionData[] = [];
		const notFetched: INodeExecutionData[] = [];
		const asked: Array<{ item: number; request: FetchItem }> = [];
		for (let item = 0; item < this.getInputData().length; item++) {
			try {
				requestsOf(this, item).forEach((request) => asked.push({ item, request }));
			} catch (error) {
				if (!this.continueOnFail()) throw nodeError(this, error);
				rows.push({ json: { error: (error as Error).message }, pairedItem: { item } });
			}
		}
		const options = this.getNodeParameter('options', 0, {}) as {
			waitSeconds?: number;
			maxAgeMinutes?: number;
		};
		for (const some of chunks(asked, REQUESTS_AT_ONCE)) {
			const body: FetchRequest = { ...options, requests: some.map((each) => each.request) };
			try {
				const result = await ask<FetchResult>(this, {
					method: 'POST',
					path: '/v1/metrics/fetch',
					body,
					waitSeconds: options.waitSeconds ?? 300,
				});
				for (const { request, rows: fetched } of result.results) {
					const pairedItem = { item: some[request]!.item };
					fetched.forEach((row) => rows.push({ json: row as unknown as IDataObject, pairedItem }));
				}
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
		return [rows, notFetched];
	}
}

function requestsOf(context: IExecuteFunctions, item: number): FetchItem[] {
	const common: Omit<FetchItem, 'report'> = {
		userId: required(context, 'userId', 'User ID', item),
		channelId: required(context, 'channelId', 'Channel ID', item),
	};
	if (context.getNodeParameter('period', item) === 'custom') {
		common.startDate = required(context, 'startDate', 'First Day', item);
		common.endDate = required(context, 'endDate', 'Last Day', item);
	}
	const reports = context.getNodeParameter('reports', item) as Array<FetchItem['report']>;
	return reports.map((report) => ({ ...common, report }));
}
