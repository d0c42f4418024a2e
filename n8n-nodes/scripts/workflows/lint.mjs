// What is wrong with a workflow's file, each with its place and its cure.
import { format, leftOut } from './format.mjs';
import { columnsOfKind, inner, isExpression, isShown } from './nodes.mjs';
import {
	inputsAndOutputs,
	misspelt,
	namedNodes,
	periods,
	schedules,
	sheetFormulas,
	texts,
} from './rules.mjs';

const TRIGGER = /trigger|webhook/i;
const NOTE = 'n8n-nodes-base.stickyNote';

/** Nodes that talk to a database, and so could go around the sidecar, which keeps users apart. */
const DATABASES = /\.(postgres|postgresTrigger|timescaleDb|crateDb|questDb|redis)(Tool)?$/;
const OUR_TABLES = /\b(core|analytics|app|sec)\.[a-z_]+|\bset_config\s*\(|\bapp\.tenant_id\b/i;
const SQL = /\b(select\b[\s\S]+\bfrom|insert\s+into|update\s+[\w."]+\s+set|delete\s+from)\b/i;

const SECRETS = [
	[/\byte_(operator|service|user)_\w{8,}/, 'a YTEMPIRE token'],
	[/\bAIza[\w-]{30,}/, 'a Google API key'],
	[/\bya29\.[\w-]{10,}/, 'a Google access token'],
	[/\b1\/\/0[\w-]{20,}/, 'a Google refresh token'],
	[/\bGOCSPX-[\w-]{10,}/, 'a Google client secret'],
	[/\bbearer\s+(?!\{\{|\$)[\w.~+/-]{16,}/i, 'a bearer token'],
	[/\bsk-[\w-]{20,}/, 'an API key'],
	[/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'a private key'],
	[/:\/\/[^/\s:@]+:[^/\s:@{]+@/, 'a password in an address'],
];
const SECRET_FIELD = /(password|secret|api[_-]?key|access[_-]?token|refresh[_-]?token)$/i;
const LITERAL_USER = /\b[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b/i;
const LITERAL_CHANNEL = /\bUC[\w-]{22}\b/;

/**
 * Looks at one file.
 *
 * @param file its name, for the messages
 * @param text what is in it
 * @param ours descriptions of our nodes by type
 * @param known versions of n8n's nodes by type
 * @returns findings: `{ level: 'error' | 'warning', file, node, field, message, cure }`
 */
export function lint(file, text, { ours, known }) {
	const findings = [];
	const tell = (level, node, field, message, cure) =>
		findings.push({ level, file, node: node ?? '', field: field ?? '', message, cure });
	let workflow;
	try {
		workflow = JSON.parse(text);
	} catch (error) {
		tell('error', null, null, `is not JSON: ${error.message}`, 'repair it, or export it again');
		return findings;
	}
	if (!Array.isArray(workflow?.nodes) || typeof workflow.connections !== 'object') {
		tell(
			'error',
			null,
			null,
			'is no workflow: it needs "nodes" and "connections"',
			'export it from n8n with ./ytempire workflows export',
		);
		return findings;
	}
	if (!workflow.name) tell('error', null, 'name', 'the workflow has no name', 'give it one');
	const seen = new Set();
	for (const node of workflow.nodes) {
		if (!node.name || !node.type) {
			tell(
				'error',
				node.name,
				null,
				'a node needs a name and a type',
				'give it both, or delete it',
			);
			continue;
		}
		if (seen.has(node.name)) {
			tell('error', node.name, 'name', 'two nodes have this name', 'rename one of them');
		}
		seen.add(node.name);
		typeOf(node, ours, known, tell);
		if (ours[node.type]) parametersOf(node, ours[node.type], tell);
		harmless(node, tell);
		schedules(node, tell);
		sheetFormulas(node, tell);
	}
	connected(workflow, ours, tell);
	namedNodes(workflow, tell);
	inputsAndOutputs(workflow, ours, tell);
	misspelt(workflow, ours, tell);
	for (const key of leftOut(workflow)) {
		if (key === 'pinData' && Object.keys(workflow.pinData ?? {}).length) {
			tell(
				'error',
				null,
				'pinData',
				"holds data of a run, which may be a user's",
				'./ytempire workflows format FILE takes it out',
			);
		}
	}
	if (findings.every(({ level }) => level !== 'error') && format(workflow, ours) !== text) {
		tell(
			'warning',
			null,
			null,
			'is not written as ./ytempire workflows format writes it',
			'./ytempire workflows format FILE',
		);
	}
	return findings;
}

function typeOf(node, ours, known, tell) {
	const versions = ours[node.type] ? [ours[node.type].version].flat() : known[node.type];
	if (!versions) {
		const name = node.type.split('.').pop();
		const near = [...Object.keys(ours), ...Object.keys(known)].find(
			(type) => type.split('.').pop().toLowerCase() === name.toLowerCase(),
		);
		tell(
			'error',
			node.name,
			'type',
			`there is no node of type ${node.type}`,
			near ? `did you mean ${near}?` : 'install its package where this runs, or use another node',
		);
	} else if (!versions.includes(node.typeVersion)) {
		tell(
			'error',
			node.name,
			'typeVersion',
			`${node.type} has no version ${node.typeVersion}`,
			`use one of: ${versions.join(', ')}`,
		);
	}
}

function parametersOf(node, description, tell) {
	const parameters = node.parameters ?? {};
	const names = new Set(description.properties.map(({ name }) => name));
	for (const name of Object.keys(parameters)) {
		if (!names.has(name)) {
			tell(
				'error',
				node.name,
				`parameters.${name}`,
				`${description.displayName} has no parameter of this name`,
				`it has: ${[...names].join(', ')}`,
			);
		}
	}
	for (const property of description.properties) {
		const shown = isShown(property, parameters, description);
		if (shown === false) continue;
		const path = `parameters.${property.name}`;
		const value = parameters[property.name];
		if (value === undefined) {
			if (shown && property.required && inner(property.default) === '') {
				tell('error', node.name, path, `${property.displayName} is empty`, 'fill it in');
			}
			continue;
		}
		valueOf(node, property, value, path, tell);
	}
	columnsOf(node, tell);
	mixed(node, tell);
	periods(node, description, tell);
}

/** What is mapped to the columns of a row, by the columns that its kind has. */
function columnsOf({ name, parameters = {} }, tell) {
	const { kind = 'channel-day', columns } = parameters;
	if (columns?.mappingMode !== 'defineBelow' || isExpression(kind)) return;
	const fields = columnsOfKind(kind);
	const known = fields.map(({ id }) => id);
	for (const column of Object.keys(columns.value ?? {})) {
		if (!known.includes(column)) {
			tell(
				'error',
				name,
				`parameters.columns.value.${column}`,
				`a row of kind ${kind} has no such column`,
				`it has: ${known.join(', ')}`,
			);
		}
	}
	for (const { id } of fields.filter(({ required }) => required)) {
		if (!columns.value?.[id]) {
			tell(
				'error',
				name,
				`parameters.columns.value.${id}`,
				`a row of kind ${kind} needs this column, and nothing is mapped to it`,
				'map a column of the input to it',
			);
		}
	}
}

function valueOf(node, property, value, path, tell) {
	if (isExpression(value)) return;
	const wrong = (message, cure) => tell('error', node.name, path, message, cure);
	switch (property.type) {
		case 'options':
			if (!property.options.some((option) => option.value === value)) {
				wrong(
					`${JSON.stringify(value)} is none of its choices`,
					`use one of: ${property.options.map((option) => option.value).join(', ')}`,
				);
			}
			break;
		case 'multiOptions':
			for (const one of [value].flat()) {
				if (!property.options.some((option) => option.value === one)) {
					wrong(
						`${JSON.stringify(one)} is none of its choices`,
						`use some of: ${property.options.map((option) => option.value).join(', ')}`,
					);
				}
			}
			break;
		case 'number': {
			const { minValue = -Infinity, maxValue = Infinity } = property.typeOptions ?? {};
			if (typeof value !== 'number' || value < minValue || value > maxValue) {
				wrong(
					`${JSON.stringify(value)} is no number from ${minValue} to ${maxValue}`,
					'use one, or an expression',
				);
			}
			break;
		}
		case 'boolean':
			if (typeof value !== 'boolean')
				wrong(`${JSON.stringify(value)} is not true or false`, 'use one');
			break;
		case 'resourceLocator':
			if (typeof value !== 'string' && !property.modes.some(({ name }) => name === value?.mode)) {
				wrong(
					'is no choice from a list and no id',
					`write {"__rl": true, "mode": "id", "value": "={{ $json.${property.name} }}"}`,
				);
			} else if (property.required && inner(value) === '') {
				wrong(`${property.displayName} is empty`, 'choose one, or use an expression');
			}
			break;
		case 'collection':
			for (const [name, one] of Object.entries(value ?? {})) {
				const option = property.options.find((each) => each.name === name);
				if (!option) {
					tell(
						'error',
						node.name,
						`${path}.${name}`,
						`${property.displayName} has no option of this name`,
						`it has: ${property.options.map((each) => each.name).join(', ')}`,
					);
				} else valueOf(node, option, one, `${path}.${name}`, tell);
			}
			break;
		case 'string':
			if (property.required && value === '')
				wrong(`${property.displayName} is empty`, 'fill it in');
			break;
	}
}

/** Where an expression takes its data from: the input, or a node by name. */
function source(expression) {
	const named = /\$\(\s*(['"`])(.+?)\1\s*\)|\$node\[\s*(['"`])(.+?)\3\s*\]/.exec(expression);
	return named ? (named[2] ?? named[4]) : /\$json|\$input/.test(expression) ? '' : undefined;
}

/** Expressions by which one user's channel or row could be taken for another's. */
function mixed(node, tell) {
	const { userId, channelId, row } = node.parameters ?? {};
	for (const [name, value] of Object.entries({ userId, channelId, row })) {
		const expression = inner(value);
		if (!isExpression(expression)) continue;
		if (/\.(first|last)\(\s*\)|\.all\(|\$items\(|\.itemMatching\(\s*\d/.test(expression)) {
			tell(
				'error',
				node.name,
				`parameters.${name}`,
				"takes the same item for every item, so one user's would be used for all",
				`use the item's own: {{ $json.${name} }}, or {{ $('Node').item.json.${name} }}`,
			);
		}
	}
	if (/\$fromAI\(/.test(String(inner(userId)))) {
		tell(
			'warning',
			node.name,
			'parameters.userId',
			'lets an AI name the user, so that whoever talks to it reaches the data of all users',
			'fix the user in the workflow, as sync-as-ai-tool.json does in Settings',
		);
	}
	const [user, channel] = [userId, channelId].map((value) =>
		isExpression(inner(value)) ? source(inner(value)) : undefined,
	);
	if (user !== undefined && channel !== undefined && user !== channel) {
		const place = (name) => (name === '' ? 'the input' : `"${name}"`);
		tell(
			'error',
			node.name,
			'parameters.channelId',
			`the user comes from ${place(user)} and the channel from ${place(channel)}; they need not belong together`,
			'take both from the same item',
		);
	}
}

/** What must not stand in a file, whatever the node. */
function harmless(node, tell) {
	if (node.credentials) {
		tell(
			'error',
			node.name,
			'credentials',
			'names credentials of one installation',
			'./ytempire workflows format FILE takes them out; import gives them back',
		);
	}
	if (node.type === NOTE) return;
	if (DATABASES.test(node.type)) {
		tell(
			'error',
			node.name,
			'type',
			'talks to a database around the sidecar, which keeps users apart',
			'read and store by the YTEMPIRE nodes; for a database of your own, keep this workflow elsewhere',
		);
	}
	for (const [field, text] of texts(node.parameters ?? {}, 'parameters')) {
		const secret = SECRETS.find(([pattern]) => pattern.test(text));
		if (secret || (SECRET_FIELD.test(field) && text !== '' && !isExpression(text))) {
			tell(
				'error',
				node.name,
				field,
				`holds ${secret ? secret[1] : 'a secret'}`,
				'keep it in a credential of n8n, and replace it where it was: it is known now',
			);
		}
		if (OUR_TABLES.test(text) && SQL.test(text)) {
			tell(
				'error',
				node.name,
				field,
				"is SQL on the platform's own tables, around the sidecar",
				'use the YTEMPIRE nodes, which see one user at a time',
			);
		}
		if (LITERAL_USER.test(text) || LITERAL_CHANNEL.test(text)) {
			if (!/\.(id|conditions?\S*\.id)$|assignments\[\d+\]\.id$/.test(field)) {
				// What was picked is kept thrice, with its name and address.
				const picked = /^parameters\.(\w+)\.(\w+)$/.exec(field);
				const isPicked = picked && node.parameters[picked[1]]?.mode === 'list';
				if (isPicked && picked[2] !== 'value') continue;
				tell(
					isPicked ? 'warning' : 'error',
					node.name,
					field,
					isPicked
						? 'names one user or channel, picked from the list of one installation'
						: 'names one user or channel, in a file that is for all',
					'take it from the input, as {{ $json.userId }} does, or from a form or a variable',
				);
			}
		}
	}
}

function connected(workflow, ours, tell) {
	const byName = new Map(workflow.nodes.map((node) => [node.name, node]));
	const reached = new Set();
	for (const [from, kinds] of Object.entries(workflow.connections)) {
		if (!byName.has(from)) {
			tell(
				'error',
				from,
				`connections.${from}`,
				'leads from a node that is not there',
				'delete the connection, or bring the node back',
			);
		}
		for (const [kind, outputs] of Object.entries(kinds)) {
			outputs.forEach((targets, output) => {
				const node = byName.get(from);
				const own = ours[node?.type]?.outputs?.length;
				// n8n adds an output for errors where the node is set so.
				const count = own && own + (node.onError === 'continueErrorOutput' ? 1 : 0);
				if (targets?.length && count !== undefined && kind === 'main' && output >= count) {
					tell(
						'error',
						from,
						`connections.${from}.main[${output}]`,
						`the node has ${count} outputs, counted from 0`,
						'connect one of those',
					);
				}
				for (const { node } of targets ?? []) {
					reached.add(node);
					reached.add(from);
					if (!byName.has(node)) {
						tell(
							'error',
							from,
							`connections.${from}.${kind}[${output}]`,
							`leads to "${node}", which is not there`,
							'delete the connection, or bring the node back',
						);
					}
				}
			});
		}
	}
	for (const { name, type, disabled } of workflow.nodes) {
		if (name && !reached.has(name) && type !== NOTE && !disabled && workflow.nodes.length > 1) {
			tell(
				'warning',
				name,
				null,
				TRIGGER.test(type) ? 'starts nothing' : 'is connected to nothing, and never runs',
				'connect it, or delete it',
			);
		}
	}
}
