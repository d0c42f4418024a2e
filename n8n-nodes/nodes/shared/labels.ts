/** Fields of requests whose label in the panel is not their name in words. */
const LABELS: Record<string, string> = {
	amountUsd: 'Amount (USD)',
	at: 'Time',
	channelName: 'Name',
	channelId: 'Channel',
	channelIds: 'Channels',
	compare: 'Compare with Previous Period',
	confirm: 'Email, to Confirm',
	data: 'Data (JSON)',
	displayName: 'Name',
	endDate: 'Last Day',
	from: 'First Day',
	handle: 'Handle or Address',
	id: 'Event ID',
	interactive: 'Interactive Priority',
	isActive: 'Active',
	leaseMinutes: 'Expires After (Minutes)',
	maxAgeMinutes: 'Cache Max Age (Minutes)',
	sendSample: 'Send a Sample',
	sort: 'Sort By',
	startDate: 'First Day',
	targetRevenueUsd: 'Revenue Goal (USD a Month)',
	to: 'Last Day',
	userId: 'User',
	videoId: 'Video ID',
	videoIds: 'Video IDs',
	waitSeconds: 'Timeout (Seconds)',
	week: 'First Day',
};

/** A field's name in words: estimatedMinutesWatched, Estimated Minutes Watched. */
export const inWords = (name: string) =>
	name
		.replace(/([a-z])([A-Z0-9])/g, '$1 $2')
		.replace(/^./, (letter) => letter.toUpperCase())
		.replace(/\b(Id|Cpm|Rpm|Url)\b/g, (word) => word.toUpperCase())
		.replace(/ Usd$/, ' (USD)');

/** The label that the panel has for a field of a request. */
export const labelOf = (name: string) => LABELS[name] ?? inWords(name);
