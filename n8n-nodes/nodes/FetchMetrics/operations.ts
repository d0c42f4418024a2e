import type { INodeProperties } from 'n8n-workflow';
import { REPORTS } from '../shared/choices';
import type { Report } from '../shared/contract';
import { PERIODS } from '../shared/period';

/** The operation that fetches several reports at once. Every other is one report, by its name in the contract. */
export const MANY = 'many';

/** How the list of actions names each report; a report that is not here is named by its title. */
const ACTIONS: Partial<Record<Report, string>> = {
	'channel-statistics': 'Get current statistics of a channel',
	'recent-uploads': 'Get recent uploads of a channel',
	'video-statistics': 'Get current statistics of videos',
	'video-details': 'Get details of videos',
	'channel-day': 'Get daily metrics of a channel',
	'channel-revenue-day': 'Get daily revenue of a channel',
	'video-day': 'Get daily metrics of videos',
	'video-revenue-day': 'Get daily revenue of videos',
	'traffic-source-day': 'Get daily traffic sources of a channel',
	'thumbnail-day': 'Get daily thumbnail reach of videos',
	'top-videos': 'Get top videos of a channel',
	retention: 'Get retention of a video',
};

/** The reports for which something holds: as operations, of those whose panel shows a field. */
export const reportsThat = (holds: (report: Report) => boolean): Report[] =>
	REPORTS.map(({ value }) => value).filter(holds);

/** The list of operations: one for each report, so that an item has one shape, and one for several at once. */
export const operation: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	default: MANY,
	options: [
		...REPORTS.map(({ name, value, description }) => ({
			name,
			value: value as string,
			action: ACTIONS[value] ?? `Get ${name.toLowerCase()} of a channel`,
			description,
		})),
		{
			name: 'Many Reports',
			value: MANY,
			action: 'Get many reports of channels at once',
			description:
				'Several reports at once, or only what is new and changed. Items of different reports have different fields; "kind" says which.',
		},
	].sort((a, b) => a.name.localeCompare(b.name, 'en')),
};

const names = (choices: ReadonlyArray<{ name: string; value: string }>) =>
	JSON.stringify(Object.fromEntries(choices.map(({ name, value }) => [value, name])));

const PERIOD_NAMES = names([
	...PERIODS.map(({ name, value }) => ({ name: name.replace(' Complete', ''), value })),
	{ name: 'New and Changed', value: 'due' },
	{ name: 'Latest', value: 'latest' },
	{ name: 'Custom Period', value: 'custom' },
]);

/** Below the node in the editor: Top Videos · Last 7 Days. */
export const subtitle = `={{ [(${names(REPORTS)})[$parameter["operation"]] || (Array.isArray($parameter["reports"]) ? $parameter["reports"].length + ($parameter["reports"].length === 1 ? " Report" : " Reports") : "Reports"), (${PERIOD_NAMES})[$parameter["period"]]].filter(Boolean).join(" · ") }}`;
