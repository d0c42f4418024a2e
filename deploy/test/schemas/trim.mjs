#!/usr/bin/env node
// Makes the JSON schemas in this folder from the published ones, which are large. README.md says from which, and how to take newer ones.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** Kinds of Kubernetes in deploy/kubernetes, by apiVersion. */
const KINDS = {
	v1: ['ConfigMap', 'Namespace', 'PersistentVolumeClaim', 'Service', 'ServiceAccount'],
	'apps/v1': ['Deployment'],
	'autoscaling/v2': ['HorizontalPodAutoscaler'],
	'batch/v1': ['Job'],
	'networking.k8s.io/v1': ['Ingress', 'NetworkPolicy'],
	'policy/v1': ['PodDisruptionBudget'],
};

const WORDS = [
	'description',
	'markdownDescription',
	'$comment',
	'examples',
	'enumDescriptions',
	'title',
];

/** Without what only people read. Names of properties are kept, whatever they are. */
function trimmed(schema, isMap = false) {
	if (Array.isArray(schema)) return schema.map((each) => trimmed(each));
	if (schema === null || typeof schema !== 'object') return schema;
	return Object.fromEntries(
		Object.entries(schema)
			.filter(
				([key]) =>
					isMap ||
					(!WORDS.includes(key) &&
						!key.startsWith('x-kubernetes-') &&
						!key.startsWith('x-intellij-')),
			)
			.map(([key, value]) => [
				key,
				['enum', 'const', 'default', 'required'].includes(key) && !isMap
					? value
					: trimmed(
							value,
							!isMap && ['properties', 'definitions', 'patternProperties', '$defs'].includes(key),
						),
			]),
	);
}

/** Refuses properties that a schema does not name, as the API server's strict validation does. */
function strict(schema) {
	if (Array.isArray(schema)) return schema.map(strict);
	if (schema === null || typeof schema !== 'object') return schema;
	const copy = Object.fromEntries(
		Object.entries(schema).map(([key, value]) => [key, strict(value)]),
	);
	if (
		copy.properties &&
		typeof copy.properties === 'object' &&
		copy.type === 'object' &&
		!('additionalProperties' in copy)
	)
		copy.additionalProperties = false;
	return copy;
}

/** The definitions of Kubernetes' OpenAPI document that KINDS need. */
function kubernetes(text) {
	const { definitions } = JSON.parse(text);
	const kept = {};
	const kinds = {};
	const keep = (name) => {
		if (name in kept) return;
		// The document calls both a string; the server takes numbers too.
		kept[name] = /\.(Quantity|IntOrString)$/.test(name)
			? { type: ['string', 'number'] }
			: strict(trimmed(definitions[name]));
		for (const [, other] of JSON.stringify(kept[name]).matchAll(/"#\/definitions\/([^"]+)"/g))
			keep(other);
	};
	for (const [name, definition] of Object.entries(definitions))
		for (const { group, version, kind } of definition['x-kubernetes-group-version-kind'] ?? []) {
			const api = group ? `${group}/${version}` : version;
			if (KINDS[api]?.includes(kind)) {
				kinds[`${api} ${kind}`] = name;
				keep(name);
			}
		}
	return { kinds, definitions: kept };
}

/** The schema of a custom resource, of the newest version that its definition stores. */
function customResource(text) {
	const { spec } = parse(text);
	const version = spec.versions.find((each) => each.storage);
	const schema = strict(trimmed(version.schema.openAPIV3Schema));
	// The server knows what is in it.
	schema.properties.metadata = { type: 'object' };
	return { kind: `${spec.group}/${version.name} ${spec.names.kind}`, schema };
}

function main([what, source, target]) {
	const text = readFileSync(source, 'utf8');
	const made = {
		kubernetes,
		'custom-resource': customResource,
		schema: (each) => trimmed(JSON.parse(each)),
	}[what]?.(text);
	if (!made || !target) {
		console.error(
			`usage: ${basename(process.argv[1])} kubernetes|custom-resource|schema SOURCE TARGET`,
		);
		return 2;
	}
	writeFileSync(target, `${JSON.stringify(made)}\n`);
	return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
	process.exitCode = main(process.argv.slice(2));
