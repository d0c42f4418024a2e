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

/** The workflow that n8n starts when another fails, by its name. */
export const ERROR_WORKFLOW = 'Report Errors';

/** Types of credentials as the editor names them. */
export const CREDENTIALS = {
	ytempireApi: 'YTEMPIRE',
	smtp: 'SMTP',
	googleSheetsOAuth2Api: 'Google Sheets OAuth2',
	httpBearerAuth: 'Bearer Auth',
};

/** Credentials of n8n's own nodes that the workflows of the library use, by type of node. */
const NEEDED = {
	'n8n-nodes-base.emailSend': 'smtp',
	'n8n-nodes-base.googleSheets': 'googleSheetsOAuth2Api',
	'@n8n/n8n-nodes-langchain.mcpTrigger': 'httpBearerAuth',
};

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
			const refused = new Refused(
				`n8n answered ${answer.status} to ${method} ${path}: ${said}.${cure}`,
			);
			refused.status = answer.status;
			throw refused;
		}
		return text === '' ? {} : JSON.parse(text);
	}

	/** All workflows. */
	async workflows() {
		return (await this.pages('/workflows')).filter((workflow) => !workflow.isArchived);
	}

	/** Everything of a list. */
	async pages(path) {
		const all = [];
		let cursor;
		do {
			const page = await this.ask(
				'GET',
				`${path}?limit=${PAGE}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
			);
			all.push(...page.data);
			cursor = page.nextCursor;
		} while (cursor);
		return all;
	}

	/** The one workflow of this name; undefined: none. */
	async find(name, all) {
		const found = (all ?? (await this.workflows())).filter((workflow) => workflow.name === name);
		if (found.length > 1) {
			throw new Refused(
				`n8n has ${found.length} workflows named "${name}". Rename or delete all but one; a file is matched by its name.`,
			);
		}
		return found[0];
	}

	/**
	 * Refuses a credential that n8n has not, or that is of another type. Without the scope credential:read it cannot be looked at,
	 * and n8n refuses it when a node runs.
	 */
	async requireCredential(id, type) {
		let found;
		try {
			found = await this.ask('GET', `/credentials/${encodeURIComponent(id)}`);
		} catch (error) {
			if (error.status === 403) return;
			if (error.status !== 404) throw error;
			throw new Refused(
				`n8n has no credential with the ID "${id}". Its address in n8n ends with it: open the credential under Credentials.`,
			);
		}
		if (found.type !== undefined && found.type !== type) {
			throw new Refused(
				`The credential "${found.name ?? id}" is of type ${found.type}; the nodes need one of type ${type}.`,
			);
		}
	}

	/**
	 * Brings a workflow in: over the one of its name, whose credentials it keeps, or as a new one.
	 *
	 * @param options.credential id of the YTEMPIRE credential for nodes of ours that have none yet
	 * @param options.isDry whether nothing is changed in n8n
	 * @returns the workflow that was there, its id, and the nodes that still need a credential, by its type
	 */
	async import(workflow, ours, { credential, isDry = false } = {}) {
		const { name, nodes, connections, settings, tags = [] } = normal(workflow);
		const all = await this.workflows();
		const found = await this.find(name, all);
		// A node that was renamed keeps its id, and so its credential. Another type of node gets none: a file could take a credential
		// along to a node that sends it elsewhere.
		const credentialsOf = new Map(
			(found?.nodes ?? []).flatMap((node) => [
				[`name ${node.name} ${node.type}`, node.credentials],
				[`id ${node.id} ${node.type}`, node.credentials],
			]),
		);
		const missing = {};
		const withCredentials = nodes.map((node) => {
			const own = ours[node.type]?.credentials?.[0]?.name;
			const wanted = own ?? NEEDED[node.type];
			const credentials =
				credentialsOf.get(`id ${node.id} ${node.type}`) ??
				credentialsOf.get(`name ${node.name} ${node.type}`) ??
				(own && credential ? { [own]: { id: credential, name: 'YTEMPIRE' } } : undefined);
			if (wanted && !credentials) (missing[wanted] ??= []).push(node.name);
			return { parameters: {}, ...node, ...(credentials ? { credentials } : {}) };
		});
		if (isDry) return { found, id: found?.id, missing };
		const errors = all.find((each) => each.name === ERROR_WORKFLOW && each.name !== name)?.id;
		const errorWorkflow = settings.errorWorkflow ?? found?.settings?.errorWorkflow ?? errors;
		const body = {
			name,
			nodes: withCredentials,
			connections,
			settings: Object.fromEntries(
				Object.entries({ ...settings, ...(errorWorkflow ? { errorWorkflow } : {}) }).filter(
					([key]) => SETTINGS.includes(key),
				),
			),
		};
		const stored = found
			? await this.ask('PUT', `/workflows/${found.id}`, body)
			: await this.ask('POST', '/workflows', body);
		const had = (found?.tags ?? []).map((tag) => tag.name);
		const isTagged = tags.every((tag) => had.includes(tag.name)) && had.length === tags.length;
		const untagged = !isTagged && !(await this.tag(stored.id, tags)) ? tags : [];
		return { found, id: stored.id, missing, untagged };
	}

	/**
	 * Gives a workflow its tags by name; those that n8n has not are created.
	 *
	 * @returns false where the API key may not
	 */
	async tag(id, tags) {
		try {
			const known = new Map(
				(await this.pages('/tags')).map((tag) => [tag.name, tag.id]),
			);
			const ids = [];
			for (const { name } of tags) {
				ids.push({ id: known.get(name) ?? (await this.ask('POST', '/tags', { name })).id });
			}
			await this.ask('PUT', `/workflows/${id}/tags`, ids);
			return true;
		} catch (error) {
			if (error.status !== 403) throw error;
			return false;
		}
	}
}
