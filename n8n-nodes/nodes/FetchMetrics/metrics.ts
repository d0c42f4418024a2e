import type { FetchRequest } from '../shared/contract';

type Metric = NonNullable<FetchRequest['requests'][number]['metrics']>[number];

/** Analytics' metrics by YouTube's names, in plain words (developers.google.com/youtube/analytics/metrics). */
export const METRICS: Array<{ name: Metric; value: Metric; description: string }> = (
	[
		['adImpressions', 'How often an ad was shown'],
		['audienceWatchRatio', 'For Retention: which share of the views is watching at that point'],
		['averageViewDuration', 'How long a view lasted on average, in seconds'],
		[
			'averageViewPercentage',
			'How much of a video a view saw on average, in percent of its length',
		],
		['comments', 'How often viewers commented'],
		['cpm', 'What advertisers paid for 1,000 ad impressions, in USD'],
		[
			'engagedViews',
			'Views that stayed beyond the first seconds; what views used to mean for Shorts',
		],
		[
			'estimatedAdRevenue',
			'What ads earned for the owner, in USD; corrected until the middle of the next month',
		],
		['estimatedMinutesWatched', 'How long viewers watched in all, in minutes'],
		[
			'estimatedRevenue',
			'What the owner earned in all, in USD: ads, YouTube Premium, Super Chat and the like',
		],
		['grossRevenue', "What advertisers paid in all, in USD, before YouTube's part is taken off"],
		['likes', 'How many likes were given, less those taken back'],
		['monetizedPlaybacks', 'Playbacks in which at least one ad was shown'],
		['playbackBasedCpm', 'What advertisers paid for 1,000 monetized playbacks, in USD'],
		[
			'relativeRetentionPerformance',
			'For Retention: how well the video holds viewers there, beside others of its length, from 0 to 1',
		],
		['shares', 'How often viewers shared a video with the Share button'],
		['subscribersGained', 'How many subscribed'],
		['subscribersLost', 'How many ended their subscription'],
		['views', 'How often a video was viewed, as YouTube counts views today'],
	] as Array<[Metric, string]>
).map(([name, description]) => ({ name, value: name, description }));
