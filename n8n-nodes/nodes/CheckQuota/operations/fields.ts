import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { BUCKETS } from '../../shared/choices';
import type { QuotaBucket } from '../../shared/contract';
import { userIdIn } from '../../shared/ids';
import { userPicker } from '../../shared/pickers';

/** The most units that one check takes (schemas/quota-check.json). */
export const MAX_UNITS = 1_000_000;

/** The bucket of an operation. */
export const bucket: INodeProperties = {
	displayName: 'Bucket',
	name: 'bucket',
	type: 'options',
	default: 'data.general',
	description: "Which of Google's quotas",
	options: BUCKETS,
};

/** How many units. */
export const units: INodeProperties = {
	displayName: 'Units',
	name: 'units',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: MAX_UNITS },
	default: 300,
	description: 'How many units are needed. Read once, for all items together.',
};

const interactive: INodeProperties = {
	displayName: 'Interactive Priority',
	name: 'interactive',
	type: 'boolean',
	default: true,
	description:
		'Whether to use the units that are kept for people who wait for an answer. Default: yes when the workflow is run by hand.',
};

const user: INodeProperties = {
	...userPicker('The user whose share pays. Empty: what is common to all users.'),
	required: false,
};

/** Options, with those that an operation adds before the common ones. */
export const options = (...more: INodeProperties[]): INodeProperties => ({
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: [...more, interactive, user],
});

/** What is needed, and whose share pays. */
export function needed(context: IExecuteFunctions): IDataObject {
	return {
		bucket: context.getNodeParameter('bucket', 0) as string,
		units: context.getNodeParameter('units', 0) as number,
		...payer(context),
	};
}

/** Whose share pays, and whether a person waits. */
export function payer(context: IExecuteFunctions): { interactive: boolean; userId?: string } {
	const chosen = context.getNodeParameter('options', 0, {}) as {
		// A picker's choice; text in workflows from before it was one.
		userId?: string | { value?: string };
		interactive?: boolean;
	};
	const userId = typeof chosen.userId === 'object' ? chosen.userId.value : chosen.userId;
	return {
		interactive: chosen.interactive ?? context.getMode() === 'manual',
		...(userId ? { userId: userIdIn(context, userId.trim()) } : {}),
	};
}

/** The input as it came, with fields added. */
export function inputWith(
	context: IExecuteFunctions,
	more: IDataObject = {},
): INodeExecutionData[] {
	return context.getInputData().map((item, index) => ({
		...item,
		json: { ...item.json, ...more },
		pairedItem: { item: index },
	}));
}

/**
 * Requires that the field Units asks for no more than the bucket ever holds.
 *
 * @throws NodeOperationError when more units are asked for than the bucket ever holds
 */
export const requireUnitsWithinLimit = (context: IExecuteFunctions, bucket: QuotaBucket): void =>
	requireWithinLimit(
		context,
		bucket,
		context.getNodeParameter('units', 0) as number,
		(limit) => `Set Units to at most ${limit}, or split the work.`,
	);

const count = (number: number) => number.toLocaleString('en-US');

/**
 * Requires that units are no more than the bucket ever holds: no waiting brings more.
 *
 * @param advice what to do about it, by the limit
 * @throws NodeOperationError when they are more than the bucket ever holds
 */
export function requireWithinLimit(
	context: IExecuteFunctions,
	bucket: QuotaBucket,
	asked: number,
	advice: (limit: string) => string,
): void {
	if (!(asked > bucket.limit)) return;
	const name = BUCKETS.find(({ value }) => value === bucket.bucket)?.name ?? bucket.bucket;
	const limit = count(bucket.limit);
	throw new NodeOperationError(
		context.getNode(),
		`${count(asked)} units are more than the limit of ${name}, which is ${limit}`,
		{ description: advice(limit) },
	);
}
