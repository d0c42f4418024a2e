// Generated from schemas/ by `npm run contract`. Do not edit: change the schema and run it again.
import type { MetricRow } from './contract';

/** How a column of a row is written. ratio: 0 to 1. money: USD; a decimal as text in the contract, a number in n8n. */
export type FieldType =
	| 'integer'
	| 'number'
	| 'ratio'
	| 'boolean'
	| 'text'
	| 'money'
	| 'day'
	| 'moment'
	| 'list';

/** A column of a kind of row. */
export interface Field {
	name: string;
	type: FieldType;
	required: boolean;
}

/** The columns of each kind of row, in the order of the contract. */
export const ROW_FIELDS: Record<MetricRow['kind'], Field[]> = {
	'channel-day': [
		{
			name: 'userId',
			type: 'text',
			required: true,
		},
		{
			name: 'channelId',
			type: 'text',
			required: true,
		},
		{
			name: 'day',
			type: 'day',
			required: true,
		},
		{
			name: 'views',
			type: 'integer',
			required: false,
		},
		{
			name: 'engagedViews',
			type: 'integer',
			required: false,
		},
		{
			name: 'estimatedMinutesWatched',
			type: 'integer',
			required: false,
		},
		{
			name: 'averageViewDuration',
			type: 'integer',
			required: false,
		},
		{
			name: 'averageViewPercentage',
			type: 'number',
			required: false,
		},
		{
			name: 'likes',
			type: 'integer',
			required: false,
		},
		{
			name: 'comments',
			type: 'integer',
			required: false,
		},
		{
			name: 'shares',
			type: 'integer',
			required: false,
		},
		{
			name: 'subscribersGained',
			type: 'integer',
			required: false,
		},
		{
			name: 'subscribersLost',
			type: 'integer',
			required: false,
		},
		{
			name: 'estimatedRevenue',
			type: 'money',
			required: false,
		},
		{
			name: 'estimatedAdRevenue',
			type: 'money',
			required: false,
		},
		{
			name: 'grossRevenue',
			type: 'money',
			required: false,
		},
		{
			name: 'monetizedPlaybacks',
			type: 'integer',
			required: false,
		},
		{
			name: 'playbackBasedCpm',
			type: 'money',
			required: false,
		},
		{
			name: 'adImpressions',
			type: 'integer',
			required: false,
		},
		{
			name: 'cpm',
			type: 'money',
			required: false,
		},
	],
	'video-day': [
		{
			name: 'userId',
			type: 'text',
			required: true,
		},
		{
			name: 'channelId',
			type: 'text',
			required: true,
		},
		{
			name: 'videoId',
			type: 'text',
			required: true,
		},
		{
			name: 'day',
			type: 'day',
			required: true,
		},
		{
			name: 'views',
			type: 'integer',
			required: false,
		},
		{
			name: 'engagedViews',
			type: 'integer',
			required: false,
		},
		{
			name: 'estimatedMinutesWatched',
			type: 'integer',
			required: false,
		},
		{
			name: 'averageViewDuration',
			type: 'integer',
			required: false,
		},
		{
			name: 'averageViewPercentage',
			type: 'number',
			required: false,
		},
		{
			name: 'likes',
			type: 'integer',
			required: false,
		},
		{
			name: 'comments',
			type: 'integer',
			required: false,
		},
		{
			name: 'shares',
			type: 'integer',
			required: false,
		},
		{
			name: 'subscribersGained',
			type: 'integer',
			required: false,
		},
		{
			name: 'subscribersLost',
			type: 'integer',
			required: false,
		},
		{
			name: 'estimatedRevenue',
			type: 'money',
			required: false,
		},
	],
	'channel-statistics': [
		{
			name: 'userId',
			type: 'text',
			required: true,
		},
		{
			name: 'channelId',
			type: 'text',
			required: true,
		},
		{
			name: 'observedAt',
			type: 'moment',
			required: true,
		},
		{
			name: 'views',
			type: 'integer',
			required: true,
		},
		{
			name: 'subscribers',
			type: 'integer',
			required: false,
		},
		{
			name: 'videos',
			type: 'integer',
			required: true,
		},
		{
			name: 'withoutGrant',
			type: 'boolean',
			required: false,
		},
	],
	'video-statistics': [
		{
			name: 'userId',
			type: 'text',
			required: true,
		},
		{
			name: 'channelId',
			type: 'text',
			required: true,
		},
		{
			name: 'videoId',
			type: 'text',
			required: true,
		},
		{
			name: 'observedAt',
			type: 'moment',
			required: true,
		},
		{
			name: 'views',
			type: 'integer',
			required: true,
		},
		{
			name: 'likes',
			type: 'integer',
			required: false,
		},
		{
			name: 'comments',
			type: 'integer',
			required: false,
		},
		{
			name: 'withoutGrant',
			type: 'boolean',
			required: false,
		},
	],
	video: [
		{
			name: 'userId',
			type: 'text',
			required: true,
		},
		{
			name: 'channelId',
			type: 'text',
			required: true,
		},
		{
			name: 'videoId',
			type: 'text',
			required: true,
		},
		{
			name: 'title',
			type: 'text',
			required: true,
		},
		{
			name: 'publishedAt',
			type: 'moment',
			required: true,
		},
		{
			name: 'durationSeconds',
			type: 'integer',
			required: false,
		},
		{
			name: 'description',
			type: 'text',
			required: false,
		},
		{
			name: 'tags',
			type: 'list',
			required: false,
		},
		{
			name: 'thumbnailUrl',
			type: 'text',
			required: false,
		},
	],
	'traffic-source-day': [
		{
			name: 'userId',
			type: 'text',
			required: true,
		},
		{
			name: 'channelId',
			type: 'text',
			required: true,
		},
		{
			name: 'sourceType',
			type: 'text',
			required: true,
		},
		{
			name: 'day',
			type: 'day',
			required: true,
		},
		{
			name: 'views',
			type: 'integer',
			required: false,
		},
		{
			name: 'estimatedMinutesWatched',
			type: 'integer',
			required: false,
		},
	],
	'thumbnail-day': [
		{
			name: 'userId',
			type: 'text',
			required: true,
		},
		{
			name: 'channelId',
			type: 'text',
			required: true,
		},
		{
			name: 'videoId',
			type: 'text',
			required: true,
		},
		{
			name: 'day',
			type: 'day',
			required: true,
		},
		{
			name: 'impressions',
			type: 'integer',
			required: false,
		},
		{
			name: 'clickThroughRate',
			type: 'ratio',
			required: false,
		},
	],
	'dimension-day': [
		{
			name: 'userId',
			type: 'text',
			required: true,
		},
		{
			name: 'channelId',
			type: 'text',
			required: true,
		},
		{
			name: 'dimension',
			type: 'text',
			required: true,
		},
		{
			name: 'value',
			type: 'text',
			required: true,
		},
		{
			name: 'day',
			type: 'day',
			required: true,
		},
		{
			name: 'views',
			type: 'integer',
			required: false,
		},
		{
			name: 'engagedViews',
			type: 'integer',
			required: false,
		},
		{
			name: 'estimatedMinutesWatched',
			type: 'integer',
			required: false,
		},
		{
			name: 'averageViewDuration',
			type: 'integer',
			required: false,
		},
		{
			name: 'likes',
			type: 'integer',
			required: false,
		},
		{
			name: 'comments',
			type: 'integer',
			required: false,
		},
		{
			name: 'shares',
			type: 'integer',
			required: false,
		},
		{
			name: 'subscribersGained',
			type: 'integer',
			required: false,
		},
		{
			name: 'subscribersLost',
			type: 'integer',
			required: false,
		},
		{
			name: 'grossRevenue',
			type: 'money',
			required: false,
		},
		{
			name: 'adImpressions',
			type: 'integer',
			required: false,
		},
		{
			name: 'cpm',
			type: 'money',
			required: false,
		},
		{
			name: 'impressions',
			type: 'integer',
			required: false,
		},
		{
			name: 'clickThroughRate',
			type: 'ratio',
			required: false,
		},
	],
	'dimension-period': [
		{
			name: 'userId',
			type: 'text',
			required: true,
		},
		{
			name: 'channelId',
			type: 'text',
			required: true,
		},
		{
			name: 'videoId',
			type: 'text',
			required: false,
		},
		{
			name: 'dimension',
			type: 'text',
			required: true,
		},
		{
			name: 'value',
			type: 'text',
			required: true,
		},
		{
			name: 'startDate',
			type: 'day',
			required: true,
		},
		{
			name: 'endDate',
			type: 'day',
			required: true,
		},
		{
			name: 'views',
			type: 'integer',
			required: false,
		},
		{
			name: 'engagedViews',
			type: 'integer',
			required: false,
		},
		{
			name: 'estimatedMinutesWatched',
			type: 'integer',
			required: false,
		},
		{
			name: 'averageViewDuration',
			type: 'integer',
			required: false,
		},
		{
			name: 'likes',
			type: 'integer',
			required: false,
		},
		{
			name: 'comments',
			type: 'integer',
			required: false,
		},
		{
			name: 'shares',
			type: 'integer',
			required: false,
		},
		{
			name: 'subscribersGained',
			type: 'integer',
			required: false,
		},
		{
			name: 'subscribersLost',
			type: 'integer',
			required: false,
		},
		{
			name: 'viewerPercentage',
			type: 'number',
			required: false,
		},
	],
	'retention-point': [
		{
			name: 'userId',
			type: 'text',
			required: true,
		},
		{
			name: 'channelId',
			type: 'text',
			required: true,
		},
		{
			name: 'videoId',
			type: 'text',
			required: true,
		},
		{
			name: 'startDate',
			type: 'day',
			required: true,
		},
		{
			name: 'endDate',
			type: 'day',
			required: true,
		},
		{
			name: 'elapsedVideoTimeRatio',
			type: 'ratio',
			required: true,
		},
		{
			name: 'audienceWatchRatio',
			type: 'number',
			required: false,
		},
		{
			name: 'relativeRetentionPerformance',
			type: 'ratio',
			required: false,
		},
		{
			name: 'startedWatching',
			type: 'integer',
			required: false,
		},
		{
			name: 'stoppedWatching',
			type: 'integer',
			required: false,
		},
		{
			name: 'totalSegmentImpressions',
			type: 'integer',
			required: false,
		},
	],
};

/** Fields of money in any row that can be fetched. USD; a decimal as text in the contract, a number in n8n. */
export const MONEY_FIELDS: string[] = [
	'cpm',
	'estimatedAdRevenue',
	'estimatedRevenue',
	'grossRevenue',
	'playbackBasedCpm',
];
