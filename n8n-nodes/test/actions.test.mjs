// What the node creator lists, and what a node says of itself on the canvas.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NodeOperationError, nodeTypes, REPORTS, run } from './engine.mjs';

const home = join(dirname(fileURLToPath(import.meta.url)), '../nodes');
const ada = {
	userId: '3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d',
	channelId: 'UCaaaaaaaaaaaaaaaaaaaaaa',
};
const nothing = { results: [], notFetched: [], notDue: [], unitsSpent: {} };
const answer =
	(rows, more = []) =>
	async ({ url, body }) => {
		if (url === '/v1/channels') return { channels: [{ ...ada, channelName: 'Woodwork' }] };
		const isNames = body.requests[0].report === 'video-details';
		return { ...nothing, results: [{ request: 0, rows: isNames ? more : rows }] };
	};

/** Actions by value, as n8n makes them of the operations. */
const actions = (node) =>
	nodeTypes[node].description.properties
		.filter(({ name }) => name === 'operation')
		.flatMap(({ options }) => options.map(({ action }) => action));

test('the node creator has an action for every report and operation', () => {
	// n8n lists the actions of a node that has more than one.
	for (const node of ['FetchMetrics', 'StoreMetrics', 'CheckQuota', 'Ytempire']) {
		assert.ok(actions(node).length > 1, node);
	}
	const fetches = actions('FetchMetrics');
	assert.equal(fetches.length, REPORTS.length + 1);
	assert.equal(new Set(fetches).size, fetches.length);
	for (const [node, action] of [
		['FetchMetrics', 'Get top videos of a channel'],
		['FetchMetrics', 'Get retention of a video'],
		['FetchMetrics', 'Get many reports of channels at once'],
		['Ytempire', 'Sync users: fetch and store metrics'],
		['Ytempire', 'Get many stored metrics'],
		['Ytempire', 'Get stored analytics such as top videos and channel comparison'],
		['Ytempire', 'Record costs of a user'],
		['Ytempire', 'Get the sentences about a week'],
		['Ytempire', 'Get data quality incidents'],
		['Ytempire', 'Send a report'],
		['Ytempire', 'Record an event'],
		['Ytempire', 'Get a user by ID or email'],
		['Ytempire', 'Create or update a user'],
		['Ytempire', 'Find a channel by its handle'],
		['Ytempire', 'Delete a channel'],
		['StoreMetrics', 'Store metrics'],
		['StoreMetrics', 'Validate metrics without storing them'],
		['CheckQuota', 'Check whether units are available'],
		['Ytempire', 'Get a connect link'],
	]) {
		assert.ok(actions(node).includes(action), `${action}: ${actions(node)}`);
	}
});

test('nodes are found by the words that people type', () => {
	for (const [node, ...words] of [
		['FetchMetrics', 'top videos', 'retention', 'revenue', 'watch time', 'sync users', 'ctr'],
		['StoreMetrics', 'save', 'upsert', 'sheet'],
		['CheckQuota', 'rate limit', 'units'],
		['Ytempire', 'connect channel', 'gdpr', 'sync users', 'handle', 'upsert', 'webhook'],
		['Ytempire', 'record costs', 'weekly insight', 'data quality', 'incidents', 'record event'],
		['Ytempire', 'send report', 'backfill', 'billing'],
		['YtempireTrigger', 'new video', 'webhook', 'quality incident', 'cost limit', 'billing'],
	]) {
		const { alias } = JSON.parse(readFileSync(join(home, node, `${node}.node.json`), 'utf8'));
		for (const word of words) assert.ok(alias.includes(word), `${node}: ${word}`);
	}
});

test('every node has icons of its own, for light and for dark', () => {
	const seen = new Set();
	for (const [name, { description }] of Object.entries(nodeTypes)) {
		for (const file of Object.values(description.icon)) {
			const text = readFileSync(join(home, name, file.replace('file:', '')), 'utf8');
			seen.add(createHash('sha256').update(text).digest('hex'));
		}
	}
	assert.equal(seen.size, 2 * Object.keys(nodeTypes).length);
});

/** What n8n shows below a node. */
function subtitle(node, parameters) {
	const expression = nodeTypes[node].description.subtitle;
	const [, code] = /^=\{\{ (.*) \}\}$/s.exec(expression);
	// n8n ends an expression at the first pair of closing braces.
	assert.ok(!code.includes('}}'), code);
	return new Function('$parameter', `return ${code}`)(parameters);
}

test('subtitles name the report and the period, the operation and what it is of', () => {
	for (const [node, parameters, words] of [
		['FetchMetrics', { operation: 'top-videos', period: 'last7' }, 'Top Videos · Last 7 Days'],
		['FetchMetrics', { operation: 'video-details' }, 'Video Details'],
		[
			'FetchMetrics',
			{ operation: 'many', reports: ['channel-day', 'video-day'], period: 'due' },
			'2 Reports · New and Changed',
		],
		[
			'FetchMetrics',
			{ operation: 'many', reports: '={{ $json.x }}', period: 'last28' },
			'Reports · Last 28 Days',
		],
		['CheckQuota', { operation: 'reserve', bucket: 'data.general' }, 'Reserve · Data API'],
		[
			'CheckQuota',
			{ operation: 'shares', dayBucket: 'data.search', bucket: 'data.general' },
			'Get Shares · Search',
		],
		['CheckQuota', { operation: 'status', bucket: 'data.general' }, 'Get Status'],
		['StoreMetrics', { source: 'mapped', output: 'summary' }, 'Map Columns · Summary'],
		[
			'StoreMetrics',
			{ source: 'fetched', output: 'rows', dryRun: true },
			'From Fetch Metrics · Dry Run',
		],
		['Ytempire', { operation: 'getAll', resource: 'user' }, 'Get Many · User'],
		['Ytempire', { operation: 'connectLink', resource: 'channel' }, 'Get Connect Link · Channel'],
		['YtempireTrigger', { events: ['new-video', 'quota-low'] }, 'New Video, Quota Low'],
	]) {
		assert.equal(subtitle(node, parameters), words);
	}
});

test('the subtitle of every operation of YTEMPIRE has the words of the panel', () => {
	const { properties } = nodeTypes.Ytempire.description;
	const resources = properties.find(({ name }) => name === 'resource').options;
	let found = 0;
	for (const { options, displayOptions } of properties.filter(({ name }) => name === 'operation')) {
		const [resource] = displayOptions.show.resource;
		const label = resources.find(({ value }) => value === resource).name;
		for (const { name, value } of options) {
			assert.equal(subtitle('Ytempire', { operation: value, resource }), `${name} · ${label}`);
			found++;
		}
	}
	assert.ok(found >= 50, String(found));
});

const fetch = (parameters, more = {}) =>
	run(nodeTypes.FetchMetrics, { items: [ada], parameters, sidecar: answer([]), ...more });

test('one report is asked for alone, with the fields of its panel', async () => {
	const top = await fetch({
		operation: 'top-videos',
		period: 'last7',
		sortBy: 'estimatedRevenue',
		returnAll: true,
	});
	const [request, ...more] = top.requests[0].body.requests;
	assert.deepEqual(more, []);
	assert.deepEqual(
		[request.report, request.sortBy, request.limit],
		['top-videos', 'estimatedRevenue', 200],
	);
	assert.ok(request.startDate < request.endDate);
	assert.equal(top.requests[0].body.onlyDue, undefined);
	const details = await fetch({ operation: 'video-details' });
	assert.equal(details.requests[0].body.requests[0].startDate, undefined);
	assert.equal(details.requests[0].body.onlyDue, undefined);
	const retention = await fetch({
		operation: 'retention',
		period: 'last28',
		videoId: 'https://youtu.be/dQw4w9WgXcQ',
	});
	assert.deepEqual(retention.requests[0].body.requests[0].videoIds, ['dQw4w9WgXcQ']);
	const euros = await fetch({
		operation: 'revenue-currency-day',
		period: 'last28',
		currency: ' eur ',
	});
	assert.equal(euros.requests[0].body.requests[0].currency, 'EUR');
	const uploads = await fetch({ operation: 'recent-uploads', returnAll: true });
	assert.equal(uploads.requests[0].body.requests[0].limit, 50);
});

test('Retention is offered of one channel only, and an old choice of all changes nothing', async () => {
	const { properties } = nodeTypes.FetchMetrics.description;
	const { displayOptions } = properties.find(({ name }) => name === 'channels');
	assert.deepEqual(displayOptions, { hide: { operation: ['retention'] } });
	const pickers = properties.filter(({ name }) => name === 'channelId');
	assert.ok(pickers.some((each) => each.displayOptions.show.operation?.includes('retention')));
	const { requests } = await fetch({
		operation: 'retention',
		channels: 'all',
		period: 'last28',
		videoId: 'dQw4w9WgXcQ',
	});
	assert.equal(requests[0].body.requests[0].channelId, ada.channelId);
});

test('retention without a video is refused with its field', async () => {
	await assert.rejects(
		fetch({ operation: 'retention', period: 'last28' }),
		(error) => error instanceof NodeOperationError && error.message === 'Video is empty',
	);
});

test('Include Names adds names and addresses, and Store Metrics takes them off', async () => {
	const row = { kind: 'top-video', ...ada, videoId: 'dQw4w9WgXcQ', views: 3 };
	const { outputs, requests, hints } = await fetch(
		{ operation: 'top-videos', period: 'last7', options: { includeNames: true } },
		{
			sidecar: answer(
				[row, { ...row, videoId: 'aaaaaaaaaaa' }],
				[{ kind: 'video', videoId: 'dQw4w9WgXcQ', title: 'A chair' }],
			),
		},
	);
	const dataThrough = requests[0].body.requests[0].endDate;
	assert.deepEqual(outputs[0][0].json, {
		...row,
		dataThrough,
		channelName: 'Woodwork',
		channelUrl: `https://www.youtube.com/channel/${ada.channelId}`,
		videoTitle: 'A chair',
		videoUrl: 'https://www.youtube.com/watch?v=dQw4w9WgXcQ',
	});
	assert.equal(outputs[0][1].json.videoTitle, null);
	assert.match(hints[0].message, /titles of 1 videos could not be read/);
	assert.deepEqual(requests.at(-1).body.requests[0].videoIds, ['dQw4w9WgXcQ', 'aaaaaaaaaaa']);
	const stored = await run(nodeTypes.StoreMetrics, {
		items: [outputs[0][0].json],
		sidecar: async () => ({ rows: [{ row: 0, outcome: 'stored' }] }),
	});
	assert.deepEqual(stored.requests[0].body.rows, [row]);
	const plain = await fetch(
		{ operation: 'top-videos', period: 'last7' },
		{ sidecar: answer([row]) },
	);
	assert.deepEqual(plain.outputs[0][0].json, { ...row, dataThrough });
	assert.equal(plain.requests.length, 1);
});

test('Validate stores nothing', async () => {
	const { requests } = await run(nodeTypes.StoreMetrics, {
		items: [{ kind: 'channel-day', ...ada }],
		parameters: { operation: 'validate' },
		sidecar: async () => ({ rows: [{ row: 0, outcome: 'stored' }] }),
	});
	assert.equal(requests[0].body.dryRun, true);
});
