// Writes nodes/shared/contract.ts from ../schemas: the types of everything that travels between the nodes and the sidecar.
// `node scripts/contract.mjs --check` writes nothing and exits with 1 when the file is stale.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';

const here = dirname(fileURLToPath(import.meta.url));
const schemas = join(here, '../../schemas');
const target = join(here, '../nodes/shared/contract.ts');

export async function contract() {
	const documents = readdirSync(schemas)
		.filter((file) => file.endsWith('.json'))
		.map((file) => [
			file.replace('.json', ''),
			JSON.parse(readFileSync(join(schemas, file), 'utf8')),
		]);
	// One document, so that what several schemas share becomes one type.
	const definitions = Object.fromEntries(
		documents.map(([name, schema]) => [name, inlined(schema)]),
	);
	const root = {
		title: 'Contract',
		description: 'Everything in the contract.',
		type: 'object',
		additionalProperties: false,
		properties: Object.fromEntries(documents.map(([name]) => [name, { $ref: `#/$defs/${name}` }])),
		$defs: definitions,
	};
	return await compile(root, 'Contract', {
		bannerComment:
			'// Generated from schemas/ by `npm run contract`. Do not edit: change the schema and run it again.',
		// n8n's lists come at run time: their length is the sidecar's to check.
		ignoreMinAndMaxItems: true,
		style: { singleQuote: true, useTabs: true, printWidth: 100 },
	});
}

function inlined(schema) {
	const text = JSON.stringify(schema).replace(/"\$ref":"([a-z-]+)\.json"/g, '"$ref":"#/$defs/$1"');
	const { $id, $schema, if: condition, then, else: otherwise, ...rest } = JSON.parse(text);
	void [$id, $schema, condition, then, otherwise];
	return rest;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const fresh = await contract();
	if (!process.argv.includes('--check')) {
		writeFileSync(target, fresh);
	} else if (readFileSync(target, 'utf8') !== fresh) {
		console.error(
			'nodes/shared/contract.ts is stale: run `npm run contract` and commit what it writes.',
		);
		process.exit(1);
	}
}
