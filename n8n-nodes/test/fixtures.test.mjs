// The workflows that the end-to-end run starts in the real n8n, here only read: between them they do all that our nodes can do.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { lint } from '../scripts/workflows/lint.mjs';
import { isShown, knownNodes, ourNodes } from '../scripts/workflows/nodes.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const types = { ours: ourNodes(), known: knownNodes() };
const read = (folder) =>
	readdirSync(join(here, folder))
		.filter((name) => name.endsWith('.json'))
		.map((name) => [name, readFileSync(join(here, folder, name), 'utf8')]);
const fixtures = read('workflows');
const nodes = [...fixtures, ...read('../workflows')].flatMap(([, text]) => JSON.parse(text).nodes);

test('the workflows of the tests are as clean as those that we ship', () => {
	for (const [file, text] of fixtures) {
		// The end-to-end run looks at what each node gives out.
		const findings = lint(file, text, types).filter(({ message }) => !/Not Fetched/.test(message));
		assert.deepEqual(findings, []);
	}
});

test('every choice of every node is taken in some workflow that runs in the real n8n', () => {
	let found = 0;
	for (const [type, description] of Object.entries(types.ours)) {
		if (type.endsWith('Tool')) continue;
		const used = nodes.filter((node) => node.type === type);
		assert.ok(used.length, type);
		for (const property of description.properties) {
			// Buckets and metrics differ in a name only, and so do stored rows, the periods and reports of a sync, events and checks; an agent
			// or a dry run is distinguished below.
			const isNameOnly = type.endsWith('.ytempire')
				? /^(kind|syncPeriod|syncReports|events|category|check|sort)$/.test(property.name)
				: /bucket|sortBy|fetchReports/i.test(property.name);
			if (!['options', 'multiOptions'].includes(property.type) || isNameOnly) continue;
			const taken = new Set(
				used
					.filter((node) =>
						description.properties.some(
							(each) =>
								each.name === property.name &&
								isShown(each, node.parameters, description) !== false,
						),
					)
					.flatMap((node) => node.parameters[property.name] ?? property.default),
			);
			// The fetch of one report is that of many with one in the list.
			if (type.endsWith('.fetchMetrics') && property.name === 'operation') {
				assert.ok(taken.size >= 10, [...taken].join());
				used.flatMap((node) => node.parameters.reports ?? []).forEach((each) => taken.add(each));
			}
			for (const { value } of property.options) {
				assert.ok(
					taken.has(value) || (type.endsWith('Trigger') && !LIVE_EVENTS.includes(value)),
					`${type}: nobody takes ${property.name} ${value}`,
				);
				found++;
			}
		}
	}
	assert.ok(found >= 55, String(found));
});

/** Those that start a workflow of the library; WebhooksTest and trigger.test.mjs have the others. */
const LIVE_EVENTS = ['reconnect-needed', 'channel-connected'];

test('rows are stored as they are, by columns drawn, by their names, in a dry run and as a summary', () => {
	const stores = nodes
		.filter((node) => node.type.endsWith('.storeMetrics'))
		.map(({ parameters }) => parameters);
	assert.ok(stores.some(({ dryRun }) => dryRun));
	assert.ok(stores.some(({ output }) => output === 'summary'));
	for (const mode of ['defineBelow', 'autoMapInputData'])
		assert.ok(
			stores.some(({ columns }) => columns?.mappingMode === mode),
			mode,
		);
});
