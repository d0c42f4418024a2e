// The alerts: each has its page, each metric exists, and the rules and Alertmanager's configuration do what they say.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Google } from './google.mjs';
import { metricsOf, publishedMetrics } from './metrics.mjs';
import { hurried, pastDays, replaced } from './monitoring.mjs';

const top = new URL('../..', import.meta.url).pathname;
const read = (file) => readFileSync(join(top, file), 'utf8');
const rules = read('deploy/prometheus/rules.yml');
const alerts = [...rules.matchAll(/^ +- alert: (\w+)\n((?: {8}.*\n| {10,}.*\n)+)/gm)].map(
	([, name, body]) => ({ name, body }),
);

test('each alert has a page of what it means and what to do', () => {
	const page = read('docs/operations/alerts.md');
	const sections = new Map(
		page
			.split(/^### /m)
			.slice(1)
			.map((text) => [text.split('\n')[0], text.split('\n').slice(1).join('\n')]),
	);
	assert.deepEqual([...sections.keys()].sort(), alerts.map(({ name }) => name).sort());
	for (const { name, body } of alerts) {
		assert.match(
			body,
			new RegExp(`runbook: "docs/operations/alerts\\.md#${name.toLowerCase()}"`),
			name,
		);
		const [, severity] = /severity: (\w+)/.exec(body);
		if (severity !== 'none')
			assert.ok(sections.get(name).includes(`*${severity}.*`), `${name} is a ${severity}`);
		assert.ok(sections.get(name).length > 80, `${name} says what to do`);
	}
});

test('each metric that a rule names exists', () => {
	const published = publishedMetrics();
	const expressions = [...rules.matchAll(/expr: (?:\|\n((?: {10,}.*\n)+)|(.*))/g)].map(
		([, block, line]) => block ?? line,
	);
	const names = new Set(expressions.flatMap(metricsOf));
	assert.ok(names.size > 25, [...names].join(' '));
	for (const name of names) assert.ok(published.has(name), `nobody publishes ${name}`);
});

test('n8n stays a target when it does not run', () => {
	// A name that no longer resolves is no target, and "up" of it is absent instead of 0.
	const settings = read('deploy/prometheus/prometheus.yml');
	assert.match(settings, /job_name: n8n\n +static_configs: \[\{targets: \["n8n:5678"\]\}\]/);
	assert.match(settings, /dns_sd_configs: \[\{names: \[n8n-worker\]/);
});

test('no alert carries a user, a channel or a video', () => {
	for (const { name, body } of alerts)
		assert.doesNotMatch(body, /\$labels\.(user|tenant|channel|video|usename|datname)/, name);
});

test('the copy of the rules that is tried with real faults differs in pauses alone', () => {
	const pause = /^ +(?:for|interval): (\d+)([smh])$/gm;
	const copy = hurried(rules, 60);
	assert.equal(copy.replaceAll(pause, ''), rules.replaceAll(pause, ''));
	const secondsOf = (text) =>
		[...text.matchAll(pause)].map(([, count, unit]) => count * { s: 1, m: 60, h: 3600 }[unit]);
	assert.ok(secondsOf(rules).length > 25);
	assert.deepEqual(
		secondsOf(copy),
		secondsOf(rules).map((seconds) => seconds / 60),
	);
});

test('each alert is tried with a real fault, and the page names those that the machine may keep from being seen', () => {
	const text = read('deploy/test/alerts.mjs');
	const tried = new Set([
		...[...text.matchAll(/raises\(\s*place,\s*\{([^}]*)\}/g)].flatMap(([, body]) =>
			[...body.matchAll(/(\w+):/g)].map(([, name]) => name),
		),
		...[...text.matchAll(/notified\('(\w+)'/g)].map(([, name]) => name),
	]);
	const names = alerts.map(({ name }) => name);
	assert.deepEqual(
		[...tried].filter((name) => !names.includes(name)),
		[],
	);
	assert.deepEqual(
		names.filter((name) => !tried.has(name)),
		[],
	);
	const unseen = [...text.matchAll(/not seen: (\w+)/g)].map(([, name]) => name);
	assert.deepEqual(unseen.toSorted(), ['ClockWrong', 'MemoryShort']);
	const units = read('deploy/prometheus/rules.test.yml');
	const [, said] = /`\.\/ytempire test --alerts`([\s\S]*?)\n## /.exec(
		read('docs/operations/alerts.md'),
	);
	for (const name of unseen) {
		const isTested = new RegExp(`alertname: ${name}\\n +exp_alerts: ?(\\[\\{|\\n)`).test(units);
		assert.ok(isTested, `a unit test shows when ${name} fires`);
		assert.ok(said.includes(`*${name}*`), `the page says that ${name} may not be seen`);
	}
});

test('a fast alert keeps back the slow one of its own objective alone', () => {
	const inhibited = [
		...read('deploy/prometheus/alertmanager.yml').matchAll(
			/source_matchers: \['alertname=~?"(.*Fast)"'\], target_matchers: \['alertname=~?"(.*)"'\]/g,
		),
	].map(([, source, target]) => [source, target]);
	const fast = alerts.map(({ name }) => name).filter((name) => name.endsWith('Fast'));
	assert.deepEqual(
		inhibited.toSorted(),
		fast.map((name) => [name, name.replace(/Fast$/, 'Slowly')]).toSorted(),
	);
});

test('what is replaced in a configuration must be there', () => {
	assert.equal(
		replaced('a b', [
			['a', 'c'],
			[/b/, 'd'],
		]),
		'c d',
	);
	assert.throws(() => replaced('a b', [['x', 'y']]), /nothing says x/);
});

test('by the history of Prometheus a bucket filled up on two days, and no channel was stale', () => {
	const day = 86400;
	const now = 1_795_875_000;
	const samples = (name) =>
		pastDays(now, 'sidecar:9464')
			.split('\n')
			.filter((line) => line.startsWith(name))
			.map((line) => line.split(' ').slice(-2).map(Number));
	const left = samples('ytempire:quota_left:ratio{bucket="data.general"}');
	const least = (from, to) =>
		Math.min(...left.filter(([, at]) => at > from && at <= to).map(([value]) => value));
	assert.equal(least(now - day, now), Infinity);
	assert.equal(least(now - 2 * day, now - day), 0.35);
	assert.equal(least(now - 3 * day, now - 2 * day), 0.35);
	assert.ok(
		samples('ytempire:channels_stale:ratio').every(([value, at]) => value === 0 && at < now),
	);
});

/** What the stand-in's token endpoint answers. */
async function tokens(address, parameters) {
	const body = new URLSearchParams({ client_id: 'c', client_secret: 's', ...parameters });
	const response = await fetch(`${address}/token`, { method: 'POST', body });
	return { status: response.status, ...(await response.json()) };
}

/** A consent to the stand-in, of which the challenge is of this verifier; returns the code. */
async function consent(address, verifier) {
	const asked = new URLSearchParams({
		client_id: 'c',
		response_type: 'code',
		redirect_uri: 'http://here/back',
		scope: 'a b',
		state: 'z',
		code_challenge: createHash('sha256').update(verifier).digest('base64url'),
	});
	const page = await fetch(`${address}/o/oauth2/v2/auth?${asked}`, { redirect: 'manual' });
	const back = new URL(page.headers.get('location'));
	assert.equal(
		`${back.origin}${back.pathname} ${back.searchParams.get('state')}`,
		'http://here/back z',
	);
	return back.searchParams.get('code');
}

test('the stand-in for Google gives tokens for a consent once, and to its verifier', async () => {
	const address = await new Google({ id: 'c', secret: 's' }, 'UCx').start();
	const exchange = (code, verifier, more) =>
		tokens(address, {
			grant_type: 'authorization_code',
			redirect_uri: 'http://here/back',
			code,
			code_verifier: verifier,
			...more,
		});
	assert.equal((await exchange(await consent(address, 'v'), 'w')).error, 'invalid_grant');
	const code = await consent(address, 'v');
	assert.equal((await exchange(code, 'v', { client_secret: 'other' })).status, 401);
	const given = await exchange(code, 'v');
	assert.equal(given.scope, 'a b');
	assert.equal((await exchange(code, 'v')).error, 'invalid_grant');
	const refresh = { grant_type: 'refresh_token', refresh_token: given.refresh_token };
	assert.ok((await tokens(address, refresh)).access_token);
	assert.equal((await tokens(address, { ...refresh, refresh_token: 'x' })).error, 'invalid_grant');
});

test('each token of the stand-in for Google is of the channel that its owner picked', async () => {
	const google = new Google({ id: 'c', secret: 's' });
	const address = await google.start();
	const connect = async (channelId) => {
		google.channelId = channelId;
		return tokens(address, {
			grant_type: 'authorization_code',
			redirect_uri: 'http://here/back',
			code: await consent(address, 'v'),
			code_verifier: 'v',
		});
	};
	const one = await connect('UCone');
	const other = await connect('UCother');
	const refreshed = await tokens(address, {
		grant_type: 'refresh_token',
		refresh_token: one.refresh_token,
	});
	const get = async (path, token) => {
		const response = await fetch(`${address}${path}`, {
			headers: { authorization: `Bearer ${token}` },
		});
		return { status: response.status, ...(await response.json()) };
	};
	const own = '/youtube/v3/channels?mine=true';
	assert.equal((await get(own, refreshed.access_token)).items[0].id, 'UCone');
	assert.equal((await get(own, other.access_token)).items[0].id, 'UCother');
	const days = '/v2/reports?dimensions=day,deviceType&metrics=views&ids=channel==';
	const table = await get(`${days}UCone`, one.access_token);
	assert.deepEqual(
		table.columnHeaders.map(({ name, columnType }) => `${name} ${columnType}`),
		['day DIMENSION', 'deviceType DIMENSION', 'views METRIC'],
	);
	assert.deepEqual(table.rows, []);
	assert.equal((await get(`${days}UCother`, one.access_token)).status, 403);
	assert.equal((await get(`${days}UCone`, 'none')).status, 401);
});

test('the stand-in for Google shows a channel to its token alone, and fails as recorded', async () => {
	const google = new Google({ id: 'c', secret: 's' }, 'UCx');
	const address = await google.start();
	const given = await tokens(address, {
		grant_type: 'authorization_code',
		redirect_uri: 'http://here/back',
		code: await consent(address, 'v'),
		code_verifier: 'v',
	});
	const ask = async (query, token = given.access_token) => {
		const response = await fetch(`${address}/youtube/v3/channels?${query}`, {
			headers: { authorization: `Bearer ${token}` },
		});
		return { status: response.status, ...(await response.json()) };
	};
	assert.equal((await ask('mine=true')).items[0].id, 'UCx');
	assert.equal((await ask('forHandle=@nobody')).items, undefined);
	assert.equal((await ask('mine=true', 'other')).status, 401);
	for (const [fault, status, reason] of [
		['500-backend-error', 500, 'backendError'],
		['403-access-not-configured', 403, 'accessNotConfigured'],
	]) {
		google.fault = fault;
		const answer = await ask('mine=true');
		assert.deepEqual([answer.status, answer.error.errors[0].reason], [status, reason]);
	}
});

/** A program of Debian's packages; null where it is not installed. */
function program(name) {
	const folder = join(top, '.ytempire/stack/programs/usr/bin', name);
	for (const candidate of [folder, name])
		if (spawnSync(candidate, ['--version']).status === 0) return candidate;
	return null;
}

function run(command, ...words) {
	const done = spawnSync(command, words, { cwd: join(top, 'deploy/prometheus'), encoding: 'utf8' });
	assert.equal(done.status, 0, done.stdout + done.stderr);
	return done.stdout;
}

const without = (name, of) =>
	name
		? false
		: `because ${of} is not installed (Debian's package ${of === 'promtool' ? 'prometheus' : 'prometheus-alertmanager'})`;
const promtool = program('promtool');
const amtool = program('amtool');
const noPromtool = without(promtool, 'promtool');
/** Before 0.26 a webhook's address could not come from a file. */
const isOld =
	amtool &&
	/version 0\.(\d|1\d|2[0-5])\./.test(
		spawnSync(amtool, ['--version'], { encoding: 'utf8' }).stdout,
	);
const noAmtool = isOld ? 'because amtool is older than 0.26' : without(amtool, 'amtool');
if (noPromtool) console.log(`Skipped: the unit tests of the alert rules, ${noPromtool}`);
if (noAmtool) console.log(`Skipped: the check of Alertmanager's configuration, ${noAmtool}`);

test('the rules fire when they should, and only then', { skip: noPromtool }, () => {
	run(promtool, 'test', 'rules', 'rules.test.yml');
	assert.match(run(promtool, 'check', 'rules', 'rules.yml'), /SUCCESS/);
});

/** Alertmanager's configuration as its container makes it. */
function configured(t, environment, heartbeat) {
	const folder = mkdtempSync(join(tmpdir(), 'alertmanager-'));
	t.after(() => rmSync(folder, { recursive: true }));
	if (heartbeat) writeFileSync(join(folder, 'alert_heartbeat'), heartbeat);
	const done = spawnSync(
		'sh',
		[join(top, 'deploy/prometheus/alertmanager.sh'), 'cat', '/tmp/alertmanager.yml'],
		{
			encoding: 'utf8',
			env: {
				PATH: process.env.PATH,
				TEMPLATE: join(top, 'deploy/prometheus/alertmanager.yml'),
				SECRETS: folder,
				...environment,
			},
		},
	);
	assert.equal(done.status, 0, done.stderr);
	const file = join(folder, 'alertmanager.yml');
	writeFileSync(file, done.stdout);
	return { text: done.stdout, file };
}

const MAIL = {
	STACK_ALERT_MAIL_TO: 'oncall@example.org',
	STACK_ALERT_MAIL_FROM: 'alerts@example.org',
	STACK_ALERT_SMTP: 'mail.example.org:587',
	STACK_ALERT_SMTP_USER: 'alerts',
};

test('alerts go by mail beside the webhook where an address is set', (t) => {
	const { text } = configured(t, MAIL, 'https://heartbeat.example.org/x');
	assert.match(text, /to: oncall@example\.org/);
	assert.match(text, /smtp_smarthost: mail\.example\.org:587/);
	assert.match(text, /smtp_auth_username: alerts$/m);
	assert.match(text, /url_file: \/run\/secrets\/alert_webhook/);
	assert.match(text, /url_file: \/run\/secrets\/alert_heartbeat/);
	assert.doesNotMatch(text, /STACK_|# (mail|heartbeat)$/m);
});

test('without an address for mail the webhook is all', (t) => {
	const { text } = configured(t, {}, '');
	assert.doesNotMatch(text.replace(/^#.*$/gm, ''), /smtp|email|heartbeat, send|STACK_/);
	assert.match(text, /url_file: \/run\/secrets\/alert_webhook/);
});

test('Alertmanager takes its configuration with and without mail', { skip: noAmtool }, (t) => {
	for (const [environment, heartbeat] of [
		[{}, ''],
		[MAIL, 'https://heartbeat.example.org/x'],
	]) {
		const { file } = configured(t, environment, heartbeat);
		run(amtool, 'check-config', file);
		assert.match(
			run(amtool, 'config', 'routes', 'test', `--config.file=${file}`, 'alertname=Watchdog'),
			/heartbeat/,
		);
		assert.match(
			run(
				amtool,
				'config',
				'routes',
				'test',
				`--config.file=${file}`,
				'alertname=DatabaseDown',
				'severity=page',
			),
			/operators/,
		);
	}
});
