// Mistakes that people make in the panels, and what they read then: docs/nodes/messages.md, held against the nodes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { nodeTypes, run, youTubeDay } from './engine.mjs';

const require = createRequire(import.meta.url);
const { labelOf } = require('../dist/nodes/shared/labels.js');
const here = dirname(fileURLToPath(import.meta.url));
const schema = (name) =>
	JSON.parse(readFileSync(join(here, '../../schemas', `${name}.json`), 'utf8'));
const ada = {
	userId: '3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d',
	channelId: 'UCaaaaaaaaaaaaaaaaaaaaaa',
};
const nothing = { results: [], notFetched: [], notDue: [], unitsSpent: {} };
const asks = async () => assert.fail('something was asked');
const problem = (status, type, title, detail, faults) => async () => {
	const data = { type: `/problems/${type}`, status, title, detail, ...(faults ? { faults } : {}) };
	throw Object.assign(new Error(String(status)), { httpCode: String(status), response: { data } });
};
const invalid = (detail, ...faults) =>
	problem(400, 'invalid-request', 'The request does not fit the contract', detail, faults);

/** The error of a run that fails. */
const errorOf = async (node, parameters, { items = [ada], sidecar = asks, ...more } = {}) =>
	await run(nodeTypes[node], { items, parameters, sidecar, ...more }).then(
		() => assert.fail(`nothing was refused: ${JSON.stringify(parameters)}`),
		(error) => error,
	);
const error = async (...call) => (await errorOf(...call)).message;

/** The first hint of a run that succeeds. */
const hint = async (node, parameters, { items = [ada], ...more } = {}) =>
	(await run(nodeTypes[node], { items, parameters, ...more })).hints[0]?.message ?? 'no hint';

const fetch = (parameters, more) => error('FetchMetrics', parameters, more);
const missed = (reason, message) => async () => ({
	...nothing,
	notFetched: [{ request: 0, ...ada, report: 'channel-day', reason, message }],
});
const custom = { period: 'custom', reports: ['channel-day'], startDate: '2026-10-01' };
const stored = { resource: 'metrics', operation: 'getAll' };
const analytics = { resource: 'analytics', operation: 'getAll', view: 'days' };
const full = (limit) => async () => ({
	enough: false,
	available: limit,
	waitUntil: '2026-11-21T08:00:00Z',
	bucket: { bucket: 'analytics.day', limit },
});

/** What goes wrong, and the run that says so. */
const MISTAKES = {
	'A handle where an ID goes': () => fetch({}, { items: [{ ...ada, channelId: '@woodwork' }] }),
	'An email where an ID goes': () => fetch({}, { items: [{ ...ada, userId: 'ada@example.com' }] }),
	'A field that this item does not have': () => fetch({}, { items: [{ userId: ada.userId }] }),
	'A title in Video IDs': () =>
		fetch({ period: 'latest', reports: ['video-details'], options: { videoIds: 'Sourdough' } }),
	'Retention without a video': () => fetch({ operation: 'retention', period: 'last28' }),
	'Top Videos with New and Changed': () => fetch({ reports: ['top-videos'] }),
	'Video IDs with New and Changed': () => fetch({ options: { videoIds: 'dQw4w9WgXcQ' } }),
	'Ad Types by Day in a Sync of New and Changed': () =>
		error('Ytempire', { resource: 'metrics', operation: 'sync', syncReports: ['ad-type-day'] }),
	'Top Videos as References': () =>
		fetch({ period: 'last7', reports: ['top-videos'], output: 'references' }),
	'No report chosen': () => fetch({ period: 'last7', reports: [] }),
	'Revenue in euros without its currency': () =>
		fetch({ period: 'last7', reports: ['revenue-currency-day'] }),
	'A day as it is written in Germany': () => fetch({ ...custom, endDate: '5.10.2026' }),
	'The first day after the last': () =>
		fetch({ ...custom, startDate: '2026-10-09', endDate: '2026-10-05' }),
	'A day in the future': () => fetch({ ...custom, endDate: '2999-01-01' }),
	'More days than a report takes': () =>
		fetch({ ...custom, startDate: '2024-01-01', endDate: '2025-06-30' }),
	'A user who does not exist': () =>
		error(
			'Ytempire',
			{ resource: 'user', operation: 'get' },
			{ sidecar: problem(404, 'unknown-user', 'No such user', 'There is no user of this ID.') },
		),
	'An email that nobody has': () =>
		error(
			'Ytempire',
			{ resource: 'user', operation: 'get', userId: 'eve@example.com' },
			{ sidecar: async () => ({ users: [] }) },
		),
	'A time zone that there is not': () =>
		error(
			'Ytempire',
			{ resource: 'user', operation: 'update', fields: { timeZone: 'Mars' } },
			{
				sidecar: invalid("There is no time zone 'Mars'.", {
					pointer: '/timeZone',
					message: 'must be an IANA time zone such as Europe/Berlin',
				}),
			},
		),
	'A value that its field does not take': () =>
		error(
			'Ytempire',
			{ resource: 'user', operation: 'update', fields: { targetRevenueUsd: -1 } },
			{
				sidecar: invalid('The body does not fit the schema user-update: /targetRevenueUsd: x.', {
					pointer: '/targetRevenueUsd',
					message: 'must be greater than 0',
				}),
			},
		),
	'More units than a bucket has': () =>
		error('CheckQuota', { bucket: 'analytics.day', units: 200_000 }, { sidecar: full(100_000) }),
	'A fetch that no quota suffices for': () =>
		error(
			'CheckQuota',
			{ operation: 'estimate', fetchReports: ['video-day'], channelCount: 5000, days: 90 },
			{ sidecar: full(100_000) },
		),
	'A number that is none': () =>
		error('StoreMetrics', {}, { items: [{ kind: 'channel-day', ...ada, views: NaN }] }),
	'A row that is text': () =>
		error('StoreMetrics', { row: '={{ $json.row }}' }, { items: [{ row: 'views: 3' }] }),
	'A wrong port in Base URL': () =>
		error(
			'CheckQuota',
			{ operation: 'status' },
			{
				baseUrl: 'http://sidecar:80',
				sidecar: async () => {
					throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
				},
			},
		),
	'Another server in Base URL': () =>
		error(
			'CheckQuota',
			{ operation: 'status' },
			{ baseUrl: 'http://n8n:5678', sidecar: async () => '<html></html>' },
		),
	'A user without channels': () =>
		hint(
			'FetchMetrics',
			{ channels: 'all', reports: ['channel-day'] },
			{ sidecar: async ({ url }) => (url === '/v1/channels' ? { channels: [] } : ada) },
		),
	'A video that was deleted': () =>
		hint(
			'FetchMetrics',
			{ period: 'latest', reports: ['video-details'], options: { videoIds: 'dQw4w9WgXcQ' } },
			{ sidecar: async () => ({ ...nothing, results: [{ request: 0, rows: [] }] }) },
		),
	'A video of another channel': () =>
		hint(
			'FetchMetrics',
			{ period: 'latest', reports: ['video-details'], options: { videoIds: 'dQw4w9WgXcQ' } },
			{
				sidecar: missed(
					'video-of-another-channel',
					'YouTube names another channel for video dQw4w9WgXcQ. Fetch a video under its own channel.',
				),
			},
		),
	'Nothing that is new': () =>
		hint(
			'FetchMetrics',
			{ reports: ['channel-day'] },
			{
				sidecar: async () => ({
					...nothing,
					notDue: [{ request: 0, nextDueAt: '2026-11-20T18:00:00Z', reason: 'not-due' }],
				}),
			},
		),
	'Days of which Google has no numbers': () =>
		hint(
			'FetchMetrics',
			{ ...custom, endDate: '2026-10-02' },
			{ sidecar: async () => ({ ...nothing, results: [{ request: 0, rows: [] }] }) },
		),
	'Stored rows of a kind that was never synced': () =>
		hint('Ytempire', stored, { sidecar: async () => ({ rows: [], next: null }) }),
	'A search that fits nobody': () =>
		hint(
			'Ytempire',
			{ resource: 'user', operation: 'getAll', search: 'zzz' },
			{ sidecar: async () => ({ users: [], next: null }) },
		),
	'A Sync that missed something': () =>
		hint(
			'Ytempire',
			{ resource: 'metrics', operation: 'sync' },
			{
				sidecar: async () => ({
					channels: [],
					notFetched: [
						{ ...ada, report: 'channel-day', reason: 'not-connected', message: 'Send a link' },
					],
				}),
			},
		),
};

/** The messages of the page, by mistake. */
const page = () =>
	Object.fromEntries(
		[
			...readFileSync(join(here, '../../docs/nodes/messages.md'), 'utf8').matchAll(
				/^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$/gm,
			),
		]
			.map(([, mistake, says]) => [mistake, says])
			.slice(1),
	);

test('the page of messages has every mistake, and no other', () => {
	assert.deepEqual(Object.keys(page()), Object.keys(MISTAKES));
});

for (const [mistake, says] of Object.entries(MISTAKES)) {
	test(`${mistake}: the message is that of the page`, async () => {
		const written = page()[mistake];
		const words = written.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/ …(?= |$)/g, ' .+');
		assert.match(await says(), new RegExp(`^${words}$`));
	});
}

test('no message has words of the contract', async () => {
	for (const [mistake, says] of Object.entries(MISTAKES)) {
		assert.doesNotMatch(
			await says(),
			/contract|schema|regex|pattern|query parameter|undefined|\[object|(^|\s)[/?][a-z]+[A-Z]/,
			mistake,
		);
	}
});

test('a field is refused by its label, and the others that are wrong are named below', async () => {
	const sidecar = invalid(
		'The body does not fit the schema user-create: /email: x (and 1 more).',
		{
			pointer: '/email',
			message: 'does not match the regex pattern ^[^@]+@[^@]+$',
		},
		{ pointer: '/displayName', message: 'must be at most 200 characters long' },
	);
	const { message, description } = await errorOf(
		'Ytempire',
		{ resource: 'user', operation: 'create', email: 'ada', displayName: 'Ada' },
		{ sidecar },
	);
	assert.equal(message, 'Email: does not have the expected form');
	assert.equal(
		description,
		'Name: must be at most 200 characters long\nCorrect the field, or the expression in it.',
	);
});

test('a field of a list or of a part is named as the panel does', async () => {
	for (const [pointer, label] of [
		['/requests/0/endDate', 'Last Day'],
		['/recipients/1', 'Recipients'],
		['/daily/time', 'Daily Time'],
		['/users/0/channelIds/3', 'Channels'],
		['?from', 'First Day'],
		['', ''],
	]) {
		const sidecar = invalid('The body does not fit the schema x: y.', {
			pointer,
			message: 'must be right',
		});
		assert.equal(
			await error('Ytempire', { resource: 'user', operation: 'get' }, { sidecar }),
			`${label && `${label}: `}must be right`,
		);
	}
});

test('every field that a node sends is named as the panel does', () => {
	const labels = new Set();
	const collect = (property) => {
		labels.add(property.displayName);
		for (const each of property.options ?? []) if (each.displayName) collect(each);
	};
	for (const { description } of Object.values(nodeTypes)) description.properties.forEach(collect);
	const item = ({ properties }, name) => Object.keys(properties[name].items.properties);
	let found = 0;
	for (const name of [
		...['user-create', 'user-update', 'channel-create', 'channel-update', 'backfill-start'],
		...['quota-check', 'quota-reserve', 'quota-settle', 'sync-request', 'fetch-request'],
		...['subscription-create', 'dashboard-settings-update', 'cost-booking'],
	]) {
		for (const field of [
			...Object.keys(schema(name).properties),
			...(name === 'fetch-request' ? item(schema(name), 'requests') : []),
		]) {
			// Lists of what items say, and what no field of a panel sets.
			if (/^(rows|users|requests|onlyDue|report)$/.test(field)) continue;
			assert.ok(labels.has(labelOf(field)), `${name}: ${field} is ${labelOf(field)}`);
			found++;
		}
	}
	assert.ok(found >= 40, String(found));
});

test('channels, videos and users are understood or explained wherever they are typed', async () => {
	const address = `https://www.youtube.com/channel/${ada.channelId}`;
	const rows = await run(nodeTypes.Ytempire, {
		items: [ada],
		parameters: { ...stored, onlyChannelId: { mode: 'id', value: address } },
		sidecar: async () => ({ rows: [], next: null }),
	});
	assert.equal(rows.requests[0].qs.channelId, ada.channelId);
	const costs = await run(nodeTypes.Ytempire, {
		items: [ada],
		parameters: {
			resource: 'cost',
			operation: 'getAll',
			filters: { channelId: address, videoId: 'https://youtu.be/dQw4w9WgXcQ' },
		},
		sidecar: async () => ({ costs: [], next: null }),
	});
	assert.deepEqual(
		[costs.requests[0].qs.channelId, costs.requests[0].qs.videoId],
		[ada.channelId, 'dQw4w9WgXcQ'],
	);
	const channel = /^'@woodwork' is not a channel ID \(UC…\)\. Get Many of channels has the ID/;
	for (const parameters of [
		{ ...stored, onlyChannelId: '@woodwork' },
		{ ...analytics, options: { channelIds: `${ada.channelId}, @woodwork` } },
		{ resource: 'cost', operation: 'getAll', filters: { channelId: '@woodwork' } },
	]) {
		assert.match(await error('Ytempire', parameters), channel);
	}
	const user = /^'ada@example\.com' is not a user ID, but looks like an email/;
	assert.match(await error('CheckQuota', { options: { userId: 'ada@example.com' } }), user);
	const hook = {
		getNode: () => ({ name: 'YTEMPIRE Trigger', type: 't', parameters: {} }),
		getMode: () => 'trigger',
		getNodeParameter: (name) =>
			({ events: ['new-video'], users: 'one', userId: 'ada@example.com' })[name],
		getWorkflowStaticData: () => ({}),
		getCredentials: async () => ({}),
		getNodeWebhookUrl: () => 'http://n8n/webhook/1',
	};
	const { create } = nodeTypes.YtempireTrigger.webhookMethods.default;
	await assert.rejects(create.call(hook), ({ message }) => user.test(message));
});

test('a first day after the last is refused wherever days are chosen', async () => {
	const days = { from: '2026-10-09', to: '2026-10-05' };
	for (const parameters of [
		{ ...stored, ...days },
		{ ...analytics, period: 'custom', startDate: days.from, endDate: days.to },
		{ resource: 'cost', operation: 'getAll', ...days },
		{ resource: 'event', operation: 'getCounts', ...days },
		{
			...{ resource: 'metrics', operation: 'sync', syncPeriod: 'custom' },
			...{ startDate: days.from, endDate: days.to },
		},
	]) {
		assert.equal(
			await error('Ytempire', parameters),
			'First Day (2026-10-09) is after Last Day (2026-10-05)',
		);
	}
});

test("YouTube's today may be the last day, and tomorrow may not", async () => {
	const today = youTubeDay(new Date());
	const { requests } = await run(nodeTypes.FetchMetrics, {
		items: [ada],
		parameters: { ...custom, startDate: today, endDate: today },
		sidecar: async () => nothing,
	});
	assert.equal(requests[0].body.requests[0].endDate, today);
	const tomorrow = new Date(Date.now() + 48 * 3_600_000).toISOString();
	for (const [node, more] of [
		['FetchMetrics', custom],
		['Ytempire', { resource: 'metrics', operation: 'sync', syncPeriod: 'custom', ...custom }],
	]) {
		assert.match(
			await error(node, { ...more, endDate: tomorrow }),
			/^Last Day \(.*\) is in the future: for YouTube it is still \d{4}-/,
		);
	}
});

test('every operation that may find nothing says so', async () => {
	const { properties } = nodeTypes.Ytempire.description;
	const lists = properties
		.filter(({ name }) => name === 'returnAll')
		.flatMap(({ displayOptions: { show } }) =>
			show.resource.flatMap((resource) => show.operation.map((operation) => [resource, operation])),
		);
	assert.ok(lists.length >= 10, String(lists));
	const empty = {
		...Object.fromEntries(
			[
				...['users', 'channels', 'rows', 'breaks', 'notices', 'subscriptions', 'logins'],
				...['costs', 'counts', 'incidents', 'results', 'reports', 'columns', 'buckets', 'shares'],
			].map((name) => [name, []]),
		),
		next: null,
		nextCursor: null,
	};
	for (const [resource, operation] of lists) {
		const message = await hint('Ytempire', { resource, operation }, { sidecar: async () => empty });
		assert.match(
			message,
			/^(Nothing was found\. |Users without an active channel).{10}/,
			operation,
		);
	}
	const some = await run(nodeTypes.Ytempire, {
		items: [ada, ada],
		parameters: stored,
		sidecar: (() => {
			let calls = 0;
			return async () => ({ rows: calls++ ? [] : [{ views: 1 }], next: null });
		})(),
	});
	const tool = await run(nodeTypes.Ytempire, {
		items: [ada],
		parameters: stored,
		isTool: true,
		sidecar: async () => empty,
	});
	assert.match(tool.outputs[0][0].json.message, /^Nothing was found\. No row of this kind/);
	assert.equal(some.outputs[0].length, 1);
	assert.match(some.hints[0].message, /^Nothing was found for 1 of 2 items\. No row of this kind/);
});
