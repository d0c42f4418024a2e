// Writes known-nodes.json, n8n's own node types with their versions, from an installed n8n:
// node scripts/workflows/known-nodes.mjs PATH-TO-NODE_MODULES
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [modules] = process.argv.slice(2);
const known = {};
for (const pack of ['n8n-nodes-base', '@n8n/n8n-nodes-langchain']) {
	const types = JSON.parse(readFileSync(join(modules, pack, 'dist/types/nodes.json'), 'utf8'));
	for (const { name, version } of types) {
		const versions = (known[`${pack}.${name}`] ??= new Set());
		[version].flat().forEach((each) => versions.add(each));
	}
}
const lines = Object.entries(known)
	.sort(([a], [b]) => (a < b ? -1 : 1))
	.map(
		([name, versions]) =>
			`  ${JSON.stringify(name)}: [${[...versions].sort((a, b) => a - b).join(', ')}]`,
	);
writeFileSync(new URL('known-nodes.json', import.meta.url), `{\n${lines.join(',\n')}\n}\n`);
