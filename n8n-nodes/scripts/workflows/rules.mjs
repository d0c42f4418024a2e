// Rules of lint that look at a workflow as a whole: what expressions name, when it starts, what a period allows.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isExpression, isShown } from './nodes.mjs';

const require = createRequire(import.meta.url);
const { REPORTS, REPORT_TRAITS } = require('../../dist/nodes/shared/choices.js');
const { daysOf, lengthOf, MAX_DAYS, PERIODS } = require('../../dist/nodes/shared/period.js');
const { NAME_FIELDS } = require('../../dist/nodes/shared/names.js');

const OURS = 'n8n-nodes-ytempire.';

/** Every text in a value, by its path. */
export function texts(value, path) {
	if (typeof value === 'string') return [[path, value]];
	if (value === null || typeof value !== 'object') return [];
	return Object.entries(value).flatMap(([key, each]) =>
		texts(each, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`),
	);
}

const NAMED = /\$\(\s*(['"`])(.+?)\1\s*\)|\$node\[\s*(['"`])(.+?)\3\s*\]/g;

/** Expressions that name a node which is not there. */
export function namedNodes({ nodes }, tell) {
	const names = new Set(nodes.map(({ name }) => name));
	for (const node of nodes) {
		for (const [field, text] of texts(node.parameters ?? {}, 'parameters')) {
			if (!isExpression(text)) continue;
			for (const [, , called, , indexed] of text.matchAll(NAMED)) {
				const name = called ?? indexed;
				if (names.has(name)) continue;
				const near = nearest(name, [...names]);
				tell(
					'error',
					node.name,
					field,
					`names the node "${name}", which is not there`,
					near ? `did you mean "${near}"?` : 'name a node of this workflow',
				);
			}
		}
	}
}

const DAY = /^(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?$/;

/** Whether a text names a day that there is. */
function isDay(text) {
	const parts = DAY.exec(text);
	if (!parts) return false;
	const day = parts.slice(1, 4).join('-');
	const moment = new Date(`${day}T00:00:00Z`);
	return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(day);
}

/** The fields of a first and a last day, as our nodes name them. */
const FIRST_AND_LAST = [
	['startDate', 'endDate'],
	['from', 'to'],
];

/** Literal days that are none, and a first one after the last. */
function literalDays(node, description, tell) {
	const parameters = node.parameters ?? {};
	const days = {};
	for (const property of description.properties) {
		const text = parameters[property.name];
		if (property.type !== 'dateTime' || !property.typeOptions?.dateOnly) continue;
		if (typeof text !== 'string' || text === '' || isExpression(text)) continue;
		if (isShown(property, parameters, description) !== true) continue;
		if (isDay(text)) days[property.name] = text.slice(0, 10);
		else {
			tell(
				'error',
				node.name,
				`parameters.${property.name}`,
				`${property.displayName}: '${text}' is not a day`,
				'write it as 2026-10-01, or use an expression',
			);
		}
	}
	for (const [first, last] of FIRST_AND_LAST) {
		if (!(days[first] > days[last])) continue;
		tell(
			'error',
			node.name,
			`parameters.${first}`,
			`First Day ${days[first]} is after Last Day ${days[last]}`,
			'swap them',
		);
	}
	return days;
}

/** Reports of a sync that its period does not take. */
function syncedReports(node, tell) {
	const { operation = 'sync', resource, syncPeriod = 'due', syncReports = [] } = node.parameters ?? {};
	if (resource !== 'metrics' || operation !== 'sync' || syncPeriod !== 'due') return;
	for (const report of [syncReports].flat()) {
		if (REPORT_TRAITS[report]?.incremental !== false) continue;
		tell(
			'error',
			node.name,
			'parameters.syncReports',
			`${REPORTS.find(({ value }) => value === report).name} is not part of New and Changed (Incremental)`,
			'choose another period, or remove the report',
		);
	}
}

/** Days, and periods of Fetch Metrics and Sync, that cannot be; literal values only. */
export function periods(node, description, tell) {
	const days = literalDays(node, description, tell);
	if (/\.ytempire(Tool)?$/.test(node.type)) syncedReports(node, tell);
	if (!/\.fetchMetrics(Tool)?$/.test(node.type)) return;
	const parameters = node.parameters ?? {};
	const shown = (name) =>
		description.properties.find(
			(each) => each.name === name && isShown(each, parameters, description) === true,
		);
	const value = (name) => parameters[name] ?? shown(name)?.default;
	const wrong = (field, message, cure) =>
		tell('error', node.name, `parameters.${field}`, message, cure);
	const operation = value('operation');
	const period = shown('period') ? value('period') : 'latest';
	if (isExpression(operation) || isExpression(period)) return;
	const reports = operation === 'many' ? value('reports') : [operation];
	if (!Array.isArray(reports) || reports.some((each) => !(each in REPORT_TRAITS))) return;
	const title = (report) => REPORTS.find((each) => each.value === report).name;
	if (period === 'custom') {
		for (const [name, label] of [
			['startDate', 'First Day'],
			['endDate', 'Last Day'],
		]) {
			const text = parameters[name];
			if (text === undefined || text === '') {
				wrong(name, `${label} is empty, and the period is Custom`, 'fill it in');
			}
		}
		if (days.startDate > days.endDate) return;
	}
	const isNamed = PERIODS.some((each) => each.value === period);
	const range =
		days.startDate && days.endDate
			? days
			: isNamed
				? // The longest that the period can be: the last day of a leap year.
					daysOf(period, new Date('2028-12-31T20:00:00Z'), 0)
				: undefined;
	for (const report of reports) {
		const { incremental, maxDays, storable } = REPORT_TRAITS[report];
		if (range && maxDays && lengthOf(range) > MAX_DAYS) {
			wrong(
				'period',
				`${title(report)} takes at most ${MAX_DAYS} days at once, and the period has ${lengthOf(range)}`,
				'choose a shorter period',
			);
		}
		if (period === 'due' && !incremental) {
			wrong(
				'reports',
				`${title(report)} is not part of New and Changed (Incremental)`,
				'choose another period, or remove the report',
			);
		}
		if (parameters.output === 'references' && !storable) {
			wrong(
				'output',
				`${title(report)} cannot be fetched as References, because it is not stored`,
				'choose Rows, or remove the report',
			);
		}
	}
	if (period === 'due' && parameters.options?.videoIds) {
		wrong(
			'options.videoIds',
			'Video IDs cannot be chosen with New and Changed (Incremental)',
			'choose another period, or remove Video IDs',
		);
	}
}

/** The first version of Google Sheets whose default evaluates what is written. */
const EVALUATES_SINCE = 4.1;

/** Google Sheets that evaluates what is written, so that text of YouTube would be a formula in the sheet. */
export function sheetFormulas({ name, type, typeVersion, parameters = {} }, tell) {
	if (!/\.googleSheets(Tool)?$/.test(type)) return;
	if (!['append', 'appendOrUpdate', 'update'].includes(parameters.operation)) return;
	const fallback = typeVersion < EVALUATES_SINCE ? 'RAW' : 'USER_ENTERED';
	const { cellFormat, valueInputMode } = parameters.options ?? {};
	if ((cellFormat ?? valueInputMode ?? fallback) === 'RAW') return;
	tell(
		'error',
		name,
		'parameters.options.cellFormat',
		'lets Google Sheets evaluate what is written: a channel or title that begins with = becomes a formula',
		'set the option Cell Format to Let n8n format ("RAW")',
	);
}

/** Nodes of n8n that take more than one input. */
const MORE_INPUTS = { merge: ({ numberInputs = 2 }) => numberInputs, compareDatasets: () => 2 };

/** The number of main inputs of a node; undefined where it is not known. */
function inputsOf(node, ours) {
	const own = ours[node.type]?.inputs;
	if (own) return own.length;
	if (!node.type.startsWith('n8n-nodes-base.')) return undefined;
	const name = node.type.split('.').pop();
	if (/trigger$|^webhook$|^cron$|^start$|^interval$/i.test(name)) return 0;
	return MORE_INPUTS[name]?.(node.parameters ?? {}) ?? 1;
}

/** Connections to an input that a node has not, and Not Fetched that nobody looks at. */
export function inputsAndOutputs(workflow, ours, tell) {
	const byName = new Map(workflow.nodes.map((node) => [node.name, node]));
	for (const [from, { main = [] }] of Object.entries(workflow.connections)) {
		main.forEach((targets, output) => {
			for (const { node: to, index = 0 } of targets ?? []) {
				const node = byName.get(to);
				const count = node && inputsOf(node, ours);
				if (count === undefined || index < count) continue;
				tell(
					'error',
					from,
					`connections.${from}.main[${output}]`,
					count
						? `leads to input ${index} of "${to}", which has ${count}, counted from 0`
						: `leads to "${to}", which starts the workflow and takes no input`,
					count ? 'connect one of those' : 'delete the connection',
				);
			}
		});
	}
	for (const { name, type, disabled } of workflow.nodes) {
		const { main = [] } = workflow.connections[name] ?? {};
		if (type === `${OURS}fetchMetrics` && !disabled && main[0]?.length && !main[1]?.length) {
			tell(
				'warning',
				name,
				`connections.${name}.main[1]`,
				'nobody looks at the output Not Fetched: what was missed goes unseen',
				'connect it to a message, a retry, or a No Operation node that says that it is meant so',
			);
		}
	}
}

/** The range of each part of a cron expression, with seconds. */
const CRON = [
	['second', 0, 59],
	['minute', 0, 59],
	['hour', 0, 23],
	['day of the month', 1, 31],
	['month', 1, 12, 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')],
	['day of the week', 0, 7, 'sun mon tue wed thu fri sat'.split(' ')],
];

/** What is wrong with a cron expression; undefined: nothing. */
export function cronFault(expression) {
	const parts = expression.trim().split(/\s+/);
	if (parts.length !== 5 && parts.length !== 6) {
		return `has ${parts.length} parts, and needs 5, or 6 with seconds`;
	}
	const ranges = CRON.slice(6 - parts.length);
	for (const [index, part] of parts.entries()) {
		const [name, low, high, words = []] = ranges[index];
		for (const each of part.toLowerCase().split(',')) {
			const [range, step, ...more] = each.split('/');
			const ends = range.split('-').map((end) => {
				const word = words.indexOf(end);
				return word < 0 ? end : String(word + low);
			});
			const isWhole = range === '*' || (range === '?' && name.startsWith('day'));
			const areEnds =
				ends.length <= 2 &&
				ends.every((end) => /^\d+$/.test(end) && Number(end) >= low && Number(end) <= high) &&
				(ends.length === 1 || Number(ends[0]) <= Number(ends[1]));
			const isStep = step === undefined || (/^\d+$/.test(step) && Number(step) >= 1);
			if (more.length || !isStep || !(isWhole || areEnds)) {
				return `has '${part}' as ${name}, which takes ${low} to ${high}`;
			}
		}
	}
	return undefined;
}

/** Schedules that never start, or that n8n refuses when the workflow is published. */
export function schedules(node, tell) {
	if (!/\.(scheduleTrigger|cron)$/.test(node.type)) return;
	for (const [field, text] of texts(node.parameters ?? {}, 'parameters')) {
		if (!/(expression|cronExpression)$/.test(field) || isExpression(text)) continue;
		const fault = cronFault(text);
		if (fault) {
			tell(
				'error',
				node.name,
				field,
				`the cron expression '${text}' ${fault}`,
				'write minute, hour, day of the month, month and day of the week, such as 0 8 * * 1',
			);
		}
	}
}

/** Fields of an item of Not Fetched, and of one that failed. */
function notFetched() {
	// The node takes the request's place off.
	const { request: _, ...fields } = schema('fetch-result').properties.notFetched.items.properties;
	void _;
	return [...Object.keys(fields), 'error'];
}

const schema = (name) =>
	JSON.parse(readFileSync(new URL(`../../../schemas/${name}.json`, import.meta.url), 'utf8'));

const SUMMARY = [
	...['created', 'updated', 'unchanged', 'rejected', 'dryRun'],
	...['alreadyStored', 'unknownBatches', 'unavailable'],
];

/** Fields of an output of a node of ours; undefined where they are not known, as of items that are passed on. */
function fieldsOf(node, output, ours) {
	const description = ours[node.type];
	const name = node.type.replace(OURS, '');
	const parameters = node.parameters ?? {};
	const value = (parameter) =>
		parameters[parameter] ??
		description.properties.find(
			(each) => each.name === parameter && isShown(each, parameters, description) === true,
		)?.default;
	const operation = value('operation');
	if (isExpression(operation) || isExpression(value('resource'))) return undefined;
	if (name === 'fetchMetrics' && output === 1) return notFetched();
	if (name === 'checkQuota' && !['status', 'shares'].includes(operation)) return undefined;
	if (name === 'storeMetrics' && !(value('output') === 'summary' && output === 0)) return undefined;
	if (name === 'storeMetrics') return SUMMARY;
	if (output > 0) return undefined;
	const path = [value('resource'), operation].filter(Boolean).join('/');
	const file = `../../nodes/${name[0].toUpperCase()}${name.slice(1)}/__schema__/v1.0.0${path ? `/${path}` : ''}.json`;
	let emitted;
	try {
		emitted = JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'));
	} catch {
		return undefined;
	}
	const more =
		name !== 'fetchMetrics'
			? []
			: [
					...(parameters.output === 'references' ? Object.keys(schema('batch-reference').properties) : []),
					...(parameters.options?.includeNames ? NAME_FIELDS : []),
					'dataThrough',
				];
	return [...Object.keys(emitted.properties ?? {}), ...more, 'error'];
}

const FIELD = /\$json\??(?:\.|\.?\[\s*['"])([A-Za-z_]\w*)/g;

/** Fields of the input that the node before, one of ours, never has. */
export function misspelt(workflow, ours, tell) {
	const byName = new Map(workflow.nodes.map((node) => [node.name, node]));
	const known = new Map();
	for (const [from, { main = [] }] of Object.entries(workflow.connections)) {
		const node = byName.get(from);
		main.forEach((targets, output) => {
			for (const { node: to } of targets ?? []) {
				const fields = node?.type.startsWith(OURS) ? fieldsOf(node, output, ours) : undefined;
				known.set(to, [...(known.get(to) ?? []), fields]);
			}
		});
	}
	for (const [to, sources] of known) {
		const node = byName.get(to);
		if (!node || sources.some((fields) => fields === undefined)) continue;
		const fields = new Set(sources.flat());
		for (const [path, text] of texts(node.parameters ?? {}, 'parameters')) {
			if (!isExpression(text)) continue;
			for (const [, field] of text.matchAll(FIELD)) {
				if (fields.has(field)) continue;
				const near = nearest(field, [...fields]);
				tell(
					'error',
					to,
					path,
					`reads $json.${field}, which the node before it never has`,
					near ? `did you mean $json.${near}?` : `it has: ${[...fields].join(', ')}`,
				);
			}
		}
	}
}

/** The name that differs least, by at most a third of its letters; undefined: none is near. */
function nearest(word, names) {
	const ranked = names
		.map((name) => [distance(word.toLowerCase(), name.toLowerCase()), name])
		.sort(([a], [b]) => a - b);
	return ranked.length && ranked[0][0] <= Math.max(1, word.length / 3) ? ranked[0][1] : undefined;
}

/** Levenshtein's distance. */
function distance(a, b) {
	let row = Array.from({ length: b.length + 1 }, (_, i) => i);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++) {
			next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
		}
		row = next;
	}
	return row[b.length];
}
