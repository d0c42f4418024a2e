// Generated from schemas/ by `npm run contract`. Do not edit: change the schema and run it again.

/**
 * A view of a user's stored metrics, revenue and costs. x-values says of each what it shows; takes: which options of a request; columns: what its rows have; comparison: what compare=previous-period adds.
 */
export type AnalyticsView =
	| 'revenue-progress'
	| 'success-metrics'
	| 'revenue-projection'
	| 'totals'
	| 'cost-analysis'
	| 'channel-comparison'
	| 'days'
	| 'top-videos'
	| 'revenue-growth'
	| 'click-through-rate'
	| 'cost-per-video'
	| 'revenue-per-video'
	| 'profit-by-month'
	| 'return-by-channel'
	| 'break-even'
	| 'upload-schedule';
/**
 * What it takes to make an API token.
 */
export type ApiTokenCreate = ApiTokenCreate1;
/**
 * A kind of API token.
 */
export type TokenKind = 'operator' | 'service' | 'user';
/**
 * What a service token may do.
 */
export type TokenScope = 'read' | 'sync' | 'administer' | 'erase';
/**
 * A report that can be fetched of a channel. x-values says of each what it holds and costs; source: which API; kind: the kind of its rows; incremental: whether onlyDue plans it; takes: which options of a request; storable: whether its rows can be stored; delayDays: days until Google's numbers are complete; maxDays: the longest period of one request; maxVideos: how many videos one request may name.
 */
export type Report =
	| 'channel-statistics'
	| 'recent-uploads'
	| 'video-statistics'
	| 'video-details'
	| 'channel-day'
	| 'channel-revenue-day'
	| 'video-day'
	| 'video-revenue-day'
	| 'traffic-source-day'
	| 'thumbnail-day'
	| 'revenue-currency-day'
	| 'top-videos'
	| 'retention'
	| 'content-type-day'
	| 'subscribed-status-day'
	| 'device-type-day'
	| 'operating-system-day'
	| 'geography'
	| 'demographics'
	| 'traffic-source-details'
	| 'ad-type-day'
	| 'country-day'
	| 'thumbnail-source-day'
	| 'playback-location-day';
/**
 * A kind of row that can be stored.
 */
export type RowKind =
	| 'channel-day'
	| 'video-day'
	| 'channel-statistics'
	| 'video-statistics'
	| 'video'
	| 'traffic-source-day'
	| 'thumbnail-day'
	| 'dimension-day'
	| 'dimension-period'
	| 'retention-point';
/**
 * One of Google's quota buckets. The limits are Google's defaults; your console shows yours.
 */
export type Bucket =
	| 'data.general'
	| 'data.search'
	| 'data.upload'
	| 'data.batchGetStats'
	| 'analytics.day'
	| 'analytics.minute'
	| 'analytics.userMinute'
	| 'reporting.day'
	| 'reporting.minute';
/**
 * Whether we hold a working Google grant of a channel.
 */
export type Connection = 'not-connected' | 'connected' | 'reconnect-needed';
/**
 * How a cost is known.
 */
export type CostBasis = 'metered' | 'estimated' | 'allocated';
/**
 * What a cost is for. Each category belongs to a group with a limit per video.
 */
export type CostCategory =
	| 'compute'
	| 'storage'
	| 'api-quota'
	| 'monitoring'
	| 'text'
	| 'voice'
	| 'video-processing'
	| 'other-ai'
	| 'infrastructure'
	| 'bandwidth'
	| 'security';
/**
 * A group of cost categories that has a limit per video; total: all of them.
 */
export type CostGroup = 'data' | 'ai' | 'platform' | 'total';
/**
 * How the dashboards write amounts in USD.
 */
export type CurrencyFormat = 'symbol' | 'code';
/**
 * A kind of event that a subscription delivers.
 */
export type EventKind =
	| 'sync-finished'
	| 'reconnect-needed'
	| 'channel-connected'
	| 'quota-low'
	| 'new-video'
	| 'cost-limit-passed'
	| 'quality-incident'
	| 'tier-changed';
/**
 * An event of a user: the body of a delivery, signed as Standard Webhooks has it.
 */
export type Event =
	| SyncFinished
	| ReconnectNeeded
	| ChannelConnected
	| QuotaLow
	| NewVideo
	| CostLimitPassed
	| QualityIncident
	| TierChanged;
/**
 * A check of the stored data.
 */
export type QualityCheckName =
	| 'freshness'
	| 'completeness'
	| 'video-coverage'
	| 'revenue-reconciliation'
	| 'view-verification'
	| 'validity'
	| 'anomalies'
	| 'isolation'
	| 'rollups';
/**
 * Whether a check of a user's data is still not well.
 */
export type IncidentState = 'open' | 'closed';
/**
 * Subscription tier: decides the share of Google's quota and the weight in the queue (starter 1, growth 2, scale 4).
 */
export type Tier = 'starter' | 'growth' | 'scale';
/**
 * A metric of YouTube Analytics, by YouTube's name (developers.google.com/youtube/analytics/metrics). sortsTopVideos: whether YouTube sorts top videos by it.
 */
export type Metric =
	| 'views'
	| 'engagedViews'
	| 'estimatedMinutesWatched'
	| 'averageViewDuration'
	| 'averageViewPercentage'
	| 'likes'
	| 'comments'
	| 'shares'
	| 'subscribersGained'
	| 'subscribersLost'
	| 'estimatedRevenue'
	| 'estimatedAdRevenue'
	| 'grossRevenue'
	| 'monetizedPlaybacks'
	| 'playbackBasedCpm'
	| 'adImpressions'
	| 'cpm'
	| 'audienceWatchRatio'
	| 'relativeRetentionPerformance'
	| 'startedWatching'
	| 'stoppedWatching'
	| 'totalSegmentImpressions'
	| 'viewerPercentage';
/**
 * One row that Fetch Metrics gives: one to store, or one that is only to be read.
 */
export type FetchedRow =
	| ChannelDay
	| VideoDay
	| ChannelStatistics
	| VideoStatistics
	| Video
	| TrafficSourceDay
	| ThumbnailDay
	| DimensionDay
	| DimensionPeriod
	| RevenueCurrencyDay
	| TopVideo
	| RetentionPoint;
/**
 * Why a request was not served.
 */
export type Reason =
	| 'unknown-channel'
	| 'inactive'
	| 'not-connected'
	| 'reconnect-needed'
	| 'wrong-scope'
	| 'not-monetized'
	| 'video-of-another-channel'
	| 'quota-exhausted'
	| 'busy'
	| 'unavailable'
	| 'refused';
/**
 * Who wrote the sentences.
 */
export type InsightSource = 'model' | 'rules';
/**
 * One row that Fetch Metrics gives and Store Metrics takes; `kind` says which.
 */
export type MetricRow =
	| ChannelDay
	| VideoDay
	| ChannelStatistics
	| VideoStatistics
	| Video
	| TrafficSourceDay
	| ThumbnailDay
	| DimensionDay
	| DimensionPeriod
	| RetentionPoint;
/**
 * BCP 47 tag of the language in which numbers and dates of mailed reports are written.
 */
export type NumberLanguage =
	| 'en-US'
	| 'en-GB'
	| 'de-DE'
	| 'es-ES'
	| 'fr-FR'
	| 'hi-IN'
	| 'it-IT'
	| 'ja-JP'
	| 'nl-NL'
	| 'pl-PL'
	| 'pt-BR';
/**
 * A kind of mailed report.
 */
export type ReportKind = 'daily' | 'weekly' | 'monthly';
/**
 * The severity of a check's result.
 */
export type QualityLevel = 'unknown' | 'ok' | 'warn' | 'error';

/**
 * Everything in the contract.
 */
export interface Contract {
	'analytics-page'?: AnalyticsPage;
	'analytics-view'?: AnalyticsView;
	'api-token-create'?: ApiTokenCreate;
	'api-token-created'?: ApiTokenCreated;
	'api-token-list'?: ApiTokenList;
	'api-token-rotate'?: ApiTokenRotate;
	'api-token'?: ApiToken;
	'backfill-start'?: BackfillStart;
	backfill?: Backfill;
	'batch-reference'?: BatchReference;
	'billing-account'?: BillingAccount;
	'billing-event-result'?: BillingEventResult;
	'billing-link'?: BillingLink;
	bucket?: Bucket;
	'channel-connected'?: ChannelConnected;
	'channel-create'?: ChannelCreate;
	'channel-day'?: ChannelDay;
	'channel-list'?: ChannelList;
	'channel-statistics'?: ChannelStatistics;
	'channel-update'?: ChannelUpdate;
	channel?: Channel;
	'connect-link'?: ConnectLink;
	connection?: Connection;
	'cost-basis'?: CostBasis;
	'cost-booking'?: CostBooking;
	'cost-category'?: CostCategory;
	'cost-group'?: CostGroup;
	'cost-limit-passed'?: CostLimitPassed;
	'cost-page'?: CostPage;
	'cost-record-result'?: CostRecordResult;
	'cost-record'?: CostRecord;
	'cost-summary'?: CostSummary;
	cost?: Cost;
	'currency-format'?: CurrencyFormat;
	'dashboard-settings-update'?: DashboardSettingsUpdate;
	'dashboard-settings'?: DashboardSettings;
	'dashboards-provisioned'?: DashboardsProvisioned;
	dashboards?: Dashboards;
	'database-login-list'?: DatabaseLoginList;
	'database-login'?: DatabaseLogin;
	'dimension-day'?: DimensionDay;
	'dimension-period'?: DimensionPeriod;
	erasure?: Erasure;
	'event-count-page'?: EventCountPage;
	'event-kind'?: EventKind;
	'event-record-request'?: EventRecordRequest;
	'event-record-result'?: EventRecordResult;
	event?: Event;
	'fetch-plan'?: FetchPlan;
	'fetch-request'?: FetchRequest;
	'fetch-result'?: FetchResult;
	'fetched-row'?: FetchedRow;
	health?: Health;
	'incident-list'?: IncidentList;
	'incident-state'?: IncidentState;
	incident?: Incident;
	'insight-create'?: InsightCreate;
	'insight-created'?: InsightCreated;
	'insight-facts'?: InsightFacts;
	'insight-settings'?: InsightSettings;
	'insight-source'?: InsightSource;
	insight?: Insight;
	'metric-breaks'?: MetricBreaks;
	'metric-page'?: MetricPage;
	'metric-row'?: MetricRow;
	metric?: Metric;
	'new-video'?: NewVideo;
	'notice-page'?: NoticePage;
	notice?: Notice;
	'notification-settings-update'?: NotificationSettingsUpdate;
	'notification-settings'?: NotificationSettings;
	'number-language'?: NumberLanguage;
	'platform-cost-list'?: PlatformCostList;
	'platform-cost-record'?: PlatformCostRecord;
	'platform-cost'?: PlatformCost;
	'price-create'?: PriceCreate;
	'price-list'?: PriceList;
	price?: Price;
	problem?: Problem;
	'provider-total-list'?: ProviderTotalList;
	'provider-total-record'?: ProviderTotalRecord;
	'provider-total'?: ProviderTotal;
	'quality-check-name'?: QualityCheckName;
	'quality-incident'?: QualityIncident;
	'quality-level'?: QualityLevel;
	'quality-result-list'?: QualityResultList;
	'quality-result'?: QualityResult;
	'quota-bucket'?: QuotaBucket;
	'quota-check-result'?: QuotaCheckResult;
	'quota-check'?: QuotaCheck;
	'quota-low'?: QuotaLow;
	'quota-reservation'?: QuotaReservation;
	'quota-reserve'?: QuotaReserve;
	'quota-settle'?: QuotaSettle;
	'quota-settled'?: QuotaSettled;
	'quota-share'?: QuotaShare;
	'quota-shares'?: QuotaShares;
	'quota-status'?: QuotaStatus;
	reason?: Reason;
	'reconnect-needed'?: ReconnectNeeded;
	'recorded-event'?: RecordedEvent;
	'report-kind'?: ReportKind;
	'report-send'?: ReportSend;
	'report-sent'?: ReportSent;
	report?: Report;
	'reports-due'?: ReportsDue;
	'retention-point'?: RetentionPoint;
	'revenue-currency-day'?: RevenueCurrencyDay;
	'row-kind'?: RowKind;
	'store-request'?: StoreRequest;
	'store-result'?: StoreResult;
	'subscription-create'?: SubscriptionCreate;
	'subscription-created'?: SubscriptionCreated;
	'subscription-list'?: SubscriptionList;
	subscription?: Subscription;
	success?: Success;
	'sync-finished'?: SyncFinished;
	'sync-request'?: SyncRequest;
	'sync-result'?: SyncResult;
	'thumbnail-day'?: ThumbnailDay;
	'tier-changed'?: TierChanged;
	tier?: Tier;
	'token-kind'?: TokenKind;
	'token-scope'?: TokenScope;
	'top-video'?: TopVideo;
	'traffic-source-day'?: TrafficSourceDay;
	'user-create'?: UserCreate;
	'user-page'?: UserPage;
	'user-update'?: UserUpdate;
	user?: User;
	'video-day'?: VideoDay;
	'video-statistics'?: VideoStatistics;
	video?: Video;
	'youtube-channel'?: YouTubeChannel;
}
/**
 * Rows of a view of one user's stored metrics, revenue and costs.
 */
export interface AnalyticsPage {
	view: AnalyticsView;
	/**
	 * The last YouTube (Pacific) day up to which views and revenue of the channels are reported; null: none is.
	 */
	asOf: string | null;
	/**
	 * First day that the rows are of; null: the view says itself.
	 */
	from: string | null;
	/**
	 * Last day that the rows are of.
	 */
	to: string | null;
	/**
	 * What the rows have, in this order.
	 */
	columns: AnalyticsColumn[];
	/**
	 * The rows. Null is not reported yet or not known, never 0.
	 *
	 * @maxItems 1000
	 */
	rows: AnalyticsRow[];
	/**
	 * Pass it as `cursor`, all else the same, to get the next page; null on the last one.
	 */
	nextCursor: string | null;
}
export interface AnalyticsColumn {
	/**
	 * The field of the rows.
	 */
	name: string;
	/**
	 * How it is written. money: USD, a decimal string; day: YYYY-MM-DD.
	 */
	type: 'text' | 'day' | 'integer' | 'number' | 'money';
	/**
	 * What a number counts; ratio: 0.25 is a quarter, percent: 25 is.
	 */
	unit: string | null;
}
export interface AnalyticsRow {
	[k: string]: string | number | null;
}
export interface ApiTokenCreate1 {
	kind: TokenKind;
	/**
	 * The user, as created here.
	 */
	userId?: string;
	/**
	 * What a service token may do; read and sync when left out. read: users, channels, metrics, quota. sync: fetch and store metrics, spend quota, subscribe to events. administer: create and change users and channels, connect and disconnect, export. erase: erase users.
	 *
	 * @minItems 1
	 */
	scopes?: TokenScope[];
	/**
	 * What it is used for.
	 */
	name: string;
	/**
	 * When it stops working; leave out for never. RFC 3339, UTC.
	 */
	expiresAt?: string;
}
/**
 * A new API token. The secret is shown this once.
 */
export interface ApiTokenCreated {
	/**
	 * Send it as `Authorization: Bearer …`. Shown once; kept only as a hash.
	 */
	token: string;
	details: ApiToken;
}
/**
 * An API token, without its secret.
 */
export interface ApiToken {
	/**
	 * Names the token without being it.
	 */
	tokenId: string;
	kind: TokenKind;
	/**
	 * The user of a user token; null for the other kinds.
	 */
	userId: string | null;
	/**
	 * What a service token may do; null for the other kinds.
	 */
	scopes: TokenScope[] | null;
	/**
	 * What it is used for.
	 */
	name: string;
	/**
	 * When it was made. RFC 3339, UTC.
	 */
	createdAt: string;
	/**
	 * When it stops working; null: never. RFC 3339, UTC.
	 */
	expiresAt: string | null;
	/**
	 * When it was revoked; null: it was not. RFC 3339, UTC.
	 */
	revokedAt: string | null;
	/**
	 * When it was last used, to the minute; null: never. RFC 3339, UTC.
	 */
	lastUsedAt: string | null;
}
/**
 * All API tokens, without their secrets.
 */
export interface ApiTokenList {
	tokens: ApiToken[];
}
/**
 * How an API token is replaced.
 */
export interface ApiTokenRotate {
	/**
	 * For so many minutes the old token works beside the new one, so that nothing stops in between; 0: not at all.
	 */
	overlapMinutes?: number;
}
/**
 * How far back a channel's days are to be fetched.
 */
export interface BackfillStart {
	/**
	 * First day to fetch, as far back as YouTube has data. YYYY-MM-DD, YouTube's (Pacific) day, from 2005-02-14 on.
	 */
	startDate: string;
}
/**
 * How far the backfill of a channel has come. One part of 90 days a channel and day is fetched, by the sync, after everything else.
 */
export interface Backfill {
	/**
	 * YouTube's channel id.
	 */
	channelId: string;
	reports: {
		report: Report;
		/**
		 * First day to fetch. YYYY-MM-DD, YouTube's (Pacific) day.
		 */
		startDate: string;
		/**
		 * This day and all later ones have been fetched. YYYY-MM-DD, YouTube's (Pacific) day.
		 */
		reachedDate: string;
		/**
		 * Days that are still to be fetched; 0: done.
		 */
		daysLeft: number;
		/**
		 * When a part was last stored; null: none yet. RFC 3339, UTC.
		 */
		advancedAt: string | null;
	}[];
}
/**
 * A batch of fetched rows that the sidecar holds until it is stored or expires: whose it is and how much, without any figure.
 */
export interface BatchReference {
	/**
	 * The batch, for POST /v1/metrics/store.
	 */
	batchId: string;
	/**
	 * The user, as created here.
	 */
	userId: string;
	/**
	 * YouTube's channel id.
	 */
	channelId: string;
	report: Report;
	/**
	 * Kinds of the rows.
	 *
	 * @minItems 1
	 */
	kinds: RowKind[];
	/**
	 * How many rows.
	 */
	rowCount: number;
	/**
	 * Size of the rows as JSON. Bytes.
	 */
	sizeBytes: number;
	/**
	 * When Google said so. RFC 3339, UTC.
	 */
	fetchedAt: string;
	/**
	 * Until when the rows are held. RFC 3339, UTC.
	 */
	expiresAt: string;
}
/**
 * Which customer of Stripe a user is, and what Stripe last said of its subscription. Without a customer all is null.
 */
export interface BillingAccount {
	/**
	 * The customer at Stripe; null: none is linked.
	 */
	customerId: string | null;
	/**
	 * The subscription that decides; null: the customer has none.
	 */
	subscriptionId: string | null;
	/**
	 * Its status, in Stripe's words, such as active, past_due or canceled; customer-missing: Stripe has the customer no more.
	 */
	status: string | null;
	/**
	 * Its price that decides.
	 */
	priceId: string | null;
	/**
	 * The tier that it grants or granted last, starter after it has ended; null: none was granted yet. An operator may have given the user another since.
	 */
	tier: string | null;
	/**
	 * When the period that is paid for ends. RFC 3339, UTC.
	 */
	periodEndsAt: string | null;
	/**
	 * Whether it ends with the period.
	 */
	isCanceledAtPeriodEnd: boolean;
	/**
	 * When the tier becomes starter unless the payment that is late comes, or the customer that is missing is found again; null: neither is so. RFC 3339, UTC.
	 */
	graceEndsAt: string | null;
	/**
	 * When Stripe was last asked. RFC 3339, UTC.
	 */
	readAt: string | null;
}
/**
 * What became of an event of Stripe's; whatever it is, Stripe need not send it again.
 */
export interface BillingEventResult {
	/**
	 * applied: the subscription was read, and the user's tier is as it grants. unchanged: the event was acted on before. ignored: it says nothing of a subscription. unknown-customer: no user is this customer; what Stripe has of it is read when one is linked.
	 */
	outcome: 'applied' | 'unchanged' | 'ignored' | 'unknown-customer';
}
/**
 * Which customer of Stripe a user is.
 */
export interface BillingLink {
	/**
	 * The customer's id at Stripe.
	 */
	customerId: string;
}
/**
 * A channel's owner granted access, for the first time or again.
 */
export interface ChannelConnected {
	/**
	 * What happened.
	 */
	kind: 'channel-connected';
	/**
	 * The same each time that this event is sent; what was seen before may be ignored.
	 */
	eventId: string;
	/**
	 * When it happened. RFC 3339, UTC.
	 */
	at: string;
	/**
	 * True: it did not happen, and was asked for to build a workflow with.
	 */
	isSample: boolean;
	/**
	 * The user to whom it happened.
	 */
	userId: string;
	/**
	 * YouTube's id of the channel.
	 */
	channelId: string;
	/**
	 * The channel's title.
	 */
	channelName: string;
	/**
	 * Whether the owner shows the channel's revenue as well.
	 */
	revenue: boolean;
}
/**
 * What it takes to add a channel to a user.
 */
export interface ChannelCreate {
	/**
	 * YouTube's channel id: UC and 22 more characters.
	 */
	channelId: string;
	/**
	 * The channel's title.
	 */
	channelName: string;
	/**
	 * What the channel is about, in the words of its owner.
	 */
	niche?: string | null;
}
/**
 * What happened on a channel on one of YouTube's days. At least one metric; those left out keep what is stored.
 */
export interface ChannelDay {
	/**
	 * What this row is.
	 */
	kind: 'channel-day';
	/**
	 * The user, as created here.
	 */
	userId: string;
	/**
	 * YouTube's channel id: UC and 22 more characters.
	 */
	channelId: string;
	/**
	 * The day. YYYY-MM-DD, YouTube's (Pacific) day.
	 */
	day: string;
	/**
	 * Views as YouTube counts them now (Shorts since 2025-03-31 and all formats since 2026-08: every start).
	 */
	views?: number;
	/**
	 * Views that went on past the first seconds: the old meaning of views.
	 */
	engagedViews?: number;
	/**
	 * Watch time. Minutes.
	 */
	estimatedMinutesWatched?: number;
	/**
	 * Watch time divided by views; since 2026-08-24 divided by engagedViews, so that it is higher from that day. Seconds.
	 */
	averageViewDuration?: number;
	/**
	 * Average share of the video watched. Percent; can pass 100 when parts are watched again.
	 */
	averageViewPercentage?: number;
	/**
	 * Likes added less likes removed that day.
	 */
	likes?: number;
	/**
	 * Comments added less comments removed that day.
	 */
	comments?: number;
	/**
	 * Shares.
	 */
	shares?: number;
	/**
	 * Subscribers gained.
	 */
	subscribersGained?: number;
	/**
	 * Subscribers lost.
	 */
	subscribersLost?: number;
	/**
	 * Net revenue from all of Google. May be negative after a claw-back. USD, a decimal string.
	 */
	estimatedRevenue?: string;
	/**
	 * Net revenue from ads. USD, a decimal string.
	 */
	estimatedAdRevenue?: string;
	/**
	 * Gross revenue from ads. USD, a decimal string.
	 */
	grossRevenue?: string;
	/**
	 * Playbacks that showed an ad.
	 */
	monetizedPlaybacks?: number;
	/**
	 * Gross revenue per thousand monetized playbacks. USD, a decimal string.
	 */
	playbackBasedCpm?: string;
	/**
	 * Ads shown.
	 */
	adImpressions?: number;
	/**
	 * Gross revenue per thousand ads shown. USD, a decimal string.
	 */
	cpm?: string;
}
/**
 * Channels, in order of user and slot.
 */
export interface ChannelList {
	channels: Channel[];
}
/**
 * A YouTube channel of one user.
 */
export interface Channel {
	/**
	 * The user, as created here.
	 */
	userId: string;
	/**
	 * YouTube's channel id: UC and 22 more characters.
	 */
	channelId: string;
	/**
	 * Which of the five places of the user it takes; null when it is not active.
	 */
	slot: number | null;
	/**
	 * The channel's title.
	 */
	channelName: string;
	/**
	 * What the channel is about, in the words of its owner.
	 */
	niche: string | null;
	/**
	 * Whether YouTube shows revenue for it; null until asked.
	 */
	monetized: boolean | null;
	connection: Connection;
	/**
	 * Why the channel has to be connected again: grant-ended: Google no longer accepts the grant. account-closed: the account at YouTube is closed or suspended. owner-changed: the Google account that granted access no longer owns the channel. Null while nothing has to be done.
	 */
	connectionReason: 'grant-ended' | 'account-closed' | 'owner-changed' | null;
	/**
	 * False: kept, but no longer synced and not counted.
	 */
	isActive: boolean;
	/**
	 * When everything fetched of the channel is erased, unless it is connected again before: within 7 days of a disconnection, within 30 of a grant that Google no longer takes. Null: not at all. RFC 3339, UTC.
	 */
	eraseAfter: string | null;
	/**
	 * When the channel was added. RFC 3339, UTC.
	 */
	createdAt: string;
}
/**
 * A channel's lifetime totals at a moment.
 */
export interface ChannelStatistics {
	/**
	 * What this row is.
	 */
	kind: 'channel-statistics';
	/**
	 * The user, as created here.
	 */
	userId: string;
	/**
	 * YouTube's channel id: UC and 22 more characters.
	 */
	channelId: string;
	/**
	 * When YouTube said so. RFC 3339, UTC.
	 */
	observedAt: string;
	/**
	 * Views ever.
	 */
	views: number;
	/**
	 * Subscribers, rounded by YouTube to three figures; null when the owner hides them.
	 */
	subscribers?: number | null;
	/**
	 * Public videos.
	 */
	videos: number;
	/**
	 * True: public figures, fetched without the owner's grant. YouTube's policies let them be kept for 30 days; the others stay.
	 */
	withoutGrant?: boolean;
}
/**
 * What may change about a channel; what is left out stays as it is.
 */
export interface ChannelUpdate {
	/**
	 * The channel's title.
	 */
	channelName?: string;
	/**
	 * What the channel is about, in the words of its owner.
	 */
	niche?: string | null;
	/**
	 * False: kept, but no longer synced and not counted.
	 */
	isActive?: boolean;
}
/**
 * The address at which the owner of a channel grants us access to it.
 */
export interface ConnectLink {
	/**
	 * Our page, which says what is asked for and why, and leads on to Google's. Send it to the channel's owner; it holds no secret of ours, but whoever has it can connect that channel.
	 */
	connectUrl: string;
	/**
	 * After this the link no longer works; make a new one. RFC 3339, UTC.
	 */
	expiresAt: string;
}
/**
 * One cost to book: an amount, or a quantity in a unit that has a price.
 */
export interface CostBooking {
	/**
	 * The provider's or the workflow's own id of this cost. A cost is booked once by provider and externalId, so a retry books nothing.
	 */
	externalId: string;
	/**
	 * Who bills it, in lower case, e.g. openai or elevenlabs.
	 */
	provider: string;
	category: CostCategory;
	/**
	 * When it was used. Now when left out; at most a day ahead. RFC 3339.
	 */
	at?: string;
	/**
	 * The channel that it was spent on. Left out with a video, which names its channel; left out without one: shared by all videos of the month.
	 */
	channelId?: string;
	/**
	 * The video that it was spent on: a stored video of this user.
	 */
	videoId?: string;
	/**
	 * The model, as the provider names it.
	 */
	model?: string;
	/**
	 * How much was used, in the unit.
	 */
	quantity?: number;
	/**
	 * What the quantity counts, as the prices name it, e.g. input-token or character.
	 */
	unit?: string;
	/**
	 * What it cost. Left out: the quantity is priced by the price of its day. At most 10,000 either way; negative only with isRefund. USD, a decimal string.
	 */
	amountUsd?: string;
	/**
	 * Whether the provider gave this amount back; amountUsd is negative then.
	 */
	isRefund?: boolean;
	/**
	 * Whether the amount is an estimate.
	 */
	isEstimate?: boolean;
}
/**
 * What a user's videos of a month cost on average is above the limit of a group of costs. Sent once a month and group.
 */
export interface CostLimitPassed {
	/**
	 * What happened.
	 */
	kind: 'cost-limit-passed';
	/**
	 * The same each time that this event is sent; what was seen before may be ignored.
	 */
	eventId: string;
	/**
	 * When it happened. RFC 3339, UTC.
	 */
	at: string;
	/**
	 * True: it did not happen, and was asked for to build a workflow with.
	 */
	isSample: boolean;
	/**
	 * The user to whom it happened.
	 */
	userId: string;
	/**
	 * The Pacific month, YYYY-MM.
	 */
	month: string;
	group: CostGroup;
	/**
	 * Mean cost of a video that was published in the month. USD, a decimal string.
	 */
	costPerVideoUsd: string;
	/**
	 * The limit of the group. USD, a decimal string.
	 */
	limitUsd: string;
	/**
	 * Videos published in the month.
	 */
	videos: number;
}
/**
 * Booked costs of a user, newest first.
 */
export interface CostPage {
	costs: Cost[];
	/**
	 * Pass it as `after` to get the next page; null on the last one.
	 */
	next: string | null;
}
/**
 * A booked cost. It is never changed; a correction is another cost.
 */
export interface Cost {
	/**
	 * The cost.
	 */
	costId: string;
	/**
	 * When it was used. RFC 3339, UTC.
	 */
	at: string;
	/**
	 * The channel that it was spent on; null: shared by all.
	 */
	channelId: string | null;
	/**
	 * The video that it was spent on; null: shared by the videos of the month.
	 */
	videoId: string | null;
	category: CostCategory;
	/**
	 * Who bills it.
	 */
	provider: string;
	/**
	 * The model, as the provider names it.
	 */
	model: string | null;
	/**
	 * How much was used, a decimal string.
	 */
	quantity: string | null;
	/**
	 * What the quantity counts.
	 */
	unit: string | null;
	/**
	 * What it cost; negative: a refund. USD, a decimal string.
	 */
	amountUsd: string;
	basis: CostBasis;
	/**
	 * The provider's or the workflow's own id.
	 */
	externalId: string;
}
/**
 * What became of each row, in the order sent; answered only after the commit.
 */
export interface CostRecordResult {
	/**
	 * Rows that are new.
	 */
	booked: number;
	/**
	 * Rows that were booked before.
	 */
	unchanged: number;
	/**
	 * Rows refused.
	 */
	rejected: number;
	rows: {
		/**
		 * Which row, counted from 0.
		 */
		row: number;
		/**
		 * booked: new. unchanged: provider and externalId were booked before, as the answer says. rejected: see faults.
		 */
		outcome: 'booked' | 'unchanged' | 'rejected';
		/**
		 * The booked cost.
		 */
		costId: string | null;
		/**
		 * What is booked. USD, a decimal string.
		 */
		amountUsd: string | null;
		/**
		 * For people: where what is booked differs from what was sent.
		 */
		message: string | null;
		/**
		 * For rejected: why.
		 */
		faults: {
			/**
			 * JSON Pointer to what is wrong, within the row.
			 */
			pointer: string;
			/**
			 * What is wrong and what is wanted.
			 */
			message: string;
		}[];
	}[];
}
/**
 * Costs to book for a user. Each row is checked on its own against cost-booking.json, so a bad one never sinks the good ones.
 */
export interface CostRecord {
	/**
	 * Rows as of cost-booking.json.
	 *
	 * @minItems 1
	 * @maxItems 1000
	 */
	rows: {
		[k: string]: unknown;
	}[];
}
/**
 * What the videos published in a month cost, beside the limits: of all, by channel and by video. Shared costs are split evenly among the videos of their month.
 */
export interface CostSummary {
	/**
	 * The Pacific month, YYYY-MM.
	 */
	month: string;
	/**
	 * Videos published in the month.
	 */
	videos: number;
	/**
	 * All costs booked in the month, whatever they are for. Null: none. USD, a decimal string.
	 */
	bookedUsd: string | null;
	/**
	 * All channels together, by group.
	 */
	groups: {
		group: CostGroup;
		/**
		 * Costs of the videos that were published in the month. Null: none is booked. USD, a decimal string.
		 */
		costUsd: string | null;
		/**
		 * The same per video. Null: none is booked, or no video was published. USD, a decimal string.
		 */
		costPerVideoUsd: string | null;
		/**
		 * Limit of a video's cost. USD, a decimal string.
		 */
		limitUsd: string;
		/**
		 * Whether the cost per video is above the limit.
		 */
		isPassed: boolean;
	}[];
	/**
	 * By channel, the dearest first.
	 */
	channels: {
		/**
		 * The channel.
		 */
		channelId: string;
		/**
		 * Its name.
		 */
		channel: string;
		/**
		 * Videos published in the month.
		 */
		videos: number;
		/**
		 * Costs of these videos. Null: none is booked. USD, a decimal string.
		 */
		costUsd: string | null;
		/**
		 * The same per video. USD, a decimal string.
		 */
		costPerVideoUsd: string | null;
		/**
		 * Whether the cost per video is above the limit of the total.
		 */
		isPassed: boolean;
	}[];
	/**
	 * The dearest videos, at most 100.
	 *
	 * @maxItems 100
	 */
	topVideos: {
		/**
		 * The video.
		 */
		videoId: string;
		/**
		 * Its title.
		 */
		title: string;
		/**
		 * Its channel.
		 */
		channelId: string;
		/**
		 * The Pacific day of its publication.
		 */
		published: string;
		/**
		 * Costs of the group data. USD, a decimal string.
		 */
		dataUsd: string | null;
		/**
		 * Costs of the group AI. USD, a decimal string.
		 */
		aiUsd: string | null;
		/**
		 * Costs of the group platform. USD, a decimal string.
		 */
		platformUsd: string | null;
		/**
		 * All its costs. USD, a decimal string.
		 */
		costUsd: string | null;
		/**
		 * Whether its cost is above the limit of the total.
		 */
		isPassed: boolean;
	}[];
}
/**
 * How a user wants the dashboards. What is left out stays as it is.
 */
export interface DashboardSettingsUpdate {
	/**
	 * Goal of a calendar month. USD; that of the user.
	 */
	targetRevenueUsd?: string;
	/**
	 * IANA time zone of the hours at which videos are uploaded; that of the user. Days stay YouTube's.
	 */
	timeZone?: string;
	currencyFormat?: CurrencyFormat;
	/**
	 * What a dashboard shows when it is opened. standard: as each dashboard has it.
	 */
	defaultPeriod?: '7d' | '28d' | '90d' | '180d' | '1y' | 'standard';
	/**
	 * Panels that are left out, as dashboard/panel, for instance cost-analysis/break-even.
	 *
	 * @maxItems 50
	 */
	hiddenPanels?: string[];
}
/**
 * How a user wants the dashboards.
 */
export interface DashboardSettings {
	/**
	 * Goal of a calendar month. USD.
	 */
	targetRevenueUsd: string;
	/**
	 * IANA time zone of the hours at which videos are uploaded; that of the user. Days stay YouTube's.
	 */
	timeZone: string;
	currencyFormat: CurrencyFormat;
	/**
	 * What a dashboard shows when it is opened; null: as each dashboard has it.
	 */
	defaultPeriod: string | null;
	/**
	 * Panels that are left out, as dashboard/panel, for instance cost-analysis/break-even.
	 *
	 * @maxItems 50
	 */
	hiddenPanels: string[];
}
/**
 * A user's dashboards, just provisioned, or with another password.
 */
export interface DashboardsProvisioned {
	/**
	 * The address of the dashboards for a browser.
	 */
	url: string;
	/**
	 * The account that may see them.
	 */
	login: string;
	/**
	 * Its password, this once; null: the account was there, and its password stays. It is kept nowhere.
	 */
	password: string | null;
	/**
	 * Each dashboard.
	 */
	dashboards: DashboardLink[];
	/**
	 * What could not be done, a sentence each.
	 */
	faults: string[];
}
export interface DashboardLink {
	/**
	 * Grafana's id of the dashboard; the same in every organization.
	 */
	uid: string;
	/**
	 * Its title.
	 */
	title: string;
	/**
	 * Its address for a browser.
	 */
	url: string;
}
/**
 * Where a user's dashboards are.
 */
export interface Dashboards {
	/**
	 * ready; pending: not provisioned yet; failing: problem says why, and it is tried again; off: this sidecar has no Grafana.
	 */
	state: 'ready' | 'pending' | 'failing' | 'off';
	/**
	 * The address of the dashboards for a browser; null until they are provisioned.
	 */
	url: string | null;
	/**
	 * The account that may see them.
	 */
	login: string | null;
	/**
	 * Each dashboard.
	 */
	dashboards: DashboardLink1[];
	/**
	 * When they were last provisioned or checked.
	 */
	provisionedAt: string | null;
	/**
	 * What is wrong, in a sentence.
	 */
	problem: string | null;
}
export interface DashboardLink1 {
	/**
	 * Grafana's id of the dashboard; the same in every organization.
	 */
	uid: string;
	/**
	 * Its title.
	 */
	title: string;
	/**
	 * Its address for a browser.
	 */
	url: string;
}
/**
 * A user's PostgreSQL logins, without their passwords.
 */
export interface DatabaseLoginList {
	logins: {
		/**
		 * Role name.
		 */
		login: string;
	}[];
}
/**
 * A PostgreSQL login that sees one user's rows and nothing else, for Grafana or psql. The password is shown this once.
 */
export interface DatabaseLogin {
	/**
	 * Role name.
	 */
	login: string;
	/**
	 * Shown once; kept nowhere.
	 */
	password: string;
}
/**
 * Metrics of a channel on one of YouTube's days, for one value of a dimension, such as one type of device. At least one metric.
 */
export interface DimensionDay {
	/**
	 * What this row is.
	 */
	kind: 'dimension-day';
	/**
	 * The user, as created here.
	 */
	userId: string;
	/**
	 * YouTube's channel id: UC and 22 more characters.
	 */
	channelId: string;
	/**
	 * YouTube's name of the dimension, such as deviceType, or of two, joined by a comma.
	 */
	dimension: string;
	/**
	 * YouTube's value of the dimension, such as MOBILE; of two, joined by a comma in their order.
	 */
	value: string;
	/**
	 * The day. YYYY-MM-DD, YouTube's (Pacific) day.
	 */
	day: string;
	/**
	 * Views as YouTube counts them now (Shorts since 2025-03-31 and all formats since 2026-08: every start).
	 */
	views?: number;
	/**
	 * Views that went on past the first seconds: the old meaning of views.
	 */
	engagedViews?: number;
	/**
	 * Watch time. Minutes.
	 */
	estimatedMinutesWatched?: number;
	/**
	 * Average length of a view; since 2026-08-24 of an engaged view, so that it is higher from that day. Seconds.
	 */
	averageViewDuration?: number;
	/**
	 * Likes added less likes removed that day.
	 */
	likes?: number;
	/**
	 * Comments added less comments removed that day.
	 */
	comments?: number;
	/**
	 * Shares.
	 */
	shares?: number;
	/**
	 * Subscribers gained.
	 */
	subscribersGained?: number;
	/**
	 * Subscribers lost.
	 */
	subscribersLost?: number;
	/**
	 * Gross revenue from ads. USD, a decimal string.
	 */
	grossRevenue?: string;
	/**
	 * Ads shown.
	 */
	adImpressions?: number;
	/**
	 * Gross revenue per thousand ads shown. USD, a decimal string.
	 */
	cpm?: string;
	/**
	 * How often the thumbnail was shown on YouTube for at least a second.
	 */
	impressions?: number;
	/**
	 * Share of the impressions that were clicked, 0 to 1. To average several, weight them by impressions.
	 */
	clickThroughRate?: number;
}
/**
 * Metrics of a channel or a video in a period, for one value of a dimension that YouTube does not break down by day, such as one country. At least one metric.
 */
export interface DimensionPeriod {
	/**
	 * What this row is.
	 */
	kind: 'dimension-period';
	/**
	 * The user, as created here.
	 */
	userId: string;
	/**
	 * YouTube's channel id: UC and 22 more characters.
	 */
	channelId: string;
	/**
	 * YouTube's video id, 11 characters. Left out: the whole channel.
	 */
	videoId?: string;
	/**
	 * YouTube's name of the dimension, such as deviceType, or of two, joined by a comma.
	 */
	dimension: string;
	/**
	 * YouTube's value of the dimension, such as MOBILE; of two, joined by a comma in their order.
	 */
	value: string;
	/**
	 * First day of the period. YYYY-MM-DD, YouTube's (Pacific) day.
	 */
	startDate: string;
	/**
	 * Last day of the period. YYYY-MM-DD, YouTube's (Pacific) day.
	 */
	endDate: string;
	/**
	 * Views as YouTube counts them now (Shorts since 2025-03-31 and all formats since 2026-08: every start).
	 */
	views?: number;
	/**
	 * Views that went on past the first seconds: the old meaning of views.
	 */
	engagedViews?: number;
	/**
	 * Watch time. Minutes.
	 */
	estimatedMinutesWatched?: number;
	/**
	 * Average length of a view; since 2026-08-24 of an engaged view, so that it is higher from that day. Seconds.
	 */
	averageViewDuration?: number;
	/**
	 * Likes added less likes removed that day.
	 */
	likes?: number;
	/**
	 * Comments added less comments removed that day.
	 */
	comments?: number;
	/**
	 * Shares.
	 */
	shares?: number;
	/**
	 * Subscribers gained.
	 */
	subscribersGained?: number;
	/**
	 * Subscribers lost.
	 */
	subscribersLost?: number;
	/**
	 * Share of the signed-in viewers. Percent.
	 */
	viewerPercentage?: number;
}
/**
 * What was erased of a user, and what is still to be.
 */
export interface Erasure {
	/**
	 * The user that was erased.
	 */
	userId: string;
	/**
	 * When everything stored here was erased. RFC 3339, UTC.
	 */
	erasedAt: string;
	/**
	 * pending: n8n's executions that name the user are being deleted. not-configured: the sidecar has no access to n8n; delete them there, or wait until n8n prunes them.
	 */
	n8nExecutions: 'pending' | 'not-configured';
}
/**
 * How many events of a user were recorded, by hour, type and source, newest first.
 */
export interface EventCountPage {
	/**
	 * First day, in UTC.
	 */
	from: string;
	/**
	 * Last day, in UTC.
	 */
	to: string;
	counts: EventCount[];
	/**
	 * To be sent as after for the next page; null: this is the last.
	 */
	next: string | null;
}
export interface EventCount {
	/**
	 * The beginning of the hour. RFC 3339, UTC.
	 */
	hour: string;
	/**
	 * What happened; other: of many types and sources together.
	 */
	type: string;
	/**
	 * Where it happened.
	 */
	source: string;
	/**
	 * How many.
	 */
	events: number;
}
/**
 * Events of one user to be recorded. Each is checked on its own against recorded-event.json, so a bad one never sinks the good ones.
 */
export interface EventRecordRequest {
	/**
	 * Events as of recorded-event.json.
	 *
	 * @minItems 1
	 * @maxItems 5000
	 */
	events: {
		[k: string]: unknown;
	}[];
}
/**
 * What became of each event, in the order sent; answered only after the commit.
 */
export interface EventRecordResult {
	/**
	 * Events that are new.
	 */
	recorded: number;
	/**
	 * Events that were recorded before.
	 */
	unchanged: number;
	/**
	 * Events refused.
	 */
	rejected: number;
	events: {
		/**
		 * Which event, counted from 0.
		 */
		event: number;
		/**
		 * recorded: new. unchanged: one of the same id and time is there already, and stays as it is. rejected: see faults.
		 */
		outcome: 'recorded' | 'unchanged' | 'rejected';
		/**
		 * For rejected: why.
		 */
		faults?: {
			/**
			 * JSON Pointer to what is wrong, within the event.
			 */
			pointer: string;
			/**
			 * What is wrong and what is wanted.
			 */
			message: string;
		}[];
	}[];
}
/**
 * Rows of the user were stored, and for half a minute no more came of the same execution.
 */
export interface SyncFinished {
	/**
	 * What happened.
	 */
	kind: 'sync-finished';
	/**
	 * The same each time that this event is sent; what was seen before may be ignored.
	 */
	eventId: string;
	/**
	 * When it happened. RFC 3339, UTC.
	 */
	at: string;
	/**
	 * True: it did not happen, and was asked for to build a workflow with.
	 */
	isSample: boolean;
	/**
	 * The user to whom it happened.
	 */
	userId: string;
	/**
	 * Rows that were new.
	 */
	stored: number;
	/**
	 * Rows that changed.
	 */
	updated: number;
	/**
	 * Rows that were known.
	 */
	unchanged: number;
	/**
	 * n8n's id of the workflow that stored them.
	 */
	workflowId: string | null;
	/**
	 * n8n's id of its execution.
	 */
	executionId: string | null;
}
/**
 * Google no longer takes a channel's grant; its owner must connect it again.
 */
export interface ReconnectNeeded {
	/**
	 * What happened.
	 */
	kind: 'reconnect-needed';
	/**
	 * The same each time that this event is sent; what was seen before may be ignored.
	 */
	eventId: string;
	/**
	 * When it happened. RFC 3339, UTC.
	 */
	at: string;
	/**
	 * True: it did not happen, and was asked for to build a workflow with.
	 */
	isSample: boolean;
	/**
	 * The user to whom it happened.
	 */
	userId: string;
	/**
	 * YouTube's id of the channel.
	 */
	channelId: string;
	/**
	 * The channel's title.
	 */
	channelName: string;
	/**
	 * What happened and what to do, for people.
	 */
	message: string;
}
/**
 * What the user may still take of a day's bucket is at most a fifth of what it is guaranteed. Sent once a bucket and day.
 */
export interface QuotaLow {
	/**
	 * What happened.
	 */
	kind: 'quota-low';
	/**
	 * The same each time that this event is sent; what was seen before may be ignored.
	 */
	eventId: string;
	/**
	 * When it happened. RFC 3339, UTC.
	 */
	at: string;
	/**
	 * True: it did not happen, and was asked for to build a workflow with.
	 */
	isSample: boolean;
	/**
	 * The user to whom it happened.
	 */
	userId: string;
	bucket: Bucket;
	/**
	 * Units that are the user's own today.
	 */
	guaranteed: number;
	/**
	 * Units that the user took today, borrowed ones included.
	 */
	used: number;
	/**
	 * Units that the user may still take now.
	 */
	available: number;
	/**
	 * When the bucket is full again.
	 */
	resetsAt: string;
}
/**
 * A video was seen for the first time, within three days of its publication.
 */
export interface NewVideo {
	/**
	 * What happened.
	 */
	kind: 'new-video';
	/**
	 * The same each time that this event is sent; what was seen before may be ignored.
	 */
	eventId: string;
	/**
	 * When it happened. RFC 3339, UTC.
	 */
	at: string;
	/**
	 * True: it did not happen, and was asked for to build a workflow with.
	 */
	isSample: boolean;
	/**
	 * The user to whom it happened.
	 */
	userId: string;
	/**
	 * YouTube's id of the channel.
	 */
	channelId: string;
	/**
	 * The channel's title.
	 */
	channelName: string;
	/**
	 * YouTube's id of the video.
	 */
	videoId: string;
	/**
	 * The video's title.
	 */
	title: string;
	/**
	 * When it was published.
	 */
	publishedAt: string;
}
/**
 * A check of a user's data found a fault, or found it gone.
 */
export interface QualityIncident {
	/**
	 * What happened.
	 */
	kind: 'quality-incident';
	/**
	 * The same each time that this event is sent; what was seen before may be ignored.
	 */
	eventId: string;
	/**
	 * When it happened. RFC 3339, UTC.
	 */
	at: string;
	/**
	 * True: it did not happen, and was asked for to build a workflow with.
	 */
	isSample: boolean;
	/**
	 * The user to whom it happened.
	 */
	userId: string;
	/**
	 * The same when it opens and when it closes.
	 */
	incidentId: string;
	check: QualityCheckName;
	state: IncidentState;
	/**
	 * What was found, in `unit`.
	 */
	value: number | null;
	/**
	 * What the value counts.
	 */
	unit: string;
	/**
	 * From which value on an incident opens.
	 */
	threshold: number;
	/**
	 * Channels that are not well; 0: it is about none in particular.
	 */
	channels: number;
}
/**
 * A user's tier is another than before: its share of the quotas and its weight in the queue are, too.
 */
export interface TierChanged {
	/**
	 * What happened.
	 */
	kind: 'tier-changed';
	/**
	 * The same each time that this event is sent; what was seen before may be ignored.
	 */
	eventId: string;
	/**
	 * When it happened. RFC 3339, UTC.
	 */
	at: string;
	/**
	 * True: it did not happen, and was asked for to build a workflow with.
	 */
	isSample: boolean;
	/**
	 * The user to whom it happened.
	 */
	userId: string;
	tier: Tier;
	previousTier: Tier;
	/**
	 * subscription: what is paid for at Stripe. payment-overdue: the grace period of a late payment has ended. subscription-ended: canceled, unpaid or paused. by-operator: changed through the API.
	 */
	reason: 'subscription' | 'payment-overdue' | 'subscription-ended' | 'by-operator';
}
/**
 * What a user's channels need from YouTube now, and why; what onlyDue fetches.
 */
export interface FetchPlan {
	/**
	 * The moment of the plan. RFC 3339, UTC.
	 */
	asOf: string;
	/**
	 * Whether current statistics are asked by each owner's grant, or of all users together by the platform's API key. Pooled ones may be kept for 30 days only.
	 */
	publicStatistics: 'by-owner' | 'pooled';
	channels: {
		/**
		 * YouTube's channel id.
		 */
		channelId: string;
		/**
		 * How new videos are found between readings of the uploads playlist: pushed by YouTube's hub, or read from the public feed.
		 */
		uploadsBy: 'push' | 'feed';
		reports: {
			report: Report;
			isDue: boolean;
			/**
			 * When it is due next, now or later; null: not while things stay as they are. RFC 3339, UTC.
			 */
			nextDueAt: string | null;
			/**
			 * Days that are due, newest first.
			 */
			days: string[];
			/**
			 * How many videos are due.
			 */
			videos: number;
			/**
			 * The rule, for people.
			 */
			why: string;
		}[];
	}[];
}
/**
 * What to fetch from YouTube. Requests for many users and channels travel together.
 */
export interface FetchRequest {
	/**
	 * @minItems 1
	 * @maxItems 5000
	 */
	requests: {
		/**
		 * The user, as created here.
		 */
		userId: string;
		/**
		 * YouTube's channel id: UC and 22 more characters.
		 */
		channelId: string;
		report: Report;
		/**
		 * First day, for reports by day or period. Left out: 28 days before the end for channels and reports of a period; the end itself for videos by day. YYYY-MM-DD, YouTube's (Pacific) day.
		 */
		startDate?: string;
		/**
		 * Last day, for reports by day or period. Left out: 3 days ago, the last that Google has surely finished, and 4 days ago for revenue, which is slower. YYYY-MM-DD, YouTube's (Pacific) day.
		 */
		endDate?: string;
		/**
		 * For video-statistics, video-details, video-day and video-revenue-day: which videos; left out, the recent uploads or the day's largest. For retention: exactly one. For geography, demographics and traffic-source-details: at most one; left out, the whole channel.
		 *
		 * @minItems 1
		 * @maxItems 50
		 *
		 * Items: YouTube's video id, 11 characters.
		 */
		videoIds?: string[];
		/**
		 * For reports from Analytics: only these metrics, by YouTube's names. Left out: all that the report has. What Analytics would refuse together is refused here before it costs a call.
		 *
		 * @minItems 1
		 * @maxItems 20
		 */
		metrics?: Metric[];
		sortBy?: Metric;
		/**
		 * Maximum number of videos. For top-videos at most 200; left out: 200. For recent-uploads: at most 50; left out: 10.
		 */
		limit?: number;
		/**
		 * For revenue-currency-day, and required there: the currency of its amounts, by ISO 4217, such as EUR. Google converts; one that it does not convert to is refused with its words.
		 */
		currency?: string;
	}[];
	/**
	 * Take an answer from the cache when it is at most this old. Minutes; 0: ask Google. Left out: as long as YouTube's numbers stay the same by their nature (statistics 10, uploads 120, reports by day 360).
	 */
	maxAgeMinutes?: number;
	/**
	 * How long to wait in the fair queue, for the database and for the quota of the minute, and to retry what fails for a while. What is not fetched by then is in notFetched, with its reason. Seconds.
	 */
	waitSeconds?: number;
	/**
	 * Fetch only what the plan says is due (GET /v1/users/{userId}/plan): current statistics by their age, days of Analytics only while YouTube still restates them. What is not due costs nothing and comes back in notDue. Days and videos must be left out then.
	 */
	onlyDue?: boolean;
	/**
	 * Whether a person waits for it: then it goes before background work, and may use the quota that is kept for that. Left out: true with a user's own token, otherwise false.
	 */
	interactive?: boolean;
	/**
	 * What to answer. rows: the rows. references: the sidecar holds the rows for 60 minutes, and answers a reference to each batch for POST /v1/metrics/store, without any figure. With references and onlyDue, a report of a channel that another run fetches, or has fetched and not yet stored, comes back in notDue as in-progress.
	 */
	output?: 'rows' | 'references';
}
/**
 * What was fetched, request by request, and what was not and why. A request of which only a part came is in both.
 */
export interface FetchResult {
	/**
	 * Items: With output references, a result without rows has no reference either, and a batch that an earlier run fetched and never stored is a result of its own.
	 */
	results: {
		/**
		 * Which request, counted from 0.
		 */
		request: number;
		/**
		 * The rows; with output references left out.
		 */
		rows?: FetchedRow[];
		reference?: BatchReference;
		/**
		 * When Google said so. RFC 3339, UTC.
		 */
		fetchedAt: string;
		/**
		 * Whether it cost nothing.
		 */
		fromCache: boolean;
	}[];
	notFetched: {
		/**
		 * Which request, counted from 0.
		 */
		request: number;
		/**
		 * The user, as created here.
		 */
		userId: string;
		/**
		 * As asked.
		 */
		channelId: string;
		report: Report;
		reason: Reason;
		/**
		 * For people: what happened and what to do.
		 */
		message: string;
		/**
		 * When trying again makes sense; null: when the cause is fixed. RFC 3339, UTC.
		 */
		retryAt: string | null;
		/**
		 * The same as retryAt, from now on, for callers whose clock differs. Seconds.
		 */
		retryAfterSeconds: number | null;
		/**
		 * The video, where it is about one: the one that the request names, or of retention by plan the one whose query failed.
		 */
		videoId?: string;
	}[];
	/**
	 * Requests that onlyDue left alone, because nothing can have changed, another run is at it, or they wait for a later one.
	 */
	notDue: {
		/**
		 * Which request, counted from 0.
		 */
		request: number;
		/**
		 * When the plan has it next; null: not while things stay as they are. RFC 3339, UTC.
		 */
		nextDueAt: string | null;
		/**
		 * not-due: nothing can have changed. in-progress: another run fetches it, or has fetched and not yet stored it; nextDueAt is when it is free at the latest. postponed: more retention curves are due than fit into the minute; a run at nextDueAt or later asks for them.
		 */
		reason: 'not-due' | 'in-progress' | 'postponed';
	}[];
	/**
	 * Calls to Google that this fetch made, in units, by bucket.
	 */
	unitsSpent: {
		[k: string]: number;
	};
}
/**
 * What happened with a video on one of YouTube's days. At least one metric; those left out keep what is stored.
 */
export interface VideoDay {
	/**
	 * What this row is.
	 */
	kind: 'video-day';
	/**
	 * The user, as created here.
	 */
	userId: string;
	/**
	 * YouTube's channel id: UC and 22 more characters.
	 */
	channelId: string;
	/**
	 * YouTube's video id, 11 characters.
	 */
	videoId: string;
	/**
	 * The day. YYYY-MM-DD, YouTube's (Pacific) day.
	 */
	day: string;
	/**
	 * Views as YouTube counts them now (Shorts since 2025-03-31 and all formats since 2026-08: every start).
	 */
	views?: number;
	/**
	 * Views that went on past the first seconds: the old meaning of views.
	 */
	engagedViews?: number;
	/**
	 * Watch time. Minutes.
	 */
	estimatedMinutesWatched?: number;
	/**
	 * Watch time divided by views; since 2026-08-24 divided by engagedViews, so that it is higher from that day. Seconds.
	 */
	averageViewDuration?: number;
	/**
	 * Average share of the video watched. Percent; can pass 100 when parts are watched again.
	 */
	averageViewPercentage?: number;
	/**
	 * Likes added less likes removed that day.
	 */
	likes?: number;
	/**
	 * Comments added less comments removed that day.
	 */
	comments?: number;
	/**
	 * Shares.
	 */
	shares?: number;
	/**
	 * Subscribers gained.
	 */
	subscribersGained?: number;
	/**
	 * Subscribers lost.
	 */
	subscribersLost?: number;
	/**
	 * Net revenue from all of Google. May be negative after a claw-back. USD, a decimal string.
	 */
	estimatedRevenue?: string;
}
/**
 * A video's lifetime totals at a moment.
 */
export interface VideoStatistics {
	/**
	 * What this row is.
	 */
	kind: 'video-statistics';
	/**
	 * The user, as created here.
	 */
	userId: string;
	/**
	 * YouTube's channel id: UC and 22 more characters.
	 */
	channelId: string;
	/**
	 * YouTube's video id, 11 characters.
	 */
	videoId: string;
	/**
	 * When YouTube said so. RFC 3339, UTC.
	 */
	observedAt: string;
	/**
	 * Views ever.
	 */
	views: number;
	/**
	 * Likes; null when hidden.
	 */
	likes?: number | null;
	/**
	 * Comments; null when switched off.
	 */
	comments?: number | null;
	/**
	 * True: public figures, fetched without the owner's grant. YouTube's policies let them be kept for 30 days; the others stay.
	 */
	withoutGrant?: boolean;
}
/**
 * A video of a channel.
 */
export interface Video {
	/**
	 * What this row is.
	 */
	kind: 'video';
	/**
	 * The user, as created here.
	 */
	userId: string;
	/**
	 * YouTube's channel id: UC and 22 more characters.
	 */
	channelId: string;
	/**
	 * YouTube's video id, 11 characters.
	 */
	videoId: string;
	/**
	 * Its title.
	 */
	title: string;
	/**
	 * When it was published. RFC 3339, UTC.
	 */
	publishedAt: string;
	/**
	 * Length. Seconds; null or left out when not asked for.
	 */
	durationSeconds?: number | null;
	/**
	 * What its owner wrote below it. Up to 5,000 bytes at YouTube.
	 */
	description?: string;
	/**
	 * Its owner's tags, as the owner sees them.
	 *
	 * @maxItems 500
	 */
	tags?: string[];
	/**
	 * Address of its largest thumbnail; null when there is none.
	 */
	thumbnailUrl?: string | null;
}
/**
 * Views of a channel on one of YouTube's days that came from one kind of place. At least one metric.
 */
export interface TrafficSourceDay {
	/**
	 * What this row is.
	 */
	kind: 'traffic-source-day';
	/**
	 * The user, as created here.
	 */
	userId: string;
	/**
	 * YouTube's channel id: UC and 22 more characters.
	 */
	channelId: string;
	/**
	 * YouTube's insightTrafficSourceType: YT_SEARCH, RELATED_VIDEO, SHORTS, EXT_URL, SUBSCRIBER and so on.
	 */
	sourceType: string;
	/**
	 * The day. YYYY-MM-DD, YouTube's (Pacific) day.
	 */
	day: string;
	/**
	 * Views that came from there.
	 */
	views?: number;
	/**
	 * Watch time of those. Minutes.
	 */
	estimatedMinutesWatched?: number;
}
/**
 * How a video's thumbnail did on one of YouTube's days. At least one metric.
 */
export interface ThumbnailDay {
	/**
	 * What this row is.
	 */
	kind: 'thumbnail-day';
	/**
	 * The user, as created here.
	 */
	userId: string;
	/**
	 * YouTube's channel id: UC and 22 more characters.
	 */
	channelId: string;
	/**
	 * YouTube's video id, 11 characters.
	 */
	videoId: string;
	/**
	 * The day. YYYY-MM-DD, YouTube's (Pacific) day.
	 */
	day: string;
	/**
	 * How often the thumbnail was shown on YouTube for at least a second.
	 */
	impressions?: number;
	/**
	 * Share of the impressions that were clicked, usually 0 to 1; YouTube now and then counts more clicks than impressions. To average several, weight them by impressions.
	 */
	clickThroughRate?: number;
}
/**
 * A channel's revenue of one of YouTube's days in a currency of the caller's choice. To read, not to store: what is stored is in USD, so that amounts can be added up.
 */
export interface RevenueCurrencyDay {
	/**
	 * What this row is.
	 */
	kind: 'revenue-currency-day';
	/**
	 * The user, as created here.
	 */
	userId: string;
	/**
	 * YouTube's channel id: UC and 22 more characters.
	 */
	channelId: string;
	/**
	 * The day. YYYY-MM-DD, YouTube's (Pacific) day.
	 */
	day: string;
	/**
	 * The currency of the amounts, by ISO 4217.
	 */
	currency: string;
	/**
	 * Net revenue from all of Google. May be negative after a claw-back. In the currency of the row, a decimal string.
	 */
	estimatedRevenue?: string;
	/**
	 * Net revenue from ads. In the currency of the row, a decimal string.
	 */
	estimatedAdRevenue?: string;
	/**
	 * Gross revenue from ads. In the currency of the row, a decimal string.
	 */
	grossRevenue?: string;
	/**
	 * Playbacks that showed an ad.
	 */
	monetizedPlaybacks?: number;
	/**
	 * Gross revenue per thousand monetized playbacks. In the currency of the row, a decimal string.
	 */
	playbackBasedCpm?: string;
	/**
	 * Ads shown.
	 */
	adImpressions?: number;
	/**
	 * Gross revenue per thousand ads shown. In the currency of the row, a decimal string.
	 */
	cpm?: string;
}
/**
 * A video among a channel's largest of a period. To read, not to store: sums over a period are no day's figures.
 */
export interface TopVideo {
	/**
	 * What this row is.
	 */
	kind: 'top-video';
	/**
	 * The user, as created here.
	 */
	userId: string;
	/**
	 * YouTube's channel id: UC and 22 more characters.
	 */
	channelId: string;
	/**
	 * YouTube's video id, 11 characters.
	 */
	videoId: string;
	/**
	 * First day of the period. YYYY-MM-DD, YouTube's (Pacific) day.
	 */
	startDate: string;
	/**
	 * Last day of the period. YYYY-MM-DD, YouTube's (Pacific) day.
	 */
	endDate: string;
	/**
	 * Its place, 1 the largest.
	 */
	rank: number;
	/**
	 * Views as YouTube counts them now (Shorts since 2025-03-31 and all formats since 2026-08: every start).
	 */
	views?: number;
	/**
	 * Views that went on past the first seconds: the old meaning of views.
	 */
	engagedViews?: number;
	/**
	 * Watch time. Minutes.
	 */
	estimatedMinutesWatched?: number;
	/**
	 * Watch time divided by views; since 2026-08-24 divided by engagedViews, so that it is higher from that day. Seconds.
	 */
	averageViewDuration?: number;
	/**
	 * Average share of the video watched. Percent; can pass 100 when parts are watched again.
	 */
	averageViewPercentage?: number;
	/**
	 * Likes added less likes removed that day.
	 */
	likes?: number;
	/**
	 * Comments added less comments removed that day.
	 */
	comments?: number;
	/**
	 * Shares.
	 */
	shares?: number;
	/**
	 * Subscribers gained.
	 */
	subscribersGained?: number;
	/**
	 * Subscribers lost.
	 */
	subscribersLost?: number;
	/**
	 * Net revenue from all of Google. May be negative after a claw-back. USD, a decimal string.
	 */
	estimatedRevenue?: string;
	/**
	 * Net revenue from ads. USD, a decimal string.
	 */
	estimatedAdRevenue?: string;
	/**
	 * Gross revenue from ads. USD, a decimal string.
	 */
	grossRevenue?: string;
	/**
	 * Playbacks that showed an ad.
	 */
	monetizedPlaybacks?: number;
	/**
	 * Gross revenue per thousand monetized playbacks. USD, a decimal string.
	 */
	playbackBasedCpm?: string;
	/**
	 * Gross revenue per thousand ads shown. USD, a decimal string.
	 */
	cpm?: string;
}
/**
 * How many of a video's viewers are still there at a point of it, in a period. At least one metric.
 */
export interface RetentionPoint {
	/**
	 * What this row is.
	 */
	kind: 'retention-point';
	/**
	 * The user, as created here.
	 */
	userId: string;
	/**
	 * YouTube's channel id: UC and 22 more characters.
	 */
	channelId: string;
	/**
	 * YouTube's video id, 11 characters.
	 */
	videoId: string;
	/**
	 * First day of the period. YYYY-MM-DD, YouTube's (Pacific) day.
	 */
	startDate: string;
	/**
	 * Last day of the period. YYYY-MM-DD, YouTube's (Pacific) day.
	 */
	endDate: string;
	/**
	 * The point: share of the video that has passed, 0.01 to 1.
	 */
	elapsedVideoTimeRatio: number;
	/**
	 * Views of this point for each view of the video; passes 1 when it is watched again.
	 */
	audienceWatchRatio?: number;
	/**
	 * Compared with YouTube's videos of about this length: 0 the worst, 0.5 the middle, 1 the best.
	 */
	relativeRetentionPerformance?: number;
	/**
	 * Viewers who started to watch at this point.
	 */
	startedWatching?: number;
	/**
	 * Viewers who stopped watching at this point.
	 */
	stoppedWatching?: number;
	/**
	 * How often this point was watched, repeats among them.
	 */
	totalSegmentImpressions?: number;
}
/**
 * Whether the sidecar can work.
 */
export interface Health {
	/**
	 * `up`; `degraded`: it works, and a warning says what is wrong; `down`: a part that it needs is not there, or it is about to stop.
	 */
	status: 'up' | 'degraded' | 'down';
	/**
	 * `postgresql` and `redis`, each `up`, `unavailable` or, of PostgreSQL, `disk full`; and `process`, `stopping`, while the sidecar is about to stop.
	 */
	checks: {
		[k: string]: string;
	};
	/**
	 * What is wrong and does not stop the sidecar, by what it concerns: `channels`, `dashboards`, `disk`, `google`, `hub` or `jobs`. Empty when nothing is.
	 */
	warnings: {
		[k: string]: string;
	};
}
/**
 * Incidents, the newest first.
 */
export interface IncidentList {
	incidents: Incident[];
	/**
	 * Pass it as `after`, all else the same, to get the next page; null on the last one.
	 */
	next: string | null;
}
/**
 * A time in which a check of a user's data was not well.
 */
export interface Incident {
	/**
	 * Of this incident alone.
	 */
	incidentId: string;
	/**
	 * The user whose data it is about.
	 */
	userId: string;
	check: QualityCheckName;
	state: IncidentState;
	/**
	 * When it was found. RFC 3339, UTC.
	 */
	openedAt: string;
	/**
	 * When it was last looked at. RFC 3339, UTC.
	 */
	updatedAt: string;
	/**
	 * When the check was well again; null: it is not.
	 */
	closedAt: string | null;
	/**
	 * The worst so far, in `unit`.
	 */
	value: number | null;
	/**
	 * What the value counts.
	 */
	unit: string;
	/**
	 * From which value on an incident opens.
	 */
	threshold: number;
	/**
	 * Channels that were not well when it was last looked at; 0: it is about none in particular.
	 */
	channels: number;
}
/**
 * A model's answer to the facts of seven days, and what it used. Whatever is wrong with the answer, sentences are stored: then those of rules.
 */
export interface InsightCreate {
	/**
	 * The first of 7 Pacific days; of the newest 7 that YouTube has reported when left out.
	 */
	week?: string;
	/**
	 * An object with a list `sentences`, or that object as text. Each sentence has slots {{id}} of facts and neither digits nor number words. Null: the model was not asked or did not answer.
	 */
	answer?: {
		[k: string]: unknown;
	};
	/**
	 * What the model used; booked as a cost of the user.
	 */
	usage?: {
		/**
		 * Who bills it; openai when left out.
		 */
		provider?: string;
		/**
		 * The provider's id of the answer; it is booked once.
		 */
		responseId: string;
		/**
		 * The model, as the provider names it.
		 */
		model: string;
		/**
		 * Tokens of the question, cached ones included.
		 */
		inputTokens: number;
		/**
		 * Of these, read from the provider's cache.
		 */
		cachedInputTokens?: number;
		/**
		 * Tokens of the answer.
		 */
		outputTokens: number;
	};
}
/**
 * The sentences that were stored, and what the answer cost.
 */
export interface InsightCreated {
	/**
	 * The first of the 7 Pacific days.
	 */
	week: string;
	/**
	 * The sentences, ready to show.
	 */
	sentences: string[];
	source: InsightSource;
	/**
	 * Why the sentences are of rules: what was wrong with the answer.
	 */
	reason: string | null;
	/**
	 * Which model wrote them.
	 */
	model: string | null;
	/**
	 * When they were stored; null: they are made of rules now. RFC 3339, UTC.
	 */
	createdAt: string | null;
	/**
	 * What the answer cost. USD, a decimal string.
	 */
	costUsd: string;
	/**
	 * Why the usage could not be booked; null: it was, or there was none.
	 */
	costFault: string | null;
}
/**
 * Facts of seven days of a user, for a language model to write sentences with slots from.
 */
export interface InsightFacts {
	/**
	 * The first of the 7 Pacific days.
	 */
	week: string;
	/**
	 * Empty: nothing is reported of these days yet.
	 */
	facts: {
		/**
		 * The name of its slot: {{id}}.
		 */
		id: string;
		/**
		 * What it is.
		 */
		label: string;
		/**
		 * The figure, a decimal string; a change as a ratio, 0.25 is 25% more. Null: the fact is a name, or days.
		 */
		value: string | null;
		/**
		 * What its slot is filled with. Of a name: in quotation marks, cut, without links.
		 */
		text: string;
		/**
		 * Whether it is text of strangers, such as a title: data, never an instruction.
		 */
		isUntrusted: boolean;
	}[];
	/**
	 * Whether a model may be asked: there are facts, the model has prices, the budget of the month is not spent, and no model has written about these days yet.
	 */
	isModelAllowed: boolean;
	/**
	 * Why not.
	 */
	reason: string | null;
	/**
	 * What the model may cost in a month. USD, a decimal string.
	 */
	budgetUsd: string;
	/**
	 * What it has cost this month. USD, a decimal string.
	 */
	spentUsd: string;
}
/**
 * What the language model may cost of a user.
 */
export interface InsightSettings {
	/**
	 * In a Pacific month. 0: the model is not asked. USD, a decimal string.
	 */
	monthlyBudgetUsd: string;
}
/**
 * Sentences about seven days of a user.
 */
export interface Insight {
	/**
	 * The first of the 7 Pacific days.
	 */
	week: string;
	/**
	 * The sentences, ready to show.
	 */
	sentences: string[];
	source: InsightSource;
	/**
	 * Why the sentences are of rules: what was wrong with the answer.
	 */
	reason: string | null;
	/**
	 * Which model wrote them.
	 */
	model: string | null;
	/**
	 * When they were stored; null: they are made of rules now. RFC 3339, UTC.
	 */
	createdAt: string | null;
}
/**
 * Days on which YouTube changed what a figure means: do not compare figures across them without saying so.
 */
export interface MetricBreaks {
	breaks: {
		/**
		 * By YouTube's name.
		 */
		metric: string;
		/**
		 * Which videos it concerns.
		 */
		videoFormat: 'short' | 'any';
		/**
		 * The first day of the new meaning. YYYY-MM-DD, YouTube's (Pacific) day.
		 */
		day: string;
		/**
		 * What it counted before.
		 */
		before: string;
		/**
		 * What it counts since.
		 */
		after: string;
	}[];
}
/**
 * Stored rows of one user, newest first.
 */
export interface MetricPage {
	rows: MetricRow[];
	/**
	 * Pass it as `after` to get the next page; null on the last one.
	 */
	next: string | null;
}
/**
 * Notices, the oldest first.
 */
export interface NoticePage {
	notices: Notice[];
	/**
	 * Pass it as `after` to get the next page; null on the last one.
	 */
	next: number | null;
}
/**
 * A warning or a finding for a user, reported once.
 */
export interface Notice {
	/**
	 * Counts up.
	 */
	noticeId: number;
	/**
	 * When it happened. RFC 3339, UTC.
	 */
	at: string;
	/**
	 * What happened.
	 */
	kind: 'reconnect-needed' | 'channel-disconnected' | 'channel-erased' | 'database-logins-paused';
	/**
	 * The channel that it is about.
	 */
	channelId: string | null;
	/**
	 * What happened and what to do, for people.
	 */
	message: string;
}
/**
 * Which reports a user wants, when, and to whom they are mailed. What is left out stays as it is.
 */
export interface NotificationSettingsUpdate {
	/**
	 * IANA time zone of the times at which reports are mailed; that of the user.
	 */
	timeZone?: string;
	numberLanguage?: NumberLanguage;
	daily?: DailyMailingUpdate;
	weekly?: WeeklyMailingUpdate;
	monthly?: MonthlyMailingUpdate;
	/**
	 * Everybody who receives the reports: who is missing here is removed. A new address is mailed a link, and gets reports once that was used; listing one again whose link was not used mails another, ten minutes after the last. At most 20 are added on a day (UTC).
	 *
	 * @maxItems 5
	 *
	 * Items: An email address.
	 */
	recipients?: string[];
}
/**
 * The daily report; 09:00 where nothing was chosen.
 */
export interface DailyMailingUpdate {
	/**
	 * Whether it is mailed.
	 */
	enabled?: boolean;
	/**
	 * Local time, HH:MM. Mails go out at the first tick after it, which is every 15 minutes in the workflow that is shipped.
	 */
	time?: string;
}
/**
 * The weekly report, on Mondays; 08:00 where nothing was chosen.
 */
export interface WeeklyMailingUpdate {
	/**
	 * Whether it is mailed.
	 */
	enabled?: boolean;
	/**
	 * Local time, HH:MM. Mails go out at the first tick after it, which is every 15 minutes in the workflow that is shipped.
	 */
	time?: string;
}
/**
 * The monthly statement, on the 1st; 09:00 where nothing was chosen.
 */
export interface MonthlyMailingUpdate {
	/**
	 * Whether it is mailed.
	 */
	enabled?: boolean;
	/**
	 * Local time, HH:MM. Mails go out at the first tick after it, which is every 15 minutes in the workflow that is shipped.
	 */
	time?: string;
}
/**
 * Which reports a user wants, when, and to whom they are mailed.
 */
export interface NotificationSettings {
	/**
	 * IANA time zone of the times at which reports are mailed; that of the user.
	 */
	timeZone: string;
	numberLanguage: NumberLanguage;
	daily: DailyMailing;
	weekly: WeeklyMailing;
	monthly: MonthlyMailing;
	/**
	 * Who receives the reports.
	 *
	 * @maxItems 5
	 */
	recipients: ReportRecipient[];
}
/**
 * The daily report; 09:00 where nothing was chosen.
 */
export interface DailyMailing {
	/**
	 * Whether it is mailed.
	 */
	enabled: boolean;
	/**
	 * Local time, HH:MM. Mails go out at the first tick after it, which is every 15 minutes in the workflow that is shipped.
	 */
	time: string;
}
/**
 * The weekly report, on Mondays; 08:00 where nothing was chosen.
 */
export interface WeeklyMailing {
	/**
	 * Whether it is mailed.
	 */
	enabled: boolean;
	/**
	 * Local time, HH:MM. Mails go out at the first tick after it, which is every 15 minutes in the workflow that is shipped.
	 */
	time: string;
}
/**
 * The monthly statement, on the 1st; 09:00 where nothing was chosen.
 */
export interface MonthlyMailing {
	/**
	 * Whether it is mailed.
	 */
	enabled: boolean;
	/**
	 * Local time, HH:MM. Mails go out at the first tick after it, which is every 15 minutes in the workflow that is shipped.
	 */
	time: string;
}
export interface ReportRecipient {
	/**
	 * Id of the recipient.
	 */
	recipientId: string;
	/**
	 * Its address, in lower case.
	 */
	email: string;
	/**
	 * pending: nothing is mailed to it but the link by which it is verified.
	 */
	state: 'pending' | 'verified';
	/**
	 * Kinds that the recipient has unsubscribed from.
	 *
	 * @maxItems 3
	 */
	unsubscribed: ReportKind[];
	/**
	 * Why the link could not be mailed, in a sentence; it is tried again unless the address was refused.
	 */
	problem: string | null;
}
/**
 * What the platform cost, the newest month first.
 */
export interface PlatformCostList {
	costs: PlatformCost[];
	/**
	 * Pass it as `after` to get the next page; null on the last one.
	 */
	next: string | null;
}
/**
 * What the platform cost in a month.
 */
export interface PlatformCost {
	/**
	 * The Pacific month, YYYY-MM.
	 */
	month: string;
	category: CostCategory;
	/**
	 * What it cost. USD, a decimal string.
	 */
	usd: string;
	/**
	 * When it was booked to the users; null: it will be when the month has ended.
	 */
	allocatedAt: string | null;
	/**
	 * Among how many videos it was shared.
	 */
	videos: number | null;
}
/**
 * What the platform cost in a month. It is shared among the videos published in it when the month has ended.
 */
export interface PlatformCostRecord {
	/**
	 * The Pacific month, YYYY-MM.
	 */
	month: string;
	category: CostCategory;
	/**
	 * What it cost. USD, a decimal string.
	 */
	usd: string;
}
/**
 * A price to add. A change of a price is another price from another day on; costs that were booked keep their amounts.
 */
export interface PriceCreate {
	/**
	 * Who bills it, in lower case.
	 */
	provider: string;
	/**
	 * The model; null: all models of the provider that have no price of their own.
	 */
	model?: string | null;
	/**
	 * What is priced, e.g. input-token, output-token or character.
	 */
	unit: string;
	/**
	 * First day of the price, UTC.
	 */
	validFrom: string;
	/**
	 * Price of so many units as `per` says. USD, a decimal string.
	 */
	usd: string;
	/**
	 * Of how many units it is the price, e.g. 1000000.
	 */
	per?: number;
}
/**
 * Prices, by provider, model and unit, the newest first.
 */
export interface PriceList {
	prices: Price[];
	/**
	 * Pass it as `after` to get the next page; null on the last one.
	 */
	next: string | null;
}
/**
 * The price of a unit from a day on, until the next price of the same unit.
 */
export interface Price {
	/**
	 * Who bills it, in lower case.
	 */
	provider: string;
	/**
	 * The model; null: all models of the provider that have no price of their own.
	 */
	model: string | null;
	/**
	 * What is priced, e.g. input-token, output-token or character.
	 */
	unit: string;
	/**
	 * First day of the price, UTC.
	 */
	validFrom: string;
	/**
	 * Price of so many units as `per` says. USD, a decimal string.
	 */
	usd: string;
	/**
	 * Of how many units it is the price, e.g. 1000000.
	 */
	per: number;
}
/**
 * What went wrong, after RFC 9457.
 */
export interface Problem {
	/**
	 * Stable name of the kind of problem.
	 */
	type: string;
	/**
	 * The kind of problem, in words.
	 */
	title: string;
	/**
	 * HTTP status.
	 */
	status: number;
	/**
	 * What happened here and what to do.
	 */
	detail: string;
	/**
	 * Identifies this occurrence where the fault is not the caller's (500 and above); the sidecar's log has the same id.
	 */
	instance?: string;
	/**
	 * For a body or query: each fault.
	 */
	faults?: {
		/**
		 * JSON Pointer to what is wrong, within the row.
		 */
		pointer: string;
		/**
		 * What is wrong and what is wanted.
		 */
		message: string;
	}[];
	/**
	 * When trying again makes sense. RFC 3339, UTC.
	 */
	retryAt?: string;
	/**
	 * For a used-up quota: when it is full again. RFC 3339, UTC.
	 */
	resetsAt?: string;
}
/**
 * Comparisons of the ledger with the providers' own totals, the newest month first.
 */
export interface ProviderTotalList {
	totals: ProviderTotal[];
	/**
	 * Pass it as `after` to get the next page; null on the last one.
	 */
	next: string | null;
}
/**
 * A provider's own total of a month beside that of the ledger, over all users.
 */
export interface ProviderTotal {
	/**
	 * Who bills it.
	 */
	provider: string;
	/**
	 * The calendar month, UTC, YYYY-MM.
	 */
	month: string;
	/**
	 * What the totals count.
	 */
	unit: string;
	/**
	 * The provider's total, a decimal string.
	 */
	total: string;
	/**
	 * The total of the ledger, a decimal string.
	 */
	ledger: string;
	/**
	 * Ledger to provider, as a ratio: 0.02 is 2% too much in the ledger. Null: the provider's total is 0.
	 */
	difference: number | null;
	/**
	 * Whether both differ by at most 2%.
	 */
	isWithinLimit: boolean;
	/**
	 * When they were compared. RFC 3339, UTC.
	 */
	checkedAt: string;
}
/**
 * What a provider itself says of a whole month, to be compared with the ledger.
 */
export interface ProviderTotalRecord {
	/**
	 * Who bills it, in lower case.
	 */
	provider: string;
	/**
	 * The calendar month, UTC, YYYY-MM.
	 */
	month: string;
	/**
	 * What the total counts: usd, or a unit of the ledger such as character.
	 */
	unit: string;
	/**
	 * The provider's total, a decimal string.
	 */
	total: string;
}
/**
 * Results of checks.
 */
export interface QualityResultList {
	results: QualityResult[];
	/**
	 * Pass it as `after`, all else the same, to get the next page; null on the last one.
	 */
	next: string | null;
}
/**
 * What a check found.
 */
export interface QualityResult {
	check: QualityCheckName;
	/**
	 * The channel that it is about; null: the user, or the worst of its channels.
	 */
	channelId: string | null;
	/**
	 * The channel's name.
	 */
	channelName: string | null;
	/**
	 * The Pacific day on which it was checked.
	 */
	day: string;
	/**
	 * When it was checked last that day. RFC 3339, UTC.
	 */
	checkedAt: string;
	level: QualityLevel;
	/**
	 * What was found then, in `unit`; null: there was nothing to judge by.
	 */
	value: number | null;
	/**
	 * What the values count.
	 */
	unit: string;
	/**
	 * From which value on it warns.
	 */
	warnAt: number;
	/**
	 * From which value on it opens an incident.
	 */
	errorAt: number;
	worstLevel: QualityLevel;
	/**
	 * The value with it.
	 */
	worstValue: number | null;
}
/**
 * One of Google's quota buckets, as it stands.
 */
export interface QuotaBucket {
	bucket: Bucket;
	/**
	 * Units a window.
	 */
	limit: number;
	/**
	 * Units spent or reserved. Of a bucket that each user has by itself: those of the fullest.
	 */
	used: number;
	/**
	 * Of these, units that are reserved and not yet spent.
	 */
	reserved: number;
	/**
	 * Units left.
	 */
	remaining: number;
	/**
	 * When the window began. RFC 3339, UTC.
	 */
	windowStartedAt: string;
	/**
	 * When it is full again. RFC 3339, UTC.
	 */
	resetsAt: string;
	/**
	 * Where it will stand at the reset, if units go on being taken as in the last hour; null for a bucket of the minute.
	 */
	forecast: {
		/**
		 * Units; may be more than the limit.
		 */
		usedAtReset: number;
		/**
		 * When the limit is reached; null: not before the reset. RFC 3339, UTC.
		 */
		exhaustedAt: string | null;
	} | null;
}
/**
 * Whether it would go through now. Nothing is taken.
 */
export interface QuotaCheckResult {
	/**
	 * Whether that many units may be taken now.
	 */
	enough: boolean;
	/**
	 * Units that may be taken now: by a user, its own share and what is common; by all users, what is left. What is kept for people who wait is among them only if one does.
	 */
	available: number;
	/**
	 * When to try again; null when there is enough now. RFC 3339, UTC.
	 */
	waitUntil: string | null;
	bucket: QuotaBucket;
}
/**
 * What a workflow is about to spend.
 */
export interface QuotaCheck {
	bucket: Bucket;
	/**
	 * Units.
	 */
	units: number;
	/**
	 * Whose share is asked about. Left out: all users' together; with a user's own token: that user's.
	 */
	userId?: string;
	/**
	 * Whether a person waits for it: then it may use what is kept for that. Left out: true with a user's own token, otherwise false.
	 */
	interactive?: boolean;
}
/**
 * Units held for you. Settle it with what you spent, or DELETE it to give all back; otherwise all goes back when it runs out.
 */
export interface QuotaReservation {
	/**
	 * Names the reservation.
	 */
	reservationId: string;
	/**
	 * Units.
	 */
	units: number;
	/**
	 * When it runs out. RFC 3339, UTC.
	 */
	expiresAt: string;
	bucket: QuotaBucket;
}
/**
 * Units to hold for calls that you make to Google yourself.
 */
export interface QuotaReserve {
	bucket: Bucket;
	/**
	 * Units.
	 */
	units: number;
	/**
	 * Whose share pays. Left out: what is common to all.
	 */
	userId?: string;
	/**
	 * Whether a person waits for it: then it may use what is kept for that. Left out: true with a user's own token, otherwise false.
	 */
	interactive?: boolean;
	/**
	 * When the reservation runs out and what is left of it goes back, at the latest at the bucket's reset. Do not call Google on it afterwards. Minutes.
	 */
	leaseMinutes?: number;
}
/**
 * What was spent of a reservation.
 */
export interface QuotaSettle {
	/**
	 * Units that Google charged, at most those reserved. The rest goes back.
	 */
	unitsSpent: number;
}
/**
 * A reservation that has ended.
 */
export interface QuotaSettled {
	/**
	 * Units that stay spent.
	 */
	unitsSpent: number;
	/**
	 * Units that went back.
	 */
	unitsReturned: number;
	bucket: QuotaBucket;
}
/**
 * What one payer has of a day's bucket.
 */
export interface QuotaShare {
	bucket: Bucket;
	/**
	 * A user's id; platform: what serves all users at once; erased-…: a user that is no more.
	 */
	payer: string;
	/**
	 * Units that are kept for this payer until the last hours of the day.
	 */
	guaranteed: number;
	/**
	 * Units spent or reserved, with those borrowed.
	 */
	used: number;
	/**
	 * Of these, units beyond the guarantee, out of what is common.
	 */
	borrowed: number;
}
/**
 * How a day's bucket is shared out.
 */
export interface QuotaShares {
	/**
	 * When this was read. RFC 3339, UTC.
	 */
	asOf: string;
	bucket: QuotaBucket;
	shares: QuotaShare[];
}
/**
 * All buckets, as they stand.
 */
export interface QuotaStatus {
	/**
	 * When this was read. RFC 3339, UTC.
	 */
	asOf: string;
	buckets: QuotaBucket[];
}
/**
 * An event of a user to be recorded, with the names of CloudEvents 1.0. Two with the same id and time are one, so that a retry records nothing twice. Kept for 90 days; not to be taken for event.json, which subscriptions deliver.
 */
export interface RecordedEvent {
	/**
	 * The version of CloudEvents; may be left out.
	 */
	specversion?: '1.0';
	/**
	 * The event's own, the same when it is sent again.
	 */
	id: string;
	/**
	 * Where it happened: a URI reference, such as https://example.com/uploader or n8n/render.
	 */
	source: string;
	/**
	 * What happened, such as video.rendered. Of an hour, 500 types and sources are counted apart; more are counted as other.
	 */
	type: string;
	/**
	 * When it happened, RFC 3339: not in the future, and not more than 90 days ago.
	 */
	time: string;
	/**
	 * May be left out.
	 */
	datacontenttype?: 'application/json';
	/**
	 * The channel of the user that it is about, or the channel and the video with a slash between. Left out: neither.
	 */
	subject?: string;
	/**
	 * Whatever else is to be known, at most 2,048 bytes as compact JSON in UTF-8.
	 */
	data?: {
		[k: string]: unknown;
	};
}
/**
 * Which report is to be mailed.
 */
export interface ReportSend {
	kind: ReportKind;
	/**
	 * The user's local date on which it is due, by which it is told from all others of its kind: of a weekly report a Monday, of a monthly one the 1st. When left out, the one that is due now.
	 */
	period?: string;
}
/**
 * What came of mailing a report.
 */
export interface ReportSent {
	/**
	 * Whose report it is.
	 */
	userId: string;
	kind: ReportKind;
	/**
	 * The user's local date on which it is due, by which it is told from all others of its kind: of a weekly report a Monday, of a monthly one the 1st.
	 */
	period: string;
	/**
	 * sent: every recipient has it or was refused, now or before. postponed: the mail server is unavailable or failed; it stays due for 6 hours. in-progress: another run is at it. not-due: there is none to send.
	 */
	state: 'sent' | 'postponed' | 'in-progress' | 'not-due';
	/**
	 * Recipients who have it.
	 */
	sent: number;
	/**
	 * Recipients whom the mail server refused for good.
	 */
	refused: number;
	/**
	 * Recipients to whom it is still to be sent.
	 */
	waiting: number;
	/**
	 * What happened, in a sentence, where it did not simply go out now.
	 */
	message: string | null;
}
/**
 * Reports that are due to be mailed and that nobody is sending.
 */
export interface ReportsDue {
	/**
	 * Each report.
	 */
	reports: DueReport[];
}
export interface DueReport {
	/**
	 * Whose report it is.
	 */
	userId: string;
	kind: ReportKind;
	/**
	 * The user's local date on which it is due, by which it is told from all others of its kind: of a weekly report a Monday, of a monthly one the 1st.
	 */
	period: string;
	/**
	 * Since when it is due; after 6 hours it is left out.
	 */
	dueAt: string;
}
/**
 * Rows to store, references to held rows, or both. Each row is checked on its own against metric-row.json, so a bad one never sinks the good ones. A row of a video that YouTube names another channel for is rejected; that takes 1 unit of the Data API for 50 videos that are not stored and were not asked for lately.
 */
export interface StoreRequest {
	/**
	 * Rows as of metric-row.json.
	 *
	 * @minItems 1
	 * @maxItems 5000
	 */
	rows?: {
		[k: string]: unknown;
	}[];
	/**
	 * Batches that the sidecar holds. Those of one user commit together in bounded groups; a group that fails is reported as failed and does not affect the others.
	 *
	 * @minItems 1
	 * @maxItems 5000
	 */
	references?: {
		/**
		 * The user, as created here.
		 */
		userId: string;
		/**
		 * The batch, as POST /v1/metrics/fetch answered it.
		 */
		batchId: string;
	}[];
	/**
	 * Whether only to tell what would become of the rows; nothing is stored, and YouTube is asked nothing: a video of another channel may show only when it is stored.
	 */
	dryRun?: boolean;
}
/**
 * What became of each row and reference, in the order sent; answered only after the commit. The counts are of all rows, those of references too.
 */
export interface StoreResult {
	/**
	 * Rows that are new.
	 */
	stored: number;
	/**
	 * Rows that changed.
	 */
	updated: number;
	/**
	 * Rows that were already there.
	 */
	unchanged: number;
	/**
	 * Rows refused.
	 */
	rejected: number;
	/**
	 * Whether it was only asked what would become of them; then nothing was stored.
	 */
	dryRun: boolean;
	rows: {
		/**
		 * Which row, counted from 0.
		 */
		row: number;
		/**
		 * stored: new. updated: YouTube restated it, and the old value is kept as a revision. unchanged: it was already there, or it is of a video that was erased because YouTube shows it no more. rejected: see faults.
		 */
		outcome: 'stored' | 'updated' | 'unchanged' | 'rejected';
		/**
		 * For updated: what changed.
		 */
		changes?: {
			[k: string]: {
				from: number | string | boolean | null | string[];
				to: number | string | boolean | null | string[];
			};
		};
		/**
		 * For rejected: why.
		 */
		faults?: {
			/**
			 * JSON Pointer to what is wrong, within the row.
			 */
			pointer: string;
			/**
			 * What is wrong and what is wanted.
			 */
			message: string;
		}[];
	}[];
	/**
	 * What became of each reference, in the order sent.
	 */
	references: {
		/**
		 * Which reference, counted from 0.
		 */
		reference: number;
		/**
		 * The user, as sent.
		 */
		userId: string;
		/**
		 * The batch, as sent.
		 */
		batchId: string;
		/**
		 * stored: its rows were stored, as the counts say. already-stored: they were stored before; nothing was done. unknown-batch: this user has no such batch, or it has expired; fetch again. unavailable: it could not be stored now and is still held; try again.
		 */
		outcome: 'stored' | 'already-stored' | 'unknown-batch' | 'unavailable';
		/**
		 * YouTube's channel id, where the batch is known.
		 */
		channelId?: string;
		report?: Report;
		/**
		 * Rows that are new.
		 */
		stored: number;
		/**
		 * Rows that changed.
		 */
		updated: number;
		/**
		 * Rows that were already there.
		 */
		unchanged: number;
		/**
		 * Rows refused.
		 */
		rejected: number;
		/**
		 * For people: what happened and what to do. Left out where all went well.
		 */
		message?: string;
		/**
		 * Why rows were rejected: the first few, each once.
		 *
		 * @maxItems 5
		 */
		faults?: {
			/**
			 * JSON Pointer to what is wrong, within the row.
			 */
			pointer: string;
			/**
			 * What is wrong and what is wanted.
			 */
			message: string;
		}[];
	}[];
}
/**
 * Creates a subscription: events are sent to its URL when they happen.
 */
export interface SubscriptionCreate {
	/**
	 * Where events are sent to, by POST; http or https, as the sidecar reaches it.
	 */
	url: string;
	/**
	 * Events to send.
	 *
	 * @minItems 1
	 */
	events: EventKind[];
	/**
	 * Only what happens to this user; left out: to any.
	 */
	userId?: string;
	/**
	 * Whether to send a sample of each kind at once.
	 */
	sendSample?: boolean;
}
/**
 * A new subscription, and the secret that signs its deliveries, shown this once.
 */
export interface SubscriptionCreated {
	/**
	 * The key in base64 after `whsec_`, as Standard Webhooks has it.
	 */
	secret: string;
	subscription: Subscription;
}
/**
 * A subscription: the events that are sent to a URL, and the state of their delivery.
 */
export interface Subscription {
	/**
	 * Names the subscription.
	 */
	subscriptionId: string;
	/**
	 * Only this user's events; null: everybody's.
	 */
	userId: string | null;
	/**
	 * Where events are sent to, by POST; http or https, as the sidecar reaches it.
	 */
	url: string;
	/**
	 * Events to send.
	 *
	 * @minItems 1
	 */
	events: EventKind[];
	/**
	 * n8n's id of the workflow that subscribed.
	 */
	workflowId: string | null;
	/**
	 * When it was made.
	 */
	createdAt: string;
	/**
	 * When an event was last taken.
	 */
	lastDeliveredAt: string | null;
	/**
	 * Since when the address takes nothing; null: it does. After a week it is forgotten.
	 */
	failingSince: string | null;
	/**
	 * What was wrong the last time.
	 */
	lastError: string | null;
	/**
	 * Events that are still to be sent.
	 */
	waiting: number;
}
/**
 * All subscriptions, without their secrets.
 */
export interface SubscriptionList {
	subscriptions: Subscription[];
}
/**
 * How users and the platform do: counts and shares of users. Figures of different owners are never added up.
 */
export interface Success {
	/**
	 * When it was counted. RFC 3339, UTC.
	 */
	at: string;
	/**
	 * Active users.
	 */
	users: number;
	/**
	 * Of these, with a connected channel.
	 */
	usersOnboarded: number;
	/**
	 * Connected channels of theirs.
	 */
	channels: number;
	/**
	 * Connected channels a user with any. Null: nobody to count.
	 */
	channelsPerUser: number | null;
	/**
	 * Onboarded users who signed up 45 days ago or earlier.
	 */
	usersOfDay45: number;
	/**
	 * Percent of them who earned $5,000 in some 30 days by their 45th day. Null: nobody to count.
	 */
	at5000ByDay45Percent: number | null;
	/**
	 * Onboarded users who signed up 90 days ago or earlier.
	 */
	usersOfDay90: number;
	/**
	 * Percent of them who earned $10,000 in some 30 days by their 90th day. Null: nobody to count.
	 */
	at10000ByDay90Percent: number | null;
	/**
	 * Percent of the minutes of the last 30 days in which a sidecar ran and reached PostgreSQL; null before the first.
	 */
	uptimePercent: number | null;
	/**
	 * Percent of the days of users of the last week on which freshness was never at error. Null: nobody to count.
	 */
	freshPercent: number | null;
	/**
	 * The same of completeness. Null: nobody to count.
	 */
	completePercent: number | null;
	/**
	 * The same of revenue reconciliation. Null: nobody to count.
	 */
	reconciledPercent: number | null;
	/**
	 * The same of view verification. Null: nobody to count.
	 */
	verifiedPercent: number | null;
	/**
	 * Milliseconds to read three panels of the Revenue Tracker, of the user at the 95th percentile.
	 */
	dashboardP95Millis: number | null;
}
/**
 * Whose channels to sync: fetch what is new and changed from YouTube and store it, in one call.
 */
export interface SyncRequest {
	/**
	 * The users; one that stands twice is synced once, with the channels of both.
	 *
	 * @minItems 1
	 * @maxItems 500
	 */
	users: {
		/**
		 * The user, as created here.
		 */
		userId: string;
		/**
		 * Only these channels; left out: all active channels of the user.
		 *
		 * @minItems 1
		 * @maxItems 50
		 *
		 * Items: YouTube's channel id: UC and 22 more characters.
		 */
		channelIds?: string[];
	}[];
	/**
	 * Only these reports; left out: all that are part of New and Changed. Reports that are not stored are refused.
	 *
	 * @minItems 1
	 */
	reports?: Report[];
	/**
	 * First day, of reports by day. With days, what was stored of them is fetched again; left out: only what can have changed. Goes with endDate and reports. YYYY-MM-DD, YouTube's (Pacific) day.
	 */
	startDate?: string;
	/**
	 * Last day, of reports by day. Goes with startDate. YYYY-MM-DD, YouTube's (Pacific) day.
	 */
	endDate?: string;
	/**
	 * How long to fetch: to wait in the fair queue, for the database and for the quota of the minute, and to retry what fails for a while. What was fetched by then is stored; the rest is in notFetched. Seconds.
	 */
	waitSeconds?: number;
}
/**
 * What a sync stored of each channel, and what it missed and why; no rows.
 */
export interface SyncResult {
	/**
	 * The channels that were synced, each once.
	 */
	channels: {
		/**
		 * The user, as created here.
		 */
		userId: string;
		/**
		 * YouTube's channel id.
		 */
		channelId: string;
		/**
		 * Rows that were not stored before.
		 */
		created: number;
		/**
		 * Rows that YouTube revised.
		 */
		updated: number;
		/**
		 * Rows that were stored already, as they are.
		 */
		unchanged: number;
		/**
		 * Rows that the store refused.
		 */
		rejected: number;
		/**
		 * Reports that are in notFetched.
		 */
		missed: number;
		/**
		 * Reports of which nothing can have changed, that another run fetches, or that wait for a later one.
		 */
		notDue: number;
	}[];
	/**
	 * What was not fetched or could not be stored, and why.
	 */
	notFetched: {
		/**
		 * The user, as asked.
		 */
		userId: string;
		/**
		 * The channel; null: the user is unknown, or has no active channel.
		 */
		channelId: string | null;
		/**
		 * The report, as of report.json; null where there is no channel.
		 */
		report: string | null;
		reason: Reason;
		/**
		 * For people: what happened and what to do.
		 */
		message: string;
		/**
		 * When trying again makes sense; null: when the cause is fixed. RFC 3339, UTC.
		 */
		retryAt: string | null;
		/**
		 * The video, where it is about one: of retention by plan the one whose query failed.
		 */
		videoId?: string;
	}[];
	/**
	 * Calls to Google that this sync made, in units, by bucket.
	 */
	unitsSpent: {
		[k: string]: number;
	};
}
/**
 * What it takes to create a user.
 */
export interface UserCreate {
	/**
	 * Where reports are mailed; unique among users; kept in lower case.
	 */
	email: string;
	/**
	 * How the user is named in reports.
	 */
	displayName: string;
	subscriptionTier?: Tier;
	/**
	 * Monthly revenue goal. USD, a decimal string greater than 0.
	 */
	targetRevenueUsd?: string;
	/**
	 * IANA time zone of the user, e.g. Europe/Berlin. For mailed reports; metrics keep YouTube days.
	 */
	timeZone?: string;
}
/**
 * Users in order of email.
 */
export interface UserPage {
	users: User[];
	/**
	 * Pass it as `after` to get the next page; null on the last one.
	 */
	next: string | null;
}
/**
 * A customer of the platform, who runs up to five YouTube channels.
 */
export interface User {
	/**
	 * The user, as created here.
	 */
	userId: string;
	/**
	 * Where reports are mailed; unique among users; kept in lower case.
	 */
	email: string;
	/**
	 * How the user is named in reports.
	 */
	displayName: string;
	subscriptionTier: Tier;
	/**
	 * Monthly revenue goal. USD, a decimal string greater than 0.
	 */
	targetRevenueUsd: string;
	/**
	 * IANA time zone of the user, e.g. Europe/Berlin. For mailed reports; metrics keep YouTube days.
	 */
	timeZone: string;
	/**
	 * False: kept, but no longer synced and not counted.
	 */
	isActive: boolean;
	/**
	 * When the user was created. RFC 3339, UTC.
	 */
	createdAt: string;
}
/**
 * What may change about a user; what is left out stays as it is.
 */
export interface UserUpdate {
	/**
	 * How the user is named in reports.
	 */
	displayName?: string;
	subscriptionTier?: Tier;
	/**
	 * Monthly revenue goal. USD, a decimal string greater than 0.
	 */
	targetRevenueUsd?: string;
	/**
	 * IANA time zone of the user, e.g. Europe/Berlin. For mailed reports; metrics keep YouTube days.
	 */
	timeZone?: string;
	/**
	 * False: kept, but no longer synced and not counted.
	 */
	isActive?: boolean;
}
/**
 * A channel as YouTube shows it to everybody, found by its handle.
 */
export interface YouTubeChannel {
	/**
	 * YouTube's channel id: UC and 22 more characters.
	 */
	channelId: string;
	/**
	 * Its title at YouTube.
	 */
	title: string;
	/**
	 * Its handle, with the @.
	 */
	handle: string;
}
