import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { dayOf } from '../../../shared/dates';
import type { Operation } from '../../../shared/operation';
import { INSIGHTS, user, week } from './fields';

const answer: INodeProperties = {
	displayName: 'Model Response',
	name: 'answer',
	type: 'json',
	default: '={{ $json }}',
	description:
		"The model's response as it came, or only its object with a list of sentences. What cannot be used leaves the sentences of rules. Empty: no model was asked.",
};

/** Far more than an answer of sentences has; the sidecar refuses more than half of it. */
const MAX_CHARACTERS = 40_000;

/** What is in a response of OpenAI's Responses API, with the names that it has there. */
interface ModelResponse extends IDataObject {
	id?: string;
	model?: string;
	usage?: {
		input_tokens?: number;
		output_tokens?: number;
		input_tokens_details?: { cached_tokens?: number };
	};
	output?: Array<{ type?: string; content?: Array<{ type?: string; text?: unknown }> }>;
}

const isObject = (value: unknown): value is IDataObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** The usage of a response, as the contract writes it; undefined: it says none. */
function usageOf({ id, model, usage }: ModelResponse): IDataObject | undefined {
	if (typeof id !== 'string' || typeof model !== 'string' || !isObject(usage)) return undefined;
	const { input_tokens: inputTokens, output_tokens: outputTokens } = usage;
	if (!Number.isInteger(inputTokens) || !Number.isInteger(outputTokens)) return undefined;
	const details = usage.input_tokens_details as IDataObject | undefined;
	const cached = details?.cached_tokens;
	return {
		responseId: id,
		model,
		inputTokens,
		outputTokens,
		...(Number.isInteger(cached) ? { cachedInputTokens: cached } : {}),
	};
}

/** The text or object that a response carries; null: none, as where n8n goes on with the error of a model that is unavailable. */
function textOf(response: ModelResponse): unknown {
	if (!Array.isArray(response.output))
		return response.error && !response.sentences ? null : response;
	const content = response.output.flatMap((each) =>
		Array.isArray(each?.content) ? each.content : [],
	);
	return content.find(({ type }) => type === 'output_text')?.text ?? null;
}

function bodyOf(context: IExecuteFunctions, item: number): IDataObject {
	const body: IDataObject = {};
	if (context.getNodeParameter('week', item, ''))
		body.week = dayOf(context, 'week', 'First Day', item);
	const given = context.getNodeParameter('answer', item, '') as unknown;
	const value = typeof given === 'string' ? parsed(given) : given;
	const usage = isObject(value) ? usageOf(value) : undefined;
	if (usage) body.usage = usage;
	const text = isObject(value) ? textOf(value) : value;
	body.answer = shortened(text) as IDataObject;
	return body;
}

/** What is too long to be an answer is cut, so that it can be judged at all. */
function shortened(value: unknown): unknown {
	if (value === undefined || value === null) return null;
	const text = typeof value === 'string' ? value : JSON.stringify(value);
	return text.length > MAX_CHARACTERS ? text.slice(0, MAX_CHARACTERS) : value;
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

export const create: Operation = {
	option: {
		name: 'Create',
		value: 'create',
		action: 'Create the sentences about a week',
		description:
			"Check a model's answer, fill in the figures and keep the sentences; what the model used is booked as a cost. Of an answer that cannot be used, those of rules are kept.",
	},
	fields: [user, week, answer],
	request: {
		method: 'POST',
		path: INSIGHTS,
		fields: bodyOf,
		result: (created, { userId }) => ({
			userId,
			...created,
			costUsd: Number(created.costUsd),
		}),
	},
};
