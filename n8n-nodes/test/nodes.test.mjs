// What the nodes send, how they pair and branch, and what they say when something is wrong.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import {
	KINDS,
	mapperFields,
	daysOf,
	NodeApiError,
	NodeOperationError,
	nodeTypes,
	PERIODS,
	run,
	youTubeDay,
} from './engine.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const schema = (name) =>
	JSON.parse(readFileSync(join(here, '../../schemas', `${name}.json`), 'utf8'));
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
for (const name of readdirSync(join(here, '../../schemas')).filter((file) =>
	file.endsWith('.json'),
))
	ajv.addSchema(schema(name.replace('.json', '')));
const fits = (name, value) => {
	const validate = ajv.getSchema(schema(name).$id) ?? ajv.compile(schema(name));
	assert.ok(validate(value), `${name}: ${ajv.errorsText(validate.errors)}`);
};

const ada = {
	userId: '3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d',
	channelId: 'UCaaaaaaaaaaaaaaaaaaaaaa',
};
const bob = {
	userId: '4f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d',
	channelId: 'UCbbbbbbbbbbbbbbbbbbbbbb',
};

const problem = (status, body) => async () => {
	throw Object.assign(new Error(`Request failed with status code ${status}`), {
		httpCode: String(status),
		response: { data: { title: 'T', status, ...body } },
	});
};

test('all items and reports of Fetch Metrics travel in one request and come back paired', async () => {
	const { outputs, requests } = await run(nodeTypes.FetchMetrics, {
		items: [ada, bob],
		parameters: { reports: ['channel-day', 'channel-statistics'] },
		sidecar: async () => ({
			results: [
				{
					request: 3,
					rows: [{ kind: 'channel-statistics', ...bob }],
					fetchedAt: 'now',
					fromCache: false,
				},
				{
					request: 0,
					rows: [
						{ kind: 'channel-day', ...ada },
						{ kind: 'channel-day', ...ada },
					],
					fetchedAt: 'now',
					fromCache: false,
				},
			],
			notFetched: [
				{
					request: 2,
					...bob,
					report: 'channel-day',
					reason: 'not-connected',
					message: 'connect it',
					retryAt: null,
				},
			],
			unitsSpent: {},
		}),
	});
	assert.equal(requests.length, 1);
	fits('fetch-request', requests[0].body);
	assert.deepEqual(
		requests[0].body.requests.map((each) => `${each.channelId} ${each.report}`),
		['channel-day', 'channel-statistics']
			.map((r) => `${ada.channelId} ${r}`)
			.concat(['channel-day', 'channel-statistics'].map((r) => `${bob.channelId} ${r}`)),
	);
	assert.equal(requests[0].headers['X-N8n-Execution-Id'], '7');
	assert.equal(requests[0].baseURL, 'http://sidecar.test');
	const [rows, notFetched] = outputs;
	assert.deepEqual(
		rows.map((row) => row.pairedItem.item),
		[1, 0, 0],
	);
	assert.deepEqual(notFetched, [
		{
			json: {
				...bob,
				report: 'channel-day',
				reason: 'not-connected',
				message: 'connect it',
				retryAt: null,
			},
			pairedItem: { item: 1 },
		},
	]);
});

test('1,000 channels with eight reports are two requests, and the second one is paired rightly', async () => {
	const items = Array.from({ length: 1000 }, (_, i) => ({
		...ada,
		channelId: `UC${String(i).padStart(22, '0')}`,
	}));
	const { outputs, requests } = await run(nodeTypes.FetchMetrics, {
		items,
		sidecar: async ({ body }) => ({
			results: body.requests.map((each, request) => ({
				request,
				rows: [{ channelId: each.channelId }],
			})),
			notFetched: [],
			unitsSpent: {},
		}),
	});
	assert.deepEqual(
		requests.map((each) => each.body.requests.length),
		[5000, 3000],
	);
	for (const row of outputs[0])
		assert.equal(row.json.channelId, items[row.pairedItem.item].channelId);
});

test('by default only what is due is fetched, and options go with the reports that know them', async () => {
	const answer = async () => ({ results: [], notFetched: [], notDue: [], unitsSpent: {} });
	const due = await run(nodeTypes.FetchMetrics, { items: [ada], sidecar: answer });
	fits('fetch-request', due.requests[0].body);
	assert.equal(due.requests[0].body.onlyDue, true);
	assert.deepEqual(Object.keys(due.requests[0].body.requests[0]), [
		'userId',
		'channelId',
		'report',
	]);
	const { requests } = await run(nodeTypes.FetchMetrics, {
		items: [ada],
		parameters: {
			period: 'latest',
			reports: ['top-videos', 'recent-uploads', 'retention', 'channel-statistics'],
			options: {
				limit: 100,
				sortBy: 'likes',
				metrics: ['views', 'likes'],
				videoIds: ' https://youtu.be/dQw4w9WgXcQ,\ndQw4w9WgXcQ ',
				maxAgeMinutes: 5,
			},
		},
		sidecar: answer,
	});
	const { body } = requests[0];
	fits('fetch-request', body);
	assert.equal(body.onlyDue, undefined);
	assert.equal(body.maxAgeMinutes, 5);
	const [top, uploads, retention, totals] = body.requests;
	assert.deepEqual(
		[top.limit, top.sortBy, top.metrics, top.videoIds],
		[100, 'likes', ['views', 'likes'], undefined],
	);
	assert.deepEqual([uploads.limit, uploads.metrics], [50, undefined]);
	assert.deepEqual(retention.videoIds, ['dQw4w9WgXcQ']);
	assert.deepEqual(Object.keys(totals), ['userId', 'channelId', 'report']);
});

test('a custom period without a day names the field and the item', async () => {
	await assert.rejects(
		run(nodeTypes.FetchMetrics, {
			items: [ada],
			parameters: { period: 'custom', startDate: '2026-10-01' },
			sidecar: async () => ({}),
		}),
		(error) =>
			error instanceof NodeOperationError &&
			error.message === 'Last Day is empty' &&
			error.context.itemIndex === 0,
	);
});

test('an item without its user is reported, and with Continue On Fail it does not stop the others', async () => {
	const items = [{ channelId: ada.channelId }, ada];
	await assert.rejects(
		run(nodeTypes.FetchMetrics, { items, sidecar: async () => ({}) }),
		/User is empty/,
	);
	const { outputs, requests } = await run(nodeTypes.FetchMetrics, {
		items,
		continueOnFail: true,
		parameters: { reports: ['channel-day'] },
		sidecar: async () => ({
			results: [{ request: 0, rows: [{}] }],
			notFetched: [],
			unitsSpent: {},
		}),
	});
	assert.equal(requests[0].body.requests.length, 1);
	assert.deepEqual(
		outputs.map((output) => output.map((row) => row.pairedItem.item)),
		[[1], [0]],
	);
	assert.deepEqual(outputs[1][0].json, { error: 'User is empty' });
});

test('whole items are stored without an expression being evaluated for each of them', async () => {
	const items = Array.from({ length: 3 }, (_, i) => ({ kind: 'video', ...ada, title: String(i) }));
	const sidecar = async ({ body }) => ({
		stored: 3,
		updated: 0,
		unchanged: 0,
		rejected: 0,
		rows: body.rows.map((_, row) => ({ row, outcome: 'stored' })),
	});
	const whole = await run(nodeTypes.StoreMetrics, {
		items,
		parameters: { row: '={{ $json }}' },
		sidecar,
	});
	assert.deepEqual(whole.requests[0].body.rows, items);
	assert.equal(whole.evaluations, 0);
	const part = await run(nodeTypes.StoreMetrics, {
		items: items.map((row) => ({ row })),
		parameters: { row: '={{ $json.row }}' },
		sidecar,
	});
	assert.deepEqual(part.requests[0].body.rows, items);
	assert.equal(part.evaluations, 3);
});

test('rows of Fetch Metrics go into Store Metrics as they are, in chunks, and each comes back with its outcome', async () => {
	const items = Array.from({ length: 5001 }, (_, i) => ({
		kind: 'channel-day',
		...ada,
		day: '2026-10-01',
		views: i,
	}));
	const { outputs, requests } = await run(nodeTypes.StoreMetrics, {
		items,
		sidecar: async ({ body }) => ({
			rows: body.rows.map((_, row) =>
				row === 0
					? { row, outcome: 'rejected', faults: [{ pointer: '/views', message: 'no' }] }
					: { row, outcome: 'stored' },
			),
		}),
	});
	assert.deepEqual(
		requests.map((each) => each.body.rows.length),
		[5000, 1],
	);
	requests.forEach((each) => fits('store-request', each.body));
	assert.equal(outputs[0].length, 4999);
	assert.deepEqual(
		outputs[1].map((row) => [row.pairedItem.item, row.json.views]),
		[
			[0, 0],
			[5000, 5000],
		],
	);
});

test('the summary of Store Metrics counts everything in one item', async () => {
	const { outputs } = await run(nodeTypes.StoreMetrics, {
		items: [ada, bob, ada],
		parameters: { output: 'summary' },
		sidecar: async () => ({
			rows: [
				{ row: 0, outcome: 'stored' },
				{ row: 1, outcome: 'rejected', faults: [] },
				{ row: 2, outcome: 'unchanged' },
			],
		}),
	});
	assert.deepEqual(
		outputs[0].map((item) => item.json),
		[{ created: 1, updated: 0, unchanged: 1, rejected: 1, dryRun: false }],
	);
	assert.equal(outputs[1].length, 1);
});

test('Check Quota passes items on when there is enough, and says until when to wait otherwise', async () => {
	const answer = (enough) => async () => ({
		enough,
		waitUntil: enough ? null : '2026-11-21T08:00:00Z',
		bucket: { bucket: 'data.general', remaining: 3 },
	});
	const yes = await run(nodeTypes.CheckQuota, { items: [ada, bob], sidecar: answer(true) });
	fits('quota-check', yes.requests[0].body);
	assert.equal(yes.requests.length, 1);
	assert.deepEqual(
		yes.outputs[0].map((item) => item.json),
		[ada, bob],
	);
	assert.deepEqual(yes.outputs[1], []);
	const no = await run(nodeTypes.CheckQuota, { items: [ada], sidecar: answer(false) });
	assert.deepEqual(no.outputs[0], []);
	assert.equal(no.outputs[1][0].json.waitUntil, '2026-11-21T08:00:00Z');
});

test('a workflow that is run by hand asks as a person who waits, one that runs by itself does not', async () => {
	const sidecar = async () => ({ enough: true, results: [], notFetched: [] });
	for (const [mode, waits] of [
		['manual', true],
		['trigger', false],
	]) {
		const check = await run(nodeTypes.CheckQuota, { mode, sidecar });
		assert.equal(check.requests[0].body.interactive, waits);
		const fetch = await run(nodeTypes.FetchMetrics, { items: [ada], mode, sidecar });
		assert.equal(fetch.requests[0].body.interactive ?? false, waits);
		fits('fetch-request', fetch.requests[0].body);
	}
	const chosen = await run(nodeTypes.CheckQuota, {
		mode: 'trigger',
		parameters: { options: { interactive: true, userId: ada.userId } },
		sidecar,
	});
	assert.deepEqual(chosen.requests[0].body, {
		bucket: 'data.general',
		units: 300,
		interactive: true,
		userId: ada.userId,
	});
	fits('quota-check', chosen.requests[0].body);
});

test('Check Quota reserves, and sends the items the other way with the time to wait until when it cannot', async () => {
	const parameters = { operation: 'reserve', bucket: 'data.search', units: 5 };
	const held = { reservationId: ada.userId, units: 5, expiresAt: '2026-11-20T18:15:00Z' };
	const yes = await run(nodeTypes.CheckQuota, {
		items: [ada, bob],
		parameters: { ...parameters, options: { leaseMinutes: 30 } },
		sidecar: async () => ({ ...held, bucket: { bucket: 'data.search', remaining: 95 } }),
	});
	assert.equal(yes.requests.length, 1);
	fits('quota-reserve', yes.requests[0].body);
	assert.equal(yes.requests[0].body.leaseMinutes, 30);
	assert.deepEqual(
		yes.outputs[0].map((item) => item.json.quota),
		Array(2).fill({ bucket: 'data.search', remaining: 95, ...held }),
	);
	const no = await run(nodeTypes.CheckQuota, {
		items: [ada],
		parameters,
		sidecar: async (request) =>
			request.method === 'GET'
				? { buckets: [{ bucket: 'data.search', limit: 100 }] }
				: await problem(429, {
						type: '/problems/quota-exhausted',
						detail: 'The bucket data.search is used up.',
						retryAt: '2026-11-21T08:00:00Z',
						resetsAt: '2026-11-21T08:00:00Z',
					})(),
	});
	assert.deepEqual(no.outputs[0], []);
	assert.equal(no.outputs[1][0].json.waitUntil, '2026-11-21T08:00:00Z');
	assert.equal(no.outputs[1][0].json.channelId, ada.channelId);
	assert.deepEqual(no.outputs[1][0].pairedItem, { item: 0 });
	const away = run(nodeTypes.CheckQuota, {
		parameters,
		sidecar: problem(503, { type: '/problems/unavailable', detail: 'Redis is unavailable.' }),
	});
	await assert.rejects(away, NodeApiError);
});

test('Check Quota settles each reservation once, and says which it has not got', async () => {
	const item = (id) => ({ quota: { reservationId: id } });
	const { outputs, requests } = await run(nodeTypes.CheckQuota, {
		items: [item('r1'), item('r1'), item('r2')],
		parameters: { operation: 'settle', unitsSpent: 3 },
		sidecar: async () => ({ unitsSpent: 3, unitsReturned: 2, bucket: { remaining: 97 } }),
	});
	assert.deepEqual(
		requests.map((request) => request.url),
		['/v1/quota/reservations/r1/settle', '/v1/quota/reservations/r2/settle'],
	);
	fits('quota-settle', requests[0].body);
	assert.equal(outputs[0].length, 3);
	assert.deepEqual(outputs[0][1].json.quota, {
		remaining: 97,
		reservationId: 'r1',
		unitsSpent: 3,
		unitsReturned: 2,
	});
	await assert.rejects(
		run(nodeTypes.CheckQuota, { items: [{}], parameters: { operation: 'settle' } }),
		(error) => error instanceof NodeOperationError && /Reservation ID is empty/.test(error.message),
	);
});

test("Check Quota lists each user's share", async () => {
	const share = {
		bucket: 'data.general',
		payer: ada.userId,
		guaranteed: 100,
		used: 7,
		borrowed: 0,
	};
	const { outputs, requests } = await run(nodeTypes.CheckQuota, {
		parameters: { operation: 'shares' },
		sidecar: async () => ({ asOf: 'now', bucket: {}, shares: [share] }),
	});
	assert.deepEqual(requests[0].qs, { bucket: 'data.general' });
	assert.deepEqual(outputs[0][0].json, share);
	const two = await run(nodeTypes.CheckQuota, {
		items: [{ b: 'data.general' }, { b: 'data.search' }, { b: 'data.general' }],
		parameters: { operation: 'shares', dayBucket: '={{ $json.b }}' },
		sidecar: async ({ qs }) => ({ shares: [{ ...share, bucket: qs.bucket }] }),
	});
	assert.equal(two.requests.length, 2);
	assert.deepEqual(
		two.outputs[0].map(({ json, pairedItem }) => [json.bucket, pairedItem.map(({ item }) => item)]),
		[
			['data.general', [0, 2]],
			['data.search', [1]],
		],
	);
});

test('the channels of many users come in one request, paired to their users', async () => {
	const { outputs, requests } = await run(nodeTypes.Ytempire, {
		items: [ada, bob],
		parameters: { resource: 'channel', operation: 'getAll' },
		sidecar: async () => ({ channels: [{ ...bob }, { ...ada }] }),
	});
	assert.equal(requests.length, 1);
	assert.deepEqual(requests[0].qs, { userId: [ada.userId, bob.userId], active: true });
	assert.deepEqual(
		outputs[0].map((item) => item.pairedItem.item),
		[1, 0],
	);
});

test('the mapper offers every kind of row, and its columns are those of the contract', () => {
	const kinds = schema('metric-row').oneOf.map(({ $ref }) => $ref.replace('.json', ''));
	assert.deepEqual(KINDS.map(({ value }) => value).sort(), [...kinds].sort());
	for (const kind of kinds) {
		const { properties, required } = schema(kind);
		const fields = mapperFields(kind);
		assert.deepEqual(
			fields.map(({ id }) => id),
			Object.keys(properties).filter((name) => name !== 'kind'),
		);
		assert.deepEqual(
			fields.filter((field) => field.required).map(({ id }) => id),
			required.filter((name) => name !== 'kind'),
		);
	}
});

const mapped = (kind, columns, more = {}) => ({
	parameters: { source: 'mapped', kind, columns, ...more },
	sidecar: async ({ body }) => ({
		rows: body.rows.map((_, row) => ({ row, outcome: 'stored' })),
	}),
});

test('rows of a sheet fit the contract, whatever way it writes numbers, money and days', async () => {
	const items = [
		{ day: '2026-11-01', views: '1,234', money: '$1,050.5', share: '41.5%', note: 'x' },
		{ day: 46_327, views: 5, money: 0.1 + 0.2, share: 41.5 },
		{ day: '2026-11-03T00:00:00.000Z', views: '', money: '', share: '7' },
	].map((item) => ({ ...item, ...ada }));
	const { requests, outputs } = await run(nodeTypes.StoreMetrics, {
		items,
		...mapped('channel-day', {
			mappingMode: 'defineBelow',
			value: {
				userId: '={{ $json.userId }}',
				channelId: '={{ $json.channelId }}',
				day: '={{ $json.day }}',
				views: '={{ $json.views }}',
				estimatedRevenue: '={{ $json.money }}',
				averageViewPercentage: '={{ $json.share }}',
			},
		}),
	});
	requests[0].body.rows.forEach((row) => fits('channel-day', row));
	const common = { kind: 'channel-day', ...ada };
	assert.deepEqual(requests[0].body.rows, [
		{
			...common,
			day: '2026-11-01',
			views: 1234,
			averageViewPercentage: 41.5,
			estimatedRevenue: '1050.5',
		},
		{
			...common,
			day: '2026-11-01',
			views: 5,
			averageViewPercentage: 41.5,
			estimatedRevenue: '0.3',
		},
		{ ...common, day: '2026-11-03', averageViewPercentage: 7 },
	]);
	assert.equal(outputs[0].length, 3);
});

test('a percent sign divides a share of 0 to 1 by 100, and no percentage', async () => {
	const columns = { mappingMode: 'autoMapInputData', value: null };
	const video = { ...ada, videoId: 'abcdefghijk', day: '2026-11-01' };
	const reach = await run(nodeTypes.StoreMetrics, {
		items: ['0.5%', '4.1 %', '100%', '0.041', 0.041].map((clickThroughRate) => ({
			...video,
			clickThroughRate,
		})),
		...mapped('thumbnail-day', columns),
	});
	const { rows } = reach.requests[0].body;
	rows.forEach((row) => fits('thumbnail-day', row));
	assert.deepEqual(
		rows.map((row) => row.clickThroughRate),
		[0.005, 0.041, 1, 0.041, 0.041],
	);
	const { requests } = await run(nodeTypes.StoreMetrics, {
		items: [{ ...video, averageViewPercentage: '0.5%' }],
		...mapped('video-day', columns),
	});
	assert.equal(requests[0].body.rows[0].averageViewPercentage, 0.5);
});

test("a Date in the column day is stored under YouTube's day of it", async () => {
	const { requests } = await run(nodeTypes.StoreMetrics, {
		// Half past eight in the evening in California.
		items: [new Date('2026-11-03T04:30:00Z'), new Date('never')].map((day) => ({ ...ada, day })),
		...mapped('channel-day', { mappingMode: 'autoMapInputData', value: null }),
	});
	assert.deepEqual(
		requests[0].body.rows.map(({ day }) => day),
		['2026-11-02', 'Invalid Date'],
	);
});

test('columns of the same names are mapped by themselves, and others are left out', async () => {
	const { requests } = await run(nodeTypes.StoreMetrics, {
		items: [
			{
				...ada,
				videoId: 'abcdefghijk',
				title: 2001,
				publishedAt: new Date(0),
				tags: 'a, b,',
				likes: 3,
			},
		],
		...mapped('video', { mappingMode: 'autoMapInputData', value: null }),
	});
	fits('video', requests[0].body.rows[0]);
	assert.deepEqual(requests[0].body.rows[0], {
		kind: 'video',
		...ada,
		videoId: 'abcdefghijk',
		title: '2001',
		publishedAt: '1970-01-01T00:00:00.000Z',
		tags: ['a', 'b'],
	});
});

test('what cannot be read is sent as it is, so that the sidecar can say what is wrong with it', async () => {
	const { requests } = await run(nodeTypes.StoreMetrics, {
		items: [{ ...ada, day: 'yesterday', views: 'many' }],
		...mapped('channel-day', { mappingMode: 'autoMapInputData', value: null }),
	});
	assert.deepEqual(requests[0].body.rows[0], {
		kind: 'channel-day',
		...ada,
		day: 'yesterday',
		views: 'many',
	});
});

test('a dry run asks for one, and says so in its summary', async () => {
	const { requests, outputs } = await run(nodeTypes.StoreMetrics, {
		items: [{ kind: 'channel-day', ...ada }],
		parameters: { dryRun: true, output: 'summary' },
		sidecar: async () => ({ rows: [{ row: 0, outcome: 'updated' }] }),
	});
	fits('store-request', requests[0].body);
	assert.equal(requests[0].body.dryRun, true);
	assert.deepEqual(outputs[0][0].json, {
		created: 0,
		updated: 1,
		unchanged: 0,
		rejected: 0,
		dryRun: true,
	});
});

test('a user ID in capitals names the same user', async () => {
	const { requests, outputs } = await run(nodeTypes.FetchMetrics, {
		items: [{ userId: ada.userId.toUpperCase() }, ada],
		parameters: { channels: 'all', reports: ['channel-day'] },
		sidecar: async ({ url }) =>
			url === '/v1/channels'
				? { channels: [ada] }
				: { results: [{ request: 0, rows: [{ kind: 'channel-day' }] }], notFetched: [] },
	});
	assert.deepEqual(requests[0].qs.userId, [ada.userId]);
	assert.equal(requests.length, 2);
	assert.equal(requests[1].body.requests[0].userId, ada.userId);
	assert.equal(outputs[0][0].pairedItem.item, 0);
});

test('all active channels of the users of the input are looked up at once and fetched', async () => {
	const second = { ...ada, channelId: 'UCdddddddddddddddddddddd' };
	const { requests, outputs } = await run(nodeTypes.FetchMetrics, {
		items: [bob, ada, ada],
		parameters: { channels: 'all', reports: ['channel-day'] },
		sidecar: async ({ url }) =>
			url === '/v1/channels'
				? { channels: [ada, second, bob] }
				: {
						results: [{ request: 2, rows: [{ kind: 'channel-day' }] }],
						notFetched: [],
					},
	});
	assert.deepEqual(requests[0].qs, { userId: [bob.userId, ada.userId], active: true });
	assert.deepEqual(
		requests[1].body.requests.map((each) => each.channelId),
		[bob.channelId, ada.channelId, second.channelId],
	);
	fits('fetch-request', requests[1].body);
	assert.deepEqual(
		outputs[0].map((item) => item.pairedItem.item),
		[1],
	);
});

test('named periods are complete days of YouTube, over months, years and clock changes', () => {
	const days = (period, at, delay = 3) =>
		Object.values(daysOf(period, new Date(at), delay)).join('..');
	// Seven in the morning in London is still yesterday in California.
	assert.equal(youTubeDay(new Date('2026-11-23T07:59:59Z')), '2026-11-22');
	assert.equal(youTubeDay(new Date('2026-11-23T08:00:00Z')), '2026-11-23');
	assert.equal(youTubeDay(new Date('2026-07-01T07:00:00Z')), '2026-07-01');
	const at = '2026-03-09T20:00:00Z';
	assert.equal(days('latestDay', at), '2026-03-06..2026-03-06');
	assert.equal(days('last7', at), '2026-02-28..2026-03-06');
	assert.equal(days('last7', at, 4), '2026-02-27..2026-03-05');
	assert.equal(days('last28', at), '2026-02-07..2026-03-06');
	assert.equal(days('last30', at), '2026-02-05..2026-03-06');
	assert.equal(days('last90', at), '2025-12-07..2026-03-06');
	assert.equal(days('last365', at), '2025-03-07..2026-03-06');
	assert.equal(days('monthToDate', at), '2026-03-01..2026-03-06');
	assert.equal(days('yearToDate', at), '2026-01-01..2026-03-06');
	assert.equal(days('lastMonth', at), '2026-02-01..2026-02-28');
	// The last day of February is complete on 3 March.
	assert.equal(days('lastMonth', '2026-03-02T20:00:00Z'), '2026-01-01..2026-01-31');
	assert.equal(days('lastMonth', '2026-03-03T20:00:00Z'), '2026-02-01..2026-02-28');
	assert.equal(days('monthToDate', '2027-01-01T20:00:00Z'), '2026-12-01..2026-12-29');
	assert.equal(days('yearToDate', '2027-01-01T20:00:00Z'), '2026-01-01..2026-12-29');
	assert.equal(days('lastMonth', '2028-04-03T20:00:00Z'), '2028-03-01..2028-03-31');
	assert.equal(days('lastMonth', '2028-03-31T20:00:00Z'), '2028-02-01..2028-02-29');
	for (const { value } of PERIODS) assert.match(days(value, at), /^[\d-]{10}\.\.[\d-]{10}$/, value);
});

test("YouTube's day does not depend on how a locale prints dates", (t) => {
	t.mock.getter(Intl.DateTimeFormat.prototype, 'format', () => () => '22.11.2026');
	assert.equal(youTubeDay(new Date('2026-11-23T07:59:59Z')), '2026-11-22');
});

test('the last week runs from Monday to a Sunday that is complete', () => {
	const week = (at) => Object.values(daysOf('lastWeek', new Date(at), 3)).join('..');
	// 2026-11-22 is a Sunday, and complete on Wednesday the 25th.
	assert.equal(week('2026-11-24T20:00:00Z'), '2026-11-09..2026-11-15');
	assert.equal(week('2026-11-25T20:00:00Z'), '2026-11-16..2026-11-22');
	assert.equal(week('2026-12-01T20:00:00Z'), '2026-11-16..2026-11-22');
});

test('a named period is sent as its days', async () => {
	const { requests } = await run(nodeTypes.FetchMetrics, {
		items: [ada],
		parameters: { period: 'last7', reports: ['channel-day'] },
		sidecar: async () => ({ results: [], notFetched: [] }),
	});
	fits('fetch-request', requests[0].body);
	assert.equal(requests[0].body.onlyDue, undefined);
	const [{ startDate, endDate }] = requests[0].body.requests;
	assert.equal((Date.parse(endDate) - Date.parse(startDate)) / 86_400_000, 6);
});

test('the channels of 500 users are listed by addresses that any server takes', async () => {
	const items = Array.from({ length: 500 }, (_, n) => ({
		userId: `3f1c9e6a-4f0e-4b8e-9d3f-${String(n).padStart(12, '0')}`,
	}));
	const asked = [];
	const { outputs } = await run(nodeTypes.FetchMetrics, {
		items,
		parameters: { channels: 'all', userId: '={{ $json.userId }}', reports: ['channel-day'] },
		sidecar: async ({ url, qs }) => {
			if (url !== '/v1/channels') return { results: [], notFetched: [] };
			const address = qs.userId.map((id) => `userId=${id}`).join('&');
			assert.ok(address.length < 8000 - 1000, `an address of ${address.length} characters`);
			asked.push(...qs.userId);
			return { channels: [] };
		},
	});
	assert.deepEqual(asked.sort(), items.map((item) => item.userId).sort());
	assert.ok(outputs);
});

test('a refusal by a proxy before the sidecar is explained', async () => {
	for (const [status, words] of [
		[413, /body as too large/],
		[414, /address as too long/],
		[431, /headers as too large/],
	]) {
		const failed = await run(nodeTypes.FetchMetrics, {
			items: [ada],
			parameters: { reports: ['channel-day'] },
			sidecar: async () => {
				throw { message: `status ${status}`, httpCode: String(status), response: { status } };
			},
		}).then(
			() => assert.fail('nothing was refused'),
			(error) => error,
		);
		assert.match(failed.description, words);
		assert.doesNotMatch(failed.description, /Is it running/);
	}
});

test('the lists of users and channels can be searched, page by page', async () => {
	const user = (n, isActive = true) => ({
		userId: `u${n}`,
		displayName: `Name ${n}`,
		email: `${n}@example.com`,
		isActive,
	});
	const pages = {
		undefined: { users: Array.from({ length: 500 }, (_, n) => user(n)), next: 'u499' },
		u499: { users: [user(777), user(778, false)], next: null },
	};
	const context = (answer, chosen) => ({
		getNode: () => ({ name: 'Fetch' }),
		getCredentials: async () => ({ baseUrl: 'http://sidecar.test', token: 'secret' }),
		getWorkflow: () => ({ id: 'wf1' }),
		getCurrentNodeParameter: () => chosen,
		helpers: { httpRequestWithAuthentication: async (credential, options) => answer(options) },
	});
	const { searchUsers, searchChannels } = nodeTypes.FetchMetrics.methods.listSearch;
	const ofUsers = context(({ qs }) => pages[qs.after]);
	const first = await searchUsers.call(ofUsers);
	assert.equal(first.paginationToken, 'u499');
	assert.deepEqual(first.results[0], { name: 'Name 0 (0@example.com)', value: 'u0' });
	const rest = await searchUsers.call(ofUsers, undefined, 'u499');
	assert.equal(rest.paginationToken, undefined);
	const found = await searchUsers.call(ofUsers, 'NAME 77');
	assert.deepEqual(
		found.results.map((each) => each.name),
		['Name 77', 'Name 770', 'Name 771']
			.slice(0, 1)
			.map((name) => `${name} (77@example.com)`)
			.concat(['Name 777 (777@example.com)', 'Name 778 (778@example.com), not active']),
	);
	const ofChannels = context(({ qs }) => {
		assert.deepEqual(qs.userId, [ada.userId]);
		return {
			channels: [
				{ ...ada, channelName: 'Chess', isActive: true, connection: 'connected' },
				{ ...bob, channelName: 'Cooking', isActive: false, connection: 'reconnect-needed' },
			],
		};
	}, ada.userId);
	assert.deepEqual((await searchChannels.call(ofChannels, 'cook')).results, [
		{ name: 'Cooking, not active, reconnect-needed', value: bob.channelId },
	]);
	await assert.rejects(
		searchChannels.call(context(() => ({}), '={{ $json.userId }}')),
		/Choose the user first/,
	);
});

test('a user is exported as a file, and erased only with the email typed', async () => {
	const exported = await run(nodeTypes.Ytempire, {
		items: [ada],
		parameters: { resource: 'user', operation: 'export' },
		sidecar: async () => Buffer.from('PK'),
	});
	assert.equal(exported.requests[0].encoding, 'arraybuffer');
	assert.deepEqual(exported.outputs[0][0].binary.data, {
		data: 'PK',
		fileName: `ytempire-${ada.userId}.zip`,
		mimeType: 'application/zip',
	});
	const erase = { resource: 'user', operation: 'erase' };
	await assert.rejects(
		run(nodeTypes.Ytempire, { items: [ada], parameters: erase }),
		/Email, to Confirm is empty/,
	);
	const erased = await run(nodeTypes.Ytempire, {
		items: [ada],
		parameters: { ...erase, confirm: 'ada@example.com' },
		sidecar: async () => ({ userId: ada.userId, n8nExecutions: 'pending' }),
	});
	assert.equal(erased.requests[0].method, 'DELETE');
	assert.deepEqual(erased.requests[0].qs, { confirm: 'ada@example.com' });
	assert.deepEqual(erased.outputs[0][0].json, {
		erased: true,
		email: 'ada@example.com',
		n8nExecutions: 'pending',
	});
	const bytes = Buffer.from(
		JSON.stringify({
			type: '/problems/unknown-user',
			title: 'No such user',
			status: 404,
			detail: 'There is no user x.',
		}),
	);
	await assert.rejects(
		run(nodeTypes.Ytempire, {
			items: [ada],
			parameters: { resource: 'user', operation: 'export' },
			sidecar: async () => {
				throw Object.assign(new Error('404'), { response: { data: bytes } });
			},
		}),
		/There is no user x/,
	);
});

test('a database login is rotated without a gap, and its password shown once', async () => {
	const resource = { resource: 'databaseLogin' };
	const login = `/v1/users/${ada.userId}/database-login`;
	const calls = ({ requests }) =>
		requests.map(({ method, url }) => `${method} ${url.replace('http://sidecar.test', '')}`);
	const rotated = await run(nodeTypes.Ytempire, {
		items: [ada],
		parameters: { ...resource, operation: 'rotate', login: 'tenant_old' },
		sidecar: async ({ method }) =>
			method === 'POST' ? { login: 'tenant_new', password: 'shown once' } : '',
	});
	assert.deepEqual(calls(rotated), [`POST ${login}`, `DELETE ${login}s/tenant_old`]);
	assert.deepEqual(rotated.outputs[0][0].json, {
		userId: ada.userId,
		login: 'tenant_new',
		password: 'shown once',
		revokedLogin: 'tenant_old',
	});
	const listed = await run(nodeTypes.Ytempire, {
		items: [ada],
		parameters: { ...resource, operation: 'getAll' },
		sidecar: async () => ({ logins: [{ login: 'tenant_a' }, { login: 'tenant_b' }] }),
	});
	assert.deepEqual(
		listed.outputs[0].map((item) => item.json),
		['tenant_a', 'tenant_b'].map((each) => ({ userId: ada.userId, login: each })),
	);
	const revoked = await run(nodeTypes.Ytempire, {
		items: [ada],
		parameters: { ...resource, operation: 'revoke', login: 'tenant_a' },
		sidecar: async () => '',
	});
	assert.deepEqual(calls(revoked), [`DELETE ${login}s/tenant_a`]);
	assert.deepEqual(revoked.outputs[0][0].json, {
		userId: ada.userId,
		login: 'tenant_a',
		revoked: true,
	});
});

test('an old database login stays when no new one can be made', async () => {
	const methods = [];
	const refused = await run(nodeTypes.Ytempire, {
		items: [ada],
		parameters: { resource: 'databaseLogin', operation: 'rotate', login: 'tenant_old' },
		sidecar: async ({ method }) => {
			methods.push(method);
			throw Object.assign(new Error('409'), {
				response: {
					data: {
						type: '/problems/too-many-database-logins',
						title: 'The user has as many database logins as are allowed',
						status: 409,
						detail: 'The user has as many database logins as are allowed.',
					},
				},
			});
		},
	}).then(
		() => assert.fail('nothing was refused'),
		(error) => error,
	);
	assert.deepEqual(methods, ['POST']);
	assert.match(refused.description, /Revoke a database login/);
});

test("a user's notices are listed to the last page", async () => {
	const { outputs, requests } = await run(nodeTypes.Ytempire, {
		items: [ada],
		parameters: { resource: 'user', operation: 'getNotices' },
		sidecar: async ({ qs }) =>
			qs.after === undefined
				? { notices: [{ kind: 'reconnect-needed' }], next: 7 }
				: { notices: [{ kind: 'erased' }], next: null },
	});
	assert.equal(requests[1].qs.after, 7);
	assert.deepEqual(
		outputs[0].map((item) => item.json.kind),
		['reconnect-needed', 'erased'],
	);
});

test('incidents are asked of all users or of one, by state', async () => {
	const sidecar = async () => ({ incidents: [{ check: 'freshness' }], next: null });
	const ask = async (parameters) =>
		(
			await run(nodeTypes.Ytempire, {
				items: [ada],
				parameters: { resource: 'quality', operation: 'getIncidents', ...parameters },
				sidecar,
			})
		).requests[0];
	const open = await ask({});
	assert.match(open.url, /\/v1\/quality\/incidents$/);
	assert.deepEqual(open.qs, { state: 'open', limit: 500 });
	const closed = await ask({
		whose: 'single',
		state: 'closed',
		days: 3,
		returnAll: false,
		limit: 5,
	});
	assert.match(closed.url, /\/v1\/users\/3f1c9e6a-[0-9a-f-]+\/quality\/incidents$/);
	assert.deepEqual(closed.qs, { state: 'closed', days: 3, limit: 5 });
	assert.deepEqual((await ask({ state: 'any' })).qs, { days: 7, limit: 500 });
});

test('incidents and results are listed to the last page', async () => {
	for (const [operation, list] of [
		['getIncidents', 'incidents'],
		['getResults', 'results'],
	]) {
		const { requests, outputs } = await run(nodeTypes.Ytempire, {
			items: [ada],
			parameters: { resource: 'quality', operation, returnAll: true },
			sidecar: async ({ qs }) =>
				qs.after === 'p2'
					? { [list]: [{ check: 'views' }], next: null }
					: { [list]: [{ check: 'freshness' }], next: 'p2' },
		});
		assert.deepEqual(
			requests.map(({ qs }) => qs.limit),
			[500, 500],
			operation,
		);
		assert.equal(outputs[0].length, 2, operation);
	}
});

test('users are listed to the last page, or to the limit', async () => {
	const pages = {
		undefined: { users: [{ email: 'a' }, { email: 'b' }], next: 'p2' },
		p2: { users: [{ email: 'c' }], next: null },
	};
	const sidecar = async ({ qs }) => pages[qs.after];
	const all = await run(nodeTypes.Ytempire, { sidecar });
	assert.deepEqual(
		all.outputs[0].map((item) => item.json.email),
		['a', 'b', 'c'],
	);
	const some = await run(nodeTypes.Ytempire, {
		parameters: { returnAll: false, limit: 2 },
		sidecar,
	});
	assert.equal(some.outputs[0].length, 2);
	assert.equal(some.requests[0].qs.limit, 2);
});

test('what the YTEMPIRE node sends fits the contract, for every operation with a body', async () => {
	const checks = [
		[
			'user-create',
			{
				resource: 'user',
				operation: 'create',
				email: 'a@example.com',
				displayName: 'A',
				fields: { subscriptionTier: 'growth' },
			},
		],
		['user-update', { resource: 'user', operation: 'update', fields: { isActive: false } }],
		['user-update', { resource: 'user', operation: 'deactivate' }],
		[
			'channel-create',
			{ resource: 'channel', operation: 'create', channelName: 'A', fields: { niche: 'chess' } },
		],
		['channel-update', { resource: 'channel', operation: 'update', fields: { channelName: 'B' } }],
		['channel-update', { resource: 'channel', operation: 'deactivate' }],
	];
	for (const [name, parameters] of checks) {
		const { requests } = await run(nodeTypes.Ytempire, {
			items: [ada],
			parameters,
			sidecar: async () => ({}),
		});
		fits(name, requests[0].body);
	}
});

test("the sidecar's problem becomes a NodeApiError that says what to do, and never shows the token", async () => {
	const failing = run(nodeTypes.CheckQuota, {
		sidecar: problem(429, {
			type: '/problems/quota-exhausted',
			title: 'The quota is used up',
			detail: 'Wait.',
			retryAt: '2026-11-21T08:00:00Z',
		}),
	});
	await assert.rejects(failing, (error) => {
		assert.ok(error instanceof NodeApiError);
		assert.equal(error.httpCode, '429');
		assert.equal(error.message, 'The quota is used up: Wait.');
		assert.match(error.description, /Try again at 2026-11-21T08:00:00Z/);
		assert.doesNotMatch(JSON.stringify(error), /secret/);
		return true;
	});
});

test('no answer at all is reported as such', async () => {
	const failing = run(nodeTypes.CheckQuota, {
		sidecar: async () => {
			throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
		},
	});
	await assert.rejects(
		failing,
		(error) => error instanceof NodeApiError && /sidecar/.test(error.description),
	);
});

test('an error says what to do next, and says to n8n whether waiting helps and until when', async () => {
	const retryAt = '2026-11-20T18:15:00Z';
	for (const [status, type, failure, cure] of [
		[
			429,
			'quota-exhausted',
			{ cause: 'quota-exhausted', resetsAtEpochMs: Date.parse(retryAt) },
			/Check Quota/,
		],
		[429, 'busy', { cause: 'rate-limited', resetsAtEpochMs: Date.parse(retryAt) }, /more channels/],
		[
			429,
			'too-many-events',
			{ cause: 'rate-limited', resetsAtEpochMs: Date.parse(retryAt) },
			/Try again at/,
		],
		[
			429,
			'too-many-recipients',
			{ cause: 'rate-limited', resetsAtEpochMs: Date.parse(retryAt) },
			/Try again at/,
		],
		[
			503,
			'unavailable',
			{ cause: 'temporarily-unavailable', resetsAtEpochMs: Date.parse(retryAt) },
			/Try again at/,
		],
		[401, 'unauthenticated', { cause: 'credential-invalid' }, /credential/],
		[404, 'unknown-channel', { cause: 'configuration-invalid' }, /from the list/],
	]) {
		const body = { type: `/problems/${type}`, detail: 'd', ...(status < 429 ? {} : { retryAt }) };
		await assert.rejects(
			run(nodeTypes.FetchMetrics, { items: [ada], sidecar: problem(status, body) }),
			(error) => {
				assert.ok(error instanceof NodeApiError);
				assert.deepEqual(error.failure, failure);
				assert.match(error.description, cure);
				return true;
			},
		);
	}
});

test('what was not fetched and what was rejected is shown above the output, and chunks are logged', async () => {
	const missed = (reason, request) => ({
		request,
		...ada,
		report: 'channel-day',
		reason,
		message: 'm',
		retryAt: null,
	});
	const fetched = await run(nodeTypes.FetchMetrics, {
		items: [ada],
		parameters: { reports: ['channel-day', 'video-day', 'recent-uploads'] },
		sidecar: async () => ({
			results: [],
			notFetched: [missed('busy', 0), missed('busy', 1), missed('not-connected', 2)],
		}),
	});
	assert.match(
		fetched.hints[0].message,
		/^3 of 3 requests were not fetched \(busy: 2, not-connected: 1\)/,
	);
	assert.match(fetched.logged[0], /3 of 3/);
	const stored = await run(nodeTypes.StoreMetrics, {
		items: Array.from({ length: 5001 }, () => ada),
		sidecar: async ({ body }) => ({
			rows: body.rows.map((_, row) => ({ row, outcome: row === 0 ? 'rejected' : 'stored' })),
		}),
	});
	assert.deepEqual(
		stored.logged.map((line) =>
			line
				.match(/(\d+) of (\d+)/)
				.slice(1)
				.map(Number),
		),
		[
			[5000, 5001],
			[5001, 5001],
		],
	);
	assert.match(stored.hints[0].message, /^2 of 5001 rows were rejected/);
});

const batch = (owner, n) => ({
	batchId: `8d8f6c0e-0d0f-4c9e-a1d7-5d8b2f7a9c${n}`,
	...owner,
	report: 'channel-day',
	kinds: ['channel-day'],
	rowCount: 28,
	sizeBytes: 9000,
	fetchedAt: '2026-11-20T18:00:00Z',
	expiresAt: '2026-11-20T19:00:00Z',
});

test('with References, Fetch Metrics emits a paired item for each batch and no row', async () => {
	const answer = {
		results: [
			{
				request: 1,
				reference: batch(bob, 11),
				fetchedAt: '2026-11-20T18:00:00Z',
				fromCache: false,
			},
			{ request: 0, fetchedAt: '2026-11-20T18:00:00Z', fromCache: false },
		],
		notFetched: [],
		notDue: [],
		unitsSpent: {},
	};
	fits('batch-reference', answer.results[0].reference);
	const { outputs, requests } = await run(nodeTypes.FetchMetrics, {
		items: [ada, bob],
		parameters: { reports: ['channel-day'], output: 'references' },
		sidecar: async () => answer,
	});
	fits('fetch-request', requests[0].body);
	assert.equal(requests[0].body.output, 'references');
	assert.deepEqual(outputs[0], [{ json: batch(bob, 11), pairedItem: { item: 1 } }]);
});

test('Store Metrics takes rows and references together and adds up their counts', async () => {
	const none = { stored: 0, updated: 0, unchanged: 0, rejected: 0 };
	const { outputs, requests, hints } = await run(nodeTypes.StoreMetrics, {
		items: [batch(ada, 11), { kind: 'channel-day', ...ada }, batch(ada, 12), batch(bob, 13)],
		parameters: { output: 'summary' },
		sidecar: async (request) => ({
			...none,
			dryRun: false,
			rows: [{ row: 0, outcome: 'stored' }],
			references: request.body.references.map((each, reference) => ({
				reference,
				...each,
				...none,
				...[
					{ outcome: 'stored', stored: 20, updated: 5, unchanged: 3 },
					{ outcome: 'already-stored' },
					{ outcome: 'unknown-batch', message: 'Fetch again.' },
				][reference],
			})),
		}),
	});
	fits('store-request', requests[0].body);
	assert.equal(requests[0].headers.Prefer, 'wait=120');
	assert.deepEqual(requests[0].body.references[2], {
		userId: bob.userId,
		batchId: batch(bob, 13).batchId,
	});
	assert.deepEqual(outputs[0][0].json, {
		created: 21,
		updated: 5,
		unchanged: 3,
		rejected: 0,
		alreadyStored: 1,
		unknownBatches: 1,
		unavailable: 0,
		dryRun: false,
	});
	assert.deepEqual(
		outputs[1].map(({ json, pairedItem }) => [json.outcome, pairedItem.item]),
		[['unknown-batch', 3]],
	);
	assert.match(hints[0].message, /1 of 4 items .* unknown-batch/);
});
