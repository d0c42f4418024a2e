// Operations of the YTEMPIRE node that find, sync and read: what they ask of the sidecar, and what they say when it goes wrong.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
	daysOf,
	lengthOf,
	NodeApiError,
	NodeOperationError,
	nodeTypes,
	REPORTS,
	run,
} from './engine.mjs';

const ada = {
	userId: '3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d',
	channelId: 'UCaaaaaaaaaaaaaaaaaaaaaa',
};
const bob = { ...ada, userId: '4f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d' };
const adaAsUser = {
	userId: ada.userId,
	email: 'ada@example.com',
	displayName: 'Ada',
	targetRevenueUsd: '10000.00',
};

/** Runs an operation of the YTEMPIRE node. */
const operate = (resource, operation, parameters, more = {}) =>
	run(nodeTypes.Ytempire, {
		items: [ada],
		sidecar: async () => ({}),
		...more,
		parameters: { resource, operation, ...parameters },
	});
const refusal = async (promise) =>
	await promise.then(
		() => assert.fail('nothing was refused'),
		(error) => {
			assert.ok(error instanceof NodeOperationError || error instanceof NodeApiError, error.stack);
			return error.message;
		},
	);
const asked = ({ requests }) => requests.map(({ method, url }) => `${method} ${url}`);

// ---- users ----

test('a user is got by an email, which is looked up once', async () => {
	const found = await operate(
		'user',
		'get',
		{ userId: 'ADA@example.com' },
		{
			items: [{}, {}],
			sidecar: async ({ url }) => (url === '/v1/users' ? { users: [adaAsUser] } : adaAsUser),
		},
	);
	assert.deepEqual(asked(found), [
		'GET /v1/users',
		`GET /v1/users/${ada.userId}`,
		`GET /v1/users/${ada.userId}`,
	]);
	assert.deepEqual(found.requests[0].qs, { email: 'ADA@example.com', limit: 1 });
	assert.equal(found.outputs[0][1].json.targetRevenueUsd, 10000);
});

test('an email that nobody has, and what is no user, are refused in a sentence', async () => {
	const none = { sidecar: async () => ({ users: [] }) };
	assert.equal(
		await refusal(operate('user', 'get', { userId: 'nobody@example.com' }, none)),
		'There is no user with the email nobody@example.com',
	);
	assert.match(
		await refusal(operate('user', 'get', { userId: 'Ada' })),
		/'Ada' is not a user ID\. Choose the user from the list\./,
	);
});

test('a refused ID is repeated by its first 40 characters at most', async () => {
	const long = `${'a'.repeat(40)}secret`;
	const cut = new RegExp(`^'a{40}…' is not a `);
	assert.match(await refusal(operate('user', 'get', { userId: long })), cut);
	assert.match(await refusal(operate('channel', 'get', { channelId: long })), cut);
	assert.match(
		await refusal(operate('user', 'get', { userId: '😀'.repeat(41) })),
		new RegExp(`^'(😀){40}…' is not a user ID`),
	);
	assert.match(
		await refusal(operate('user', 'get', { userId: 'a'.repeat(40) })),
		/^'a{40}' is not a user ID/,
	);
});

test('users are searched by the sidecar, page by page', async () => {
	const pages = [
		{ users: [adaAsUser], next: ada.userId },
		{ users: [{ ...adaAsUser, userId: bob.userId }], next: null },
	];
	const found = await operate(
		'user',
		'getAll',
		{ search: 'love', returnAll: true },
		{ sidecar: async ({ qs }) => pages[qs.after ? 1 : 0] },
	);
	assert.equal(found.outputs[0].length, 2);
	assert.deepEqual(found.requests[0].qs, { active: true, search: 'love', limit: 500 });
	const few = await operate(
		'user',
		'getAll',
		{ returnAll: false, limit: 1 },
		{ sidecar: async () => pages[0] },
	);
	assert.deepEqual(few.requests[0].qs, { active: true, limit: 1 });
	assert.equal(few.requests.length, 1);
});

test('Create or Update updates who is there, and creates who is not', async () => {
	const parameters = { email: 'Ada@Example.com', displayName: 'Ada', fields: { timeZone: 'UTC' } };
	const known = await operate('user', 'upsert', parameters, {
		sidecar: async ({ method }) => (method === 'GET' ? { users: [adaAsUser] } : adaAsUser),
	});
	assert.deepEqual(asked(known), ['GET /v1/users', `PATCH /v1/users/${ada.userId}`]);
	assert.deepEqual(known.requests[1].body, { timeZone: 'UTC', displayName: 'Ada' });
	assert.equal(known.outputs[0][0].json.created, false);
	const fresh = await operate('user', 'upsert', parameters, {
		sidecar: async ({ method }) => (method === 'GET' ? { users: [] } : adaAsUser),
	});
	assert.deepEqual(fresh.requests[1].body.email, 'Ada@Example.com');
	assert.equal(fresh.outputs[0][0].json.created, true);
	let lists = 0;
	const raced = await operate('user', 'upsert', parameters, {
		sidecar: async ({ method }) => {
			if (method === 'GET') return { users: lists++ ? [adaAsUser] : [] };
			if (method === 'PATCH') return adaAsUser;
			throw Object.assign(new Error('409'), {
				response: { data: { type: '/problems/email-taken', title: 't', status: 409, detail: 'd' } },
			});
		},
	});
	assert.equal(raced.outputs[0][0].json.created, false, 'somebody else created it meanwhile');
});

// ---- channels ----

test('a channel is added by its handle or address, with the title that YouTube has', async () => {
	for (const channelId of ['@woodwork', 'https://www.youtube.com/@woodwork/videos']) {
		const added = await operate(
			'channel',
			'create',
			{ channelId },
			{
				sidecar: async ({ method, body }) =>
					method === 'GET'
						? { channelId: ada.channelId, title: 'Woodwork', handle: '@woodwork' }
						: body,
			},
		);
		assert.deepEqual(asked(added), [
			`GET /v1/users/${ada.userId}/channel-lookup`,
			`POST /v1/users/${ada.userId}/channels`,
		]);
		assert.deepEqual(added.requests[0].qs, { handle: '@woodwork' });
		assert.deepEqual(added.outputs[0][0].json, {
			channelId: ada.channelId,
			channelName: 'Woodwork',
		});
	}
	const named = await operate(
		'channel',
		'create',
		{ channelName: 'Mine' },
		{ sidecar: async ({ body }) => body },
	);
	assert.deepEqual(named.outputs[0][0].json, { channelId: ada.channelId, channelName: 'Mine' });
	assert.equal(named.requests.length, 1, 'an ID costs nothing');
});

test('a channel is deleted by what names it, and says so', async () => {
	const gone = await operate('channel', 'delete', {}, { sidecar: async () => '' });
	assert.deepEqual(asked(gone), [`DELETE /v1/users/${ada.userId}/channels/${ada.channelId}`]);
	assert.deepEqual(gone.outputs[0][0].json, { ...ada, deleted: true });
	assert.match(
		await refusal(operate('channel', 'get', { channelId: 'Woodwork' })),
		/'Woodwork' is not a channel ID \(UC…\)\. Choose it from the list\./,
	);
});

test('a handle that YouTube does not know is refused with its words', async () => {
	const message = await refusal(
		operate(
			'channel',
			'findByHandle',
			{ handle: '@none' },
			{
				sidecar: async () => {
					throw Object.assign(new Error('404'), {
						response: {
							data: {
								type: '/problems/unknown-channel',
								title: 'No such channel of this user',
								status: 404,
								detail: 'YouTube has no channel with the handle @none.',
							},
						},
					});
				},
			},
		),
	);
	assert.match(message, /YouTube has no channel with the handle @none\./);
});

// ---- metrics ----

const counts = (userId, channelId, created) => ({
	userId,
	channelId,
	created,
	updated: 0,
	unchanged: 0,
	rejected: 0,
	missed: 0,
	notDue: 1,
});

test('Sync sends all users in one request, and returns counts of each channel', async () => {
	const missed = {
		userId: bob.userId,
		channelId: bob.channelId,
		report: 'channel-day',
		reason: 'quota-exhausted',
		message: 'm',
		retryAt: null,
	};
	const nobody = { ...missed, channelId: null, report: null, reason: 'inactive' };
	const synced = await operate(
		'metrics',
		'sync',
		{},
		{
			items: [ada, bob, ada],
			sidecar: async () => ({
				channels: [counts(ada.userId, ada.channelId, 3), counts(bob.userId, bob.channelId, 0)],
				notFetched: [missed, nobody],
				unitsSpent: {},
			}),
		},
	);
	assert.deepEqual(asked(synced), ['POST /v1/metrics/sync']);
	assert.deepEqual(synced.requests[0].body, {
		waitSeconds: 300,
		users: [{ userId: ada.userId }, { userId: bob.userId }],
	});
	const [first, second, third] = synced.outputs[0];
	assert.deepEqual(first.json, { ...counts(ada.userId, ada.channelId, 3), notFetched: [] });
	assert.deepEqual(second.json.notFetched, [
		{ report: 'channel-day', reason: 'quota-exhausted', message: 'm', retryAt: null },
	]);
	assert.deepEqual(second.pairedItem, { item: 1 });
	assert.equal(third.json.channelId, null);
	assert.equal(third.json.notFetched[0].reason, 'inactive');
	assert.match(
		synced.hints[0].message,
		/^Missed 2 reports \(quota-exhausted: 1, inactive: 1\)\. Most often: m\. The field notFetched/,
	);
});

test('Sync of a period names the reports by day, however long it is', async () => {
	const sidecar = async () => ({ channels: [], notFetched: [], unitsSpent: {} });
	const year = await operate('metrics', 'sync', { syncPeriod: 'last365' }, { sidecar });
	const { reports, startDate, endDate } = year.requests[0].body;
	assert.ok(reports.includes('video-day') && reports.includes('channel-revenue-day'), reports);
	assert.ok(reports.every((each) => REPORTS.some(({ value }) => value === each)));
	assert.equal(lengthOf({ startDate, endDate }), 365);
	const one = await operate(
		'metrics',
		'sync',
		{ syncChannels: 'one', syncReports: ['channel-day'], syncPeriod: 'last7' },
		{ sidecar },
	);
	assert.deepEqual(one.requests[0].body, {
		reports: ['channel-day'],
		...daysOf('last7', new Date(), 3),
		waitSeconds: 300,
		users: [{ userId: ada.userId, channelIds: [ada.channelId] }],
	});
});

test('a Sync of a period says through which day its numbers are complete', async () => {
	const through = async (parameters) => {
		const { outputs } = await operate('metrics', 'sync', parameters, {
			sidecar: async () => ({
				channels: [counts(ada.userId, ada.channelId, 1)],
				notFetched: [],
				unitsSpent: {},
			}),
		});
		return outputs[0][0].json.dataThrough;
	};
	// With revenue.
	assert.equal(await through({ syncPeriod: 'last7' }), daysOf('last7', new Date(), 4).endDate);
	const days = { startDate: '2026-01-01', endDate: '2026-01-31' };
	assert.equal(await through({ syncPeriod: 'custom', ...days }), '2026-01-31');
	assert.equal(await through({}), undefined);
});

test('a custom period of Sync is refused where a day is none or the days are swapped', async () => {
	const custom = (startDate, endDate) =>
		refusal(operate('metrics', 'sync', { syncPeriod: 'custom', startDate, endDate }));
	assert.equal(await custom('', '2026-11-01'), 'First Day is empty');
	assert.equal(await custom('2026-02-30', '2026-11-01'), "First Day: '2026-02-30' is not a day");
	assert.equal(
		await custom('2026-11-02', '2026-11-01'),
		'First Day (2026-11-02) is after Last Day (2026-11-01)',
	);
});

test('a malformed user fails alone in a Sync that continues', async () => {
	const { outputs, requests } = await operate(
		'metrics',
		'sync',
		{},
		{
			items: [{ userId: 'Ada' }, bob],
			continueOnFail: true,
			sidecar: async () => ({
				channels: [counts(bob.userId, bob.channelId, 1)],
				notFetched: [],
				unitsSpent: {},
			}),
		},
	);
	assert.deepEqual(requests[0].body.users, [{ userId: bob.userId }]);
	assert.match(outputs[0][0].json.error, /'Ada' is not a user ID/);
	assert.equal(outputs[0][1].json.created, 1);
});

test('stored rows are read with money as numbers, and few unless all are asked for', async () => {
	const read = await operate(
		'metrics',
		'getAll',
		{ kind: 'channel-day', from: '2026-11-01T00:00:00.000Z', onlyChannelId: ada.channelId },
		{
			sidecar: async () => ({
				rows: [{ kind: 'channel-day', ...ada, estimatedRevenue: '9.6000' }],
				next: null,
			}),
		},
	);
	assert.deepEqual(asked(read), [`GET /v1/users/${ada.userId}/metrics/channel-day`]);
	assert.deepEqual(read.requests[0].qs, {
		channelId: ada.channelId,
		from: '2026-11-01',
		limit: 50,
	});
	assert.equal(read.outputs[0][0].json.estimatedRevenue, 9.6);
});

test('the plan is an item for each report, and metric breaks for each day', async () => {
	const report = {
		report: 'channel-day',
		isDue: true,
		nextDueAt: null,
		days: [],
		videos: 0,
		why: 'w',
	};
	const plan = await operate(
		'metrics',
		'getPlan',
		{},
		{
			sidecar: async () => ({
				asOf: 'x',
				publicStatistics: 'by-owner',
				channels: [{ channelId: ada.channelId, uploadsBy: 'feed', reports: [report, report] }],
			}),
		},
	);
	assert.deepEqual(plan.outputs[0][1].json, { ...ada, uploadsBy: 'feed', ...report });
	const breaks = await operate(
		'metrics',
		'getBreaks',
		{},
		{
			sidecar: async () => ({ breaks: [{ metric: 'views' }, { metric: 'views' }] }),
		},
	);
	assert.deepEqual(asked(breaks), [`GET /v1/users/${ada.userId}/metric-breaks`]);
	assert.equal(breaks.outputs[0].length, 2);
});

// ---- events ----

const recordedAll = async ({ body }) => ({
	events: body.events.map((_, event) => ({ event, outcome: 'recorded' })),
});

test('events of one user are recorded in one request, each paired to its item', async () => {
	const parameters = { eventType: 'video.rendered', eventData: '{"seconds": 3}' };
	const done = await operate('event', 'record', parameters, {
		items: [ada, bob, ada],
		sidecar: recordedAll,
	});
	assert.deepEqual(asked(done), [
		`POST /v1/users/${ada.userId}/events`,
		`POST /v1/users/${bob.userId}/events`,
	]);
	assert.deepEqual(
		done.outputs[0].map(({ json, pairedItem }) => [json.userId, json.outcome, pairedItem.item]),
		[
			[ada.userId, 'recorded', 0],
			[bob.userId, 'recorded', 1],
			[ada.userId, 'recorded', 2],
		],
	);
	const sent = done.requests[0].body.events;
	assert.deepEqual(sent[0].data, { seconds: 3 });
	assert.notEqual(sent[0].id, sent[1].id);
});

test('an event that is refused is named, and the others are recorded', async () => {
	const refused = operate(
		'event',
		'record',
		{ eventType: 'video.rendered' },
		{
			items: [ada, ada],
			sidecar: async () => ({
				events: [
					{ event: 0, outcome: 'recorded' },
					{
						event: 1,
						outcome: 'rejected',
						faults: [{ pointer: '/time', message: 'lies in the future' }],
					},
				],
			}),
		},
	);
	assert.equal(await refusal(refused), 'The event was not recorded: Time: lies in the future');
});

test('data that is no object and a time that is none are refused before anything is sent', async () => {
	const parameters = { eventType: 'x' };
	assert.equal(
		await refusal(operate('event', 'record', { ...parameters, eventData: '[1]' })),
		'Data is not a JSON object',
	);
	assert.equal(
		await refusal(operate('event', 'record', { ...parameters, fields: { time: 'soon' } })),
		"Time: 'soon' is not a time",
	);
	assert.equal(await refusal(operate('event', 'record', {})), 'Type is empty');
});

test('counts of events are read page by page', async () => {
	const count = { hour: '2026-11-20T17:00:00Z', type: 'a', source: 'b', events: 2 };
	const read = await operate(
		'event',
		'getCounts',
		{ returnAll: true, onlyType: 'a' },
		{
			sidecar: async ({ qs }) => ({ counts: [count], next: qs.after ? null : 'more' }),
		},
	);
	assert.deepEqual(
		read.outputs[0].map(({ json }) => json),
		[count, count],
	);
	assert.equal(read.requests[0].qs.type, 'a');
});

// ---- subscriptions ----

test('a subscription is created, listed and deleted', async () => {
	const created = await operate(
		'subscription',
		'create',
		{ url: 'https://example.com/x', events: ['new-video'], fields: { userId: ada.userId } },
		{ sidecar: async () => ({ secret: 'whsec_x', subscription: { subscriptionId: 's' } }) },
	);
	assert.deepEqual(created.requests[0].body, {
		url: 'https://example.com/x',
		events: ['new-video'],
		userId: ada.userId,
	});
	assert.deepEqual(created.outputs[0][0].json, { subscriptionId: 's', secret: 'whsec_x' });
	const gone = await operate(
		'subscription',
		'delete',
		{},
		{ items: [{ subscriptionId: 's' }], sidecar: async () => '' },
	);
	assert.deepEqual(asked(gone), ['DELETE /v1/subscriptions/s']);
	assert.equal(await refusal(operate('subscription', 'create', { url: '' })), 'URL is empty');
});
