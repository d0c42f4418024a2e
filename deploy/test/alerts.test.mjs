// The alerts: each has its page, each metric exists, and the rules and Alertmanager's configuration do what they say.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { metricsOf, publishedMetrics } from './metrics.mjs';
import { hurried } from './monitoring.mjs';

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

test('each alert that is tried with a real fault exists', () => {
	const tried = [
		...read('deploy/test/alerts.mjs').matchAll(/raises\(\s*place,\s*\{([^}]*)\}/g),
	].flatMap(([, body]) => [...body.matchAll(/(\w+):/g)].map(([, name]) => name));
	assert.ok(tried.length > 15, tried.join(' '));
	for (const name of tried)
		assert.ok(
			alerts.some((alert) => alert.name === name),
			name,
		);
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
