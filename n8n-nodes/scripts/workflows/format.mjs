// One way to write a workflow, so that a file's history shows what people changed and nothing else.
import { isShown } from './nodes.mjs';

/** What belongs to an installation or to a moment, not to the workflow. */
const LEFT_OUT = new Set([
	'active',
	'activeVersion',
	'activeVersionId',
	'createdAt',
	'description',
	'homeProject',
	'id',
	'isArchived',
	'meta',
	'nodeGroups',
	'parentFolder',
	'pinData',
	'scopes',
	'shared',
	'sharedWithProjects',
	'sourceWorkflowId',
	'staticData',
	'triggerCount',
	'updatedAt',
	'usedCredentials',
	'versionCounter',
	'versionId',
]);

const NODE_KEYS = ['name', 'type', 'typeVersion', 'position', 'id', 'parameters'];

/** The editor's own: what it saves stays where it is. */
const GRID = 16;

/** Settings that n8n gives every workflow by itself. */
const SETTINGS_LEFT_OUT = new Set(['binaryMode', 'availableInMCP']);

const byKey = ([a], [b]) => (a < b ? -1 : a > b ? 1 : 0);
const snap = (coordinate) => Math.round(coordinate / GRID) * GRID;

/** Gets an address of its own from each n8n; a webhook's is the workflow's, for others call it. */
const WAIT = 'n8n-nodes-base.wait';

const equal = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** Without what is the same as by default, or not shown: the editor leaves that out when it saves. */
function chosen(parameters, description) {
	return Object.fromEntries(
		Object.entries(parameters).filter(([name, value]) => {
			const properties = description.properties.filter((property) => property.name === name);
			const shown = properties.filter(
				(property) => isShown(property, parameters, description) !== false,
			);
			return (
				!properties.length ||
				(shown.length > 0 && !shown.some((property) => equal(property.default, value)))
			);
		}),
	);
}

function node({ credentials, webhookId, ...all }, ours) {
	const description = ours[all.type];
	const rest =
		description && all.parameters
			? { ...all, parameters: chosen(all.parameters, description) }
			: all;
	const known = NODE_KEYS.filter((key) => key in rest).map((key) => [key, rest[key]]);
	const others = Object.entries(rest)
		.filter(([key]) => !NODE_KEYS.includes(key))
		.sort(byKey);
	return Object.fromEntries(
		[
			...known,
			...others,
			...(webhookId && all.type !== WAIT ? [['webhookId', webhookId]] : []),
		].map(([key, value]) => [key, key === 'position' ? value.map(snap) : value]),
	);
}

/**
 * The workflow as it is written: known keys in a fixed order, nodes and connections by name.
 *
 * @param ours descriptions of our nodes by type, whose defaults are left out
 */
export function normal(workflow, ours = {}) {
	const { name, nodes = [], connections = {}, settings = {}, tags, ...rest } = workflow;
	return {
		name,
		nodes: nodes.map((each) => node(each, ours)).sort((a, b) => (a.name < b.name ? -1 : 1)),
		connections: Object.fromEntries(Object.entries(connections).sort(byKey)),
		settings: Object.fromEntries(
			Object.entries(settings)
				.filter(([key]) => !SETTINGS_LEFT_OUT.has(key))
				.sort(byKey),
		),
		// By name: their ids belong to an installation.
		...(tags?.length
			? { tags: tags.map((tag) => ({ name: tag.name ?? tag })).sort((a, b) => byKey([a.name], [b.name])) }
			: {}),
		...Object.fromEntries(
			Object.entries(rest)
				.filter(([key]) => !LEFT_OUT.has(key))
				.sort(byKey),
		),
	};
}

/** The file's text: two spaces, positions and other short lists of numbers on one line. */
export function format(workflow, ours = {}) {
	const text = JSON.stringify(normal(workflow, ours), null, 2);
	return `${text.replace(/\[\s+(-?[\d.]+(?:,\s+-?[\d.]+)*)\s+\]/g, (_, list) => `[${list.replace(/\s+/g, ' ')}]`)}\n`;
}

/** Keys that formatting leaves out and this workflow has, with something in them. */
export function leftOut(workflow) {
	return Object.keys(workflow).filter((key) => LEFT_OUT.has(key));
}
