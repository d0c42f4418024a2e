import type { INodeProperties, IDisplayOptions } from 'n8n-workflow';
import { METRICS, METRIC_TRAITS, REPORTS, REPORT_TRAITS } from '../shared/choices';
import type { Report } from '../shared/contract';
import { PERIODS } from '../shared/period';
import { channelPicker, userPicker, videoPicker } from '../shared/pickers';
import { MANY, operation, reportsThat } from './operations';

/** Whether a report takes an option of a request. */
export const takes = (report: Report, option: string) =>
	(REPORT_TRAITS[report].takes as readonly string[]).includes(option);

/** The value of Period for what can have changed. */
export const INCREMENTAL = 'due';

/** The value of Period for the days that the sidecar chooses by itself. */
export const LATEST = 'latest';

const DEFAULT_REPORTS = [
	'channel-statistics',
	'recent-uploads',
	'video-statistics',
	'video-details',
	'channel-day',
	'channel-revenue-day',
	'video-day',
	'video-revenue-day',
];

/** Operations of reports whose days are chosen. */
const takingDays: string[] = reportsThat((report) => takes(report, 'days'));

const channels: INodeProperties = {
	displayName: 'Channels',
	name: 'channels',
	type: 'options',
	noDataExpression: true,
	default: 'one',
	description: 'Of which channels to fetch',
	displayOptions: { hide: { operation: ['retention'] } },
	options: [
		{
			name: 'All Active Channels',
			value: 'all',
			description: 'Looked up for all users of the input at once',
		},
		{
			name: 'Single Channel',
			value: 'one',
			description: 'The channel chosen below, for each item',
		},
	],
};

const INCREMENTAL_CHOICE = {
	name: 'New and Changed (Incremental)',
	value: INCREMENTAL,
	description:
		'Only what can have changed since it was stored: current statistics by their age, days while YouTube still revises them. For a workflow that runs every 15 minutes.',
};

const CHOICES = [
	{
		name: 'Latest Complete Data',
		value: LATEST,
		description:
			'28 days up to the latest complete one; for videos the last of these days. Current statistics as of now.',
	},
	...PERIODS,
	{ name: 'Custom', value: 'custom', description: 'From one day to another, whatever is stored' },
];

const period = (
	standard: string,
	options: INodeProperties['options'],
	operations: string[],
): INodeProperties => ({
	displayName: 'Period',
	name: 'period',
	type: 'options',
	noDataExpression: true,
	default: standard,
	description:
		'Which numbers to fetch, and which days (in Pacific time, as YouTube counts them). Days are complete 3 days later, 4 with revenue.',
	options,
	displayOptions: { show: { operation: operations } },
});

const reports = (displayOptions: IDisplayOptions, options: typeof REPORTS): INodeProperties => ({
	displayName: 'Reports',
	name: 'reports',
	type: 'multiOptions',
	default: [...DEFAULT_REPORTS],
	required: true,
	description: 'What to fetch of each channel',
	options,
	displayOptions,
});

const day = (name: string, displayName: string): INodeProperties => ({
	displayName,
	name,
	type: 'dateTime',
	typeOptions: { dateOnly: true },
	default: '',
	description: `${displayName} of the reports by day, as YouTube counts days (Pacific time)`,
	displayOptions: { show: { operation: [MANY, ...takingDays], period: ['custom'] } },
});

const output: INodeProperties = {
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
};

const sortBy = (displayName: string): INodeProperties => ({
	displayName,
	name: 'sortBy',
	type: 'options',
	default: 'views',
	description: 'The largest by this come first; its metric comes along',
	options: METRICS.filter(({ value }) => 'sortsTopVideos' in METRIC_TRAITS[value]).map(
		({ name, value }) => ({ name, value }),
	),
});

/** Operations that return so many videos at most. */
const limited: string[] = reportsThat((report) => takes(report, 'limit'));

const returnAll: INodeProperties = {
	displayName: 'Return All',
	name: 'returnAll',
	type: 'boolean',
	default: false,
	description: 'Whether to return all results or only up to a given limit',
	displayOptions: { show: { operation: limited } },
};

const limit: INodeProperties = {
	displayName: 'Limit',
	name: 'limit',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 200 },
	default: 50,
	description: 'Max number of results to return',
	displayOptions: { show: { operation: limited, returnAll: [false] } },
};

/** The currency of amounts, where a report takes one. */
const currency: INodeProperties = {
	displayName: 'Currency',
	name: 'currency',
	type: 'string',
	default: 'EUR',
	placeholder: 'e.g. EUR',
	description:
		'The currency of the amounts, by its three-letter code (ISO 4217). YouTube converts; stored revenue stays in USD.',
};

const options: INodeProperties = {
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
			...currency,
			description: `${currency.description} For Revenue in Another Currency by Day.`,
			displayOptions: { show: { '/operation': [MANY] } },
		},
		{
			displayName: 'Include Names',
			name: 'includeNames',
			type: 'boolean',
			default: false,
			description:
				'Whether to add channelName, channelUrl, videoTitle and videoUrl to each row. Titles cost one unit of the Data API for 50 videos that were not read in the last 24 hours.',
			displayOptions: { hide: { '/output': ['references'] } },
		},
		{
			displayName: 'Limit',
			name: 'limit',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 200 },
			default: 50,
			description: 'Max number of results to return',
			displayOptions: { show: { '/operation': [MANY] } },
		},
		{
			displayName: 'Metrics',
			name: 'metrics',
			type: 'multiOptions',
			default: [],
			description:
				'Only these, for reports from Analytics. What YouTube does not give together is refused before it costs anything, with what would go.',
			options: METRICS,
			displayOptions: {
				show: { '/operation': [MANY, ...reportsThat((report) => takes(report, 'metrics'))] },
			},
		},
		{
			displayName: 'Money as Exact Text',
			name: 'moneyAsText',
			type: 'boolean',
			default: false,
			description:
				'Whether to return money as decimal text, exact to the last digit, rather than as numbers that Sum, Sort and Filter understand',
		},
		{
			...sortBy('Sort Top Videos By'),
			displayOptions: { show: { '/operation': [MANY] } },
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
				'Only these videos, by ID or address, with commas between; for Retention exactly one. Not with New and Changed.',
			displayOptions: {
				show: {
					'/operation': [
						MANY,
						...reportsThat((report) => takes(report, 'videoIds') && report !== 'retention'),
					],
				},
			},
		},
	],
};

/** The panel of Fetch Metrics. Reports that nothing plans are not offered with New and Changed. */
export const properties: INodeProperties[] = [
	operation,
	channels,
	userPicker('The user whose channel it is'),
	channelPicker("YouTube's ID of the channel", {
		show: { channels: ['one'] },
		hide: { operation: ['retention'] },
	}),
	channelPicker("YouTube's ID of the video's channel", { show: { operation: ['retention'] } }),
	videoPicker('The video whose viewers to follow', { show: { operation: ['retention'] } }),
	period(INCREMENTAL, [INCREMENTAL_CHOICE, ...CHOICES], [MANY]),
	period('last28', CHOICES, takingDays),
	reports({ show: { operation: [MANY] }, hide: { period: [INCREMENTAL] } }, REPORTS),
	reports(
		{ show: { operation: [MANY], period: [INCREMENTAL] } },
		REPORTS.filter(({ value }) => REPORT_TRAITS[value].incremental),
	),
	day('startDate', 'First Day'),
	day('endDate', 'Last Day'),
	{
		...sortBy('Sort By'),
		displayOptions: { show: { operation: reportsThat((report) => takes(report, 'sortBy')) } },
	},
	{
		...currency,
		required: true,
		displayOptions: { show: { operation: reportsThat((report) => takes(report, 'currency')) } },
	},
	returnAll,
	limit,
	{
		...output,
		displayOptions: {
			show: { operation: [MANY, ...reportsThat((report) => REPORT_TRAITS[report].storable)] },
		},
	},
	options,
];
