// With On Error: Continue, an item that fails leaves where nobody takes it for a success, and stops no other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeTypes, run } from './engine.mjs';

const ada = {
	userId: '3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d',
	channelId: 'UCaaaaaaaaaaaaaaaaaaaaaa',
};

const errors = (output) =>
	output.map(({ json, pairedItem }) => [pairedItem.item, typeof json.error]);
const quota = (operation, more) =>
	run(nodeTypes.CheckQuota, {
		continueOnFail: true,
		...more,
		parameters: { operation, ...more.parameters },
	});

test('a check that failed sends no item to Available', async () => {
	const sidecar = async () => {
		throw new Error('connect ECONNREFUSED');
	};
	for (const operation of ['check', 'reserve', 'status']) {
		const { outputs } = await quota(operation, { items: [ada, ada], sidecar });
		assert.deepEqual(outputs[0], [], operation);
		assert.deepEqual(
			errors(outputs[1]),
			[
				[0, 'string'],
				[1, 'string'],
			],
			operation,
		);
	}
});

test('a reservation that cannot be settled stops no other', async () => {
	const item = (reservationId) => ({ quota: { reservationId } });
	const { outputs } = await quota('settle', {
		items: [item(''), item('r2'), item('r3')],
		sidecar: async ({ url }) => {
			if (url.includes('r3')) throw new Error('404');
			return { unitsSpent: 0, unitsReturned: 2, bucket: {} };
		},
	});
	assert.deepEqual(
		outputs[0].map(({ json }) => json.quota.reservationId),
		['r2'],
	);
	assert.deepEqual(errors(outputs[1]), [
		[0, 'string'],
		[2, 'string'],
	]);
});

test('a bucket whose shares cannot be read stops no other', async () => {
	const { outputs } = await quota('shares', {
		items: [{ b: 'data.search' }, { b: 'data.general' }],
		parameters: { dayBucket: '={{ $json.b }}' },
		sidecar: async ({ qs }) => {
			if (qs.bucket === 'data.search') throw new Error('400');
			return { shares: [{ bucket: qs.bucket }] };
		},
	});
	assert.deepEqual(
		outputs[0].map(({ json }) => json.bucket),
		['data.general'],
	);
	assert.deepEqual(errors(outputs[1]), [[0, 'string']]);
});

test('an agent gets what failed, although it has one output only', async () => {
	const { outputs } = await quota('settle', {
		isTool: true,
		items: [{ quota: { reservationId: '' } }],
	});
	assert.match(outputs[0][0].json.error, /Reservation ID is empty/);
});

const sync = (more) =>
	run(nodeTypes.Ytempire, {
		continueOnFail: true,
		...more,
		parameters: { resource: 'metrics', operation: 'sync', ...more.parameters },
	});

const synced = { channels: [], notFetched: [] };

test('a sync that failed fails every item of its users', async () => {
	const { outputs } = await sync({
		items: [ada, ada],
		sidecar: async () => {
			throw new Error('connect ECONNREFUSED');
		},
	});
	assert.deepEqual(errors(outputs[0]), [
		[0, 'string'],
		[1, 'string'],
	]);
});

test('users that are too many for one sync are synced in halves', async () => {
	const items = [1, 2, 3, 4, 5].map((n) => ({ userId: ada.userId.replace(/.$/, n) }));
	const { outputs, requests } = await sync({
		items,
		sidecar: async ({ body }) => {
			if (body.users.length > 2) {
				throw Object.assign(new Error('400'), {
					httpCode: '400',
					response: {
						data: { type: '/problems/invalid-request', title: 'T', status: 400, detail: 'd' },
					},
				});
			}
			return synced;
		},
	});
	assert.deepEqual(outputs[0], []);
	const users = requests
		.filter(({ body }) => body.users.length <= 2)
		.flatMap(({ body }) => body.users);
	assert.deepEqual(users, items);
});

test('a sync takes the handle of a channel', async () => {
	const { requests } = await sync({
		items: [{ ...ada, channelId: '@ada' }],
		parameters: { syncChannels: 'one' },
		sidecar: async ({ url }) => (url.endsWith('/channel-lookup') ? ada : synced),
	});
	assert.deepEqual(requests.at(-1).body.users, [
		{ userId: ada.userId, channelIds: [ada.channelId] },
	]);
});

test('an email that could not be looked up is looked up again', async () => {
	let calls = 0;
	const { outputs } = await sync({
		items: [{ userId: 'ada@example.com' }, { userId: 'ada@example.com' }],
		sidecar: async ({ url }) => {
			if (url === '/v1/users' && ++calls === 1) throw new Error('connect ECONNREFUSED');
			return url === '/v1/users'
				? { users: [ada] }
				: { ...synced, channels: [{ ...ada, created: 1 }] };
		},
	});
	assert.equal(calls, 2);
	assert.deepEqual(
		outputs[0].map(({ json, pairedItem }) => [pairedItem.item, typeof json.error]),
		[
			[0, 'string'],
			[1, 'undefined'],
		],
	);
});
