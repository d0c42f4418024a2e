import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	NodeApiError,
} from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { REPORTS, REPORT_TRAITS } from '../../../shared/choices';
import type { Report, SyncRequest, SyncResult } from '../../../shared/contract';
import { commonest, tally } from '../../../shared/counts';
import { daysFrom } from '../../../shared/dates';
import { failedItem } from '../../../shared/errors';
import { addHint } from '../../../shared/hints';
import type { Operation } from '../../../shared/operation';
import { channelPicker } from '../../../shared/pickers';
import {
	daysOf,
	PERIODS,
	plusDays,
	youTubeDay,
	type Days,
	type Period,
} from '../../../shared/period';
import { findChannel, findUser } from '../../../shared/request';
import { ask, chunks } from '../../../shared/sidecar';
import { user } from './fields';

/** What the sidecar takes at once (schemas/sync-request.json). */
const USERS_AT_ONCE = 500;

/** The longest that a sync stores after it has fetched. Seconds. */
const STORES_SECONDS = 120;

const channels: INodeProperties = {
	displayName: 'Channels',
	name: 'syncChannels',
	type: 'options',
	default: 'all',
	description: 'Which channels of the user to sync',
	options: [
		{ name: 'All Active Channels', value: 'all' },
		{ name: 'Single Channel', value: 'one' },
	],
};

const channel = channelPicker("YouTube's ID of the channel", { show: { syncChannels: ['one'] } });

const period: INodeProperties = {
	displayName: 'Period',
	name: 'syncPeriod',
	type: 'options',
	default: 'due',
	description: "Which of YouTube's (Pacific) days to sync",
	options: [
		{
			name: 'New and Changed (Incremental)',
			value: 'due',
			description: 'What can have changed since it was stored; costs least',
		},
		...PERIODS.map(({ name, value }) => ({
			name,
			value,
			description: 'These days once more, of the reports by day',
		})),
		{ name: 'Custom', value: 'custom', description: 'From a first to a last day' },
	],
};

const custom = { show: { syncPeriod: ['custom'] } };

const firstDay: INodeProperties = {
	displayName: 'First Day',
	name: 'startDate',
	type: 'dateTime',
	typeOptions: { dateOnly: true },
	default: '',
	required: true,
	displayOptions: custom,
	description: "First day to sync, YouTube's (Pacific) day. Long periods are split.",
};

const lastDay: INodeProperties = {
	displayName: 'Last Day',
	name: 'endDate',
	type: 'dateTime',
	typeOptions: { dateOnly: true },
	default: '',
	required: true,
	displayOptions: custom,
	description: "Last day to sync, YouTube's (Pacific) day",
};

const reports: INodeProperties = {
	displayName: 'Reports',
	name: 'syncReports',
	type: 'multiOptions',
	default: [],
	description: 'Only these reports; left empty, all that belong to the period',
	hint: 'Left empty: all that belong to the period',
	options: REPORTS.filter(({ value }) => REPORT_TRAITS[value].storable),
};

const timeout: INodeProperties = {
	displayName: 'Timeout (Seconds)',
	name: 'waitSeconds',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 600 },
	default: 300,
	description:
		'How long to fetch. What was fetched by then is stored; the rest comes back as missed, with its reason.',
};

/** The reports of a period whose days are named, where none are chosen. */
const BY_DAY = REPORTS.map(({ value }) => value).filter(
	(value) =>
		'maxDays' in REPORT_TRAITS[value] &&
		value.endsWith('-day') &&
		REPORT_TRAITS[value].storable &&
		REPORT_TRAITS[value].incremental,
);

/** What the items of one request have in common. */
type Terms = Omit<SyncRequest, 'users'>;

type User = SyncRequest['users'][number];

/** Items with the same choices. */
interface Group {
	terms: Terms;
	users: Map<string, User>;
	/** The items that name a user, and a channel of the user. */
	items: Map<string, number[]>;
}

/** What became of users that were synced at once. */
interface SyncOutcome {
	users: User[];
	result?: SyncResult;
	error?: unknown;
}

/**
 * Syncs users at once. Only the sidecar knows how many channels they have: what it refuses, as being too much for one
 * sync, is asked in halves.
 */
async function syncUsers(
	context: IExecuteFunctions,
	terms: Terms,
	users: User[],
): Promise<SyncOutcome[]> {
	try {
		const result = await ask<SyncResult>(context, {
			method: 'POST',
			path: '/v1/metrics/sync',
			body: { ...terms, users },
			waitSeconds: (terms.waitSeconds ?? 0) + STORES_SECONDS,
		});
		return [{ users, result }];
	} catch (error) {
		if (users.length === 1 || (error as NodeApiError).httpCode !== '400') return [{ users, error }];
		const synced: SyncOutcome[] = [];
		for (const half of chunks(users, Math.ceil(users.length / 2))) {
			synced.push(...(await syncUsers(context, terms, half)));
		}
		return synced;
	}
}

/** Days until the numbers of a day are complete in all of these reports. */
const delayOf = (chosen: Report[]) =>
	Math.max(
		0,
		...chosen.map((report) => {
			const traits = REPORT_TRAITS[report];
			return 'delayDays' in traits ? traits.delayDays : 0;
		}),
	);

/** Refuses reports that no plan has, with New and Changed. */
function refuseOnDemand(context: IExecuteFunctions, chosen: Report[], item: number): void {
	const onDemand = REPORTS.find(
		({ value }) => chosen.includes(value) && !REPORT_TRAITS[value].incremental,
	);
	if (!onDemand) return;
	throw new NodeOperationError(
		context.getNode(),
		`${onDemand.name} is not part of New and Changed (Incremental)`,
		{ itemIndex: item, description: 'Choose another Period, or remove the report.' },
	);
}

function termsOf(context: IExecuteFunctions, item: number): Terms {
	const name = context.getNodeParameter('syncPeriod', item, 'due') as string;
	const chosen = context.getNodeParameter('syncReports', item, []) as Report[];
	const waitSeconds = context.getNodeParameter('waitSeconds', item, 300) as number;
	if (name === 'due') {
		refuseOnDemand(context, chosen, item);
		return { ...(chosen.length ? { reports: chosen } : {}), waitSeconds };
	}
	const all = chosen.length ? chosen : BY_DAY;
	const days: Days =
		name === 'custom'
			? daysFrom(context, ['startDate', 'endDate'], item, true)
			: daysOf(name as Period, new Date(), delayOf(all));
	return { reports: all as SyncRequest['reports'], ...days, waitSeconds };
}

export const sync: Operation = {
	option: {
		name: 'Sync',
		value: 'sync',
		action: 'Sync users: fetch and store metrics',
		description:
			'Fetch what is new and changed of channels and store it, in one step. Returns an item for each channel with counts and what was missed; no rows.',
	},
	fields: [user, channels, channel, period, firstDay, lastDay, reports, timeout],
	/** Users with the same choices travel together: their calls to YouTube are batched. */
	async executeAll(context) {
		const out: INodeExecutionData[] = [];
		const groups = new Map<string, Group>();
		for (let item = 0; item < context.getInputData().length; item++) {
			try {
				const userId = await findUser(context, item);
				const terms = termsOf(context, item);
				const key = JSON.stringify(terms);
				const group = groups.get(key) ?? { terms, users: new Map(), items: new Map() };
				groups.set(key, group);
				const isOne = context.getNodeParameter('syncChannels', item, 'all') === 'one';
				const channelId = isOne ? await findChannel(context, userId, item) : undefined;
				const known = group.users.get(userId);
				// All channels of a user are more than some.
				if (!channelId) group.users.set(userId, { userId });
				else if (!known) group.users.set(userId, { userId, channelIds: [channelId] });
				else if (known.channelIds) {
					known.channelIds = [...new Set([...known.channelIds, channelId])];
				}
				for (const id of channelId ? [userId, `${userId} ${channelId}`] : [userId]) {
					group.items.set(id, [...(group.items.get(id) ?? []), item]);
				}
			} catch (error) {
				out.push(failedItem(context, error, item));
			}
		}
		const missed: SyncResult['notFetched'] = [];
		for (const group of groups.values()) {
			for (const some of chunks([...group.users.values()], USERS_AT_ONCE)) {
				for (const { users, result, error } of await syncUsers(context, group.terms, some)) {
					if (result) {
						missed.push(...result.notFetched);
						out.push(...itemsOf(result, group));
					} else {
						const failed = users.flatMap(({ userId }) => group.items.get(userId) ?? []);
						out.push(...failed.map((item) => failedItem(context, error, item)));
					}
				}
			}
		}
		if (missed.length) {
			addHint(
				context,
				`Missed ${missed.length} reports (${tally(missed.map(({ reason }) => reason))}). Most often: ${commonest(missed.map(({ message }) => message)).replace(/\.?$/, '.')} The field notFetched of each channel says which, why and when to try again.`,
			);
		}
		return [out];
	},
};

/** The newest day of a period whose numbers are complete in all its reports; undefined: no period is named. */
function dataThroughOf({ reports, endDate }: Terms): string | undefined {
	if (!endDate) return undefined;
	const latest = plusDays(youTubeDay(new Date()), -delayOf(reports ?? []));
	return endDate < latest ? endDate : latest;
}

/** An item for each channel, and for each user of whom there was nothing to sync. */
function itemsOf(result: SyncResult, { terms, items: itemsBy }: Group): INodeExecutionData[] {
	const dataThrough = dataThroughOf(terms);
	const missedOf = new Map<string, IDataObject[]>();
	for (const { userId, channelId, ...missed } of result.notFetched) {
		const key = `${userId} ${channelId}`;
		missedOf.set(key, [...(missedOf.get(key) ?? []), missed]);
	}
	const none = { created: 0, updated: 0, unchanged: 0, rejected: 0, missed: 0, notDue: 0 };
	const without = result.notFetched
		.filter(({ channelId }) => channelId === null)
		.map(({ userId, channelId }) => ({ userId, channelId, ...none }));
	return [...result.channels, ...without].map((counts) => {
		const key = `${counts.userId} ${counts.channelId}`;
		const items = (itemsBy.get(key) ?? itemsBy.get(counts.userId) ?? [0]).map((item) => ({ item }));
		return {
			json: {
				...counts,
				...(dataThrough ? { dataThrough } : {}),
				notFetched: missedOf.get(key) ?? [],
			},
			pairedItem: items.length === 1 ? items[0] : items,
		};
	});
}
