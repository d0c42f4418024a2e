// The operators' dashboard: what a panel must have, and that every meter in it is one that somebody publishes.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');
const dashboard = JSON.parse(readFileSync(join(root, 'grafana/provisioning/dashboards/operations.json'), 'utf8'));
const rules = readFileSync(join(root, 'deploy/prometheus/rules.yml'), 'utf8');

/** Of Prometheus itself, and of the exporters and n8n in deploy/prometheus/prometheus.yml. */
const EXPORTED = [
	'up',
	'pg_up',
	'pg_stat_database_numbackends',
	'pg_settings_max_connections',
	'n8n_workflow_started_total',
	'n8n_workflow_failed_total',
	'node_filesystem_avail_bytes',
	'node_filesystem_size_bytes',
	'node_memory_MemAvailable_bytes',
	'node_memory_MemTotal_bytes',
	'node_vmstat_oom_kill',
	'node_timex_offset_seconds',
	'node_timex_sync_status',
];

/** What Prometheus' registry of Micrometer calls the sidecar's meters, by how they are registered in its source. */
function published() {
	const folder = join(root, 'sidecar/service/src/main/java');
	const source = readdirSync(folder, { recursive: true })
		.filter((file) => file.endsWith('.java'))
		.map((file) => readFileSync(join(folder, file), 'utf8'))
		.join('\n');
	const names = (pattern) => [...source.matchAll(pattern)].map(([, name]) => name.replaceAll('.', '_'));
	const timers = names(/Timer\.builder\(\s*"(ytempire\.[a-z.]+)"/g);
	const counters = names(/(?:Counter\.builder|registry\.counter)\(\s*"(ytempire\.[a-z.]+)"/g);
	const gauges = names(/(?:Gauge\.builder|\.gauge)\(\s*"(ytempire\.[a-z.]+[a-z])"/g);
	const quota = /"ytempire\.quota\." \+ meter/.test(source) ? [...source.matchAll(/"(\w+)", BucketStatus::\1/g)].map(([, unit]) => `ytempire_quota_${unit}`) : [];
	return new Set([
		...timers.flatMap((name) => [`${name}_seconds_count`, `${name}_seconds_sum`, `${name}_seconds_max`]),
		...counters.map((name) => `${name}_total`),
		...gauges,
		...quota,
	]);
}

/** The names of meters in an expression: what is no function, keyword, label or text. */
const meters = (expression) =>
	[...expression.replaceAll(/"[^"]*"/g, '').replaceAll(/\{[^}]*\}/g, '').replaceAll(/\b(?:by|without|on|ignoring)\s*\([^)]*\)/g, '').matchAll(/\b([a-z_][a-zA-Z0-9_]*)\b(?!\s*\()/g)]
		.map(([, name]) => name)
		.filter((name) => /_|^up$/.test(name));

const asked = dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr })));

test('every meter of the dashboard is one that the sidecar or an exporter publishes', () => {
	const known = published();
	assert.ok(known.size > 25, [...known].join(' '));
	for (const { title, expr } of asked) {
		assert.ok(meters(expr).length > 0, `${title} asks for no meter`);
		for (const name of meters(expr)) assert.ok(known.has(name) || EXPORTED.includes(name), `${title}: nobody publishes ${name}`);
	}
});

test('every meter of an alert is one that the sidecar or an exporter publishes', () => {
	const known = published();
	const expressions = [...rules.matchAll(/expr: (?:\|\n((?: {10,}.*\n)+)|(.*))/g)].map(([, block, line]) => block ?? line);
	assert.ok(expressions.length > 8, `${expressions.length} expressions`);
	for (const name of expressions.flatMap(meters)) assert.ok(known.has(name) || EXPORTED.includes(name), `nobody publishes ${name}`);
});

test('the lint finds a meter that nobody publishes', () => {
	assert.deepEqual(meters('sum by (path) (rate(ytempire_http_requests_seconds_sum{status=~"5.."}[5m])) / max(up) > 0.5'), ['ytempire_http_requests_seconds_sum', 'up']);
	assert.ok(!published().has('ytempire_http_requests_seconds_bucket'));
});

test('every panel says what it means, in a unit, from Prometheus of the first organization', () => {
	assert.equal(dashboard.elements, undefined);
	assert.equal(dashboard.schemaVersion, 42);
	assert.equal(dashboard.editable, false);
	assert.equal(dashboard.refresh, '1m');
	for (const panel of dashboard.panels) {
		assert.ok(['stat', 'timeseries', 'bargauge', 'table'].includes(panel.type), panel.title);
		assert.ok(panel.description?.length > 30, `${panel.title} has no description`);
		assert.ok(panel.fieldConfig.defaults.unit, `${panel.title} has no unit`);
		for (const { datasource } of [panel, ...panel.targets]) assert.deepEqual(datasource, { type: 'prometheus', uid: 'prometheus' }, panel.title);
		assert.equal(dashboard.panels.filter(({ id }) => id === panel.id).length, 1, panel.title);
		const { x, y, w, h } = panel.gridPos;
		assert.ok(x >= 0 && w > 0 && x + w <= 24, panel.title);
		for (const { title, gridPos: b } of dashboard.panels.filter(({ id }) => id !== panel.id)) {
			assert.ok(x + w <= b.x || b.x + b.w <= x || y + h <= b.y || b.y + b.h <= y, `${panel.title} overlaps ${title}`);
		}
	}
	assert.match(readFileSync(join(root, 'grafana/provisioning/dashboards/operations.yml'), 'utf8'), /orgId: 1\n/);
});
