// The contract, seen from the nodes: types are fresh, examples fit or are refused, as at the sidecar.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { format, resolveConfig } from 'prettier';
import { choices, contract, reportsPage, rowFields } from '../scripts/contract.mjs';
import { nodeTypes, YtempireApi } from './engine.mjs';
import { outputSchemas } from '../scripts/outputSchemas.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const schemas = join(here, '../../schemas');
const read = (...path) => readFileSync(join(...path), 'utf8');

const ajv = new Ajv2020({
	strict: true,
	strictRequired: false,
	allowUnionTypes: true,
	allErrors: true,
});
addFormats.default(ajv);
ajv.addKeyword('x-values');
for (const file of readdirSync(schemas).filter((name) => name.endsWith('.json'))) {
	ajv.addSchema(JSON.parse(read(schemas, file)));
}
const validator = (name) => ajv.getSchema(`https://ytempire.com/schemas/${name}.json`);

test('the types in nodes/shared/contract.ts are those of schemas/', async () => {
	assert.equal(
		read(here, '../nodes/shared/contract.ts'),
		await contract(),
		'stale: run `npm run contract` in n8n-nodes and commit what it writes',
	);
});

test('option lists and columns are generated from schemas/ and fresh', async () => {
	for (const [file, fresh] of [
		['choices.ts', choices()],
		['rowFields.ts', rowFields()],
	]) {
		const path = join(here, '../nodes/shared', file);
		const options = { ...(await resolveConfig(path)), parser: 'typescript' };
		assert.equal(
			read(path),
			await format(fresh, options),
			`${file} is stale: run \`npm run contract\` in n8n-nodes and commit what it writes`,
		);
	}
});

test('the page of reports names every report and column, and is fresh', () => {
	const page = read(here, '../../docs/nodes/reports.md');
	assert.equal(page, reportsPage(), 'stale: run `npm run contract` in n8n-nodes');
	for (const report of JSON.parse(read(schemas, 'report.json')).enum) {
		const [, section] = page.split(`\n\`${report}\`: `);
		assert.match(section.split('\n## ')[0], /\| `channelId` \| text \|/, report);
	}
	assert.match(page, /\| `estimatedMinutesWatched` \| integer \| Watch time\. Minutes\. \|/);
});

test('the address behind Docs is a page of the repository', () => {
	const { repository } = JSON.parse(read(here, '../package.json'));
	const base = `${repository.url.replace(/\.git$/, '')}/blob/main/`;
	const addresses = Object.keys(nodeTypes).flatMap((name) => {
		const { resources } = JSON.parse(read(here, `../nodes/${name}/${name}.node.json`));
		return Object.values(resources).flatMap((list) => list.map(({ url }) => url));
	});
	assert.ok(addresses.length >= 10);
	for (const address of [...addresses, new YtempireApi().documentationUrl]) {
		assert.ok(address.startsWith(base), address);
		assert.match(read(here, '../..', address.slice(base.length)), /^# /);
	}
});

test('the page of YTEMPIRE lists every resource and operation by its label', () => {
	const { properties } = nodeTypes.Ytempire.description;
	const rows = read(here, '../../docs/nodes/ytempire.md').matchAll(/^\| (\w[\w ]*) \| (.*) \|$/gm);
	const listed = Object.fromEntries(
		[...rows].map(([, resource, operations]) => [resource, operations.split(', ').sort()]),
	);
	for (const { name, value } of properties.find(({ name }) => name === 'resource').options) {
		const { options } = properties.find(
			(property) =>
				property.name === 'operation' && property.displayOptions.show.resource.includes(value),
		);
		assert.deepEqual(listed[name], options.map((each) => each.name).sort(), name);
	}
});

test('the page of the trigger has a line for every event', () => {
	const page = read(here, '../../docs/nodes/trigger.md');
	const events = nodeTypes.YtempireTrigger.description.properties.find(
		({ name }) => name === 'events',
	).options;
	assert.ok(events.length >= 8);
	for (const { name } of events) assert.ok(page.includes(`\n| ${name} | `), name);
});

test('the first workflow names fields, choices and actions as the editor does', () => {
	const words = new Set();
	const collect = (property) => {
		words.add(property.displayName ?? property.name);
		if (property.action) words.add(property.action);
		for (const each of property.options ?? property.values ?? property.modes ?? []) collect(each);
		for (const each of property.modes ?? []) collect(each);
	};
	for (const { description } of [...Object.values(nodeTypes), { description: new YtempireApi() }]) {
		words.add(description.displayName);
		description.properties.forEach(collect);
		for (const name of description.outputNames ?? []) words.add(name);
	}
	const page = read(here, '../../docs/nodes/first-workflow.md');
	for (const word of [
		'Channels',
		'User',
		'By ID',
		'Period',
		'Limit',
		'Include Names',
		'All Active Channels',
		'Last 7 Complete Days',
		'Not Fetched',
		'Fetched',
		'Base URL',
		'API Token',
		'YTEMPIRE Trigger',
		'Get many users',
		'Get top videos of a channel',
	]) {
		assert.ok(page.includes(word), word);
		assert.ok(words.has(word), word);
	}
});

test('what each node emits is in __schema__, fresh, for every operation', () => {
	const fresh = outputSchemas();
	for (const [file, schema] of Object.entries(fresh)) {
		assert.equal(
			read(here, '../nodes', file),
			schema,
			`${file} is stale: run \`npm run contract\` in n8n-nodes and commit what it writes`,
		);
	}
	let found = 0;
	for (const [name, { description }] of Object.entries(nodeTypes)) {
		const operations = description.properties.filter(
			({ name: property }) => property === 'operation',
		);
		const files = operations.length
			? operations
					.flatMap(({ options, displayOptions }) =>
						options.map(({ value }) =>
							[...(displayOptions?.show?.resource ?? []), value].join('/'),
						),
					)
					.map((path) => `${name}/__schema__/v1.0.0/${path}.json`)
			: [`${name}/__schema__/v1.0.0.json`];
		for (const file of files) {
			assert.ok(fresh[file], `no schema ${file}`);
			found++;
		}
	}
	assert.equal(found, Object.keys(fresh).length);
	assert.ok(found >= 20, String(found));
});

test('every example fits or is refused, as its name says', () => {
	let good = 0;
	let bad = 0;
	for (const folder of readdirSync(join(schemas, 'examples'))) {
		const validate = validator(folder);
		for (const file of readdirSync(join(schemas, 'examples', folder))) {
			const fits = validate(JSON.parse(read(schemas, 'examples', folder, file)));
			assert.equal(
				fits,
				file.startsWith('good'),
				`${folder}/${file}: ${ajv.errorsText(validate.errors)}`,
			);
			if (fits) good++;
			else bad++;
		}
	}
	assert.ok(good >= 14 && bad >= 28, `${good} good and ${bad} bad examples`);
});
