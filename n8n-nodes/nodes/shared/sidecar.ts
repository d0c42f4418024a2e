import type {
	IDataObject,
	IExecuteFunctions,
	IHttpRequestMethods,
	IHttpRequestOptions,
	ILoadOptionsFunctions,
	JsonObject,
} from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import type { Problem } from './contract';

/** Seconds that a request may take beyond the waiting that it asks for. */
const MARGIN_SECONDS = 60;

/** What to send to the sidecar. */
export interface SidecarRequest {
	method: IHttpRequestMethods;
	path: string;
	body?: object;
	query?: IDataObject;
	/** How long the sidecar may wait before it answers. Seconds. */
	waitSeconds?: number;
	/** Whether the answer is a file: its bytes. */
	isFile?: boolean;
	/** The item that this concerns, for the message of an error. */
	itemIndex?: number;
}

/**
 * Asks the sidecar, with the credential's address and token, and says from which workflow and execution.
 *
 * @throws NodeApiError that says what happened and what to do, from the sidecar's problem document
 */
export async function ask<T>(
	context: IExecuteFunctions | ILoadOptionsFunctions,
	request: SidecarRequest,
): Promise<T> {
	const { baseUrl } = await context.getCredentials<{ baseUrl: string }>('ytempireApi');
	const options: IHttpRequestOptions = {
		method: request.method,
		baseURL: baseUrl.replace(/\/+$/, ''),
		url: request.path,
		json: true,
		qs: request.query,
		arrayFormat: 'repeat',
		timeout: ((request.waitSeconds ?? 0) + MARGIN_SECONDS) * 1000,
		headers: {
			'X-N8n-Workflow-Id': String(context.getWorkflow().id ?? ''),
			'X-N8n-Execution-Id': 'getExecutionId' in context ? context.getExecutionId() : '',
		},
	};
	if (request.body) {
		options.body = request.body;
	}
	if (request.isFile) {
		options.json = false;
		options.encoding = 'arraybuffer';
	}
	try {
		return (await context.helpers.httpRequestWithAuthentication.call(
			context,
			'ytempireApi',
			options,
		)) as T;
	} catch (error) {
		throw explained(context, error as JsonObject, request.itemIndex);
	}
}

/** The sidecar's problem document in an error of n8n's HTTP helper, if there is one. */
export function problemIn(error: unknown): Problem | undefined {
	const places = error as {
		context?: { data?: unknown };
		response?: { data?: unknown; body?: unknown };
	};
	for (const place of [places.context?.data, places.response?.data, places.response?.body]) {
		// A file was asked for: the problem comes as bytes, too.
		const text = isBytes(place) ? String(place) : place;
		const found = typeof text === 'string' ? parsed(text) : text;
		if (found && typeof found === 'object' && 'type' in found && 'detail' in found) {
			return found as Problem;
		}
	}
	return undefined;
}

const isBytes = (value: unknown) =>
	typeof value === 'object' && value !== null && 'byteLength' in value;

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function explained(
	context: IExecuteFunctions | ILoadOptionsFunctions,
	error: JsonObject,
	itemIndex?: number,
): Error {
	const problem = problemIn(error);
	if (!problem) {
		return new NodeApiError(context.getNode(), error, {
			itemIndex,
			description:
				'The sidecar gave no answer. Is it running, and is its address in the credential right?',
		});
	}
	const faults = (problem.faults ?? []).map((fault) => `${fault.pointer} ${fault.message}`);
	const when = problem.retryAt ? [`Try again at ${problem.retryAt}.`] : [];
	const told = new NodeApiError(
		context.getNode(),
		{ type: problem.type, detail: problem.detail, retryAt: problem.retryAt ?? null },
		{
			itemIndex,
			httpCode: String(problem.status),
			message: `${problem.title}: ${problem.detail}`,
			description: [...faults, ...when].join('\n') || undefined,
		},
	);
	// So that a node that knows what to do about it finds it again.
	told.context.data = problem;
	return told;
}

/** What was caught, as n8n shows it best; errors of {@link ask} and {@link required} are that already. */
export function nodeError(
	context: IExecuteFunctions,
	caught: unknown,
): NodeApiError | NodeOperationError {
	return caught instanceof NodeApiError || caught instanceof NodeOperationError
		? caught
		: new NodeOperationError(context.getNode(), caught as Error);
}

/** Cuts a list into pieces of at most so many. */
export function chunks<T>(list: T[], size: number): T[][] {
	return Array.from({ length: Math.ceil(list.length / size) }, (_, piece) =>
		list.slice(piece * size, (piece + 1) * size),
	);
}

/**
 * A parameter that must not be empty.
 *
 * @throws NodeOperationError naming the field and the item
 */
export function required(
	context: IExecuteFunctions,
	name: string,
	label: string,
	item: number,
): string {
	const value = context.getNodeParameter(name, item, '', { extractValue: true }) as unknown;
	if (typeof value !== 'string' || value.trim() === '') {
		throw new NodeOperationError(context.getNode(), `${label} is empty`, {
			itemIndex: item,
			description: `Fill in ${label}, or drag it in from the input. The expression may name a field that this item does not have.`,
		});
	}
	return value.trim();
}
