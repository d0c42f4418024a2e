import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { REPORTS, REPORT_TRAITS } from '../shared/choices';
import type { FetchRequest, Report } from '../shared/contract';
import { daysFrom } from '../shared/dates';
import { channelIdOf, userIdOf, videoIdsOf } from '../shared/ids';
import {
	daysOf,
	lengthOf,
	MAX_DAYS,
	parts,
	PERIODS,
	plusDays,
	youTubeDay,
	type Days,
	type Period,
} from '../shared/period';
import { parametersOf, required } from '../shared/sidecar';
import { MANY } from './operations';
import { INCREMENTAL, LATEST, takes } from './properties';

/** One request for a report of a channel. */
export type FetchItem = FetchRequest['requests'][number];

/** The largest number of top videos that can be asked for at once. */
const MAX_VIDEOS = 200;

/** The largest number of recent uploads that can be asked for at once. */
const MAX_UPLOADS = 50;

interface Options {
	metrics?: NonNullable<FetchItem['metrics']>;
	limit?: number;
	sortBy?: NonNullable<FetchItem['sortBy']>;
	videoIds?: string;
	currency?: string;
}

/** The name of a report in the editor. */
export const nameOf = (report: string) =>
	REPORTS.find(({ value }) => value === report)?.name ?? report;

/** The days of a report's period; undefined for a report without days. */
const limitsOf = (report: Report): { delayDays: number; maxDays: number } | undefined => {
	const traits = REPORT_TRAITS[report];
	return 'maxDays' in traits ? traits : undefined;
};

/** A report to fetch, of whichever channel. */
type ReportRequest = Omit<FetchItem, 'userId' | 'channelId'>;

/**
 * Reads the requests of items: one for each report of each of an item's channels. An option goes with the reports that
 * take it. n8n takes a while for each parameter that is read, so what is chosen is read once for all channels of an item,
 * and once for all items where no expression chooses it.
 */
export class RequestReader {
	private readonly isSameForAll: boolean;
	private shared?: ReportRequest[];

	constructor(private readonly context: IExecuteFunctions) {
		// User and channel are read of each item.
		const choices = { ...parametersOf(context), userId: '', channelId: '' };
		this.isSameForAll = !JSON.stringify(choices).includes('"=');
	}

	/**
	 * The requests of one item.
	 *
	 * @param channelIds found for the item; undefined: the item's own
	 * @throws NodeOperationError where something is missing or cannot go together
	 */
	requestsOf(item: number, channelIds?: string[]): FetchItem[] {
		if (channelIds?.length === 0) return [];
		const userId = userIdOf(this.context, item);
		const channels = channelIds ?? [channelIdOf(this.context, item)];
		const reports = this.reportsOf(item);
		return channels.flatMap((channelId) =>
			reports.map((report) => ({ userId, channelId, ...report })),
		);
	}

	private reportsOf(item: number): ReportRequest[] {
		const reports = this.shared ?? reportRequestsOf(this.context, item);
		if (this.isSameForAll) this.shared = reports;
		return reports;
	}
}

function reportRequestsOf(context: IExecuteFunctions, item: number): ReportRequest[] {
	const reports = reportsOf(context, item);
	const period = periodChosen(context, item);
	const { currency, limit, metrics, sortBy, videoIds } = chosenOf(context, item);
	const ids = videoIdsOf(context, videoIds ?? '', item);
	const days = periodOf(context, item, period, reports);
	refuseImpossible(context, item, { reports, period, ids, days, currency });
	return reports
		.flatMap((report) => {
			const maxDays = limitsOf(report)?.maxDays;
			return (days && maxDays ? parts(days, maxDays) : [days]).map((some) => ({ report, some }));
		})
		.map(({ report, some }) => ({
			...some,
			report,
			...(metrics?.length && takes(report, 'metrics') ? { metrics } : {}),
			...(limit && takes(report, 'limit')
				? { limit: report === 'recent-uploads' ? Math.min(limit, MAX_UPLOADS) : limit }
				: {}),
			...(sortBy && takes(report, 'sortBy') ? { sortBy } : {}),
			...(ids.length && takes(report, 'videoIds') ? { videoIds: ids } : {}),
			...(currency && takes(report, 'currency') ? { currency } : {}),
		}));
}

/** Whether the fetch is of all active channels of each user; a retention is of one channel. */
export const isOfAllChannels = (context: IExecuteFunctions): boolean =>
	operationOf(context) !== 'retention' && context.getNodeParameter('channels', 0, 'one') === 'all';

/** The report of the operation; undefined: several are chosen under Reports. */
export function operationOf(context: IExecuteFunctions): Report | undefined {
	const name = context.getNodeParameter('operation', 0, MANY) as Report | typeof MANY;
	return name === MANY ? undefined : name;
}

/** The reports to fetch for an item. */
function reportsOf(context: IExecuteFunctions, item: number): Report[] {
	const report = operationOf(context);
	return report ? [report] : (context.getNodeParameter('reports', item) as Report[]);
}

/** The value of Period; what has no days is fetched as it is now. */
export function periodChosen(context: IExecuteFunctions, item: number): string {
	const report = operationOf(context);
	return report && !takes(report, 'days')
		? LATEST
		: (context.getNodeParameter('period', item, report ? 'last28' : INCREMENTAL) as string);
}

/** The item's options, those with a field of their own in the panel of an operation among them. */
function chosenOf(context: IExecuteFunctions, item: number): Options {
	const { currency, limit, sortBy, videoIds, metrics } = context.getNodeParameter(
		'options',
		item,
		{},
	) as Options;
	const report = operationOf(context);
	if (!report) return { currency: codeOf(currency), limit, sortBy, videoIds, metrics };
	const isAll = context.getNodeParameter('returnAll', item, false) as boolean;
	return {
		metrics,
		videoIds: report === 'retention' ? required(context, 'videoId', 'Video', item) : videoIds,
		...(takes(report, 'limit')
			? { limit: isAll ? MAX_VIDEOS : (context.getNodeParameter('limit', item, 50) as number) }
			: {}),
		...(takes(report, 'sortBy')
			? { sortBy: context.getNodeParameter('sortBy', item, 'views') as Options['sortBy'] }
			: {}),
		...(takes(report, 'currency')
			? { currency: codeOf(context.getNodeParameter('currency', item, 'EUR') as string) }
			: {}),
	};
}

/** The code of a currency as the contract has it. */
const codeOf = (currency?: string) => currency?.trim().toUpperCase();

/** The days to ask for; named periods end where all reports are complete, so that their rows go together. */
function periodOf(
	context: IExecuteFunctions,
	item: number,
	period: string,
	reports: Report[],
): Days | undefined {
	if (period === 'custom') {
		return daysFrom(context, ['startDate', 'endDate'], item, true);
	}
	if (period === INCREMENTAL || period === LATEST) return undefined;
	if (!PERIODS.some(({ value }) => value === period)) {
		throw new NodeOperationError(context.getNode(), `There is no period '${period}'`, {
			itemIndex: item,
			description: 'Choose one under Period: its days may not have been complete.',
		});
	}
	const delays = reports.map((report) => limitsOf(report)?.delayDays ?? 0);
	return daysOf(period as Period, new Date(), Math.max(0, ...delays));
}

/** Says which choices cannot go together, before anything is asked. */
function refuseImpossible(
	context: IExecuteFunctions,
	item: number,
	chosen: {
		reports: Report[];
		period: string;
		ids: string[];
		days?: Days;
		currency?: string;
	},
): void {
	const { reports, period, ids, days, currency } = chosen;
	const refuse = (message: string, description: string) => {
		throw new NodeOperationError(context.getNode(), message, { itemIndex: item, description });
	};
	if (!reports.length) refuse('Reports is empty', 'Choose at least one report.');
	if (period === INCREMENTAL && ids.length) {
		refuse(
			'Video IDs cannot be chosen with New and Changed (Incremental)',
			'Choose Latest Complete Data or another Period, or remove Video IDs.',
		);
	}
	if (ids.length && reports.includes('retention') && isOfAllChannels(context)) {
		refuse(
			`${nameOf('retention')} is of one channel, and All Active Channels is chosen`,
			'Choose Single Channel under Channels.',
		);
	}
	const isByReference = context.getNodeParameter('output', 0, 'rows') === 'references';
	for (const report of reports) {
		const { incremental, storable } = REPORT_TRAITS[report];
		if (period === INCREMENTAL && !incremental) {
			refuse(
				`${nameOf(report)} is not part of New and Changed (Incremental)`,
				'Choose Latest Complete Data or another Period.',
			);
		}
		if (isByReference && !storable) {
			refuse(
				`${nameOf(report)} cannot be fetched as References, because it is not stored`,
				'Choose Rows under Output.',
			);
		}
		const traits = REPORT_TRAITS[report];
		if ('maxVideos' in traits && ids.length > traits.maxVideos) {
			refuse(
				`${nameOf(report)} takes at most one video, and ${ids.length} are named`,
				'Leave one video under Video IDs, or none for the whole channel.',
			);
		}
		if (report === 'retention' && period !== INCREMENTAL && ids.length !== 1) {
			refuse(
				`${nameOf(report)} needs exactly one video, and ${ids.length} are named`,
				'Add the option Video IDs with one video.',
			);
		}
		if (takes(report, 'currency') && !/^[A-Z]{3}$/.test(currency ?? '')) {
			refuse(
				`${nameOf(report)} needs a currency, and '${currency ?? ''}' is none`,
				'Enter a three-letter code under Currency, such as EUR.',
			);
		}
		const limits = limitsOf(report);
		if (!days || !limits) continue;
		const length = lengthOf(days);
		if (length > MAX_DAYS) {
			refuse(
				`${nameOf(report)} takes at most ${MAX_DAYS} days at once, and the period has ${length}`,
				`Choose a Period of at most ${MAX_DAYS} days.`,
			);
		}
	}
}

/**
 * The newest day of a request whose numbers are complete.
 *
 * @param rows its rows, whose days count where the sidecar chose them
 * @returns undefined for what has no days
 */
export function dataThroughOf(
	{ report, endDate }: FetchItem,
	rows: IDataObject[],
	at: Date,
): string | undefined {
	const limits = limitsOf(report);
	const newest =
		endDate ??
		rows
			.map((row) => row.day ?? row.endDate)
			.filter((day) => typeof day === 'string')
			.sort()
			.at(-1);
	if (!newest || !limits) return undefined;
	const latest = plusDays(youTubeDay(at), -limits.delayDays);
	return newest < latest ? newest : latest;
}
