// Generated from schemas/ by `npm run contract`. Do not edit: change the schema and run it again.
import type {
	AnalyticsView,
	Bucket,
	CostCategory,
	EventKind,
	Metric,
	QualityCheckName,
	Report,
	RowKind,
	Tier,
} from './contract';

/** An option of a list in the editor. */
export interface Choice<T extends string> {
	name: string;
	value: T;
	description: string;
}

/** A view of a user's stored metrics, revenue and costs. x-values says of each what it shows; takes: which options of a request; columns: what its rows have; comparison: what compare=previous-period adds. */
export const ANALYTICS_VIEWS: Array<Choice<AnalyticsView>> = [
	{
		name: 'Break-Even',
		value: 'break-even',
		description: 'Share of the videos that had earned their cost after 7, 28 and 90 days',
	},
	{
		name: 'Channel Comparison',
		value: 'channel-comparison',
		description:
			'One row per channel for a period: revenue, views, watch hours, RPM, subscribers, profit',
	},
	{
		name: 'Click-Through Rate',
		value: 'click-through-rate',
		description: 'For each day: thumbnail impressions and click-through rate of the last 7 days',
	},
	{
		name: 'Cost Analysis',
		value: 'cost-analysis',
		description: 'Costs of a period, revenue, profit, return on cost, and cost per published video',
	},
	{
		name: 'Cost per Video',
		value: 'cost-per-video',
		description: 'For each week of publication: mean cost of a video by category',
	},
	{
		name: 'Profit by Month',
		value: 'profit-by-month',
		description: 'For each month: revenue, cost, profit and margin',
	},
	{
		name: 'Return by Channel',
		value: 'return-by-channel',
		description: 'For each channel: revenue, booked cost and return on cost of a period',
	},
	{
		name: 'Revenue Growth',
		value: 'revenue-growth',
		description: 'For each day: revenue of the last 28 reported days against the 28 days before',
	},
	{
		name: 'Revenue per Video',
		value: 'revenue-per-video',
		description: 'For each week of publication: what videos earned in their first 28 and 90 days',
	},
	{
		name: 'Revenue Progress',
		value: 'revenue-progress',
		description:
			'The running month on its way to the target: revenue so far, expected at this pace, status',
	},
	{
		name: 'Revenue Projection',
		value: 'revenue-projection',
		description:
			'When daily revenue reaches the target if it keeps growing as in recent weeks. An estimate.',
	},
	{
		name: 'Stored Metrics by Day',
		value: 'days',
		description:
			'One row per channel and day, week or month: views, watch hours, likes, subscribers, revenue',
	},
	{
		name: 'Success Metrics',
		value: 'success-metrics',
		description:
			'One row: this month, growth of 28 days in percent, months to the target at that growth',
	},
	{
		name: 'Top Videos',
		value: 'top-videos',
		description:
			'Videos with the most views, or another column, in a period, with revenue, RPM and title',
	},
	{
		name: 'Totals',
		value: 'totals',
		description:
			'All channels together in a period: revenue, views, watch hours, subscribers, cost, profit',
	},
	{
		name: 'Upload Schedule',
		value: 'upload-schedule',
		description: 'Weekday and 4-hour block of publication: views after 48 hours against the usual',
	},
];

/** The properties of each choice of {@link ANALYTICS_VIEWS}. */
export const ANALYTICS_VIEW_TRAITS = {
	'revenue-progress': {
		takes: ['channelId'],
		columns: [
			'month',
			'revenueUsd',
			'targetUsd',
			'progress',
			'status',
			'expectedUsd',
			'lastMonthSameDaysUsd',
			'knownDays',
			'daysInMonth',
			'knownUntil',
		],
	},
	'success-metrics': {
		takes: [],
		columns: [
			'month',
			'revenueUsd',
			'targetUsd',
			'status',
			'growthPercent',
			'monthsToTarget',
			'videosPublished',
			'averageViewsPerVideo',
			'knownUntil',
		],
	},
	'revenue-projection': {
		takes: ['channelId'],
		columns: [
			'knownUntil',
			'projection',
			'daysToTarget',
			'daysToTargetLow',
			'daysToTargetHigh',
			'dailyRevenueUsd',
			'dailyTargetUsd',
			'weeklyGrowthUsd',
			'weeks',
		],
	},
	totals: {
		takes: ['period', 'channelId', 'compare'],
		columns: [
			'revenueUsd',
			'views',
			'watchHours',
			'rpmUsd',
			'netSubscribers',
			'videosPublished',
			'costUsd',
			'profitUsd',
			'channels',
			'channelDays',
		],
		comparison: [
			'previousRevenueUsd',
			'revenueChange',
			'previousViews',
			'viewsChange',
			'previousWatchHours',
			'previousNetSubscribers',
			'previousCostUsd',
		],
	},
	'cost-analysis': {
		takes: ['period', 'channelId', 'compare'],
		columns: [
			'costUsd',
			'meteredCostUsd',
			'revenueUsd',
			'profitUsd',
			'returnOnCost',
			'videosPublished',
			'costPerVideoUsd',
		],
		comparison: ['previousCostUsd', 'previousRevenueUsd', 'revenueChange'],
	},
	'channel-comparison': {
		takes: ['period', 'channelId', 'compare'],
		columns: [
			'channelId',
			'channel',
			'state',
			'revenueUsd',
			'views',
			'watchHours',
			'rpmUsd',
			'netSubscribers',
			'costUsd',
			'profitUsd',
			'days',
			'url',
		],
		comparison: [
			'previousRevenueUsd',
			'revenueChange',
			'previousViews',
			'viewsChange',
			'previousWatchHours',
			'previousNetSubscribers',
		],
	},
	days: {
		takes: ['period', 'channelId', 'interval'],
		columns: [
			'day',
			'channelId',
			'channel',
			'views',
			'engagedViews',
			'watchHours',
			'averageViewPercentage',
			'likes',
			'comments',
			'shares',
			'subscribersGained',
			'subscribersLost',
			'revenueUsd',
			'adRevenueUsd',
			'rpmUsd',
			'days',
		],
	},
	'top-videos': {
		takes: ['period', 'channelId'],
		columns: [
			'videoId',
			'title',
			'url',
			'channelId',
			'channel',
			'published',
			'views',
			'watchHours',
			'revenueUsd',
			'rpmUsd',
			'views48h',
			'totalViews',
			'totalRevenueUsd',
			'watched',
		],
	},
	'revenue-growth': {
		takes: ['period', 'channelId'],
		columns: ['day', 'revenue28dUsd', 'before28dUsd', 'growth'],
	},
	'click-through-rate': {
		takes: ['period', 'channelId'],
		columns: ['day', 'impressions7d', 'clickThroughRate7d'],
	},
	'cost-per-video': {
		takes: ['period', 'channelId'],
		columns: ['week', 'category', 'costUsd', 'videos'],
	},
	'revenue-per-video': {
		takes: ['period', 'channelId'],
		columns: ['week', 'videos', 'median28dUsd', 'mean28dUsd', 'median90dUsd', 'mean90dUsd'],
	},
	'profit-by-month': {
		takes: ['period', 'channelId'],
		columns: ['month', 'revenueUsd', 'costUsd', 'profitUsd', 'margin'],
	},
	'return-by-channel': {
		takes: ['period', 'channelId'],
		columns: ['channel', 'revenueUsd', 'costUsd', 'returnOnCost'],
	},
	'break-even': { takes: ['channelId'], columns: ['age', 'videos', 'pastBreakEven', 'share'] },
	'upload-schedule': {
		takes: ['channelId'],
		columns: ['weekday', 'from0', 'from4', 'from8', 'from12', 'from16', 'from20', 'videos'],
	},
} as const satisfies Record<AnalyticsView, object>;

/** One of Google's quota buckets. The limits are Google's defaults; your console shows yours. */
export const BUCKETS: Array<Choice<Bucket>> = [
	{
		name: 'Analytics, Day',
		value: 'analytics.day',
		description: 'Queries of reports by day, top videos and retention in a Pacific day',
	},
	{
		name: 'Analytics, Minute',
		value: 'analytics.minute',
		description: 'The same queries to YouTube Analytics in a minute, of all users together',
	},
	{
		name: 'Analytics, Minute of a User',
		value: 'analytics.userMinute',
		description: 'The same queries to YouTube Analytics in a minute, of each user by itself',
	},
	{
		name: 'Data API',
		value: 'data.general',
		description:
			'Channel statistics, uploads, video details and nearly everything else: 10,000 units a Pacific day',
	},
	{
		name: 'Reporting, Day',
		value: 'reporting.day',
		description: 'Calls to YouTube Reporting, which has thumbnail reach, in a Pacific day',
	},
	{
		name: 'Reporting, Minute',
		value: 'reporting.minute',
		description: 'Calls to YouTube Reporting, which has thumbnail reach, in a minute',
	},
	{
		name: 'Search',
		value: 'data.search',
		description: 'Searches, which no report of ours makes: 100 calls a Pacific day',
	},
	{
		name: 'Upload',
		value: 'data.upload',
		description: 'Uploads of videos, which no report of ours makes: 100 calls a Pacific day',
	},
	{
		name: 'Video Statistics',
		value: 'data.batchGetStats',
		description: 'Statistics of videos: 10,000 calls a Pacific day, for 50 videos each',
	},
];

/** The properties of each choice of {@link BUCKETS}. */
export const BUCKET_TRAITS = {
	'data.general': { window: 'day' },
	'data.search': { window: 'day' },
	'data.upload': { window: 'day' },
	'data.batchGetStats': { window: 'day' },
	'analytics.day': { window: 'day' },
	'analytics.minute': { window: 'minute' },
	'analytics.userMinute': { window: 'minute' },
	'reporting.day': { window: 'day' },
	'reporting.minute': { window: 'minute' },
} as const satisfies Record<Bucket, object>;

/** What a cost is for. Each category belongs to a group with a limit per video. */
export const COST_CATEGORIES: Array<Choice<CostCategory>> = [
	{ name: 'API Quota', value: 'api-quota', description: 'Data: calls to APIs' },
	{ name: 'Bandwidth', value: 'bandwidth', description: 'Platform: traffic' },
	{ name: 'Compute', value: 'compute', description: 'Data: servers that fetch and store' },
	{
		name: 'Infrastructure',
		value: 'infrastructure',
		description: 'Platform: servers of the platform',
	},
	{ name: 'Monitoring', value: 'monitoring', description: 'Data: monitoring and alerts' },
	{ name: 'Other AI', value: 'other-ai', description: 'AI: any other model' },
	{ name: 'Security', value: 'security', description: 'Platform: security and compliance' },
	{ name: 'Storage', value: 'storage', description: 'Data: databases, files and backups' },
	{ name: 'Text', value: 'text', description: 'AI: language models' },
	{
		name: 'Video Processing',
		value: 'video-processing',
		description: 'AI: making and encoding videos',
	},
	{ name: 'Voice', value: 'voice', description: 'AI: speech' },
];

/** A kind of event that a subscription delivers. */
export const EVENTS: Array<Choice<EventKind>> = [
	{
		name: 'Channel Connected',
		value: 'channel-connected',
		description: "A channel's owner granted access, for the first time or again",
	},
	{
		name: 'Channel Needs Reconnecting',
		value: 'reconnect-needed',
		description: 'Google no longer lets us read a channel; its owner must connect it again',
	},
	{
		name: 'Cost Limit Passed',
		value: 'cost-limit-passed',
		description:
			"A user's cost per video of this month is above its limit; once a month and group of costs",
	},
	{
		name: 'New Video',
		value: 'new-video',
		description: 'A video was seen for the first time, within three days of its publication',
	},
	{
		name: 'Quality Incident',
		value: 'quality-incident',
		description:
			"A check of a user's data, such as its freshness or revenue, found a fault, or found it gone",
	},
	{
		name: 'Quota Low',
		value: 'quota-low',
		description:
			"A user may take no more than a fifth of its guaranteed units of one of Google's quotas; once a day",
	},
	{
		name: 'Sync Finished',
		value: 'sync-finished',
		description: 'Rows of a user were stored, and for half a minute no more came',
	},
	{
		name: 'Tier Changed',
		value: 'tier-changed',
		description:
			'A user has another tier than before, by its subscription at Stripe or by an operator',
	},
];

/** A metric of YouTube Analytics, by YouTube's name (developers.google.com/youtube/analytics/metrics). sortsTopVideos: whether YouTube sorts top videos by it. */
export const METRICS: Array<Choice<Metric>> = [
	{ name: 'Ad Impressions', value: 'adImpressions', description: 'How often an ad was shown' },
	{
		name: 'Audience Watch Ratio',
		value: 'audienceWatchRatio',
		description: 'For Retention: which share of the views is watching at that point',
	},
	{
		name: 'Average View Duration',
		value: 'averageViewDuration',
		description: 'How long a view lasted on average, in seconds; since 2026-08-24 an engaged view',
	},
	{
		name: 'Average View Percentage',
		value: 'averageViewPercentage',
		description: 'How much of a video a view saw on average, in percent of its length',
	},
	{ name: 'Comments', value: 'comments', description: 'How often viewers commented' },
	{
		name: 'CPM',
		value: 'cpm',
		description: 'What advertisers paid for 1,000 ad impressions, in USD',
	},
	{
		name: 'Engaged Views',
		value: 'engagedViews',
		description: 'Views that stayed beyond the first seconds; what views used to mean for Shorts',
	},
	{
		name: 'Estimated Ad Revenue',
		value: 'estimatedAdRevenue',
		description:
			'What ads earned for the owner, in USD; corrected until the middle of the next month',
	},
	{
		name: 'Estimated Minutes Watched',
		value: 'estimatedMinutesWatched',
		description: 'How long viewers watched in all, in minutes',
	},
	{
		name: 'Estimated Revenue',
		value: 'estimatedRevenue',
		description:
			'What the owner earned in all, in USD: ads, YouTube Premium, Super Chat and the like',
	},
	{
		name: 'Gross Revenue',
		value: 'grossRevenue',
		description: "What advertisers paid in all, in USD, before YouTube's part is taken off",
	},
	{
		name: 'Likes',
		value: 'likes',
		description: 'How many likes were given, less those taken back',
	},
	{
		name: 'Monetized Playbacks',
		value: 'monetizedPlaybacks',
		description: 'Playbacks in which at least one ad was shown',
	},
	{
		name: 'Playback Based CPM',
		value: 'playbackBasedCpm',
		description: 'What advertisers paid for 1,000 monetized playbacks, in USD',
	},
	{
		name: 'Relative Retention Performance',
		value: 'relativeRetentionPerformance',
		description:
			'For Retention: how well the video holds viewers there, beside others of its length, from 0 to 1',
	},
	{
		name: 'Shares',
		value: 'shares',
		description: 'How often viewers shared a video with the Share button',
	},
	{
		name: 'Started Watching',
		value: 'startedWatching',
		description: 'For Retention: how many viewers started to watch at that point',
	},
	{
		name: 'Stopped Watching',
		value: 'stoppedWatching',
		description: 'For Retention: how many viewers stopped watching at that point',
	},
	{ name: 'Subscribers Gained', value: 'subscribersGained', description: 'How many subscribed' },
	{
		name: 'Subscribers Lost',
		value: 'subscribersLost',
		description: 'How many ended their subscription',
	},
	{
		name: 'Total Segment Impressions',
		value: 'totalSegmentImpressions',
		description: 'For Retention: how often that point was watched, repeats among them',
	},
	{
		name: 'Viewer Percentage',
		value: 'viewerPercentage',
		description: 'For Demographics: share of the signed-in viewers, in percent',
	},
	{
		name: 'Views',
		value: 'views',
		description: 'How often a video was viewed, as YouTube counts views today',
	},
];

/** The properties of each choice of {@link METRICS}. */
export const METRIC_TRAITS = {
	views: { sortsTopVideos: true },
	engagedViews: {},
	estimatedMinutesWatched: { sortsTopVideos: true },
	averageViewDuration: {},
	averageViewPercentage: {},
	likes: {},
	comments: {},
	shares: {},
	subscribersGained: { sortsTopVideos: true },
	subscribersLost: { sortsTopVideos: true },
	estimatedRevenue: { sortsTopVideos: true },
	estimatedAdRevenue: {},
	grossRevenue: {},
	monetizedPlaybacks: {},
	playbackBasedCpm: {},
	adImpressions: {},
	cpm: {},
	audienceWatchRatio: {},
	relativeRetentionPerformance: {},
	startedWatching: {},
	stoppedWatching: {},
	totalSegmentImpressions: {},
	viewerPercentage: {},
} as const satisfies Record<Metric, object>;

/** A check of the stored data. */
export const QUALITY_CHECK_NAMES: Array<Choice<QualityCheckName>> = [
	{
		name: 'Anomalies',
		value: 'anomalies',
		description:
			"Deviations of a day's views from what was expected: warns from 3.5, error from 4.5 or on two days in a row",
	},
	{
		name: 'Completeness',
		value: 'completeness',
		description:
			'Percent of the last 28 days that can be known which YouTube told: warns under 98, error under 95',
	},
	{
		name: 'Freshness',
		value: 'freshness',
		description:
			'Minutes since the newest statistics of a connected channel: warns from 20, error from 45',
	},
	{
		name: 'Isolation',
		value: 'isolation',
		description: 'Views that show a user rows of others: error from 1',
	},
	{
		name: 'Revenue Reconciliation',
		value: 'revenue-reconciliation',
		description:
			'Percent by which revenue asked again differs from what is stored, over $1: warns from 0.5, error from 1',
	},
	{
		name: 'Rollups',
		value: 'rollups',
		description: 'Videos whose sums are not those of their days: error from 1',
	},
	{
		name: 'Validity',
		value: 'validity',
		description: 'Stored figures that cannot be, such as negative views: error from 1',
	},
	{
		name: 'Video Coverage',
		value: 'video-coverage',
		description:
			"Percent of a channel's views, or of its revenue, that the days of its videos have: warns under 98, error under 95",
	},
	{
		name: 'View Verification',
		value: 'view-verification',
		description:
			'Percent by which the growth of lifetime views differs from the days: warns from 3, error from 5',
	},
];

/** A report that can be fetched of a channel. x-values says of each what it holds and costs; source: which API; kind: the kind of its rows; incremental: whether onlyDue plans it; takes: which options of a request; storable: whether its rows can be stored; delayDays: days until Google's numbers are complete; maxDays: the longest period of one request; maxVideos: how many videos one request may name. */
export const REPORTS: Array<Choice<Report>> = [
	{
		name: 'Ad Types by Day',
		value: 'ad-type-day',
		description:
			'Gross revenue, ad impressions and CPM by type of ad, each day. No units; on demand.',
	},
	{
		name: 'Channel by Day',
		value: 'channel-day',
		description:
			'Views, watch time, likes and subscribers of each day. No units; 2 to 3 days late.',
	},
	{
		name: 'Channel Revenue by Day',
		value: 'channel-revenue-day',
		description:
			'Revenue, monetized playbacks and CPM of each day. No units; 3 to 4 days late, final a month later.',
	},
	{
		name: 'Channel Statistics',
		value: 'channel-statistics',
		description: 'Views, subscribers and videos so far. One unit for all channels of a user.',
	},
	{
		name: 'Content Types by Day',
		value: 'content-type-day',
		description: 'Shorts, live streams and long videos apart, each day. No units; once a week.',
	},
	{
		name: 'Countries by Day',
		value: 'country-day',
		description:
			'Views, watch time and subscribers by country, each day. No units; once a day, 2 days late.',
	},
	{
		name: 'Demographics',
		value: 'demographics',
		description: 'Share of viewers by age and gender in a period. No units; every two weeks.',
	},
	{
		name: 'Device Types by Day',
		value: 'device-type-day',
		description:
			'Views on phones, computers, televisions and the like, each day. No units; every two weeks.',
	},
	{
		name: 'Geography',
		value: 'geography',
		description: 'Views by country in a period; by plan each week. No units; once a week.',
	},
	{
		name: 'Operating Systems by Day',
		value: 'operating-system-day',
		description: 'Views by operating system, each day. No units; every two weeks.',
	},
	{
		name: 'Playback Locations by Day',
		value: 'playback-location-day',
		description:
			"Views on YouTube's watch page, embedded and elsewhere, each day. No units; on demand.",
	},
	{
		name: 'Recent Uploads',
		value: 'recent-uploads',
		description:
			'The newest videos. Free by push or feed; one unit a channel by the uploads playlist.',
	},
	{
		name: 'Retention of a Video',
		value: 'retention',
		description:
			'How many viewers stay at each hundredth of a video. No units; by plan the top 20 videos once a week.',
	},
	{
		name: 'Revenue in Another Currency by Day',
		value: 'revenue-currency-day',
		description: 'Revenue and CPM of each day, converted by YouTube. No units.',
	},
	{
		name: 'Subscribed Status by Day',
		value: 'subscribed-status-day',
		description: 'Views of subscribers and of others, each day. No units; every two weeks.',
	},
	{
		name: 'Thumbnail Reach by Day',
		value: 'thumbnail-day',
		description:
			"Impressions and click-through rate of each video's thumbnail. No units; once a day, 2 days late.",
	},
	{
		name: 'Thumbnail Reach by Source and Device',
		value: 'thumbnail-source-day',
		description:
			'Impressions and click-through rate by traffic source and device. No units; daily, 2 days late.',
	},
	{
		name: 'Top Videos',
		value: 'top-videos',
		description: 'The largest videos of a period, with all their metrics. No units.',
	},
	{
		name: 'Traffic Source Details',
		value: 'traffic-source-details',
		description:
			'Top 25 search terms and suggesting videos. No units; every two weeks, of two top videos every four.',
	},
	{
		name: 'Traffic Sources by Day',
		value: 'traffic-source-day',
		description:
			'Where views come from: search, suggestions, Shorts, elsewhere. No units; 2 to 3 days late.',
	},
	{
		name: 'Video by Day',
		value: 'video-day',
		description:
			'The same as Channel by Day, for each video that drew views. No units; 2 to 3 days late.',
	},
	{
		name: 'Video Details',
		value: 'video-details',
		description:
			'Title, description, tags, length and thumbnail of videos. One unit for 50 videos.',
	},
	{
		name: 'Video Revenue by Day',
		value: 'video-revenue-day',
		description:
			'Estimated revenue of the 200 best earning videos of each day. No units; 3 to 4 days late.',
	},
	{
		name: 'Video Statistics',
		value: 'video-statistics',
		description: 'Views, likes and comments so far. One unit of its own bucket for 50 videos.',
	},
];

/** The properties of each choice of {@link REPORTS}. */
export const REPORT_TRAITS = {
	'channel-statistics': {
		source: 'data',
		kind: 'channel-statistics',
		incremental: true,
		takes: [],
		storable: true,
	},
	'recent-uploads': {
		source: 'data',
		kind: 'video',
		incremental: true,
		takes: ['limit'],
		storable: true,
	},
	'video-statistics': {
		source: 'data',
		kind: 'video-statistics',
		incremental: true,
		takes: ['videoIds'],
		storable: true,
	},
	'video-details': {
		source: 'data',
		kind: 'video',
		incremental: true,
		takes: ['videoIds'],
		storable: true,
	},
	'channel-day': {
		source: 'analytics',
		kind: 'channel-day',
		incremental: true,
		takes: ['days', 'metrics'],
		delayDays: 3,
		maxDays: 366,
		storable: true,
	},
	'channel-revenue-day': {
		source: 'analytics',
		kind: 'channel-day',
		incremental: true,
		takes: ['days', 'metrics'],
		delayDays: 4,
		maxDays: 366,
		storable: true,
	},
	'video-day': {
		source: 'analytics',
		kind: 'video-day',
		incremental: true,
		takes: ['days', 'metrics', 'videoIds'],
		delayDays: 3,
		maxDays: 31,
		storable: true,
	},
	'video-revenue-day': {
		source: 'analytics',
		kind: 'video-day',
		incremental: true,
		takes: ['days', 'metrics', 'videoIds'],
		delayDays: 4,
		maxDays: 31,
		storable: true,
	},
	'traffic-source-day': {
		source: 'analytics',
		kind: 'traffic-source-day',
		incremental: true,
		takes: ['days', 'metrics'],
		delayDays: 3,
		maxDays: 366,
		storable: true,
	},
	'thumbnail-day': {
		source: 'reporting',
		kind: 'thumbnail-day',
		incremental: true,
		takes: ['days'],
		delayDays: 2,
		maxDays: 366,
		storable: true,
	},
	'revenue-currency-day': {
		source: 'analytics',
		kind: 'revenue-currency-day',
		incremental: false,
		takes: ['days', 'metrics', 'currency'],
		delayDays: 4,
		maxDays: 366,
		storable: false,
	},
	'top-videos': {
		source: 'analytics',
		kind: 'top-video',
		incremental: false,
		takes: ['days', 'metrics', 'sortBy', 'limit'],
		delayDays: 3,
		maxDays: 366,
		storable: false,
	},
	retention: {
		source: 'analytics',
		kind: 'retention-point',
		incremental: true,
		takes: ['days', 'metrics', 'videoIds'],
		delayDays: 3,
		maxDays: 366,
		storable: true,
	},
	'content-type-day': {
		source: 'analytics',
		kind: 'dimension-day',
		incremental: true,
		takes: ['days', 'metrics'],
		delayDays: 3,
		maxDays: 366,
		storable: true,
	},
	'subscribed-status-day': {
		source: 'analytics',
		kind: 'dimension-day',
		incremental: true,
		takes: ['days', 'metrics'],
		delayDays: 3,
		maxDays: 366,
		storable: true,
	},
	'device-type-day': {
		source: 'analytics',
		kind: 'dimension-day',
		incremental: true,
		takes: ['days', 'metrics'],
		delayDays: 3,
		maxDays: 366,
		storable: true,
	},
	'operating-system-day': {
		source: 'analytics',
		kind: 'dimension-day',
		incremental: true,
		takes: ['days', 'metrics'],
		delayDays: 3,
		maxDays: 366,
		storable: true,
	},
	geography: {
		source: 'analytics',
		kind: 'dimension-period',
		incremental: true,
		takes: ['days', 'metrics', 'videoIds'],
		delayDays: 3,
		maxDays: 366,
		storable: true,
		maxVideos: 1,
	},
	demographics: {
		source: 'analytics',
		kind: 'dimension-period',
		incremental: true,
		takes: ['days', 'metrics', 'videoIds'],
		delayDays: 3,
		maxDays: 366,
		storable: true,
		maxVideos: 1,
	},
	'traffic-source-details': {
		source: 'analytics',
		kind: 'dimension-period',
		incremental: true,
		takes: ['days', 'metrics', 'videoIds'],
		delayDays: 3,
		maxDays: 366,
		storable: true,
		maxVideos: 1,
	},
	'ad-type-day': {
		source: 'analytics',
		kind: 'dimension-day',
		incremental: false,
		takes: ['days', 'metrics'],
		delayDays: 4,
		maxDays: 366,
		storable: true,
	},
	'country-day': {
		source: 'reporting',
		kind: 'dimension-day',
		incremental: true,
		takes: ['days'],
		delayDays: 2,
		maxDays: 366,
		storable: true,
	},
	'thumbnail-source-day': {
		source: 'reporting',
		kind: 'dimension-day',
		incremental: true,
		takes: ['days'],
		delayDays: 2,
		maxDays: 366,
		storable: true,
	},
	'playback-location-day': {
		source: 'analytics',
		kind: 'dimension-day',
		incremental: false,
		takes: ['days', 'metrics'],
		delayDays: 3,
		maxDays: 366,
		storable: true,
	},
} as const satisfies Record<Report, object>;

/** A kind of row that can be stored. */
export const ROW_KINDS: Array<Choice<RowKind>> = [
	{
		name: 'Channel by Day',
		value: 'channel-day',
		description: 'What happened on a channel on one day',
	},
	{
		name: 'Channel Statistics',
		value: 'channel-statistics',
		description: 'Views, subscribers and videos of a channel at a moment',
	},
	{
		name: 'Dimension by Day',
		value: 'dimension-day',
		description:
			'Metrics of a channel on one day for one value of a dimension, such as a type of device',
	},
	{
		name: 'Dimension by Period',
		value: 'dimension-period',
		description:
			'Metrics of a channel or video in a period for one value of a dimension, such as a country',
	},
	{
		name: 'Retention Point',
		value: 'retention-point',
		description: "How many of a video's viewers are still there at a point of it",
	},
	{
		name: 'Thumbnail Reach by Day',
		value: 'thumbnail-day',
		description: "Impressions and click-through rate of a video's thumbnail on one day",
	},
	{
		name: 'Traffic Source by Day',
		value: 'traffic-source-day',
		description: 'Views of a channel from one kind of place on one day',
	},
	{ name: 'Video', value: 'video', description: 'What is written about a video' },
	{ name: 'Video by Day', value: 'video-day', description: 'What happened to a video on one day' },
	{
		name: 'Video Statistics',
		value: 'video-statistics',
		description: 'Views, likes and comments of a video at a moment',
	},
];

/** Subscription tier: decides the share of Google's quota and the weight in the queue (starter 1, growth 2, scale 4). */
export const TIERS: Array<Choice<Tier>> = [
	{ name: 'Growth', value: 'growth', description: 'Weight 2' },
	{ name: 'Scale', value: 'scale', description: 'Weight 4' },
	{ name: 'Starter', value: 'starter', description: 'Weight 1' },
];

/** The properties of each choice of {@link TIERS}. */
export const TIER_TRAITS = {
	starter: { weight: 1 },
	growth: { weight: 2 },
	scale: { weight: 4 },
} as const satisfies Record<Tier, object>;
