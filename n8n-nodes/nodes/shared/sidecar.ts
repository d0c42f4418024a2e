import type {
	IDataObject,
	IExecuteFunctions,
	IHookFunctions,
	IHttpRequestMethods,
	IHttpRequestOptions,
	ILoadOptionsFunctions,
	INodeParameters,
	JsonObject,
} from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import type { Problem } from './contract';
import { labelOf } from './labels';

/** Why a call failed, in n8n's words. */
type Failure = NonNullable<NodeApiError['failure']>;

/** Seconds that a request may take beyond the waiting that it asks for. */
const MARGIN_SECONDS = 60;

/** Whoever may ask: a node that runs, a picker in the editor, or a trigger that comes and goes. */
export type Asker = IExecuteFunctions | ILoadOptionsFunctions | IHookFunctions;

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
export async function ask<T>(context: Asker, request: SidecarRequest): Promise<T> {
	const { baseUrl } = await context.getCredentials<{ baseUrl: string }>('ytempireApi');
	const options: IHttpRequestOptions = {
		method: request.method,
		baseURL: baseUrl.trim().replace(/\/+$/, ''),
		url: request.path,
		json: true,
		qs: request.query,
		arrayFormat: 'repeat',
		timeout: ((request.waitSeconds ?? 0) + MARGIN_SECONDS) * 1000,
		headers: {
			'X-N8n-Workflow-Id': String(context.getWorkflow().id ?? ''),
			'X-N8n-Execution-Id': 'getExecutionId' in context ? context.getExecutionId() : '',
			// RFC 7240. Without it the sidecar waits for its own default time.
			...(request.waitSeconds ? { Prefer: `wait=${request.waitSeconds}` } : {}),
		},
	};
	if (request.body) {
		options.body = request.body;
	}
	if (request.isFile) {
		options.json = false;
		options.encoding = 'arraybuffer';
	}
	let answer: unknown;
	try {
		answer = await context.helpers.httpRequestWithAuthentication.call(
			context,
			'ytempireApi',
			options,
		);
	} catch (error) {
		throw explained(context, error as JsonObject, options.baseURL!, request.itemIndex);
	}
	// A page of a proxy or of another server: the sidecar answers JSON, or nothing.
	if (!request.isFile && typeof answer === 'string' && answer.trim() !== '') {
		throw new NodeOperationError(
			context.getNode(),
			`Something answers at ${options.baseURL}, but it is not a YTEMPIRE sidecar`,
			{ itemIndex: request.itemIndex, description: ADDRESS_CURE },
		);
	}
	return answer as T;
}

const ADDRESS_CURE =
	'Correct the Base URL in the credential: the address of the sidecar, such as http://sidecar:8080, without a path.';

/** What happened to a connection, by the code that Node.js gives it; {} stands for the address. */
const CONNECTION_FAULTS: Array<[RegExp, string]> = [
	[/ECONNREFUSED/, 'Nothing answers at {}: the connection was refused'],
	[/ENOTFOUND|EAI_AGAIN/, 'There is no host of the name in {}'],
	[/EHOSTUNREACH|ENETUNREACH/, 'There is no way from n8n to {}'],
	[/ETIMEDOUT|ECONNABORTED|ESOCKETTIMEDOUT|timeout of/, 'The sidecar at {} did not answer in time'],
	[/ECONNRESET|EPIPE|socket hang up/, 'The connection to {} was closed before the answer came'],
	[
		/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|EPROTO|ERR_TLS|ERR_SSL|wrong version number/,
		'No secure connection to {}: its certificate or its protocol is not accepted',
	],
	[/ERR_INVALID_URL|Invalid URL|ERR_INVALID_PROTOCOL|Unsupported protocol/, "'{}' is no address"],
];

/** A connection's failure as a sentence. */
function connectionFault(error: unknown, baseUrl: string): string {
	const status = statusIn(error);
	if (/^\d{3}$/.test(status)) {
		return `A server or proxy at ${baseUrl} answered ${status} without the sidecar's own words`;
	}
	const places = error as { code?: unknown; cause?: { code?: unknown }; message?: unknown };
	const text = [places.code, places.cause?.code, places.message].map(String).join(' ');
	const found = CONNECTION_FAULTS.find(([pattern]) => pattern.test(text));
	return (found?.[1] ?? 'The sidecar at {} gave no answer').replace('{}', baseUrl);
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

/** How long to wait where the sidecar is unavailable and cannot say. Milliseconds. */
const AWAY_MS = 30_000;

/** What each problem means to n8n, which waits for what passes and asks a person for what does not. */
function failureOf(problem: Problem): Failure | undefined {
	const at = problem.retryAt ?? problem.resetsAt;
	const until = at ? { resetsAtEpochMs: Date.parse(at) } : {};
	switch (problem.type) {
		case '/problems/quota-exhausted':
			return { cause: 'quota-exhausted', ...until };
		case '/problems/busy':
		case '/problems/too-many-attempts':
		case '/problems/too-many-events':
		case '/problems/too-many-recipients':
			return { cause: 'rate-limited', ...until };
		case '/problems/unavailable':
		case '/problems/internal':
			return { cause: 'temporarily-unavailable', ...until };
		case '/problems/unauthenticated':
		case '/problems/forbidden':
			return { cause: 'credential-invalid' };
		case '/problems/unknown-user':
		case '/problems/unknown-channel':
		case '/problems/unknown-database-login':
		case '/problems/too-many-database-logins':
		case '/problems/too-many-subscriptions':
		case '/problems/export-too-large':
		case '/problems/invalid-request':
		case '/problems/too-large':
		case '/problems/address-too-long':
		case '/problems/headers-too-large':
			return { cause: 'configuration-invalid' };
		default:
			return undefined;
	}
}

/** What a person does about it, where the sidecar's sentence does not say it already. */
const ADVICE: Record<string, string> = {
	'/problems/unauthenticated':
		'Open the credential and put in a token that works; your operator makes one with ./ytempire token create --kind service.',
	'/problems/forbidden':
		'Workflows need a token of the kind, or a service token with the scope, that the message names; your operator makes one with ./ytempire token create --kind service --scopes read,sync,….',
	'/problems/unknown-user':
		'Choose the user from the list, or look where the expression takes it from.',
	'/problems/unknown-channel':
		'Choose the channel from the list, or look where the expression takes it from. A channel belongs to one user.',
	'/problems/unknown-database-login': 'Choose the database login from the list: it may be revoked.',
	'/problems/too-many-database-logins':
		'Revoke a database login of the user first, or wait until tomorrow where the message says so. To rotate a login the user must have a free one.',
	'/problems/too-many-subscriptions':
		'Deactivate workflows with this trigger that nobody needs; your operator deletes subscriptions whose workflow is gone.',
	'/problems/quota-exhausted':
		'Put a Check Quota node before this one, and a Wait node on its output Exhausted.',
	'/problems/busy': 'Ask for more channels at once rather than more often, or try again later.',
	'/problems/invalid-request': 'Correct the field, or the expression in it.',
	'/problems/internal': 'Your operator finds the cause in the log of the sidecar.',
	'/problems/too-large': 'Send fewer items at a time, with a Loop Over Items node before this one.',
	'/problems/address-too-long': 'Choose fewer users at a time.',
	'/problems/headers-too-large': 'Choose fewer users at a time.',
};

/** What a person does about a refusal of a server or proxy before the sidecar, by its status. */
const REFUSALS: Record<string, string> = {
	413: 'A proxy before the sidecar refused the body as too large. Let it take 10 MB, or send fewer items at a time.',
	414: 'A proxy before the sidecar refused the address as too long. Let it take 8,000 characters, or choose fewer users at a time.',
	431: 'A proxy before the sidecar refused the headers as too large. Let it take 8,000 characters, or choose fewer users at a time.',
};

/** The HTTP status in an error of n8n's HTTP helper, if there was an answer. */
function statusIn(error: unknown): string {
	const places = error as {
		httpCode?: unknown;
		statusCode?: unknown;
		response?: { status?: unknown };
	};
	return String(places.httpCode ?? places.statusCode ?? places.response?.status ?? '');
}

function explained(context: Asker, error: JsonObject, baseUrl: string, itemIndex?: number): Error {
	const problem = problemIn(error);
	if (!problem) {
		const refusal = REFUSALS[statusIn(error)];
		if (refusal) {
			return new NodeApiError(context.getNode(), error, {
				itemIndex,
				description: refusal,
				failure: { cause: 'configuration-invalid' },
			});
		}
		const message = `${connectionFault(error, baseUrl)}.`;
		// Without its code, for which n8n has sentences of its own that name no address.
		return new NodeApiError(
			context.getNode(),
			{ message },
			{
				itemIndex,
				message,
				description: `The sidecar gave no answer. Is it running? ${ADDRESS_CURE}`,
				failure: { cause: 'temporarily-unavailable', retryAfterMs: AWAY_MS },
			},
		);
	}
	const { message, faults } = messageOf(problem);
	const when = problem.retryAt ? [`Try again at ${problem.retryAt}.`] : [];
	const advice = ADVICE[problem.type];
	const instance = problem.instance
		? [`The log of the sidecar has it as ${problem.instance}.`]
		: [];
	const apiError = new NodeApiError(
		context.getNode(),
		{ type: problem.type, detail: problem.detail, retryAt: problem.retryAt ?? null },
		{
			itemIndex,
			httpCode: String(problem.status),
			message,
			description:
				[...faults, ...when, ...instance, ...(advice ? [advice] : [])].join('\n') || undefined,
			failure: failureOf(problem),
		},
	);
	// So that a node that knows what to do about it finds it again.
	apiError.context.data = problem;
	return apiError;
}

/** Details of a problem that name the contract rather than what is on the panel; the faults say the same. */
const CONTRACT_WORDS = /^The (?:body does not fit the schema|query parameter) /;

/** What happened, in a sentence, and the faults that it does not name. */
function messageOf({ type, title, detail, faults = [] }: Problem): {
	message: string;
	faults: string[];
} {
	if (type !== '/problems/invalid-request' || !faults.length) {
		return { message: `${title}: ${detail}`, faults: faults.map((each) => faultInWords(each)) };
	}
	const words = faults.map((fault) => faultInWords(fault, labelOf));
	return CONTRACT_WORDS.test(detail)
		? { message: words[0]!, faults: words.slice(1) }
		: { message: detail, faults: words };
}

/**
 * A fault of a field without JSON Pointers and patterns: the field's name and what is wrong.
 *
 * @param name what a field is called where people see it
 */
export function faultInWords(
	{ pointer, message }: { pointer: string; message: string },
	name: (field: string) => string = (field) => field,
): string {
	// Of what stands in a list, the field of its item: /requests/0/endDate.
	const field = pointer
		.replace(/(\/\d+)+$/, '')
		.replace(/^.*\/\d+(?=\/)/, '')
		.split('/')
		.map((part) => part.replace(/[?{}]/g, ''))
		.filter((part) => part !== '');
	const words = message.replace(
		/(?:does not|must) match the regex pattern .*/,
		'does not have the expected form',
	);
	return field.length ? `${field.map(name).join(' ')}: ${words}` : words;
}

/** What was caught, as n8n shows it best; errors of {@link ask} and {@link required} are that already. */
export function nodeError(context: Asker, caught: unknown): NodeApiError | NodeOperationError {
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

/** {{ $json.userId }}, which is what nearly every workflow has there. */
const FIELD = /^=\{\{\s*\$json\.([A-Za-z]\w*)\s*\}\}$/;

/** The parameters of nodes that run, as they stand in the editor: n8n copies the whole node each time that it is asked. */
const rawParameters = new WeakMap<IExecuteFunctions, INodeParameters>();

/** A node's parameters as they stand in the editor, with expressions unevaluated. */
export function parametersOf(context: IExecuteFunctions): INodeParameters {
	const known = rawParameters.get(context) ?? context.getNode().parameters;
	rawParameters.set(context, known);
	return known;
}

/** The field of the item that a parameter names: n8n takes a millisecond for each expression that it evaluates. */
function fieldOf(context: IExecuteFunctions, name: string, item: number): unknown {
	const raw = parametersOf(context)[name];
	const expression =
		raw !== null && typeof raw === 'object' && 'value' in raw
			? (raw as IDataObject).mode === 'id'
				? raw.value
				: undefined
			: raw;
	const field = typeof expression === 'string' ? FIELD.exec(expression)?.[1] : undefined;
	return field === undefined ? undefined : context.getInputData()[item]?.json[field];
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
	const value =
		fieldOf(context, name, item) ??
		(context.getNodeParameter(name, item, '', { extractValue: true }) as unknown);
	if (typeof value !== 'string' || value.trim() === '') {
		throw new NodeOperationError(context.getNode(), `${label} is empty`, {
			itemIndex: item,
			description: `Fill in ${label}, or drag it in from the input. The expression may name a field that this item does not have.`,
		});
	}
	return value.trim();
}
