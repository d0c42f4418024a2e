// What changed between two versions of a workflow, in words.
import { normal } from './format.mjs';

/** Every leaf of a value, by its path. */
function leaves(value, path = '') {
	if (value === null || typeof value !== 'object' || Object.keys(value).length === 0) {
		return [[path, value]];
	}
	return Object.entries(value).flatMap(([key, inner]) =>
		leaves(inner, Array.isArray(value) ? `${path}[${key}]` : path ? `${path}.${key}` : key),
	);
}

const shown = (value) => {
	const text = JSON.stringify(value) ?? 'nothing';
	return text.length > 120 ? `${text.slice(0, 117)}...` : text;
};

function changes(before, after) {
	const old = new Map(leaves(before));
	const now = new Map(leaves(after));
	const out = [];
	for (const [path, value] of old) {
		if (!now.has(path)) out.push(`${path}: ${shown(value)} is gone`);
		else if (shown(now.get(path)) !== shown(value))
			out.push(`${path}: ${shown(value)} -> ${shown(now.get(path))}`);
	}
	for (const [path, value] of now) if (!old.has(path)) out.push(`${path}: ${shown(value)} is new`);
	return out;
}

function edges(connections) {
	return new Set(
		Object.entries(connections).flatMap(([from, kinds]) =>
			Object.entries(kinds).flatMap(([kind, outputs]) =>
				outputs.flatMap((targets, output) =>
					(targets ?? []).map(
						({ node, index }) =>
							`"${from}" output ${output}${kind === 'main' ? '' : ` (${kind})`} to "${node}" input ${index}`,
					),
				),
			),
		),
	);
}

/** The differences, a line each; nodes are the same by id, or else by name. */
export function diff(before, after, ours = {}) {
	const old = normal(before, ours);
	const now = normal(after, ours);
	const lines = [];
	if (old.name !== now.name) lines.push(`the workflow is renamed: "${old.name}" -> "${now.name}"`);
	const left = [...old.nodes];
	const moved = [];
	const renamed = new Map();
	for (const node of now.nodes) {
		const place = left.findIndex(
			(each) => (each.id && each.id === node.id) || each.name === node.name,
		);
		if (place < 0) {
			lines.push(`node "${node.name}" is new (${node.type})`);
			continue;
		}
		const [was] = left.splice(place, 1);
		if (was.name !== node.name) {
			renamed.set(was.name, node.name);
			lines.push(`node "${was.name}" is renamed "${node.name}"`);
		}
		if (String(was.position) !== String(node.position)) moved.push(node.name);
		// What the editor remembers of a mapper's columns says nothing of what runs.
		const strip = ({ name, position, id, ...rest }) =>
			rest.parameters?.columns?.schema
				? {
						...rest,
						parameters: { ...rest.parameters, columns: { ...rest.parameters.columns, schema: [] } },
					}
				: rest;
		changes(strip(was), strip(node)).forEach((line) => lines.push(`node "${node.name}" ${line}`));
	}
	left.forEach(({ name }) => lines.push(`node "${name}" is gone`));
	const rename = (text) =>
		[...renamed].reduce((found, [from, to]) => found.replaceAll(`"${from}"`, `"${to}"`), text);
	const oldEdges = new Set([...edges(old.connections)].map(rename));
	const newEdges = edges(now.connections);
	for (const edge of oldEdges) if (!newEdges.has(edge)) lines.push(`connection ${edge} is gone`);
	for (const edge of newEdges) if (!oldEdges.has(edge)) lines.push(`connection ${edge} is new`);
	changes(old.settings, now.settings).forEach((line) => lines.push(`settings ${line}`));
	const [oldTags, newTags] = [old, now].map(({ tags = [] }) => tags.map((tag) => tag.name));
	for (const tag of oldTags) if (!newTags.includes(tag)) lines.push(`tag "${tag}" is gone`);
	for (const tag of newTags) if (!oldTags.includes(tag)) lines.push(`tag "${tag}" is new`);
	if (moved.length)
		lines.push(
			`moved only: ${moved.map((name) => `"${name}"`).join(', ')} (nothing runs differently)`,
		);
	return lines;
}
