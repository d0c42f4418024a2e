// What is known of node types: ours with all their parameters, n8n's by name and version.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';

const require = createRequire(import.meta.url);
const pack = require('../../package.json');

/** What n8n adds to a node that is hung on an agent: the description that the agent reads. */
const TOOL_PROPERTIES = [
	{
		name: 'descriptionType',
		type: 'options',
		default: 'auto',
		options: [{ value: 'auto' }, { value: 'manual' }],
	},
	{ name: 'toolDescription', type: 'string', default: '' },
];

/** As n8n makes it of a node that is usable as a tool: one type more, with one output, to an agent. */
const asTool = (description) => ({
	...description,
	name: `${description.name}Tool`,
	inputs: [],
	outputs: ['ai_tool'],
	properties: [...TOOL_PROPERTIES, ...description.properties],
});

/** The descriptions of this package's nodes, by type; they must have been built. */
export function ourNodes() {
	return Object.fromEntries(
		pack.n8n.nodes
			.map((file) => {
				const name = basename(file, '.node.js');
				return new (require(`../../${file}`)[name])().description;
			})
			.flatMap((description) =>
				description.usableAsTool ? [description, asTool(description)] : [description],
			)
			.map((description) => [`${pack.name}.${description.name}`, description]),
	);
}

/** n8n's own node types with their versions. */
export function knownNodes() {
	return JSON.parse(readFileSync(new URL('known-nodes.json', import.meta.url), 'utf8'));
}

/** The columns of a kind of row that Store Metrics maps; none of a kind that there is not. */
export function columnsOfKind(kind) {
	const { mapperFields } = require('../../dist/nodes/StoreMetrics/columns.js');
	const { ROW_KINDS } = require('../../dist/nodes/shared/choices.js');
	return ROW_KINDS.some(({ value }) => value === kind) ? mapperFields(kind) : [];
}

/** Whether a parameter is decided by an expression. */
export const isExpression = (value) => typeof value === 'string' && value.startsWith('=');

/** What is chosen in a picker; of any other parameter, its value. */
export const inner = (value) =>
	value && typeof value === 'object' && '__rl' in value ? value.value : value;

/** Whether a property of ours is shown, with these parameters; unknown where an expression decides. */
export function isShown(property, parameters, description) {
	const standard = (name) =>
		parameters[name] ??
		description.properties.find(
			(each) =>
				each.name === name &&
				(!each.displayOptions || isShown(each, parameters, description) === true),
		)?.default;
	const decides = (conditions) =>
		Object.entries(conditions ?? {}).map(([name, values]) => {
			const value = inner(standard(name.replace(/^\//, '')));
			return isExpression(value) ? undefined : values.includes(value);
		});
	const show = decides(property.displayOptions?.show);
	const hide = decides(property.displayOptions?.hide);
	if (show.includes(false) || hide.includes(true)) return false;
	return show.includes(undefined) || hide.includes(undefined) ? undefined : true;
}
