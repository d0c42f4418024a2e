// Lists have a limit, and the estimate of a fetch names what each bucket needs.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { nodeTypes, run } from './engine.mjs';

const require = createRequire(import.meta.url);
const { unitsOf } = require('../dist/nodes/CheckQuota/operations/estimate.js');
const ada = { userId: '3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d' };

/** Operations of a node with Limit, as parameters. */
const lists = (node) =>
	nodeTypes[node].description.properties
		.filter(({ name }) => name === 'limit')
		.flatMap(({ displayOptions: { show } }) =>
			(show.resource ?? [undefined]).flatMap((resource) =>
				show.operation.map((operation) => ({ ...(resource ? { resource } : {}), operation })),
			),
		);

test('every list returns all, or at most as many as its limit', async () => {
	const three = [1, 2, 3].map((n) => ({
		...ada,
		login: `l${n}`,
		channelId: `c${n}`,
		bucket: `b${n}`,
		// Of a plan.
		reports: [{ report: 'channel-day' }],
	}));
	const members = [
		...['channels', 'logins', 'notices', 'results', 'users', 'buckets', 'shares', 'rows'],
		...['breaks', 'subscriptions', 'costs', 'counts', 'incidents', 'reports'],
	];
	// A sidecar that has pages keeps to the limit of a page.
	const sidecar = async ({ qs }) => ({
		...Object.fromEntries(members.map((name) => [name, three.slice(0, qs?.limit ?? 3)])),
		columns: [],
		next: null,
	});
	const operations = [
		...lists('Ytempire').map((parameters) => ['Ytempire', parameters]),
		...lists('CheckQuota').map((parameters) => ['CheckQuota', parameters]),
	];
	assert.ok(operations.length >= 14, JSON.stringify(operations));
	for (const [node, parameters] of operations) {
		const count = async (more) =>
			(
				await run(nodeTypes[node], {
					items: [ada],
					sidecar,
					parameters: { ...parameters, ...more },
				})
			).outputs[0].length;
		assert.equal(await count({ returnAll: true }), 3, JSON.stringify(parameters));
		assert.equal(await count({ returnAll: false, limit: 2 }), 2, JSON.stringify(parameters));
	}
});

test('every operation that reads many has Return All and Limit', () => {
	const limited = new Set(lists('Ytempire').map((each) => `${each.resource} ${each.operation}`));
	for (const { options, displayOptions } of nodeTypes.Ytempire.description.properties.filter(
		({ name }) => name === 'operation',
	)) {
		for (const { name, value } of options) {
			if (name !== 'Get Many') continue;
			assert.ok(limited.has(`${displayOptions.show.resource} ${value}`), `${value}`);
		}
	}
});

test('the units of a fetch are counted by bucket', () => {
	const units = (reports, more = {}) =>
		Object.fromEntries(unitsOf(reports, { channels: 2, days: 7, videos: 10, ...more }));
	assert.deepEqual(units(['channel-day', 'video-day']), { 'analytics.day': 2 + 2 * 7 });
	assert.deepEqual(units(['channel-statistics', 'recent-uploads']), { 'data.general': 4 });
	assert.deepEqual(units(['video-statistics', 'video-details'], { videos: 50 }), {
		'data.batchGetStats': 2,
		// The details, and which videos there are or whose those are that are named.
		'data.general': 4,
	});
	assert.deepEqual(units(['thumbnail-day']), { 'reporting.day': 18 });
});

test('a fetch of more than a bucket holds is refused with the limit, and waits for nothing', async () => {
	const parameters = {
		operation: 'estimate',
		fetchReports: ['channel-statistics', 'video-day'],
		channelCount: 20_000,
		days: 90,
	};
	const asked = [];
	const sidecar = async ({ body }) => {
		asked.push(body);
		return {
			enough: body.units <= 100_000,
			available: 100_000,
			waitUntil: '2026-11-21T08:00:00Z',
			bucket: { bucket: body.bucket, limit: 100_000 },
		};
	};
	await assert.rejects(
		run(nodeTypes.CheckQuota, { items: [ada], parameters, sidecar }),
		({ message, description }) =>
			message === '1,800,000 units are more than the limit of Analytics, Day, which is 100,000' &&
			/Fetch fewer channels/.test(description),
	);
	// The contract takes no more.
	assert.ok(asked.every(({ units }) => units <= 1_000_000));
	const { outputs } = await run(nodeTypes.CheckQuota, {
		items: [ada],
		parameters,
		sidecar,
		continueOnFail: true,
	});
	assert.equal(outputs[0].length, 0);
	assert.match(outputs[1][0].json.error, /more than the limit/);
});

test('a fetch passes only when every bucket has enough, and says what each needs', async () => {
	const sidecar =
		(available) =>
		async ({ body }) => ({
			enough: body.units <= available,
			available,
			waitUntil: body.units <= available ? null : '2026-11-21T08:00:00Z',
			bucket: { bucket: body.bucket },
		});
	const parameters = {
		operation: 'estimate',
		fetchReports: ['channel-statistics', 'channel-day'],
		channelCount: 5,
		options: { userId: { __rl: true, mode: 'list', value: ada.userId } },
	};
	const yes = await run(nodeTypes.CheckQuota, { items: [ada], parameters, sidecar: sidecar(9) });
	assert.equal(yes.requests[0].body.userId, ada.userId);
	assert.deepEqual(
		yes.outputs[0][0].json.estimate.map(({ bucket, units }) => [bucket, units]),
		[
			['data.general', 5],
			['analytics.day', 5],
		],
	);
	assert.deepEqual(yes.outputs[1], []);
	const no = await run(nodeTypes.CheckQuota, { items: [ada], parameters, sidecar: sidecar(4) });
	assert.deepEqual(no.outputs[0], []);
	assert.equal(no.outputs[1][0].json.waitUntil, '2026-11-21T08:00:00Z');
	const tool = await run(nodeTypes.CheckQuota, {
		items: [ada],
		parameters,
		isTool: true,
		sidecar: sidecar(4),
	});
	assert.equal(tool.outputs[0][0].json.enough, false);
});
