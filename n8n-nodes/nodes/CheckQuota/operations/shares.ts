import type { INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { BUCKETS, BUCKET_TRAITS } from '../../shared/choices';
import type { QuotaShares } from '../../shared/contract';
import { failedItem } from '../../shared/errors';
import { maxResults } from '../../shared/maxResults';
import { limit, returnAll, type Operation } from '../../shared/operation';
import { ask } from '../../shared/sidecar';

const dayBucket: INodeProperties = {
	displayName: 'Bucket',
	name: 'dayBucket',
	type: 'options',
	default: 'data.general',
	description: "Which of Google's daily quotas; those of a minute are not shared out",
	options: BUCKETS.filter(({ value }) => BUCKET_TRAITS[value].window === 'day'),
};

export const shares: Operation = {
	option: {
		name: 'Get Shares',
		value: 'shares',
		action: 'Get how a bucket is shared out',
		description:
			'Return one item for each user, with its guaranteed units, what it used and what of that it borrowed',
	},
	fields: [dayBucket, returnAll, limit],
	/** Asks once for each bucket that the items name. */
	async executeAll(context) {
		const itemsOf = new Map<string, number[]>();
		const out: INodeExecutionData[] = [];
		const failed: INodeExecutionData[] = [];
		context.getInputData().forEach((_, item) => {
			try {
				const bucket = context.getNodeParameter('dayBucket', item) as string;
				itemsOf.set(bucket, [...(itemsOf.get(bucket) ?? []), item]);
			} catch (error) {
				failed.push(failedItem(context, error, item));
			}
		});
		for (const [bucket, items] of itemsOf) {
			try {
				const shared = await ask<QuotaShares>(context, {
					method: 'GET',
					path: '/v1/quota/shares',
					query: { bucket },
					itemIndex: items[0],
				});
				const pairedItem = items.map((item) => ({ item }));
				shared.shares
					.slice(0, maxResults(context, items[0]!))
					.forEach((share) => out.push({ json: { ...share }, pairedItem }));
			} catch (error) {
				items.forEach((item) => failed.push(failedItem(context, error, item)));
			}
		}
		return [out, failed];
	},
};
