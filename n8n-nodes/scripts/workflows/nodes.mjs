// What is known of node types: ours with all their parameters, n8n's by name and version.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';

const require = createRequire(import.meta.url);
const pack = require('../../package.json');

/** The descriptions of this package's nodes, by type; they must have been built. */
export function ourNodes() {
	return Object.fromEntries(
		pack.n8n.nodes.map((file) => {
			const name = basename(file, '.node.js');
			const { description } = new (require(`../../${file}`)[name])();
			return [`${pack.name}.${description.name}`, description];
		}),
	);
}

/** n8n's own node types with their versions. */
export function knownNodes() {
	return JSON.parse(readFileSync(new URL('known-nodes.json', import.meta.url), 'utf8'));
}
