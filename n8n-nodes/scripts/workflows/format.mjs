// One way to write a workflow, so that a file's history shows what people changed and nothing else.

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
	'tags',
	'triggerCount',
	'updatedAt',
	'usedCredentials',
	'versionCounter',
	'versionId',
]);

const NODE_KEYS = ['name', 'type', 'typeVersion', 'position', 'id', 'parameters'];
const GRID = 20;

const byKey = ([a], [b]) => (a < b ? -1 : a > b ? 1 : 0);
const snap = (coordinate) => Math.round(coordinate / GRID) * GRID;

function node({ credentials, webhookId, ...rest }) {
	const known = NODE_KEYS.filter((key) => key in rest).map((key) => [key, rest[key]]);
	const others = Object.entries(rest)
		.filter(([key]) => !NODE_KEYS.includes(key))
		.sort(byKey);
	return Object.fromEntries(
		[...known, ...others, ...(webhookId ? [['webhookId', webhookId]] : [])].map(([key, value]) => [
			key,
			key === 'position' ? value.map(snap) : value,
		]),
	);
}

/** The workflow as it is written: known keys in a fixed order, nodes and connections by name. */
export function normal(workflow) {
	const { name, nodes = [], connections = {}, settings = {}, ...rest } = workflow;
	return {
		name,
		nodes: nodes.map(node).sort((a, b) => (a.name < b.name ? -1 : 1)),
		connections: Object.fromEntries(Object.entries(connections).sort(byKey)),
		settings: Object.fromEntries(Object.entries(settings).sort(byKey)),
		...Object.fromEntries(
			Object.entries(rest)
				.filter(([key]) => !LEFT_OUT.has(key))
				.sort(byKey),
		),
	};
}

/** The file's text: two spaces, positions and other short lists of numbers on one line. */
export function format(workflow) {
	const text = JSON.stringify(normal(workflow), null, 2);
	return `${text.replace(/\[\s+(-?[\d.]+(?:,\s+-?[\d.]+)*)\s+\]/g, (_, list) => `[${list.replace(/\s+/g, ' ')}]`)}\n`;
}

/** Keys that formatting leaves out and this workflow has, with something in them. */
export function leftOut(workflow) {
	return Object.keys(workflow).filter((key) => LEFT_OUT.has(key));
}
