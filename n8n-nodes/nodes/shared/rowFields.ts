// Generated from schemas/ by `npm run contract`. Do not edit: change the schema and run it again.
import type { MetricRow } from './contract';

/** How a column of a row is written. money: a decimal in USD, as text. */
export type FieldType =
	| 'integer'
	| 'number'
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
	description: string;
}

/** The columns of each kind of row, in the order of the contract. */
export const ROW_FIELDS: Record<MetricRow['kind'], Field[]> = {
	'channel-day': [
		{
			name: 'userId',
			type: 'text',
			required: true,
			description: 'The user, as created here.',
		},
		{
			name: 'channelId',
			type: 'text',
			required: true,
			description: "YouTube's channel id: UC and 22 more characters.",
		},
		{
			name: 'day',
			type: 'day',
			required: true,
			description: "The day. YYYY-MM-DD, YouTube's (Pacific) day.",
		},
		{
			name: 'views',
			type: 'integer',
			required: false,
			description:
				'Views as YouTube counts them now (Shorts since 2025-03-31 and all formats since 2026-08: every start).',
		},
		{
			name: 'engagedViews',
			type: 'integer',
			required: false,
			description: 'Views that went on past the first seconds: the old meaning of views.',
		},
		{
			name: 'estimatedMinutesWatched',
			type: 'integer',
			required: false,
			description: 'Watch time. Minutes.',
		},
		{
			name: 'averageViewDuration',
			type: 'integer',
			required: false,
			description: 'Average length of a view. Seconds.',
		},
		{
			name: 'averageViewPercentage',
			type: 'number',
			required: false,
			description:
				'Average share of the video watched. Percent; can pass 100 when parts are watched again.',
		},
		{
			name: 'likes',
			type: 'integer',
			required: false,
			description: 'Likes added less likes removed that day.',
		},
		{
			name: 'comments',
			type: 'integer',
			required: false,
			description: 'Comments added less comments removed that day.',
		},
		{
			name: 'shares',
			type: 'integer',
			required: false,
			description: 'Shares.',
		},
		{
			name: 'subscribersGained',
			type: 'integer',
			required: false,
			description: 'Subscribers gained.',
		},
		{
			name: 'subscribersLost',
			type: 'integer',
			required: false,
			description: 'Subscribers lost.',
		},
		{
			name: 'estimatedRevenue',
			type: 'money',
			required: false,
			description:
				'Net revenue from all of Google. May be negative after a claw-back. USD, a decimal string.',
		},
		{
			name: 'estimatedAdRevenue',
			type: 'money',
			required: false,
			description: 'Net revenue from ads. USD, a decimal string.',
		},
		{
			name: 'grossRevenue',
			type: 'money',
			required: false,
			description: 'Gross revenue from ads. USD, a decimal string.',
		},
		{
			name: 'monetizedPlaybacks',
			type: 'integer',
			required: false,
			description: 'Playbacks that showed an ad.',
		},
		{
			name: 'playbackBasedCpm',
			type: 'money',
			required: false,
			description: 'Gross revenue a thousand monetised playbacks. USD, a decimal string.',
		},
		{
			name: 'adImpressions',
			type: 'integer',
			required: false,
			description: 'Ads shown.',
		},
		{
			name: 'cpm',
			type: 'money',
			required: false,
			description: 'Gross revenue a thousand ads shown. USD, a decimal string.',
		},
	],
	'video-day': [
		{
			name: 'userId',
			type: 'text',
			required: true,
			description: 'The user, as created here.',
		},
		{
			name: 'channelId',
			type: 'text',
			required: true,
			description: "YouTube's channel id: UC and 22 more characters.",
		},
		{
			name: 'videoId',
			type: 'text',
			required: true,
			description: "YouTube's video id, 11 characters.",
		},
		{
			name: 'day',
			type: 'day',
			required: true,
			description: "The day. YYYY-MM-DD, YouTube's (Pacific) day.",
		},
		{
			name: 'views',
			type: 'integer',
			required: false,
			description:
				'Views as YouTube counts them now (Shorts since 2025-03-31 and all formats since 2026-08: every start).',
		},
		{
			name: 'engagedViews',
			type: 'integer',
			required: false,
			description: 'Views that went on past the first seconds: the old meaning of views.',
		},
		{
			name: 'estimatedMinutesWatched',
			type: 'integer',
			required: false,
			description: 'Watch time. Minutes.',
		},
		{
			name: 'averageViewDuration',
			type: 'integer',
			required: false,
			description: 'Average length of a view. Seconds.',
		},
		{
			name: 'averageViewPercentage',
			type: 'number',
			required: false,
			description:
				'Average share of the video watched. Percent; can pass 100 when parts are watched again.',
		},
		{
			name: 'likes',
			type: 'integer',
			required: false,
			description: 'Likes added less likes removed that day.',
		},
		{
			name: 'comments',
			type: 'integer',
			required: false,
			description: 'Comments added less comments removed that day.',
		},
		{
			name: 'shares',
			type: 'integer',
			required: false,
			description: 'Shares.',
		},
		{
			name: 'subscribersGained',
			type: 'integer',
			required: false,
			description: 'Subscribers gained.',
		},
		{
			name: 'subscribersLost',
			type: 'integer',
			required: false,
			description: 'Subscribers lost.',
		},
		{
			name: 'estimatedRevenue',
			type: 'money',
			required: false,
			description:
				'Net revenue from all of Google. May be negative after a claw-back. USD, a decimal string.',
		},
	],
	'channel-statistics': [
		{
			name: 'userId',
			type: 'text',
			required: true,
			description: 'The user, as created here.',
		},
		{
			name: 'channelId',
			type: 'text',
			required: true,
			description: "YouTube's channel id: UC and 22 more characters.",
		},
		{
			name: 'observedAt',
			type: 'moment',
			required: true,
			description: 'When YouTube said so. RFC 3339, UTC.',
		},
		{
			name: 'views',
			type: 'integer',
			required: true,
			description: 'Views ever.',
		},
		{
			name: 'subscribers',
			type: 'integer',
			required: false,
			description:
				'Subscribers, rounded by YouTube to three figures; null when the owner hides them.',
		},
		{
			name: 'videos',
			type: 'integer',
			required: true,
			description: 'Public videos.',
		},
		{
			name: 'withoutGrant',
			type: 'boolean',
			required: false,
			description:
				"True: public figures, fetched without the owner's grant. YouTube's policies let them be kept for 30 days; the others stay.",
		},
	],
	'video-statistics': [
		{
			name: 'userId',
			type: 'text',
			required: true,
			description: 'The user, as created here.',
		},
		{
			name: 'channelId',
			type: 'text',
			required: true,
			description: "YouTube's channel id: UC and 22 more characters.",
		},
		{
			name: 'videoId',
			type: 'text',
			required: true,
			description: "YouTube's video id, 11 characters.",
		},
		{
			name: 'observedAt',
			type: 'moment',
			required: true,
			description: 'When YouTube said so. RFC 3339, UTC.',
		},
		{
			name: 'views',
			type: 'integer',
			required: true,
			description: 'Views ever.',
		},
		{
			name: 'likes',
			type: 'integer',
			required: false,
			description: 'Likes; null when hidden.',
		},
		{
			name: 'comments',
			type: 'integer',
			required: false,
			description: 'Comments; null when switched off.',
		},
		{
			name: 'withoutGrant',
			type: 'boolean',
			required: false,
			description:
				"True: public figures, fetched without the owner's grant. YouTube's policies let them be kept for 30 days; the others stay.",
		},
	],
	video: [
		{
			name: 'userId',
			type: 'text',
			required: true,
			description: 'The user, as created here.',
		},
		{
			name: 'channelId',
			type: 'text',
			required: true,
			description: "YouTube's channel id: UC and 22 more characters.",
		},
		{
			name: 'videoId',
			type: 'text',
			required: true,
			description: "YouTube's video id, 11 characters.",
		},
		{
			name: 'title',
			type: 'text',
			required: true,
			description: 'Its title.',
		},
		{
			name: 'publishedAt',
			type: 'moment',
			required: true,
			description: 'When it was published. RFC 3339, UTC.',
		},
		{
			name: 'durationSeconds',
			type: 'integer',
			required: false,
			description: 'Length. Seconds; null or left out when not asked for.',
		},
		{
			name: 'description',
			type: 'text',
			required: false,
			description: 'What its owner wrote below it. Up to 5,000 bytes at YouTube.',
		},
		{
			name: 'tags',
			type: 'list',
			required: false,
			description: "Its owner's tags, as the owner sees them.",
		},
		{
			name: 'thumbnailUrl',
			type: 'text',
			required: false,
			description: 'Address of its largest thumbnail; null when there is none.',
		},
	],
	'traffic-source-day': [
		{
			name: 'userId',
			type: 'text',
			required: true,
			description: 'The user, as created here.',
		},
		{
			name: 'channelId',
			type: 'text',
			required: true,
			description: "YouTube's channel id: UC and 22 more characters.",
		},
		{
			name: 'sourceType',
			type: 'text',
			required: true,
			description:
				"YouTube's insightTrafficSourceType: YT_SEARCH, RELATED_VIDEO, SHORTS, EXT_URL, SUBSCRIBER and so on.",
		},
		{
			name: 'day',
			type: 'day',
			required: true,
			description: "The day. YYYY-MM-DD, YouTube's (Pacific) day.",
		},
		{
			name: 'views',
			type: 'integer',
			required: false,
			description: 'Views that came from there.',
		},
		{
			name: 'estimatedMinutesWatched',
			type: 'integer',
			required: false,
			description: 'Watch time of those. Minutes.',
		},
	],
	'thumbnail-day': [
		{
			name: 'userId',
			type: 'text',
			required: true,
			description: 'The user, as created here.',
		},
		{
			name: 'channelId',
			type: 'text',
			required: true,
			description: "YouTube's channel id: UC and 22 more characters.",
		},
		{
			name: 'videoId',
			type: 'text',
			required: true,
			description: "YouTube's video id, 11 characters.",
		},
		{
			name: 'day',
			type: 'day',
			required: true,
			description: "The day. YYYY-MM-DD, YouTube's (Pacific) day.",
		},
		{
			name: 'impressions',
			type: 'integer',
			required: false,
			description: 'How often the thumbnail was shown on YouTube for at least a second.',
		},
		{
			name: 'clickThroughRate',
			type: 'number',
			required: false,
			description:
				'Share of the impressions that were clicked, 0 to 1. To average several, weight them by impressions.',
		},
	],
};

/** Fields of money in any row that can be fetched: a decimal in USD, as text. */
export const MONEY_FIELDS: string[] = [
	'cpm',
	'estimatedAdRevenue',
	'estimatedRevenue',
	'grossRevenue',
	'playbackBasedCpm',
];
