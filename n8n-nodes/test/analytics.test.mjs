// Analytics of the node YTEMPIRE: what it asks of the API, and what becomes of the answer.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { nodeTypes, PERIODS, run } from './engine.mjs';

const require = createRequire(import.meta.url);
const { ANALYTICS_VIEW_TRAITS } = require('../dist/nodes/shared/choices.js');
const ada = { userId: '3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d' };
const channels = ['UCaaaaaaaaaaaaaaaaaaaaaa', 'UCbbbbbbbbbbbbbbbbbbbbbb'];
const page = (rows, nextCursor = null) => ({
	view: 'totals',
	asOf: '2026-11-16',
	from: '2026-11-10',
	to: '2026-11-16',
	columns: [
		{ name: 'revenueUsd', type: 'money', unit: 'USD' },
		{ name: 'views', type: 'integer', unit: 'views' },
	],
	rows,
	nextCursor,
});
const read = (parameters, sidecar, more = {}) =>
	run(nodeTypes.Ytempire, {
		items: [ada],
		parameters: { resource: 'analytics', operation: 'get', view: 'totals', ...parameters },
		sidecar,
		...more,
	});

test('money is a number, or exact text by choice, and null stays null', async () => {
	const sidecar = async () => page([{ revenueUsd: '12.3400', views: null }]);
	const days = { ...ada, asOf: '2026-11-16', from: '2026-11-10', to: '2026-11-16' };
	const { outputs } = await read({}, sidecar);
	assert.deepEqual(outputs[0][0].json, { ...days, revenueUsd: 12.34, views: null });
	const exact = await read({ options: { moneyAsText: true } }, sidecar);
	assert.equal(exact.outputs[0][0].json.revenueUsd, '12.3400');
});

test('only what a view takes is asked of it', async () => {
	const set = {
		period: 'last-7-days',
		interval: 'week',
		options: {
			compare: true,
			channelIds: `${channels[0]}, https://www.youtube.com/channel/${channels[1]}`,
		},
	};
	for (const [view, { takes }] of Object.entries(ANALYTICS_VIEW_TRAITS)) {
		const { requests } = await read({ ...set, view }, async () => page([]));
		const { url, qs } = requests[0];
		assert.equal(url, `/v1/users/${ada.userId}/analytics/${view}`);
		for (const name of ['period', 'channelId', 'interval', 'compare']) {
			assert.equal(name in qs, takes.includes(name), `${view}: ${name}`);
		}
	}
	const { requests } = await read({ ...set, sort: '-views', view: 'days' }, async () => page([]));
	assert.deepEqual(requests[0].qs, {
		period: 'last-7-days',
		interval: 'week',
		channelId: channels,
		sort: '-views',
		limit: 1,
	});
});

const sortOf = async (parameters) => {
	const many = { operation: 'getAll', view: 'top-videos', ...parameters };
	return (await read(many, async () => page([]))).requests[0].qs.sort;
};

test('the fields of a view are offered to sort by, and those of its comparison', async () => {
	const { options } = nodeTypes.Ytempire.description.properties.find(({ name }) => name === 'sort');
	for (const [view, { columns, comparison = [] }] of Object.entries(ANALYTICS_VIEW_TRAITS)) {
		const offered = options
			.filter(({ displayOptions }) => displayOptions?.show.view.includes(view))
			.map(({ value }) => value);
		// A view of one row has nothing to sort.
		if (offered.length) assert.deepEqual(offered.sort(), [...columns, ...comparison].sort(), view);
	}
	await assert.rejects(
		sortOf({ view: 'upload-schedule', sort: 'revenueUsd' }),
		({ message }) => message === 'Upload Schedule has no field Revenue (USD) to sort by',
	);
});

test('a field of a comparison sorts a comparison only', async () => {
	const change = { view: 'channel-comparison', sort: 'revenueChange' };
	assert.equal(await sortOf({ ...change, options: { compare: true } }), 'revenueChange');
	await assert.rejects(
		sortOf(change),
		({ message, description }) =>
			message === 'Revenue Change is a field of a comparison' &&
			description.startsWith('Turn on Compare with Previous Period'),
	);
});

test('a workflow that was saved without a Sort Order keeps its order', async () => {
	assert.equal(await sortOf({ sort: 'revenueUsd' }), 'revenueUsd');
	assert.equal(await sortOf({ sort: '-revenueUsd' }), '-revenueUsd');
	assert.equal(await sortOf({ sort: 'revenueUsd', direction: 'descending' }), '-revenueUsd');
	assert.equal(await sortOf({}), undefined);
	// n8n saves what differs from the default: an order that is absent is the default.
	const { NodeHelpers } = createRequire(import.meta.url)('n8n-workflow');
	const { properties } = nodeTypes.Ytempire.description;
	const analytics = { resource: 'analytics', operation: 'getAll', view: 'top-videos' };
	const savedOf = (chosen) =>
		NodeHelpers.getNodeParameters(
			properties,
			{ ...analytics, ...chosen },
			false,
			false,
			{ typeVersion: 1 },
			nodeTypes.Ytempire.description,
		);
	for (const direction of ['ascending', 'descending']) {
		const saved = savedOf({ sort: 'views', direction });
		assert.equal(saved.direction, direction === 'ascending' ? undefined : direction);
		const order = await sortOf({ sort: saved.sort, direction: saved.direction });
		assert.equal(order, direction === 'ascending' ? 'views' : '-views');
	}
});

test('periods have the names of Fetch Metrics, weeks and 30 days among them', () => {
	const { options } = nodeTypes.Ytempire.description.properties.find(
		({ name }) => name === 'period',
	);
	const named = options.map(({ name }) => name);
	// A day alone is no period of a comparison.
	for (const { name } of PERIODS.filter(({ value }) => value !== 'latestDay')) {
		assert.ok(named.includes(name), name);
	}
});

test('a custom period is sent as its days', async () => {
	const { requests } = await read(
		{ period: 'custom', startDate: '2026-11-01', endDate: '2026-11-07T00:00:00' },
		async () => page([]),
	);
	assert.deepEqual(requests[0].qs, { from: '2026-11-01', to: '2026-11-07', limit: 1 });
});

test('Get Many follows the pages up to its limit', async () => {
	const rows = Array.from({ length: 1000 }, (_, views) => ({ revenueUsd: null, views }));
	const sidecar = async ({ qs }) =>
		qs.cursor ? page(rows.slice(0, qs.limit)) : page(rows, 'next');
	const many = { operation: 'getAll', view: 'top-videos' };
	const some = await read({ ...many, returnAll: false, limit: 1200 }, sidecar);
	assert.equal(some.outputs[0].length, 1200);
	assert.deepEqual(
		some.requests.map(({ qs }) => qs.limit),
		[1000, 200],
	);
	const all = await read({ ...many, returnAll: true }, sidecar);
	assert.equal(all.outputs[0].length, 2000);
});

test('a view that there is not is refused with those that there are', async () => {
	await assert.rejects(
		read({ view: 'everything' }, async () => page([])),
		(error) => /no view 'everything'/.test(error.message) && /top-videos/.test(error.description),
	);
});

test('the descriptions tell an agent which question the tool answers', () => {
	const [operation] = nodeTypes.Ytempire.description.properties.filter(
		({ name, displayOptions }) =>
			name === 'operation' && displayOptions.show.resource.includes('analytics'),
	);
	assert.match(operation.options.map(({ description }) => description).join(' '), /last week\?/);
	const views = nodeTypes.Ytempire.description.properties
		.filter(({ name }) => name === 'view')
		.flatMap(({ options }) => options);
	assert.equal(views.length, Object.keys(ANALYTICS_VIEW_TRAITS).length);
	for (const { description } of views) {
		assert.ok(description.length >= 40 && description.length <= 105, description);
	}
});
