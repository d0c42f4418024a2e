// Each node's description, held against the contract: what people may choose is what the sidecar takes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { nodeTypes } from './engine.mjs';

const require = createRequire(import.meta.url);

const schemas = join(dirname(fileURLToPath(import.meta.url)), '../../schemas');
const schema = (name) => JSON.parse(readFileSync(join(schemas, `${name}.json`), 'utf8'));

/** Every property of a description, those within collections too. */
const properties = ({ properties: list }) =>
	list.flatMap((each) => [each, ...(each.type === 'collection' ? each.options : [])]);
const property = (node, name) => {
	const found = properties(nodeTypes[node].description).find((each) => each.name === name);
	assert.ok(found, `${node} has no property ${name}`);
	return found;
};
const item = schema('fetch-request').properties.requests.items.properties;
const values = (node, name) => property(node, name).options.map(({ value }) => value);

const CHOICES = [
	['FetchMetrics', 'reports', schema('report').enum],
	['FetchMetrics', 'metrics', schema('metric').enum],
	['StoreMetrics', 'kind', schema('row-kind').enum],
	['CheckQuota', 'bucket', schema('bucket').enum],
	['Ytempire', 'subscriptionTier', schema('tier').enum],
	['Ytempire', 'interval', ['day', 'week', 'month']],
	['YtempireTrigger', 'events', schema('event-kind').enum],
];

for (const [node, name, wanted] of CHOICES) {
	test(`${node} offers as ${name} what the contract knows, and nothing else`, () => {
		assert.ok(wanted.length >= 3);
		assert.deepEqual([...values(node, name)].sort(), [...wanted].sort());
	});
}

test('Top Videos are sorted by metrics of the contract', () => {
	// Only by some of them, as YouTube has it: developers.google.com/youtube/analytics/channel_reports#top-videos
	const sorts = values('FetchMetrics', 'sortBy');
	assert.ok(sorts.length >= 5 && sorts.every((each) => schema('metric').enum.includes(each)));
});

test('Check Quota shows the shares of each bucket of a day, and of no other', () => {
	const ofADay = schema('bucket').enum.filter((bucket) => !/minute/i.test(bucket));
	assert.deepEqual([...values('CheckQuota', 'dayBucket')].sort(), [...ofADay].sort());
});

test('every bucket says what it holds', () => {
	for (const { name, description } of property('CheckQuota', 'bucket').options)
		assert.ok(description?.length > 20, name);
});

const LIMITS = [
	['FetchMetrics', 'waitSeconds', schema('fetch-request').properties.waitSeconds],
	['FetchMetrics', 'maxAgeMinutes', schema('fetch-request').properties.maxAgeMinutes],
	['FetchMetrics', 'limit', item.limit],
	['CheckQuota', 'units', schema('quota-check').properties.units],
	['CheckQuota', 'leaseMinutes', schema('quota-reserve').properties.leaseMinutes],
	['CheckQuota', 'unitsSpent', schema('quota-settle').properties.unitsSpent],
];

test('what a report is for, costs and how late it comes can be read whole in the list', () => {
	for (const { name, description } of property('FetchMetrics', 'reports').options) {
		// The list shows two lines of about 55 letters.
		assert.ok(description.length <= 105, `${name}: ${description.length}`);
		assert.match(description, /unit/i, name);
	}
});

test('numbers have the limits of the contract', () => {
	for (const [node, name, { minimum, maximum }] of LIMITS) {
		const { typeOptions } = property(node, name);
		assert.deepEqual(
			[typeOptions.minValue, typeOptions.maxValue],
			[minimum, maximum],
			`${node}: ${name}`,
		);
	}
});

test('what can be filled in of users and channels is what the contract takes', () => {
	const { description } = nodeTypes.Ytempire;
	let found = 0;
	for (const resource of ['user', 'channel']) {
		for (const operation of ['create', 'update']) {
			const takes = Object.keys(schema(`${resource}-${operation}`).properties);
			const shows = ({ displayOptions: { show = {} } = {} }) =>
				(show.resource ?? [resource]).includes(resource) &&
				(show.operation ?? show['/operation'] ?? [operation]).includes(operation);
			for (const each of description.properties.filter(shows)) {
				const names =
					each.name === 'fields' ? each.options.filter(shows).map(({ name }) => name) : [];
				for (const name of names) {
					assert.ok(takes.includes(name), `${operation} ${resource}: ${name}`);
					found++;
				}
			}
		}
	}
	assert.ok(found >= 10, String(found));
});

test('everything has words: a description each, options in order, placeholders that are examples', () => {
	let found = 0;
	for (const [name, { description }] of Object.entries(nodeTypes)) {
		assert.ok(description.description.length >= 30, name);
		for (const each of properties(description)) {
			const at = `${name}: ${each.displayName}`;
			found++;
			if (
				!['collection', 'notice'].includes(each.type) &&
				each.name !== 'resource' &&
				each.name !== 'operation'
			) {
				assert.ok(each.description, `${at} has no description`);
			}
			if (each.type === 'string' && each.placeholder)
				assert.match(each.placeholder, /^e\.g\. /, at);
			if (each.type === 'boolean') assert.match(each.description, /whether/i, at);
			// Periods stand in the order in which people look for them.
			if (each.options && each.type !== 'collection' && !/period$/i.test(each.name)) {
				const names = each.options.map((option) => option.name);
				assert.deepEqual(
					names,
					[...names].sort((a, b) => a.localeCompare(b, 'en')),
					at,
				);
			}
		}
	}
	assert.ok(found >= 45, String(found));
});

test('fields stand in the panel in the order in which each operation names them', () => {
	const shown = (properties, resource, operation) =>
		properties
			.filter(({ displayOptions: { show = {} } = {} }) =>
				[
					[show.resource, resource],
					[show.operation, operation],
				].every(([values, value]) => !values || values.includes(value)),
			)
			.map(({ name }) => name)
			.filter((name) => !['resource', 'operation'].includes(name));
	const resources = [
		[undefined, 'CheckQuota', require('../dist/nodes/CheckQuota/operations').quota],
	];
	const { properties } = nodeTypes.Ytempire.description;
	for (const { value } of properties.find(({ name }) => name === 'resource').options) {
		const index = require(`../dist/nodes/Ytempire/resources/${value}`);
		resources.push([value, 'Ytempire', Object.values(index)[0]]);
	}
	let found = 0;
	for (const [resource, node, { operations }] of resources) {
		for (const { option, fields = [] } of operations) {
			assert.deepEqual(
				shown(nodeTypes[node].description.properties, resource, option.value),
				fields.map(({ name }) => name),
				`${resource}: ${option.name}`,
			);
			found++;
		}
	}
	assert.ok(found >= 60, String(found));
});

test('every node but the trigger is usable as a tool, and says in words that an agent can act on what it does', () => {
	for (const [name, { description }] of Object.entries(nodeTypes)) {
		assert.equal(description.usableAsTool ?? false, name !== 'YtempireTrigger', name);
		const operations = description.properties.filter((each) => each.name === 'operation');
		for (const option of operations.flatMap((each) => each.options)) {
			assert.ok(option.action && option.description, `${name}: ${option.value}`);
		}
	}
});
