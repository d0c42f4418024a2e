import type {
	IDataObject,
	IExecuteFunctions,
	INodeProperties,
	INodePropertyOptions,
} from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { ANALYTICS_VIEW_TRAITS, ANALYTICS_VIEWS } from '../../../shared/choices';
import type { AnalyticsPage, AnalyticsView } from '../../../shared/contract';
import { daysFrom } from '../../../shared/dates';
import { channelIdsOf } from '../../../shared/ids';
import { inWords } from '../../../shared/labels';
import { userPicker } from '../../../shared/pickers';
import { findUser } from '../../../shared/request';
import { ask } from '../../../shared/sidecar';

/** The user whose figures are read. */
export const user = userPicker('The user whose figures to read');

/** Views that answer one row. */
const SINGLE: AnalyticsView[] = [
	'cost-analysis',
	'revenue-progress',
	'revenue-projection',
	'success-metrics',
	'totals',
];

const takes = (option: 'period' | 'channelId' | 'interval' | 'compare') =>
	ANALYTICS_VIEWS.map(({ value }) => value).filter((view) =>
		(ANALYTICS_VIEW_TRAITS[view].takes as readonly string[]).includes(option),
	);

const viewOf = (isSingle: boolean, standard: AnalyticsView): INodeProperties => ({
	displayName: 'View',
	name: 'view',
	type: 'options',
	default: standard,
	options: ANALYTICS_VIEWS.filter(({ value }) => SINGLE.includes(value) === isSingle),
	description: 'What to read. Null in a field is not reported yet, never 0.',
});

/** The views of one row. */
export const singleView = viewOf(true, 'totals');

/** The views of many rows. */
export const manyView = viewOf(false, 'channel-comparison');

/** In the order in which people look for them. */
const PERIODS = [
	{ name: 'Last 7 Complete Days', value: 'last-7-days' },
	{ name: 'Last 28 Complete Days', value: 'last-28-days' },
	{ name: 'Last 30 Complete Days', value: 'last-30-days' },
	{ name: 'Last 90 Complete Days', value: 'last-90-days' },
	{ name: 'Last 365 Complete Days', value: 'last-365-days' },
	{ name: 'Last Week (Mon–Sun)', value: 'last-week' },
	{ name: 'Last Month', value: 'last-month' },
	{ name: 'Month to Date', value: 'this-month' },
	{ name: 'Year to Date', value: 'year-to-date' },
	{ name: 'Custom', value: 'custom' },
];

/** Which days. YouTube completes a day's figures four days later. */
export const period: INodeProperties = {
	displayName: 'Period',
	name: 'period',
	type: 'options',
	default: 'last-28-days',
	description:
		"YouTube's (Pacific) days. Named periods end with the latest day that YouTube has completed, four days ago.",
	displayOptions: { show: { view: takes('period') } },
	options: PERIODS,
};

const custom = { show: { view: takes('period'), period: ['custom'] } };

/** The first day of a custom period. */
export const startDate: INodeProperties = {
	displayName: 'First Day',
	name: 'startDate',
	type: 'dateTime',
	typeOptions: { dateOnly: true },
	default: '',
	required: true,
	description: "First day, YouTube's (Pacific) day",
	displayOptions: custom,
};

/** The last day of a custom period. */
export const endDate: INodeProperties = {
	displayName: 'Last Day',
	name: 'endDate',
	type: 'dateTime',
	typeOptions: { dateOnly: true },
	default: '',
	required: true,
	description: "Last day, YouTube's (Pacific) day; at most five years after the first",
	displayOptions: custom,
};

/** By day, week or month. */
export const interval: INodeProperties = {
	displayName: 'Interval',
	name: 'interval',
	type: 'options',
	default: 'day',
	description: 'What one row covers. Weeks begin on Monday.',
	displayOptions: { show: { view: takes('interval') } },
	options: [
		{ name: 'Day', value: 'day' },
		{ name: 'Month', value: 'month' },
		{ name: 'Week', value: 'week' },
	],
};

/** The value of Sort By for the order that a view has by itself. */
const OWN_ORDER = '';

/** The fields of a view that its rows can be sorted by; those of a comparison are last. */
function fieldsOf(view: AnalyticsView): readonly string[] {
	const traits = ANALYTICS_VIEW_TRAITS[view];
	return 'comparison' in traits ? [...traits.columns, ...traits.comparison] : traits.columns;
}

/** The fields of the views of many rows, each with the views that have it. */
const sortChoices = (): INodePropertyOptions[] => {
	const viewsWith = new Map<string, string[]>();
	for (const { value: view } of ANALYTICS_VIEWS.filter(({ value }) => !SINGLE.includes(value))) {
		for (const column of fieldsOf(view)) {
			viewsWith.set(column, [...(viewsWith.get(column) ?? []), view]);
		}
	}
	return [...viewsWith].map(([value, view]) => ({
		name: inWords(value),
		value,
		displayOptions: { show: { view } },
	}));
};

/** The field by which many rows are sorted. */
export const sort: INodeProperties = {
	displayName: 'Sort By',
	name: 'sort',
	type: 'options',
	default: OWN_ORDER,
	description:
		'The field of the view by which the items are sorted. Fields with Previous or Change need Compare with Previous Period.',
	options: [{ name: 'As the View Has It', value: OWN_ORDER }, ...sortChoices()].sort((a, b) =>
		a.name.localeCompare(b.name, 'en'),
	),
};

/**
 * Which rows come first. n8n saves no parameter that has its default: one that is absent is of a
 * workflow made before there was this one, whose field alone meant the smallest first.
 */
export const direction: INodeProperties = {
	displayName: 'Sort Order',
	name: 'direction',
	type: 'options',
	default: 'ascending',
	description: 'Which items come first',
	displayOptions: { hide: { sort: [OWN_ORDER] } },
	options: [
		{ name: 'Largest or Newest First', value: 'descending' },
		{ name: 'Smallest or Oldest First', value: 'ascending' },
	],
};

/** The item's order as the API takes it: a field, with a minus before it for the largest first. */
function orderOf(context: IExecuteFunctions, view: AnalyticsView, item: number): string {
	const chosen = String(context.getNodeParameter('sort', item, OWN_ORDER) ?? '').trim();
	const field = chosen.replace(/^-/, '');
	if (!field) return '';
	if (!fieldsOf(view).includes(field)) {
		const name = ANALYTICS_VIEWS.find(({ value }) => value === view)?.name ?? view;
		throw new NodeOperationError(
			context.getNode(),
			`${name} has no field ${inWords(field)} to sort by`,
			{ itemIndex: item, description: 'Choose another under Sort By.' },
		);
	}
	const { compare } = context.getNodeParameter('options', item, {}) as IDataObject;
	const { columns } = ANALYTICS_VIEW_TRAITS[view];
	if (!compare && !(columns as readonly string[]).includes(field)) {
		throw new NodeOperationError(
			context.getNode(),
			`${inWords(field)} is a field of a comparison`,
			{
				itemIndex: item,
				description:
					'Turn on Compare with Previous Period under Options, or choose another field under Sort By.',
			},
		);
	}
	if (chosen.startsWith('-')) return chosen;
	const isDescending = context.getNodeParameter('direction', item, 'ascending') === 'descending';
	return isDescending ? `-${field}` : field;
}

/** What is left out more often than set. */
export const options: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: [
		{
			displayName: 'Channels',
			name: 'channelIds',
			type: 'string',
			default: '',
			placeholder: 'e.g. UCx5XG1OV2P6uZZ5FSM9Ttw1',
			description: 'Only these channels, by ID, with commas between; at most 50. Empty: all.',
			displayOptions: { show: { '/view': takes('channelId') } },
		},
		{
			displayName: 'Compare with Previous Period',
			name: 'compare',
			type: 'boolean',
			default: false,
			description:
				'Whether to add the figures of the as many days before, and the change as a ratio (0.25 is 25% more)',
			displayOptions: { show: { '/view': takes('compare') } },
		},
		{
			displayName: 'Money as Exact Text',
			name: 'moneyAsText',
			type: 'boolean',
			default: false,
			description:
				'Whether to return money as decimal text, exact to the last digit, rather than as numbers that Sum, Sort and Filter understand',
		},
	],
};

/** What an item asks of its view, as the API takes it. */
function queryOf(context: IExecuteFunctions, view: AnalyticsView, item: number): IDataObject {
	const traits: readonly string[] = ANALYTICS_VIEW_TRAITS[view].takes;
	const chosen = context.getNodeParameter('options', item, {}) as IDataObject;
	const query: IDataObject = {};
	if (traits.includes('period')) {
		const named = context.getNodeParameter('period', item) as string;
		if (named === 'custom') {
			const days = daysFrom(context, ['startDate', 'endDate'], item);
			query.from = days.startDate;
			query.to = days.endDate;
		} else {
			query.period = named;
		}
	}
	if (traits.includes('interval')) query.interval = context.getNodeParameter('interval', item);
	if (traits.includes('compare') && chosen.compare) query.compare = 'previous-period';
	if (traits.includes('channelId')) {
		const named = channelIdsOf(context, String(chosen.channelIds ?? ''), item);
		if (named.length) query.channelId = named;
	}
	return query;
}

/** Rows of the item's view, with the days that they are of; at most so many. */
export async function read(
	context: IExecuteFunctions,
	item: number,
	limit: number,
): Promise<IDataObject[]> {
	const view = context.getNodeParameter('view', item) as AnalyticsView;
	if (!(view in ANALYTICS_VIEW_TRAITS)) {
		throw new NodeOperationError(context.getNode(), `There is no view '${view}'`, {
			itemIndex: item,
			description: `Choose one of: ${Object.keys(ANALYTICS_VIEW_TRAITS).join(', ')}.`,
		});
	}
	const userId = await findUser(context, item);
	const { moneyAsText } = context.getNodeParameter('options', item, {}) as IDataObject;
	const order = SINGLE.includes(view) ? '' : orderOf(context, view, item);
	const query = {
		...queryOf(context, view, item),
		...(order ? { sort: order } : {}),
	};
	const rows: IDataObject[] = [];
	let cursor: string | undefined;
	do {
		const page: AnalyticsPage = await ask<AnalyticsPage>(context, {
			method: 'GET',
			path: `/v1/users/${userId}/analytics/${view}`,
			query: {
				...query,
				limit: Math.min(ROWS_A_PAGE, limit - rows.length),
				...(cursor ? { cursor } : {}),
			},
			itemIndex: item,
		});
		const { asOf, from, to } = page;
		const money = page.columns.filter(({ type }) => type === 'money').map(({ name }) => name);
		for (const row of page.rows) {
			const out: IDataObject = { userId, asOf, from, to, ...row };
			if (!moneyAsText) {
				for (const name of money) {
					if (typeof out[name] === 'string') out[name] = Number(out[name]);
				}
			}
			rows.push(out);
		}
		cursor = page.nextCursor ?? undefined;
	} while (cursor && rows.length < limit);
	return rows;
}

const ROWS_A_PAGE = 1000;
