import type { IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import type { QuotaSettled } from '../../shared/contract';
import { failedItem } from '../../shared/errors';
import type { Operation } from '../../shared/operation';
import { ask, required } from '../../shared/sidecar';

const reservationId: INodeProperties = {
	displayName: 'Reservation ID',
	name: 'reservationId',
	type: 'string',
	default: '={{ $json.quota.reservationId }}',
	required: true,
	placeholder: 'e.g. 3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d',
	description: 'From Reserve. Each reservation is settled once, whatever the number of items.',
};

const unitsSpent: INodeProperties = {
	displayName: 'Units Spent',
	name: 'unitsSpent',
	type: 'number',
	typeOptions: { minValue: 0, maxValue: 1000000 },
	default: 0,
	description: 'What Google charged, at most what was reserved. 0 gives all back.',
};

export const settle: Operation = {
	option: {
		name: 'Settle',
		value: 'settle',
		action: 'Settle a reservation',
		description: 'Report what was spent of a reservation, so that the rest is released at once',
	},
	fields: [reservationId, unitsSpent],
	async executeAll(context) {
		const settled = new Map<string, IDataObject>();
		const out: INodeExecutionData[] = [];
		const failed: INodeExecutionData[] = [];
		const items = context.getInputData();
		for (let item = 0; item < items.length; item++) {
			try {
				const id = required(context, 'reservationId', 'Reservation ID', item);
				if (!settled.has(id)) {
					const { bucket, ...spent } = await ask<QuotaSettled>(context, {
						method: 'POST',
						path: `/v1/quota/reservations/${encodeURIComponent(id)}/settle`,
						body: { unitsSpent: context.getNodeParameter('unitsSpent', item) as number },
						itemIndex: item,
					});
					settled.set(id, { ...bucket, reservationId: id, ...spent });
				}
				out.push({
					...items[item]!,
					json: { ...items[item]!.json, quota: settled.get(id)! },
					pairedItem: { item },
				});
			} catch (error) {
				failed.push(failedItem(context, error, item));
			}
		}
		return [out, failed];
	},
};
