// Lists have a limit, and the estimate of a fetch names what each bucket needs.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { nodeTypes, run } from './engine.mjs';

const require = createRequire(import.meta.url);
const { unitsOf } = require('../dist/nodes/CheckQuota/operations/estimate.js');
const ada = { userId: '3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d' };

test('every list returns all, or at most as many as its limit', async () => {
	const three = [1, 2, 3].map((n) => ({
		...ada,
		login: `l${n}`,
		channelId: `c${n}`,
		bucket: `b${n}`,
	}));
	const sidecar = async () => ({
		channels: three,
		logins: three,
		notices: three,
		results: three,
		users: three,
		buckets: three,
		shares: three,
		next: null,
	});
	let found = 0;
	for (const [node, parameters] of [
		['Ytempire', { resource: 'channel', operation: 'getAll' }],
		['Ytempire', { resource: 'user', operation: 'getAll' }],
		['Ytempire', { resource: 'user', operation: 'getNotices' }],
		['Ytempire', { resource: 'quality', operation: 'getResults' }],
		['Ytempire', { resource: 'databaseLogin', operation: 'getAll' }],
		['CheckQuota', { operation: 'status' }],
		['CheckQuota', { operation: 'shares' }],
	]) {
		const count = async (more) =>
			(
				await run(nodeTypes[node], {
					items: [ada],
					sidecar,
					parameters: { ...parameters, ...more },
				})
			).outputs[0].length;
		assert.equal(await count({ returnAll: true }), 3, JSON.stringify(parameters));
		assert.equal(await count({}), 3);
		// The sidecar keeps to the limit of users by itself.
		if (parameters.operation !== 'getAll' || parameters.resource !== 'user') {
			assert.equal(await count({ returnAll: false, limit: 2 }), 2, JSON.stringify(parameters));
		}
		found++;
	}
	assert.equal(found, 7);
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
