// The operators' commands for workflows in git: what they find, how they write, what they tell a running n8n.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { diff } from '../scripts/workflows/diff.mjs';
import { format } from '../scripts/workflows/format.mjs';
import { lint } from '../scripts/workflows/lint.mjs';
import { cronFault } from '../scripts/workflows/rules.mjs';
import { fileName, run } from '../scripts/workflows/main.mjs';
import { knownNodes, ourNodes } from '../scripts/workflows/nodes.mjs';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../workflows');
const types = { ours: ourNodes(), known: knownNodes() };
const sync = () => JSON.parse(readFileSync(join(folder, 'multi-user-sync.json'), 'utf8'));

/** The shipped sync with something done to it, looked at. */
function found(spoil) {
	const workflow = sync();
	const by = (name) => workflow.nodes.find((node) => node.name === name);
	spoil(by, workflow);
	return lint('sync.json', format(workflow, types.ours), types);
}

test('the workflows that we ship are clean', () => {
	const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
	assert.ok(files.length >= 2);
	for (const file of files)
		assert.deepEqual(lint(file, readFileSync(join(folder, file), 'utf8'), types), [], file);
});

/** Store Metrics with rows of elsewhere. */
const mapped = (by, value) =>
	(by('Store Metrics').parameters = {
		source: 'mapped',
		kind: 'traffic-source-day',
		columns: {
			mappingMode: 'defineBelow',
			value: {
				userId: '={{ $json.userId }}',
				channelId: '={{ $json.channelId }}',
				sourceType: '={{ $json.source }}',
				day: '={{ $json.day }}',
				...value,
			},
		},
	});

const faults = [
	[
		'a column that a kind of row has not',
		'Store Metrics',
		'parameters.columns.value.source',
		(by) => mapped(by, { source: '={{ $json.source }}' }),
	],
	[
		'a column that a row needs and nothing is mapped to',
		'Store Metrics',
		'parameters.columns.value.sourceType',
		(by) => mapped(by, { sourceType: null }),
	],
	[
		'a parameter that does not exist',
		'Fetch Metrics',
		'parameters.reprots',
		(by) => (by('Fetch Metrics').parameters.reprots = []),
	],
	[
		'a choice that there is not',
		'Fetch Metrics',
		'parameters.reports',
		(by) => by('Fetch Metrics').parameters.reports.push('chanel-day'),
	],
	[
		'an option that does not exist',
		'Fetch Metrics',
		'parameters.options.maxAge',
		(by) => (by('Fetch Metrics').parameters.options = { maxAge: 1 }),
	],
	[
		'a number out of its range',
		'Fetch Metrics',
		'parameters.options.waitSeconds',
		(by) => (by('Fetch Metrics').parameters.options = { waitSeconds: 6000 }),
	],
	[
		'a required parameter that is empty',
		'Fetch Metrics',
		'parameters.userId',
		(by) => (by('Fetch Metrics').parameters.userId.value = ''),
	],
	[
		'a mode that a picker has not',
		'Fetch Metrics',
		'parameters.userId',
		(by) => (by('Fetch Metrics').parameters.userId.mode = 'url'),
	],
	[
		'a node type that does not exist',
		'Summary',
		'type',
		(by) => (by('Summary').type = 'n8n-nodes-base.sett'),
	],
	[
		'a version that does not exist',
		'Summary',
		'typeVersion',
		(by) => (by('Summary').typeVersion = 99),
	],
	[
		'a version of ours that does not exist',
		'Store Metrics',
		'typeVersion',
		(by) => (by('Store Metrics').typeVersion = 2),
	],
	[
		'credentials of an installation',
		'Store Metrics',
		'credentials',
		(by) => by('Store Metrics'),
		(text) =>
			text.replace(
				'"name": "Store Metrics",',
				'"name": "Store Metrics", "credentials": {"ytempireApi": {"id": "x"}},',
			),
	],
	[
		'a sheet that evaluates what is written',
		'Summary',
		'parameters.options.cellFormat',
		(by) =>
			Object.assign(by('Summary'), {
				type: 'n8n-nodes-base.googleSheets',
				typeVersion: 4.5,
				parameters: { operation: 'append', options: {} },
			}),
	],
	[
		'a token',
		'Summary',
		'parameters.note',
		(by) => (by('Summary').parameters.note = 'yte_service_0123456789abcdef'),
	],
	[
		'a bearer token',
		'Summary',
		'parameters.headers.Authorization',
		(by) => (by('Summary').parameters.headers = { Authorization: 'Bearer abcdefghijklmnop123' }),
	],
	[
		'a password',
		'Summary',
		'parameters.password',
		(by) => (by('Summary').parameters.password = 'hunter2'),
	],
	[
		'a literal user',
		'Summary',
		'parameters.note',
		(by) => (by('Summary').parameters.note = 'for 3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d'),
	],
	[
		'a literal channel',
		'Fetch Metrics',
		'parameters.channelId.value',
		(by) => (by('Fetch Metrics').parameters.channelId.value = 'UCabcdefghijklmnopqrstuv'),
	],
	[
		'a database node',
		'Summary',
		'type',
		(by) => Object.assign(by('Summary'), { type: 'n8n-nodes-base.postgres', typeVersion: 2.6 }),
	],
	[
		'SQL on our tables',
		'Summary',
		'parameters.query',
		(by) => (by('Summary').parameters.query = 'select * from core.channel_days'),
	],
	[
		'the first user for all',
		'Fetch Metrics',
		'parameters.userId',
		(by) =>
			(by('Fetch Metrics').parameters.userId.value =
				"={{ $('Active Users').first().json.userId }}"),
	],
	[
		'a user and a channel of two places',
		'Fetch Metrics',
		'parameters.channelId',
		(by) =>
			(by('Fetch Metrics').parameters.channelId.value =
				"={{ $('Their Channels').item.json.channelId }}"),
	],
	[
		'a row of one item for all',
		'Store Metrics',
		'parameters.row',
		(by) => (by('Store Metrics').parameters.row = '={{ $input.first().json }}'),
	],
	[
		'a connection to nowhere',
		'Active Users',
		'connections.Active Users.main[0]',
		(by, w) => (w.connections['Active Users'].main[0][0].node = 'Gone'),
	],
	[
		'a connection from nowhere',
		'Gone',
		'connections.Gone',
		(by, w) => (w.connections.Gone = { main: [] }),
	],
	[
		'an output that a node has not',
		'Store Metrics',
		'connections.Store Metrics.main[2]',
		(by, w) =>
			(w.connections['Store Metrics'].main[2] = [{ node: 'Summary', type: 'main', index: 0 }]),
	],
	['two nodes of one name', 'Summary', 'name', (by) => (by('Not Now').name = 'Summary')],
	[
		'an expression that names no node',
		'Summary',
		'parameters.note',
		(by) => (by('Summary').parameters.note = "={{ $('Fetch Metric').item.json.views }}"),
	],
	[
		'a literal that is no day',
		'Fetch Metrics',
		'parameters.endDate',
		(by) => fetchOf(by, { period: 'custom', startDate: '2026-02-01', endDate: '2026-02-30' }),
	],
	[
		'a first day after the last',
		'Fetch Metrics',
		'parameters.startDate',
		(by) => fetchOf(by, { period: 'custom', startDate: '2026-02-09', endDate: '2026-02-01' }),
	],
	[
		'a literal of Sync that is no day',
		'Active Users',
		'parameters.startDate',
		(by) => syncOf(by, { syncPeriod: 'custom', startDate: '2026-02-30', endDate: '2026-03-01' }),
	],
	[
		'a first day after the last of Sync',
		'Active Users',
		'parameters.startDate',
		(by) => syncOf(by, { syncPeriod: 'custom', startDate: '2026-02-09', endDate: '2026-02-01' }),
	],
	[
		'a first day after the last of stored rows',
		'Active Users',
		'parameters.from',
		(by) => syncOf(by, { operation: 'getAll', from: '2026-02-09', to: '2026-02-01' }),
	],
	[
		'a report that a sync of New and Changed has not',
		'Active Users',
		'parameters.syncReports',
		(by) => syncOf(by, { syncReports: ['channel-day', 'ad-type-day'] }),
	],
	[
		'a custom period without days',
		'Fetch Metrics',
		'parameters.startDate',
		(by) => fetchOf(by, { period: 'custom', endDate: '2026-02-01' }),
	],
	[
		'a period that is too long for a report',
		'Fetch Metrics',
		'parameters.period',
		(by) =>
			fetchOf(by, {
				period: 'custom',
				startDate: '2025-01-01',
				endDate: '2026-10-01',
				reports: ['video-day'],
			}),
	],
	[
		'a report by reference that is not stored',
		'Fetch Metrics',
		'parameters.output',
		(by) => fetchOf(by, { period: 'last7', reports: ['top-videos'], output: 'references' }),
	],
	[
		'videos beside New and Changed',
		'Fetch Metrics',
		'parameters.options.videoIds',
		(by) => (by('Fetch Metrics').parameters.options = { videoIds: 'dQw4w9WgXcQ' }),
	],
	[
		'an input that a node has not',
		'Active Users',
		'connections.Active Users.main[0]',
		(by, w) => (w.connections['Active Users'].main[0][0].index = 1),
	],
	[
		'a connection to a trigger',
		'Active Users',
		'connections.Active Users.main[0]',
		(by, w) => (w.connections['Active Users'].main[0][0].node = 'Every 15 Minutes'),
	],
	[
		'a cron expression that never starts',
		'Every 15 Minutes',
		'parameters.rule.interval[0].expression',
		(by) =>
			(by('Every 15 Minutes').parameters.rule.interval = [
				{ field: 'cronExpression', expression: '*/15 25 * * *' },
			]),
	],
	[
		'a misspelt field of our output',
		'Their Channels',
		'parameters.userId.value',
		(by) => (by('Their Channels').parameters.userId.value = '={{ $json.usrId }}'),
	],
];

/** Fetch Metrics with other parameters beside its user and channel. */
function fetchOf(by, more) {
	const { userId, channelId } = by('Fetch Metrics').parameters;
	by('Fetch Metrics').parameters = { userId, channelId, reports: ['channel-day'], ...more };
}

/** A node of the metrics of a user. */
function syncOf(by, more) {
	const userId = { __rl: true, mode: 'id', value: '={{ $json.userId }}' };
	by('Active Users').parameters = { resource: 'metrics', userId, ...more };
}

for (const [name, node, field, spoil, afterwards] of faults) {
	test(`lint finds ${name}, and says where and what to do`, () => {
		const workflow = sync();
		spoil((wanted) => workflow.nodes.find((each) => each.name === wanted), workflow);
		const text = afterwards ? afterwards(format(workflow)) : format(workflow);
		const errors = lint('sync.json', text, types).filter(({ level }) => level === 'error');
		const hit = errors.find((each) => each.node === node && each.field === field);
		assert.ok(hit, JSON.stringify(errors));
		assert.equal(hit.file, 'sync.json');
		assert.ok(hit.message.length > 10 && hit.cure.length > 5, JSON.stringify(hit));
	});
}

test('lint warns when an AI may name the user', () => {
	const findings = found(
		(by) => (by('Fetch Metrics').parameters.userId.value = "={{ $fromAI('userId', 'A user') }}"),
	);
	assert.ok(
		findings.some(({ field, message }) => field === 'parameters.userId' && /AI/.test(message)),
		JSON.stringify(findings),
	);
});

test('lint knows every field of what was not fetched, the video among them', () => {
	for (const [field, isKnown] of [
		['videoId', true],
		['reason', true],
		['retryAt', true],
		['error', true],
		['request', false],
		['views', false],
	]) {
		const findings = found((by, { connections }) => {
			by('Not Fetched').parameters.note = `={{ $json.${field} }}`;
			connections['Try Again?'].main[1] = [];
			connections['Fetch Metrics'].main[1] = [{ node: 'Not Fetched', type: 'main', index: 0 }];
		});
		assert.equal(
			findings.some(({ message }) => message.includes(`reads $json.${field},`)),
			!isKnown,
			field,
		);
	}
});

test('lint warns when nobody looks at Not Fetched', () => {
	const findings = found((by, workflow) => {
		workflow.connections['Fetch Metrics'].main[1] = [];
	});
	const fields = findings.map(({ level, field }) => `${level} ${field}`);
	assert.ok(fields.includes('warning connections.Fetch Metrics.main[1]'), fields.join());
});

test('cron expressions are read as n8n reads them', () => {
	for (const good of [
		'0 8 * * 1',
		'*/5 * * * *',
		'0 0 9-17 * * mon-fri',
		'0 8 1,15 jan ?',
		'0 0 * * 7',
	]) {
		assert.equal(cronFault(good), undefined, good);
	}
	for (const bad of [
		'0 8 * *',
		'60 * * * *',
		'0 24 * * *',
		'*/0 * * * *',
		'0 8 * * monday',
		'5-1 * * * *',
	]) {
		assert.match(cronFault(bad) ?? '', /^has /, bad);
	}
});

test('lint knows the output that n8n adds for errors', () => {
	const errors = found((by, workflow) => {
		by('Store Metrics').onError = 'continueErrorOutput';
		workflow.connections['Store Metrics'].main[2] = [{ node: 'Summary', type: 'main', index: 0 }];
	}).filter(({ level }) => level === 'error');
	assert.deepEqual(errors, []);
});

test('lint finds data of a run, and a file that is no workflow', () => {
	const text = JSON.stringify({ ...sync(), pinData: { 'Active Users': [{ json: {} }] } });
	assert.ok(lint('x.json', text, types).some(({ field }) => field === 'pinData'));
	assert.match(lint('x.json', '{"nodes": 1}', types)[0].message, /no workflow/);
	assert.match(lint('x.json', '{', types)[0].message, /not JSON/);
});

test('lint warns of a user who was picked from a list, and refuses nothing', () => {
	const findings = found((by) => {
		by('Fetch Metrics').parameters.userId = {
			__rl: true,
			mode: 'list',
			value: '3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d',
			cachedResultName: 'Ada',
		};
	});
	const [picked, ...more] = findings.filter(({ field }) => field.startsWith('parameters.userId'));
	assert.deepEqual([picked.level, picked.node, more], ['warning', 'Fetch Metrics', []]);
	assert.match(
		picked.message,
		/^names one user or channel, picked from the list of one installation/,
	);
	assert.deepEqual(
		findings.filter(({ level }) => level === 'error'),
		[],
	);
});

test('lint warns of a node that never runs, and lets expressions and notes be', () => {
	const findings = found((by, workflow) => {
		workflow.connections['Try Again?'].main.length = 1;
		by('Fetch Metrics').parameters.period = '={{ $json.period }}';
		by('About').parameters.content =
			'select * from core.users where password = 3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d';
	});
	assert.deepEqual(
		findings.map(({ level, node }) => `${level} ${node}`),
		['warning Not Fetched'],
	);
});

test('formatting twice changes nothing, and a drag in the editor is one line of a diff', () => {
	const workflow = sync();
	const once = format(workflow, types.ours);
	assert.equal(format(JSON.parse(once), types.ours), once);
	// As the editor saves it: keys and nodes in another order, and what belongs to the installation.
	const dragged = {
		versionId: 'v',
		active: true,
		meta: { instanceId: 'i' },
		connections: Object.fromEntries(Object.entries(workflow.connections).reverse()),
		nodes: workflow.nodes
			.map((node) => Object.fromEntries(Object.entries(node).reverse()))
			.reverse(),
		name: workflow.name,
		settings: workflow.settings,
		tags: workflow.tags.map((tag, i) => ({ id: `t${i}`, createdAt: 'now', ...tag })).reverse(),
	};
	assert.equal(format(dragged, types.ours), once);
	dragged.nodes[0].position = [dragged.nodes[0].position[0] + 333, 7];
	const before = once.split('\n');
	const after = format(dragged, types.ours).split('\n');
	assert.equal(before.length, after.length);
	assert.equal(after.filter((line, i) => line !== before[i]).length, 1);
});

test('what the editor leaves out when it saves makes no difference', () => {
	const workflow = sync();
	const before = format(workflow, types.ours);
	const store = workflow.nodes.find((node) => node.name === 'Store Metrics');
	Object.assign(store.parameters, { source: 'fetched', row: '={{ $json }}', dryRun: false });
	workflow.settings.binaryMode = 'separate';
	assert.equal(format(workflow, types.ours), before);
	store.parameters.dryRun = true;
	assert.notEqual(format(workflow, types.ours), before);
});

test('the address of a webhook is kept, that of a wait is not', () => {
	const node = (name, type) => ({ name, type, webhookId: 'w', parameters: {} });
	const text = format({
		nodes: [node('A', 'n8n-nodes-base.webhook'), node('B', 'n8n-nodes-base.wait')],
	});
	assert.deepEqual(
		JSON.parse(text).nodes.map(({ webhookId }) => webhookId),
		['w', undefined],
	);
});

test('a diff says in words what changed, and keeps moves apart', () => {
	const now = sync();
	const by = (name) => now.nodes.find((node) => node.name === name);
	by('Check Quota').parameters.units = 5;
	by('Not Now').position = [0, 900];
	by('Fetch Metrics').name = 'Fetch';
	now.connections.Fetch = now.connections['Fetch Metrics'];
	delete now.connections['Fetch Metrics'];
	now.connections['Check Quota'].main[0][0].node = 'Fetch';
	now.connections['Store Metrics'].main[0] = [];
	now.nodes.push({
		name: 'Mail',
		type: 'n8n-nodes-base.emailSend',
		typeVersion: 2.1,
		position: [0, 0],
		parameters: {},
	});
	const lines = diff(sync(), now);
	assert.deepEqual(lines.filter((line) => !line.includes('parameters.units')).sort(), [
		'connection "Store Metrics" output 0 to "Stored So Far" input 0 is gone',
		'moved only: "Not Now" (nothing runs differently)',
		'node "Fetch Metrics" is renamed "Fetch"',
		'node "Mail" is new (n8n-nodes-base.emailSend)',
	]);
	assert.match(
		lines.find((line) => line.includes('parameters.units')),
		/^node "Check Quota" parameters\.units: .* -> 5$/,
	);
	assert.deepEqual(diff(sync(), sync()), []);
});

/** n8n's public API, as far as it is used here: it refuses what it does not know. */
async function withN8n(work) {
	const workflows = new Map();
	const tags = [];
	const requests = [];
	const server = createServer(async (request, response) => {
		let text = '';
		for await (const piece of request) text += piece;
		const answer = (status, body) =>
			response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
		requests.push(`${request.method} ${request.url.split('?')[0]}`);
		if (request.headers['x-n8n-api-key'] !== 'key') return answer(401, { message: 'unauthorized' });
		const body = text ? JSON.parse(text) : undefined;
		if (body && !request.url.includes('/tags')) {
			const extra = Object.keys(body).filter(
				(key) => !['name', 'nodes', 'connections', 'settings'].includes(key),
			);
			if (extra.length)
				return answer(400, { message: `must NOT have additional properties: ${extra}` });
		}
		const path = request.url.split('?')[0].replace('/api/v1', '');
		if (path === '/tags' && request.method === 'GET') {
			return answer(200, { data: tags, nextCursor: null });
		}
		if (path === '/tags') {
			tags.push({ id: `t${tags.length + 1}`, name: body.name });
			return answer(201, tags.at(-1));
		}
		const tagged = /^\/workflows\/(\w+)\/tags$/.exec(path)?.[1];
		if (tagged) {
			const chosen = body.map(({ id }) => tags.find((tag) => tag.id === id));
			workflows.get(tagged).tags = chosen;
			return answer(200, chosen);
		}
		const credential = /^\/api\/v1\/credentials\/(\w+)$/.exec(request.url)?.[1];
		if (credential) {
			const type = { c2: 'ytempireApi', mail: 'smtp' }[credential];
			return type
				? answer(200, { id: credential, name: `The ${credential}`, type })
				: answer(404, { message: 'Not Found' });
		}
		const id = /^\/api\/v1\/workflows\/(\w+)$/.exec(request.url)?.[1];
		if (request.method === 'GET') {
			const all = [...workflows.values()];
			const from = Number(new URL(request.url, 'http://x').searchParams.get('cursor') ?? 0);
			return answer(200, {
				data: all.slice(from, from + 1),
				nextCursor: from + 1 < all.length ? String(from + 1) : null,
			});
		}
		const stored = {
			...body,
			// n8n keeps the tags of a workflow that is changed.
			...(workflows.has(id) ? { tags: workflows.get(id).tags } : {}),
			id: id ?? `w${workflows.size + 1}`,
			active: false,
			versionId: 'v',
			isArchived: false,
		};
		workflows.set(stored.id, stored);
		answer(200, stored);
	});
	await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
	const scratch = mkdtempSync(join(tmpdir(), 'workflows-'));
	try {
		const said = [];
		const complaints = [];
		const environment = {
			YTEMPIRE_N8N_URL: `http://127.0.0.1:${server.address().port}/`,
			YTEMPIRE_N8N_API_KEY: 'key',
		};
		const command = (...words) =>
			run(
				words,
				(line) => said.push(line),
				(line) => complaints.push(line),
				environment,
			);
		await work({ command, workflows, requests, scratch, said, complaints, environment });
	} finally {
		rmSync(scratch, { recursive: true });
		server.close();
	}
}

test('what is imported and exported is the same file, and an import keeps the credentials chosen in n8n', () =>
	withN8n(async ({ command, workflows, scratch, said }) => {
		const files = ['multi-user-sync.json', 'pause-until-reset.json'].map((name) =>
			join(folder, name),
		);
		assert.equal(await command('import', ...files), 0);
		assert.match(said.join('\n'), /choose the YTEMPIRE credential in: .*Store Metrics/);
		const chosen = { ytempireApi: { id: 'c1', name: 'Mine' } };
		const stored = workflows.get('w1');
		stored.nodes.find((node) => node.name === 'Store Metrics').credentials = chosen;
		assert.equal(await command('import', '--credential', 'c2', ...files), 0);
		assert.equal(workflows.size, 2);
		const by = (name) => workflows.get('w1').nodes.find((node) => node.name === name);
		assert.deepEqual(by('Store Metrics').credentials, chosen);
		assert.deepEqual(by('Fetch Metrics').credentials, {
			ytempireApi: { id: 'c2', name: 'YTEMPIRE' },
		});
		assert.equal(by('Summary').credentials, undefined);
		assert.equal(await command('export', scratch), 0);
		assert.deepEqual(readdirSync(scratch).sort(), [
			'multi-user-sync.json',
			'pause-until-reset.json',
		]);
		assert.equal(
			readFileSync(join(scratch, 'multi-user-sync.json'), 'utf8'),
			readFileSync(files[0], 'utf8'),
		);
	}));

test('a dry run says what an import would change, and changes nothing', () =>
	withN8n(async ({ command, workflows, scratch, said, requests }) => {
		const file = join(folder, 'weekly-top-videos.json');
		assert.equal(await command('import', '--dry-run', file), 0);
		assert.match(said.join('\n'), /^would be new: .*weekly-top-videos\.json/);
		assert.equal(await command('import', file), 0);
		const changed = JSON.parse(readFileSync(file, 'utf8'));
		changed.nodes.find(({ name }) => name === 'Top 3 Videos').parameters.limit = 5;
		const other = join(scratch, 'changed.json');
		writeFileSync(other, format(changed, types.ours));
		said.length = 0;
		requests.length = 0;
		assert.equal(await command('import', '--dry-run', other), 0);
		assert.equal(await command('diff', '--n8n', other), 0);
		assert.match(said[0], /^would be updated/);
		const line = 'node "Top 3 Videos" parameters.limit: 3 -> 5';
		assert.deepEqual([said[1].trim(), said.at(-1)], [line, line]);
		assert.ok(
			requests.every((each) => each.startsWith('GET ')),
			requests.join(),
		);
		const stored = workflows.get('w1').nodes.find(({ name }) => name === 'Top 3 Videos');
		assert.equal(stored.parameters.limit, 3);
		said.length = 0;
		assert.equal(await command('import', '--dry-run', '--json', other), 0);
		const [{ outcome, changes }] = JSON.parse(said.join('\n'));
		assert.deepEqual([outcome, changes], ['updated', [line]]);
	}));

test('an import with --force takes what lint finds errors in', () =>
	withN8n(async ({ command, workflows, scratch, complaints }) => {
		const workflow = JSON.parse(readFileSync(join(folder, 'weekly-top-videos.json'), 'utf8'));
		workflow.nodes.find(({ name }) => name === 'Top 3 Videos').parameters.limit = -1;
		const bad = join(scratch, 'bad.json');
		writeFileSync(bad, format(workflow, types.ours));
		assert.notEqual(await command('import', bad), 0);
		assert.match(complaints.join('\n'), /finds 1 error, .*--force imports all the same/);
		assert.equal(workflows.size, 0);
		assert.equal(await command('import', '--force', bad), 0);
		assert.equal(workflows.size, 1);
	}));

test('tags travel by their names', () =>
	withN8n(async ({ command, workflows, said }) => {
		const file = join(folder, 'weekly-top-videos.json');
		assert.equal(await command('import', file), 0);
		const { tags } = JSON.parse(readFileSync(file, 'utf8'));
		assert.deepEqual(
			workflows.get('w1').tags.map(({ name }) => ({ name })),
			tags,
		);
		said.length = 0;
		assert.equal(await command('diff', '--n8n', file), 0);
		assert.deepEqual(said, ['nothing has changed']);
	}));

test('credentials are asked for by their type, and stay with a node that is renamed', () =>
	withN8n(async ({ command, workflows, scratch, said }) => {
		const file = join(folder, 'weekly-top-videos.json');
		assert.equal(await command('import', '--credential', 'c2', file), 0);
		assert.match(said.join('\n'), /choose the SMTP credential in: Send the List$/m);
		assert.doesNotMatch(said.join('\n'), /YTEMPIRE credential/);
		const mail = workflows.get('w1').nodes.find(({ name }) => name === 'Send the List');
		mail.credentials = { smtp: { id: 'mail', name: 'Mail' } };
		const renamed = JSON.parse(
			readFileSync(file, 'utf8').replaceAll('"Send the List"', '"Mail the List"'),
		);
		const other = join(scratch, 'renamed.json');
		writeFileSync(other, format(renamed, types.ours));
		said.length = 0;
		assert.equal(await command('import', other), 0);
		const after = workflows.get('w1').nodes.find(({ name }) => name === 'Mail the List');
		assert.deepEqual(after.credentials, { smtp: { id: 'mail', name: 'Mail' } });
		assert.doesNotMatch(said.join('\n'), /choose/);
	}));

test('an import gives no credential to a node of another type', () =>
	withN8n(async ({ command, workflows, scratch, said }) => {
		const file = join(folder, 'weekly-top-videos.json');
		assert.equal(await command('import', '--credential', 'c2', file), 0);
		const nodeOf = () => workflows.get('w1').nodes.find(({ name }) => name === 'Send the List');
		nodeOf().credentials = { smtp: { id: 'mail', name: 'Mail' } };
		const changed = JSON.parse(readFileSync(file, 'utf8'));
		const node = changed.nodes.find(({ name }) => name === 'Send the List');
		Object.assign(node, {
			type: 'n8n-nodes-base.httpRequest',
			typeVersion: 4.2,
			parameters: { url: 'https://example.org/' },
		});
		const other = join(scratch, 'changed.json');
		writeFileSync(other, format(changed, types.ours));
		assert.equal(await command('import', other), 0, said.join('\n'));
		assert.equal(nodeOf().type, 'n8n-nodes-base.httpRequest');
		assert.equal(nodeOf().credentials, undefined);
	}));

test('a credential that n8n has not, or of another type, is refused', () =>
	withN8n(async ({ command, complaints, workflows }) => {
		const file = join(folder, 'weekly-top-videos.json');
		assert.equal(await command('import', '--credential', 'nowhere', file), 2);
		assert.match(complaints.pop(), /no credential with the ID "nowhere"/);
		assert.equal(await command('import', '--credential', 'mail', file), 2);
		assert.match(complaints.pop(), /is of type smtp; the nodes need one of type ytempireApi/);
		assert.equal(workflows.size, 0);
	}));

test('Report Errors becomes the error workflow of those imported with it', () =>
	withN8n(async ({ command, workflows }) => {
		const files = ['quota-watch.json', 'report-errors.json'].map((name) => join(folder, name));
		assert.equal(await command('import', ...files), 0);
		const [errors, watch] = ['Report Errors', 'Quota Watch'].map((name) =>
			[...workflows.values()].find((each) => each.name === name),
		);
		assert.equal(watch.settings.errorWorkflow, errors.id);
		assert.equal(errors.settings.errorWorkflow, undefined);
	}));

test('every command has help, and an option that there is not is refused', async () => {
	for (const command of ['lint', 'format', 'diff', 'import', 'export']) {
		const said = [];
		assert.equal(await run([command, '--help'], (line) => said.push(line), assert.fail, {}), 0);
		assert.match(said.join(), new RegExp(`^./ytempire workflows ${command} `));
		const complaints = [];
		assert.equal(
			await run([command, '--no-such'], assert.fail, (line) => complaints.push(line), {}),
			2,
		);
		assert.match(complaints.join(), new RegExp(`${command} has no option --no-such`));
	}
});

test('lint counts one error as one, and says all as JSON', async () => {
	const scratch = mkdtempSync(join(tmpdir(), 'workflows-'));
	try {
		const bad = sync();
		bad.nodes.find(({ name }) => name === 'Summary').typeVersion = 99;
		const file = join(scratch, 'bad.json');
		writeFileSync(file, format(bad, types.ours));
		const said = [];
		assert.equal(await run(['lint', file], (line) => said.push(line), assert.fail, {}), 1);
		assert.equal(said.at(-1), '1 workflow, 1 error, 0 warnings');
		const json = [];
		assert.equal(
			await run(['lint', '--json', file], (line) => json.push(line), assert.fail, {}),
			1,
		);
		const { errors, findings } = JSON.parse(json.join('\n'));
		assert.deepEqual([errors, findings[0].node, findings[0].field], [1, 'Summary', 'typeVersion']);
	} finally {
		rmSync(scratch, { recursive: true });
	}
});

test('a workflow that has a file is exported into that file, whatever it is called', () =>
	withN8n(async ({ command, scratch, said }) => {
		const file = join(folder, 'multi-user-sync.json');
		assert.equal(await command('import', file), 0);
		writeFileSync(join(scratch, 'called-otherwise.json'), '{"name": "Multi-User Sync"}');
		assert.equal(await command('export', scratch), 0);
		assert.deepEqual(readdirSync(scratch), ['called-otherwise.json']);
		assert.equal(
			readFileSync(join(scratch, 'called-otherwise.json'), 'utf8'),
			readFileSync(file, 'utf8'),
		);
		assert.match(said.at(-1), /called-otherwise\.json/);
	}));

test('a file with an error is not imported, and nothing of the others either', () =>
	withN8n(async ({ command, scratch, complaints, requests }) => {
		const bad = sync();
		bad.nodes[0].type = 'n8n-nodes-base.nothing';
		writeFileSync(join(scratch, 'bad.json'), format(bad));
		assert.equal(
			await command('import', join(folder, 'pause-until-reset.json'), join(scratch, 'bad.json')),
			2,
		);
		assert.match(complaints[0], /Nothing was imported.*bad\.json/);
		assert.deepEqual(requests, []);
	}));

test('what stands in the way is said with its cure', () =>
	withN8n(async ({ command, complaints, environment, scratch }) => {
		const complaint = async (...words) => {
			assert.equal(await command(...words), 2);
			return complaints.pop();
		};
		assert.match(await complaint('export', scratch, 'No Such'), /no workflow named "No Such"/);
		assert.match(await complaint('lint', 'nowhere.json'), /no file or folder nowhere\.json/);
		assert.match(await complaint('tidy'), /workflows lint/);
		environment.YTEMPIRE_N8N_API_KEY = 'wrong';
		assert.match(await complaint('export', '.'), /401.*Settings, n8n API/);
		delete environment.YTEMPIRE_N8N_API_KEY;
		assert.match(await complaint('export', '.'), /YTEMPIRE_N8N_API_KEY_FILE/);
		Object.assign(environment, {
			YTEMPIRE_N8N_API_KEY: 'k',
			YTEMPIRE_N8N_URL: 'http://127.0.0.1:9',
		});
		assert.match(await complaint('export', '.'), /does not answer at http:\/\/127\.0\.0\.1:9/);
	}));

test('names become file names', () => {
	assert.equal(fileName('Multi-User Sync'), 'multi-user-sync.json');
	assert.equal(fileName('Ärger & Co.'), 'a-rger-co.json');
	assert.equal(fileName('???'), 'workflow.json');
});
