import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { REPORTS, REPORT_TRAITS } from '../../shared/choices';
import type { Bucket, QuotaCheckResult, Report } from '../../shared/contract';
import { isTool } from '../../shared/errors';
import type { Operation } from '../../shared/operation';
import { ask } from '../../shared/sidecar';
import { inputWith, MAX_UNITS, options, payer, requireWithinLimit } from './fields';

const reports: INodeProperties = {
	displayName: 'Reports',
	name: 'fetchReports',
	type: 'multiOptions',
	default: ['channel-statistics', 'channel-day', 'video-day'],
	required: true,
	description: 'What the fetch asks for of each channel',
	options: REPORTS,
};

const channelCount: INodeProperties = {
	displayName: 'Channels',
	name: 'channelCount',
	type: 'number',
	typeOptions: { minValue: 0, maxValue: 100000 },
	default: 0,
	description: 'How many channels are fetched. 0: one for each item of the input.',
	hint: '0: one for each item of the input',
};

const days: INodeProperties = {
	displayName: 'Days',
	name: 'days',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 366 },
	default: 28,
	description: 'How many days the period of the fetch has',
};

const videos: INodeProperties = {
	displayName: 'Videos of a Channel',
	name: 'videos',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 50 },
	default: 10,
	description: 'How many videos are asked for, of reports about videos as they are now',
};

/** Videos and channels that one call of the Data API answers. */
const IN_ONE_CALL = 50;

/** Queries of one report of Analytics: the largest videos of a day are a query for each day. */
const QUERIES_A_DAY: readonly string[] = ['video-day', 'video-revenue-day'];

/** Calls of YouTube Reporting for a channel: its jobs and reports, and a file for each day. */
const REPORTING_CALLS = 2;

/** The most units that a fetch takes of each bucket, when nothing of it is cached. */
export function unitsOf(
	chosen: Report[],
	{ channels, days: length, videos: count }: Record<'channels' | 'days' | 'videos', number>,
): Map<Bucket, number> {
	const units = new Map<Bucket, number>();
	const add = (bucket: Bucket, more: number) => units.set(bucket, (units.get(bucket) ?? 0) + more);
	for (const report of chosen) {
		const { source } = REPORT_TRAITS[report];
		if (source === 'analytics') {
			add('analytics.day', channels * (QUERIES_A_DAY.includes(report) ? length : 1));
		} else if (source === 'reporting') {
			add('reporting.day', channels * (REPORTING_CALLS + length));
		} else {
			// Each channel may be of another user, whose grant makes a call of its own.
			const calls = report.startsWith('video-') ? Math.ceil(count / IN_ONE_CALL) : 1;
			add(report === 'video-statistics' ? 'data.batchGetStats' : 'data.general', channels * calls);
			// Which videos there are, or whose those are that are named.
			if (report === 'video-statistics') add('data.general', channels * calls);
		}
	}
	return units;
}

const number = (context: IExecuteFunctions, name: string, standard: number) => {
	const value = Number(context.getNodeParameter(name, 0, standard));
	return Number.isFinite(value) && value >= 1 ? Math.ceil(value) : standard;
};

export const estimate: Operation = {
	option: {
		name: 'Quota for This Fetch',
		value: 'estimate',
		action: 'Check the quota for a fetch',
		description:
			'Estimate the most units that a fetch takes, and pass the items on with the field "estimate" when every bucket has enough. A tool gets {enough, estimate, waitUntil}.',
	},
	fields: [reports, channelCount, days, videos, options()],
	async executeAll(context) {
		const chosen = context.getNodeParameter('fetchReports', 0) as Report[];
		if (!chosen.length) {
			throw new NodeOperationError(context.getNode(), 'Reports is empty', {
				description: 'Choose at least one report.',
			});
		}
		const units = unitsOf(chosen, {
			channels: number(context, 'channelCount', context.getInputData().length),
			days: number(context, 'days', 28),
			videos: number(context, 'videos', 10),
		});
		const estimated: IDataObject[] = [];
		for (const [name, needed] of units) {
			const { enough, available, waitUntil, bucket } = await ask<QuotaCheckResult>(context, {
				method: 'POST',
				path: '/v1/quota/check',
				body: { bucket: name, units: Math.min(needed, MAX_UNITS), ...payer(context) },
			});
			requireWithinLimit(
				context,
				bucket,
				needed,
				() => 'Fetch fewer channels, days or reports at a time.',
			);
			estimated.push({ bucket: name, units: needed, available, enough, waitUntil });
		}
		const lacking = estimated.filter(({ enough }) => !enough);
		const enough = !lacking.length;
		const waitUntil =
			lacking
				.map((each) => String(each.waitUntil))
				.sort()
				.at(-1) ?? null;
		if (isTool(context)) {
			return [[{ json: { enough, estimate: estimated, waitUntil }, pairedItem: { item: 0 } }], []];
		}
		const items = inputWith(context, {
			estimate: estimated,
			...(enough ? {} : { waitUntil }),
		});
		return enough ? [items, []] : [[], items];
	},
};
