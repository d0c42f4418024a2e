import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { COST_CATEGORIES } from '../../../shared/choices';
import type { CostRecordResult } from '../../../shared/contract';
import { failedItem } from '../../../shared/errors';
import { labelOf } from '../../../shared/labels';
import type { Operation } from '../../../shared/operation';
import { findUser } from '../../../shared/request';
import { ask, chunks, faultInWords, required } from '../../../shared/sidecar';
import { ROWS_A_REQUEST, user } from './fields';

const fields: INodeProperties[] = [
	{
		displayName: 'External ID',
		name: 'externalId',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. resp_68af4030592c/input',
		description:
			"The provider's ID of this cost, or one that a retry makes again: it is booked once",
	},
	{
		displayName: 'Provider',
		name: 'provider',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. openai',
		description: 'Who bills it, in lower case',
	},
	{
		displayName: 'Category',
		name: 'category',
		type: 'options',
		default: 'text',
		description: 'What it was for. The category decides which limit it counts against.',
		options: COST_CATEGORIES,
	},
	{
		displayName: 'Specify By',
		name: 'book',
		type: 'options',
		noDataExpression: true,
		default: 'quantity',
		description: 'What is known of the cost',
		options: [
			{ name: 'Amount', value: 'amount', description: 'What it cost, in USD' },
			{
				name: 'Quantity',
				value: 'quantity',
				description: 'How much was used: the price of the day makes the amount',
			},
		],
	},
	{
		displayName: 'Quantity',
		name: 'quantity',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 0,
		required: true,
		description: 'How much was used',
		displayOptions: { show: { book: ['quantity'] } },
	},
	{
		displayName: 'Unit',
		name: 'unit',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. input-token',
		description: 'What the quantity counts, as the price of it is named',
		displayOptions: { show: { book: ['quantity'] } },
	},
	{
		displayName: 'Amount (USD)',
		name: 'amountUsd',
		type: 'number',
		typeOptions: { numberPrecision: 6 },
		default: 0,
		required: true,
		description: 'What it cost; negative for a refund, with the option Is Refund',
		displayOptions: { show: { book: ['amount'] } },
	},
	{
		displayName: 'Additional Fields',
		name: 'fields',
		type: 'collection',
		placeholder: 'Add field',
		default: {},
		options: [
			{
				displayName: 'Channel ID',
				name: 'channelId',
				type: 'string',
				default: '',
				placeholder: 'e.g. UCabcdefghijklmnopqrstuv',
				description: 'The channel that it was spent on. A video names its channel.',
			},
			{
				displayName: 'Is Estimate',
				name: 'isEstimate',
				type: 'boolean',
				default: false,
				description: 'Whether the amount is an estimate',
			},
			{
				displayName: 'Is Refund',
				name: 'isRefund',
				type: 'boolean',
				default: false,
				description: 'Whether the provider gave this amount back; it is negative then',
			},
			{
				displayName: 'Model',
				name: 'model',
				type: 'string',
				default: '',
				placeholder: 'e.g. gpt-5.4-mini',
				description: 'The model, as the provider names it',
			},
			{
				displayName: 'Time',
				name: 'at',
				type: 'dateTime',
				default: '',
				description: 'When it was used. Left out: now.',
			},
			{
				displayName: 'Video ID',
				name: 'videoId',
				type: 'string',
				default: '',
				placeholder: 'e.g. dQw4w9WgXcQ',
				description: 'The video that it was spent on; one that was synced',
			},
		],
	},
];

/** Decimals of an amount in the contract. */
const DECIMALS = 6;

/** The cost of an item, as the contract writes it. */
function costOf(context: IExecuteFunctions, item: number): IDataObject {
	const { at, ...more } = context.getNodeParameter('fields', item, {}) as IDataObject;
	const cost: IDataObject = Object.fromEntries(
		Object.entries(more).filter(([, value]) => value !== ''),
	);
	cost.externalId = required(context, 'externalId', 'External ID', item);
	cost.provider = required(context, 'provider', 'Provider', item);
	cost.category = context.getNodeParameter('category', item);
	if (at) cost.at = momentOf(context, at, item);
	const number = (name: string, label: string) => {
		const value = context.getNodeParameter(name, item) as unknown;
		if (typeof value === 'number' && Number.isFinite(value)) return value;
		throw new NodeOperationError(context.getNode(), `${label}: '${String(value)}' is no number`, {
			itemIndex: item,
			description: `Correct the expression that computes ${label}.`,
		});
	};
	if (context.getNodeParameter('book', item) === 'amount') {
		cost.amountUsd = number('amountUsd', 'Amount (USD)').toFixed(DECIMALS);
	} else {
		cost.quantity = number('quantity', 'Quantity');
		cost.unit = required(context, 'unit', 'Unit', item);
	}
	return cost;
}

/** A date field as a moment in UTC: text, a Date, or a Luxon DateTime. */
function momentOf(context: IExecuteFunctions, value: unknown, item: number): string {
	const moment = new Date(value instanceof Date ? value : String(value));
	if (!Number.isNaN(moment.getTime())) return moment.toISOString();
	throw new NodeOperationError(context.getNode(), `Time: '${String(value)}' is not a moment`, {
		itemIndex: item,
		description: 'Choose it in the calendar, or use a text such as 2026-11-20T10:00:00Z.',
	});
}

/** A cost that is ready to be sent. */
interface PreparedCost {
	item: number;
	cost: IDataObject;
}

export const record: Operation = {
	option: {
		name: 'Record',
		value: 'record',
		action: 'Record costs of a user',
		description:
			'Book what was used or billed, each once: a retry books nothing. Say which video it was for, where there is one.',
	},
	fields: [user, ...fields],
	async executeAll(context) {
		const out: INodeExecutionData[] = [];
		const byUser = new Map<string, PreparedCost[]>();
		for (let item = 0; item < context.getInputData().length; item++) {
			try {
				const userId = await findUser(context, item);
				const prepared = { item, cost: costOf(context, item) };
				byUser.set(userId, [...(byUser.get(userId) ?? []), prepared]);
			} catch (error) {
				out.push(failedItem(context, error, item));
			}
		}
		for (const [userId, all] of byUser) {
			for (const some of chunks(all, ROWS_A_REQUEST)) {
				out.push(...(await send(context, userId, some)));
			}
		}
		out.sort((a, b) => itemOf(a) - itemOf(b));
		return [out];
	},
};

const itemOf = ({ pairedItem }: INodeExecutionData) =>
	typeof pairedItem === 'object' && !Array.isArray(pairedItem) ? pairedItem.item : 0;

/** Books costs of one user. A row that is refused fails its own item. */
async function send(
	context: IExecuteFunctions,
	userId: string,
	some: PreparedCost[],
): Promise<INodeExecutionData[]> {
	let result: CostRecordResult;
	try {
		result = await ask<CostRecordResult>(context, {
			method: 'POST',
			path: `/v1/users/${userId}/costs`,
			body: { rows: some.map(({ cost }) => cost) },
			itemIndex: some[0]!.item,
		});
	} catch (error) {
		return some.map(({ item }) => failedItem(context, error, item));
	}
	return result.rows.map(({ row, outcome, costId, amountUsd, message, faults }) => {
		const { item, cost } = some[row]!;
		if (outcome === 'rejected') {
			const refused = new NodeOperationError(
				context.getNode(),
				`The cost ${String(cost.externalId)} is not booked: ${faults.map((fault) => faultInWords(fault, labelOf)).join('; ')}`,
				{
					itemIndex: item,
					description: 'Correct the field and run the node again: what was booked stays.',
				},
			);
			return failedItem(context, refused, item);
		}
		return {
			json: {
				userId,
				externalId: cost.externalId,
				outcome,
				costId,
				amountUsd: amountUsd === null ? null : Number(amountUsd),
				...(message ? { message } : {}),
			},
			pairedItem: { item },
		} as INodeExecutionData;
	});
}
