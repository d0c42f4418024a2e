// What is missing or wrong in a result is said, and never passes for a success.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
	daysOf,
	lengthOf,
	NodeOperationError,
	nodeTypes,
	PERIODS,
	REPORTS,
	REPORT_TRAITS,
	run,
	youTubeDay,
	YtempireApi,
} from './engine.mjs';

const ada = {
	userId: '3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d',
	channelId: 'UCaaaaaaaaaaaaaaaaaaaaaa',
};
const bob = {
	userId: '4f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d',
	channelId: 'UCbbbbbbbbbbbbbbbbbbbbbb',
};
const nothing = { results: [], notFetched: [], notDue: [], unitsSpent: {} };
const answer =
	(results, more = {}) =>
	async () => ({ ...nothing, results, ...more });
const unknownUser = Object.assign(new Error('404'), {
	httpCode: '404',
	response: {
		data: { type: '/problems/unknown-user', title: 'No such user', status: 404, detail: 'd' },
	},
});

const fetch = (parameters, more = {}) =>
	run(nodeTypes.FetchMetrics, { items: [ada], parameters, sidecar: answer([]), ...more });
const refusal = async (promise) =>
	await promise.then(
		() => assert.fail('nothing was refused'),
		(error) => {
			assert.ok(error instanceof NodeOperationError, error.stack);
			return `${error.message} | ${error.description}`;
		},
	);

test('money comes as numbers, and as exact text only when asked for', async () => {
	const rows = [{ kind: 'channel-day', ...ada, estimatedRevenue: '9.60', views: 3 }];
	const sidecar = answer([{ request: 0, rows }]);
	const numbers = await fetch({ reports: ['channel-day'] }, { sidecar });
	assert.deepEqual(numbers.outputs[0][0].json, { ...rows[0], estimatedRevenue: 9.6 });
	const text = await fetch(
		{ reports: ['channel-day'], options: { moneyAsText: true } },
		{ sidecar },
	);
	assert.deepEqual(text.outputs[0][0].json, rows[0]);
});

test('money of top videos and of users comes as numbers as well', async () => {
	const rows = [{ kind: 'top-video', ...ada, grossRevenue: '1234.5', cpm: '0.25' }];
	const { outputs } = await fetch(
		{ period: 'last7', reports: ['top-videos'] },
		{ sidecar: answer([{ request: 0, rows }]) },
	);
	assert.deepEqual([outputs[0][0].json.grossRevenue, outputs[0][0].json.cpm], [1234.5, 0.25]);
	const user = await run(nodeTypes.Ytempire, {
		items: [ada],
		parameters: { resource: 'user', operation: 'update', fields: { targetRevenueUsd: 12500.5 } },
		sidecar: async ({ body }) => ({ ...body }),
	});
	assert.equal(user.requests[0].body.targetRevenueUsd, '12500.50');
	assert.equal(user.outputs[0][0].json.targetRevenueUsd, 12500.5);
});

test('Store Metrics takes money as numbers and as text', async () => {
	const row = (estimatedRevenue) => ({ kind: 'channel-day', ...ada, estimatedRevenue });
	const { requests } = await run(nodeTypes.StoreMetrics, {
		items: [9.6, '9.60', 0.1 + 0.2, -3, 100, 0.00001].map(row),
		sidecar: async ({ body }) => ({
			rows: body.rows.map((_, i) => ({ row: i, outcome: 'stored' })),
		}),
	});
	assert.deepEqual(
		requests[0].body.rows.map((each) => each.estimatedRevenue),
		['9.6', '9.60', '0.3', '-3', '100', '0'],
	);
});

test('reports that nothing plans are not offered with New and Changed', async () => {
	const [whole, incremental] = nodeTypes.FetchMetrics.description.properties
		.filter(({ name }) => name === 'reports')
		.map(({ options }) => options.map(({ value }) => value));
	const onDemand = whole.filter((report) => !incremental.includes(report));
	assert.deepEqual(
		onDemand.toSorted(),
		REPORTS.map(({ value }) => value)
			.filter((report) => !REPORT_TRAITS[report].incremental)
			.toSorted(),
	);
	for (const report of [
		'ad-type-day',
		'playback-location-day',
		'revenue-currency-day',
		'top-videos',
	])
		assert.ok(onDemand.includes(report), report);
	assert.match(
		await refusal(fetch({ reports: ['top-videos'] })),
		/Top Videos is not part of New and Changed.*Choose Latest Complete Data/,
	);
});

test('what cannot go together is refused before anything is asked', async () => {
	for (const [parameters, words] of [
		[
			{ period: 'last7', reports: ['retention'] },
			/Retention of a Video needs exactly one video, and 0 are named.*Video IDs/,
		],
		[
			{
				period: 'last7',
				reports: ['geography'],
				options: { videoIds: 'dQw4w9WgXcQ,aaaaaaaaaa1' },
			},
			/Geography takes at most one video, and 2 are named.*Leave one video/,
		],
		[
			{ period: 'last7', reports: ['revenue-currency-day'] },
			/Revenue in Another Currency by Day needs a currency, and '' is none.*Currency, such as EUR/,
		],
		[
			{ period: 'last7', reports: ['revenue-currency-day'], options: { currency: 'Euro' } },
			/needs a currency, and 'EURO' is none/,
		],
		[
			{ period: 'last7', reports: ['top-videos'], output: 'references' },
			/Top Videos cannot be fetched as References.*Choose Rows/,
		],
		[
			{
				period: 'custom',
				startDate: '2025-01-01',
				endDate: '2026-10-01',
				reports: ['channel-day'],
			},
			/Channel by Day takes at most 366 days at once, and the period has 639 \| Choose a Period of at most 366 days\.$/,
		],
		[
			{ options: { videoIds: 'dQw4w9WgXcQ' } },
			/Video IDs cannot be chosen with New and Changed.*remove Video IDs/,
		],
		[
			{
				period: 'custom',
				startDate: '2026-10-09',
				endDate: '2026-10-01',
				reports: ['channel-day'],
			},
			/First Day \(2026-10-09\) is after Last Day \(2026-10-01\).*Swap First Day and Last Day/,
		],
		[{ period: 'last7', reports: [] }, /Reports is empty/],
		[
			{ period: 'yesterday', reports: ['channel-day'] },
			/There is no period 'yesterday'.*Choose one/,
		],
	]) {
		const sidecar = async () => assert.fail('something was asked');
		assert.match(await refusal(fetch(parameters, { sidecar })), words);
	}
});

test('a period that is longer than a report takes at once is fetched in parts', async () => {
	const { requests } = await fetch({ period: 'last90', reports: ['video-day', 'channel-day'] });
	const asked = requests[0].body.requests;
	const days = daysOf('last90', new Date(), 3);
	const parts = asked.filter(({ report }) => report === 'video-day');
	assert.deepEqual(
		parts.map((part) => lengthOf(part)),
		[31, 31, 28],
	);
	assert.equal(parts[0].startDate, days.startDate);
	assert.equal(parts[2].endDate, days.endDate);
	assert.deepEqual(
		asked.filter(({ report }) => report === 'channel-day').map((part) => lengthOf(part)),
		[90],
	);
	// No named period is longer than a fetch takes: 31 December is the last day of the longest year to date.
	for (const { value } of PERIODS) {
		assert.ok(lengthOf(daysOf(value, new Date('2029-01-03T20:00:00Z'), 3)) <= 366, value);
	}
});

test('each row of a period says through which day numbers are complete', async () => {
	const rows = [{ kind: 'top-video', ...ada, views: 1 }];
	const through = async (parameters) => {
		const { outputs, requests } = await fetch(parameters, {
			sidecar: answer([{ request: 0, rows }]),
		});
		return [outputs[0][0].json.dataThrough, requests[0].body.requests[0].endDate];
	};
	const [latest, end] = await through({ operation: 'top-videos', period: 'last7' });
	assert.equal(latest, end);
	const custom = { period: 'custom', startDate: '2026-01-01', reports: ['channel-day'] };
	assert.equal((await through({ ...custom, endDate: '2026-01-31' }))[0], '2026-01-31');
	// Today is not complete yet.
	const today = youTubeDay(new Date());
	const [through3DaysAgo] = await through({ ...custom, startDate: today, endDate: today });
	assert.ok(through3DaysAgo < today, through3DaysAgo);
	// Where the sidecar chooses the days, those that came count.
	const chosen = async (period, ...days) => {
		const { outputs } = await fetch(
			{ period, reports: ['channel-day'] },
			{ sidecar: answer([{ request: 0, rows: days.map((day) => ({ day })) }]) },
		);
		return outputs[0].map(({ json }) => json.dataThrough);
	};
	assert.deepEqual(await chosen('latest', '2026-01-31', '2026-02-01'), [
		'2026-02-01',
		'2026-02-01',
	]);
	assert.deepEqual(await chosen('due', today), [through3DaysAgo]);
	const statistics = await fetch(
		{ reports: ['channel-statistics'] },
		{ sidecar: answer([{ request: 0, rows: [{ views: 1 }] }]) },
	);
	assert.equal(statistics.outputs[0][0].json.dataThrough, undefined);
});

test('an unknown user is not fetched, and one without channels is named', async () => {
	const { outputs, hints } = await run(nodeTypes.FetchMetrics, {
		items: [ada, bob],
		parameters: { channels: 'all', reports: ['channel-day'] },
		sidecar: async ({ url }) => {
			if (url === '/v1/channels') return { channels: [] };
			if (url.endsWith(ada.userId)) throw unknownUser;
			return { userId: bob.userId };
		},
	});
	assert.deepEqual(
		outputs[1].map(({ json, pairedItem }) => [json.userId, json.reason, pairedItem.item]),
		[[ada.userId, 'unknown-user', 0]],
	);
	assert.match(outputs[1][0].json.message, /There is no user .* Choose the user from the list/);
	assert.match(
		hints[1].message,
		new RegExp(`Users without an active channel.*${bob.userId}.*Add a channel`),
	);
});

test('a hint shows as text what the sidecar repeats', async () => {
	const message = 'x & <img src=x onerror=alert(1)>';
	const shown = 'Most often: x &amp; &lt;img src=x onerror=alert(1)>.';
	const missed = { ...ada, report: 'channel-day', reason: 'busy', message, retryAt: null };
	const refused = Object.assign(new Error('403'), {
		httpCode: '403',
		response: { data: { type: '/problems/x', title: 'No', status: 403, detail: message } },
	});
	const fetch = (sidecar) =>
		run(nodeTypes.FetchMetrics, {
			items: [ada],
			continueOnFail: true,
			parameters: { channels: 'all', reports: ['channel-day'] },
			sidecar,
		});
	const fetched = await fetch(async ({ url }) => {
		if (url === '/v1/channels') return { channels: [ada] };
		return { ...nothing, notFetched: [{ request: 0, ...missed }] };
	});
	assert.equal(fetched.hints.length, 1);
	const unasked = await fetch(async () => {
		throw refused;
	});
	assert.equal(unasked.hints.length, 1);
	const synced = await run(nodeTypes.Ytempire, {
		items: [ada],
		parameters: { resource: 'metrics', operation: 'sync', syncChannels: 'all' },
		sidecar: async () => ({ channels: [], notFetched: [missed] }),
	});
	assert.equal(synced.hints.length, 1);
	assert.ok(synced.hints[0].message.includes(shown), synced.hints[0].message);
	for (const hint of [...fetched.hints, ...unasked.hints, ...synced.hints]) {
		assert.match(hint.message, /x &amp; &lt;img/);
		assert.ok(!hint.message.includes('<'), hint.message);
	}
});

test('users of whom nothing was fetched are counted apart from requests', async () => {
	const { hints, outputs } = await run(nodeTypes.FetchMetrics, {
		items: [ada, bob],
		parameters: { channels: 'all', reports: ['channel-day'] },
		sidecar: async ({ url, body }) => {
			if (url === '/v1/channels') return { channels: [bob] };
			if (!body) throw unknownUser;
			const missed = { request: 0, ...bob, report: 'channel-day', reason: 'busy', message: 'm' };
			return { ...nothing, notFetched: [missed] };
		},
	});
	const messages = hints.map(({ message }) => message);
	assert.equal(messages.length, 2);
	assert.match(messages[0], /^1 of 1 requests were not fetched \(busy: 1\)\. Most often: m\./);
	assert.match(
		messages[1],
		/^Users of whom nothing was fetched \(unknown-user: 1\)\. Most often: There is no user/,
	);
	assert.doesNotMatch(messages[1], /request|try again/);
	assert.equal(outputs[1].length, 2);
});

test('an empty result says whether nothing was due or Google has none', async () => {
	const hintOf = async (reports, ...reasons) => {
		const notDue = reasons.map((reason, request) => ({
			request,
			nextDueAt: `2026-11-20T18:0${request}:00Z`,
			reason,
		}));
		const { hints } = await fetch({ reports }, { sidecar: answer([], { notDue }) });
		assert.equal(hints.length, 1);
		return hints[0].message;
	};
	const next = 'The next is due at 2026-11-20T18:00:00Z.';
	const choose = 'Choose Latest Complete Data or another Period to fetch anyway.';
	const many = 'because more retention curves are due than are fetched in a minute';
	assert.equal(
		await hintOf(['channel-day'], 'not-due'),
		`No new rows. Of 1 request, 1 cannot have changed since it was stored. ${next} ${choose}`,
	);
	assert.equal(
		await hintOf(['retention'], 'postponed'),
		`No new rows. Of 1 request, 1 waits for a later execution, ${many}. ${next}`,
	);
	assert.equal(
		await hintOf(['channel-day', 'video-day'], 'not-due', 'in-progress'),
		`No new rows. Of 2 requests, 1 cannot have changed since it was stored and 1 is being fetched by another execution. ${next} ${choose}`,
	);
	assert.equal(
		await hintOf(
			['channel-day', 'video-day', 'geography', 'demographics', 'retention', 'device-type-day'],
			'not-due',
			'not-due',
			'in-progress',
			'in-progress',
			'postponed',
			'postponed',
		),
		`No new rows. Of 6 requests, 2 cannot have changed since they were stored, 2 are being fetched by another execution, and 2 wait for a later execution, ${many}. ${next} ${choose}`,
	);
	const empty = await fetch(
		{ period: 'latestDay', reports: ['channel-day'] },
		{ sidecar: answer([{ request: 0, rows: [] }]) },
	);
	assert.match(
		empty.hints[0].message,
		/^1 of 1 requests returned no rows from \d{4}-\d\d-\d\d to .*Channel by Day: 1.*not complete yet/,
	);
	assert.equal(empty.hints[0].type, 'warning');
});

test('videos that do not exist are named', async () => {
	const { hints } = await fetch(
		{
			period: 'latest',
			reports: ['video-statistics'],
			options: { videoIds: 'dQw4w9WgXcQ, 9bZkp7q19f0' },
		},
		{ sidecar: answer([{ request: 0, rows: [{ videoId: '9bZkp7q19f0' }] }]) },
	);
	assert.match(hints[0].message, /Google returned nothing \(1\): dQw4w9WgXcQ\. They do not exist/);
});

test('the hint on what was not fetched says the commonest reason and its cure', async () => {
	const missed = {
		request: 0,
		...ada,
		report: 'channel-day',
		reason: 'not-connected',
		message: 'The channel was never connected. Send the owner a connect link.',
		retryAt: null,
	};
	const { hints } = await fetch(
		{ reports: ['channel-day'] },
		{ sidecar: answer([], { notFetched: [missed] }) },
	);
	assert.match(hints[0].message, /Most often: The channel was never connected\. Send the owner/);
});

test('periods with revenue end a day earlier, for all reports alike', async () => {
	const ends = async (reports) =>
		(await fetch({ period: 'last7', reports })).requests[0].body.requests.map(
			({ endDate }) => endDate,
		);
	const [plain] = await ends(['channel-day']);
	const [day, revenue] = await ends(['channel-day', 'channel-revenue-day']);
	assert.equal(day, revenue);
	assert.equal((Date.parse(plain) - Date.parse(day)) / 86_400_000, 1);
});

test('as a tool each node returns one object with both outputs', async () => {
	const missed = { request: 1, ...ada, reason: 'busy', message: 'm' };
	const fetched = await fetch(
		{ reports: ['channel-day', 'video-day'] },
		{
			isTool: true,
			sidecar: answer([{ request: 0, rows: [{ kind: 'channel-day' }] }], { notFetched: [missed] }),
		},
	);
	const { request: _, ...shown } = missed;
	void _;
	assert.deepEqual(
		fetched.outputs.map((output) => output.map(({ json }) => json)),
		[[{ rows: [{ kind: 'channel-day' }], missed: [shown] }], []],
	);
	const standing = { bucket: 'data.general', limit: 10000 };
	const waitUntil = '2026-11-21T08:00:00Z';
	const checked = await run(nodeTypes.CheckQuota, {
		isTool: true,
		sidecar: async () => ({ enough: false, available: 3, waitUntil, bucket: standing }),
	});
	assert.deepEqual(
		checked.outputs[0].map(({ json }) => json),
		[{ enough: false, available: 3, waitUntil }],
	);
	const stored = await run(nodeTypes.StoreMetrics, {
		isTool: true,
		items: [{ kind: 'channel-day', ...ada }],
		sidecar: async () => ({ rows: [{ row: 0, outcome: 'rejected', faults: [] }] }),
	});
	assert.equal(stored.outputs[0][0].json.rejected.length, 1);
});

test('the empty item that Always Output Data makes is nothing to store', async () => {
	const { outputs, requests } = await run(nodeTypes.StoreMetrics, {
		items: [{}],
		parameters: { output: 'summary' },
	});
	assert.equal(requests.length, 0);
	assert.equal(outputs[0][0].json.created, 0);
	assert.equal(outputs[0][0].json.rejected, 0);
});

test('the text of each tool says what an agent gets', () => {
	for (const [name, words] of [
		['FetchMetrics', /Use it when.*\{rows, missed\}/],
		[
			'CheckQuota',
			/\{enough, available, waitUntil\} from Check and \{enough, quota, waitUntil\} from Reserve/,
		],
		['StoreMetrics', /\{stored, rejected\}/],
	]) {
		assert.match(nodeTypes[name].description.description, words);
	}
});

test('more units than a bucket ever holds are refused with its limit', async () => {
	const standing = { bucket: 'data.search', limit: 100 };
	const parameters = { bucket: 'data.search', units: 20000 };
	const words =
		/20,000 units are more than the limit of Search, which is 100 \| Set Units to at most 100/;
	const check = run(nodeTypes.CheckQuota, {
		parameters,
		sidecar: async () => ({ enough: false, available: 100, waitUntil: 'x', bucket: standing }),
	});
	assert.match(await refusal(check), words);
	const reserve = run(nodeTypes.CheckQuota, {
		parameters: { ...parameters, operation: 'reserve' },
		sidecar: async ({ method }) => {
			if (method === 'GET') return { buckets: [standing] };
			throw Object.assign(new Error('429'), {
				response: {
					data: { type: '/problems/quota-exhausted', title: 'T', status: 429, detail: 'd' },
				},
			});
		},
	});
	assert.match(await refusal(reserve), words);
});

test('a malformed id stops its own item and no other', async () => {
	const items = [{ ...ada, channelId: '@woodwork' }, bob, { ...ada, userId: 'ada@example.com' }];
	const message = "'@woodwork' is not a channel ID (UC…). Choose it from the list.";
	await assert.rejects(run(nodeTypes.FetchMetrics, { items }), { message });
	const { outputs, requests, hints } = await run(nodeTypes.FetchMetrics, {
		items,
		continueOnFail: true,
		parameters: { reports: ['channel-day'] },
		sidecar: answer([{ request: 0, rows: [{}] }]),
	});
	assert.deepEqual(
		requests[0].body.requests.map(({ channelId }) => channelId),
		[bob.channelId],
	);
	assert.deepEqual(outputs[0], [{ json: {}, pairedItem: { item: 1 } }]);
	// From any output, n8n sends an item with nothing but an error to its error output, where a node has one.
	assert.deepEqual(
		outputs[1].map(({ json, pairedItem }) => [pairedItem.item, json]),
		[
			[0, { error: message }],
			[
				2,
				{
					error:
						"'ada@example.com' is not a user ID, but looks like an email. Choose the user from the list.",
				},
			],
		],
	);
	assert.deepEqual(
		hints.map((hint) => hint.message),
		[`2 of 3 items failed. Most often: ${message} Each has the field error.`],
	);
});

test('a malformed user stops neither the lookup of channels nor the others', async () => {
	const items = [{ userId: 'nobody' }, bob];
	for (const [type, parameters, output] of [
		[nodeTypes.FetchMetrics, { channels: 'all', reports: ['channel-day'] }, 1],
		[nodeTypes.Ytempire, { resource: 'channel', operation: 'getAll' }, 0],
	]) {
		const { outputs, requests } = await run(type, {
			items,
			parameters,
			continueOnFail: true,
			sidecar: async ({ url }) =>
				url === '/v1/channels' ? { channels: [bob] } : { ...nothing, results: [] },
		});
		assert.deepEqual(requests[0].qs.userId, [bob.userId]);
		assert.match(outputs[output][0].json.error, /'nobody' is not a user ID/);
	}
});

test('a malformed row or reference is an error of its own item', async () => {
	const items = [
		{ row: 'no json' },
		{ row: { batchId: 'x', userId: ada.userId } },
		{ row: { kind: 'video' } },
	];
	const { outputs, requests, hints } = await run(nodeTypes.StoreMetrics, {
		items,
		continueOnFail: true,
		parameters: { row: '={{ $json.row }}' },
		sidecar: async () => ({ rows: [{ row: 0, outcome: 'stored' }] }),
	});
	assert.equal(requests[0].body.rows.length, 1);
	assert.deepEqual(
		outputs.map((output) => output.map(({ json }) => json.error ?? json.outcome)),
		[['created'], ['Row is not a JSON object', "'x' is not the batchId of a reference"]],
	);
	assert.match(hints[0].message, /^2 of 3 items failed\. Most often: Row is not a JSON object\./);
});

test('a request that fails sends its items to the second output', async () => {
	const sidecar = async () => {
		throw new Error('connect ECONNREFUSED');
	};
	for (const [type, parameters] of [
		[nodeTypes.FetchMetrics, { reports: ['channel-day'] }],
		[nodeTypes.StoreMetrics, {}],
		[nodeTypes.StoreMetrics, { output: 'summary' }],
	]) {
		const { outputs } = await run(type, {
			items: [{ kind: 'channel-day', ...ada }],
			parameters,
			continueOnFail: true,
			sidecar,
		});
		assert.deepEqual(Object.keys(outputs[1][0].json), ['error']);
		assert.deepEqual(
			outputs[0].map(({ json }) => json.rejected),
			parameters.output ? [1] : [],
		);
	}
});

test('a number that is none is refused, and never empties a field', async () => {
	const columns = { mappingMode: 'autoMapInputData', value: null };
	const day = { kind: 'channel-day', ...ada, day: '2026-11-01' };
	for (const [field, value, parameters] of [
		['estimatedRevenue', NaN, {}],
		['estimatedRevenue', NaN, { source: 'mapped', kind: 'channel-day', columns }],
		['views', Infinity, {}],
		['views', NaN, { source: 'mapped', kind: 'channel-day', columns }],
	]) {
		const store = run(nodeTypes.StoreMetrics, {
			items: [{ ...day, [field]: value }],
			parameters,
			sidecar: async () => assert.fail('something was asked'),
		});
		assert.match(
			await refusal(store),
			new RegExp(`^${field} is ${value}, which is no number \\| Correct the expression`),
		);
	}
});

test('ids are understood in addresses of pages', async () => {
	const { requests } = await run(nodeTypes.FetchMetrics, {
		items: [{ ...ada, channelId: `https://www.youtube.com/channel/${ada.channelId}/videos` }],
		parameters: {
			period: 'latest',
			reports: ['video-details'],
			options: {
				videoIds:
					'https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3, https://youtu.be/9bZkp7q19f0 https://youtube.com/shorts/aaaaaaaaaaa',
			},
		},
		sidecar: answer([]),
	});
	const [request] = requests[0].body.requests;
	assert.equal(request.channelId, ada.channelId);
	assert.deepEqual(request.videoIds, ['dQw4w9WgXcQ', '9bZkp7q19f0', 'aaaaaaaaaaa']);
	assert.match(
		await refusal(
			fetch({ period: 'latest', reports: ['video-details'], options: { videoIds: 'my video' } }),
		),
		/'my' is not a video ID/,
	);
});

test('days are taken as ISO text, DateTime and Date, and another text is explained', async () => {
	const luxon = { toISODate: () => '2026-10-05' };
	const custom = { period: 'custom', reports: ['channel-day'], startDate: '2026-10-01' };
	for (const [endDate, day] of [
		['2026-10-05', '2026-10-05'],
		['2026-10-05T00:00:00', '2026-10-05'],
		['2026-10-05T23:00:00.000-07:00', '2026-10-05'],
		[luxon, '2026-10-05'],
		// Still the day before in California.
		[new Date('2026-10-06T05:00:00Z'), '2026-10-05'],
	]) {
		const { requests } = await fetch({ ...custom, endDate });
		assert.equal(requests[0].body.requests[0].endDate, day);
	}
	for (const endDate of ['5.10.2026', '2026-02-30', '2026-13-01', 'yesterday']) {
		assert.match(
			await refusal(fetch({ ...custom, endDate })),
			new RegExp(`Last Day: '${endDate}' is not a day \\| Choose the day in the calendar`),
		);
	}
});

test('messages about rejected rows have no JSON Pointers and no patterns', async () => {
	const { hints } = await run(nodeTypes.StoreMetrics, {
		items: [{ kind: 'channel-day', ...ada }],
		sidecar: async () => ({
			rows: [
				{
					row: 0,
					outcome: 'rejected',
					faults: [{ pointer: '/day', message: 'does not match the regex pattern ^[0-9]$' }],
				},
			],
		}),
	});
	assert.match(hints[0].message, /most often with: day: does not have the expected form\. Correct/);
});

test('the credential test accepts the answer of a sidecar only, at a trimmed address', () => {
	const { test: check } = new YtempireApi();
	assert.match(check.request.baseURL, /baseUrl\.trim\(\)/);
	const [{ type, properties }] = check.rules;
	assert.equal(type, 'responseSuccessBody');
	// n8n fails the test where the field of the answer has this value.
	const fails = (answer) => answer[properties.key] === properties.value;
	assert.deepEqual([{ buckets: [] }, { status: 'ok' }, '<html>'].map(fails), [false, true, true]);
	assert.match(properties.message, /not a YTEMPIRE sidecar.*http:\/\/sidecar:8080/);
});

test('a sidecar is asked at its address without the blanks around it', async () => {
	const { requests } = await fetch(
		{ reports: ['channel-day'] },
		{ baseUrl: ' http://sidecar.test/ ' },
	);
	assert.equal(requests[0].baseURL, 'http://sidecar.test');
});

test('Get Many of channels names the users who have none', async () => {
	const { hints } = await run(nodeTypes.Ytempire, {
		items: [ada, bob],
		parameters: { resource: 'channel', operation: 'getAll' },
		sidecar: async () => ({ channels: [ada] }),
	});
	assert.match(hints[0].message, new RegExp(`^Users without an active channel.*${bob.userId}`));
	assert.doesNotMatch(hints[0].message, new RegExp(ada.userId));
});

test('pickers begin with From List', () => {
	let found = 0;
	for (const { description } of Object.values(nodeTypes)) {
		const properties = description.properties.flatMap((each) =>
			each.type === 'collection' ? [each, ...each.options] : [each],
		);
		for (const each of properties.filter(({ type }) => type === 'resourceLocator')) {
			assert.equal(each.modes[0].displayName, 'From List');
			assert.deepEqual(each.default, { mode: 'list', value: '' });
			found++;
		}
	}
	assert.ok(found >= 6, String(found));
});

test('a missed retention says of which video it is, also by New and Changed', async () => {
	const missed = { request: 0, ...ada, report: 'retention', reason: 'busy', message: 'm' };
	const notFetched = [{ ...missed, videoId: 'dQw4w9WgXcQ' }];
	for (const parameters of [
		{ operation: 'retention', period: 'last28', videoId: 'dQw4w9WgXcQ' },
		{ period: 'due', reports: ['retention'] },
	]) {
		const { outputs } = await fetch(parameters, { sidecar: answer([], { notFetched }) });
		assert.deepEqual(
			outputs[1].map(({ json }) => [json.report, json.videoId]),
			[['retention', 'dQw4w9WgXcQ']],
		);
	}
});

test('a dry run marks every row, stored or rejected, and a store marks none', async () => {
	const marks = async (parameters) => {
		const { outputs } = await run(nodeTypes.StoreMetrics, {
			items: [
				{ kind: 'channel-day', ...ada },
				{ kind: 'channel-day', ...bob },
			],
			parameters,
			sidecar: async () => ({
				rows: [
					{ row: 0, outcome: 'updated' },
					{ row: 1, outcome: 'rejected', faults: [] },
				],
			}),
		});
		return outputs.map((output) => output.map(({ json }) => json.dryRun));
	};
	assert.deepEqual(await marks({ dryRun: true }), [[true], [true]]);
	assert.deepEqual(await marks({ operation: 'validate' }), [[true], [true]]);
	assert.deepEqual(await marks({}), [[undefined], [undefined]]);
});

test('New and Changed is what is new since the last run, and names no days', async () => {
	const { requests } = await fetch({ period: 'due', reports: ['channel-day'] });
	const [{ startDate, endDate }] = requests[0].body.requests;
	assert.deepEqual([requests[0].body.onlyDue, startDate, endDate], [true, undefined, undefined]);
	const { options } = nodeTypes.FetchMetrics.description.properties.find(
		({ name }) => name === 'period',
	);
	assert.match(options.find(({ name }) => name.startsWith('New')).description, /stored|last/);
});

test('no refusal says a sentence twice', async () => {
	const today = youTubeDay(new Date());
	for (const refused of [
		fetch({ reports: ['top-videos'] }),
		fetch({ period: 'last7', reports: ['retention'] }),
		fetch({ period: 'last7', reports: [] }),
		fetch({ period: 'yesterday', reports: ['channel-day'] }),
		fetch({ period: 'custom', startDate: 'x', endDate: today, reports: ['channel-day'] }),
		fetch({ operation: 'retention', period: 'last28' }),
		run(nodeTypes.FetchMetrics, { items: [{ ...ada, channelId: '@woodwork' }] }),
		run(nodeTypes.FetchMetrics, { items: [{ ...ada, userId: 'ada@example.com' }] }),
		run(nodeTypes.StoreMetrics, { items: [{ row: 'x' }], parameters: { row: '={{ $json.row }}' } }),
		run(nodeTypes.Ytempire, {
			items: [ada],
			parameters: { resource: 'user', operation: 'get' },
			sidecar: async () => {
				throw unknownUser;
			},
		}),
	]) {
		const { message, description } = await refused.then(
			() => assert.fail('nothing was refused'),
			(error) => error,
		);
		const sentences = `${message}. ${description ?? ''}`
			.split(/(?<=[.!?])\s+/)
			.map((each) => each.replace(/[.!?]+$/, '').trim())
			.filter(Boolean);
		assert.deepEqual(sentences, [...new Set(sentences)]);
	}
});

test('a day is chosen without a time of day, and is a First Day or a Last Day', () => {
	const dates = [];
	const collect = (property) => {
		if (property.type === 'dateTime') dates.push(property);
		for (const each of property.options ?? property.values ?? []) collect(each);
	};
	for (const { description } of Object.values(nodeTypes)) description.properties.forEach(collect);
	assert.ok(dates.length > 10);
	for (const { displayName, typeOptions } of dates) {
		assert.equal(typeOptions?.dateOnly ?? false, displayName !== 'Time', displayName);
		assert.match(displayName, /^(Time|First Day|Last Day)$/);
	}
});
