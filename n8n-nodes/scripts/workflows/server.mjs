// Workflows to and from a running n8n, by its public API (docs.n8n.io/api).
import { normal } from './format.mjs';

const PAGE = 100;

/** Settings that the public API takes; it refuses a workflow with any other. */
const SETTINGS = [
	'saveExecutionProgress',
	'saveManualExecutions',
	'saveDataErrorExecution',
	'saveDataSuccessExecution',
	'executionTimeout',
	'errorWorkflow',
	'timezone',
	'executionOrder',
	'callerPolicy',
	'callerIds',
	'timeSavedPerExecution',
	'availableInMCP',
];

export class Refused extends Error {}

/** A running n8n, asked with an API key. */
export class Server {
	constructor(url, key) {
		this.url = url.replace(/\/+$/, '');
		this.key = key;
	}

	async ask(method, path, body) {
		let answer;
		try {
			answer = await fetch(`${this.url}/api/v1${path}`, {
				method,
				headers: {
					'X-N8N-API-KEY': this.key,
					...(body ? { 'Content-Type': 'application/json' } : {}),
				},
				body: body ? JSON.stringify(body) : undefined,
			});
		} catch (error) {
			throw new Refused(
				`n8n does not answer at ${this.url}: ${error.cause?.message ?? error.message}. Is YTEMPIRE_N8N_URL right?`,
			);
		}
		const text = await answer.text();
		if (!answer.ok) {
			let said = text;
			try {
				said = JSON.parse(text).message ?? text;
			} catch {
				// as it is
			}
			const cure =
				answer.status === 401
					? ' Make an API key in n8n under Settings, n8n API, and put it in YTEMPIRE_N8N_API_KEY.'
					: answer.status === 403
						? ' The API key needs the scopes workflow:create, read, list, update, and activate for what is published.'
						: '';
			throw new Refused(`n8n answered ${answer.status} to ${method} ${path}: ${said}.${cure}`);
		}
		return text === '' ? {} : JSON.parse(text);
	}

	/** All workflows. */
	async workflows() {
		const all = [];
		let cursor;
		do {
			const page = await this.ask(
				'GET',
				`/workflows?limit=${PAGE}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
			);
			all.push(...page.data);
			cursor = page.nextCursor;
		} while (cursor);
		return all.filter((workflow) => !workflow.isArchived);
	}

	/** The one workflow of this name; undefined: none. */
	async find(name) {
		const found = (await this.workflows()).filter((workflow) => workflow.name === name);
		if (found.length > 1) {
			throw new Refused(
				`n8n has ${found.length} workflows named "${name}". Rename or delete all but one; a file is matched by its name.`,
			);
		}
		return found[0];
	}

	/**
	 * Brings a workflow in: over the one of its name, whose credentials it keeps, or as a new one.
	 *
	 * @param credential id of the YTEMPIRE credential for nodes of ours that have none yet
	 * @returns whether it is new, its id, and the nodes that still need a credential
	 */
	async import(workflow, ours, credential) {
		const { name, nodes, connections, settings } = normal(workflow);
		const found = await this.find(name);
		const had = new Map((found?.nodes ?? []).map((node) => [node.name, node.credentials]));
		const missing = [];
		const withCredentials = nodes.map((node) => {
			const wanted = ours[node.type]?.credentials?.[0]?.name;
			const credentials =
				had.get(node.name) ??
				(wanted && credential ? { [wanted]: { id: credential, name: 'YTEMPIRE' } } : undefined);
			if (wanted && !credentials) missing.push(node.name);
			return { parameters: {}, ...node, ...(credentials ? { credentials } : {}) };
		});
		const body = {
			name,
			nodes: withCredentials,
			connections,
			settings: Object.fromEntries(
				Object.entries(settings).filter(([key]) => SETTINGS.includes(key)),
			),
		};
		const stored = found
			? await this.ask('PUT', `/workflows/${found.id}`, body)
			: await this.ask('POST', '/workflows', body);
		return { isNew: !found, id: stored.id, missing };
	}
}
