// The operators' dashboard: what a panel must have, and that every metric in it is one that somebody publishes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { metricsOf, publishedMetrics } from '../deploy/test/metrics.mjs';

const root = join(import.meta.dirname, '..');
const dashboard = JSON.parse(
	readFileSync(join(root, 'grafana/provisioning/dashboards/operations.json'), 'utf8'),
);

const asked = dashboard.panels.flatMap(({ title, targets }) =>
	targets.map(({ expr }) => ({ title, expr })),
);

test('every metric of the dashboard is one that the sidecar or an exporter publishes', () => {
	const known = publishedMetrics();
	assert.ok(known.size > 25, [...known].join(' '));
	for (const { title, expr } of asked) {
		assert.ok(metricsOf(expr).length > 0, `${title} asks for no metric`);
		for (const name of metricsOf(expr))
			assert.ok(known.has(name), `${title}: nobody publishes ${name}`);
	}
});

test('the lint finds a metric that nobody publishes', () => {
	assert.deepEqual(
		metricsOf(
			'sum by (path) (rate(ytempire_http_requests_seconds_sum{status=~"5.."}[5m])) / max(up) > 0.5',
		),
		['ytempire_http_requests_seconds_sum', 'up'],
	);
	assert.ok(publishedMetrics().has('ytempire_http_requests_seconds_bucket'));
	assert.ok(!publishedMetrics().has('ytempire_youtube_calls_seconds_bucket'));
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
		for (const { datasource } of [panel, ...panel.targets])
			assert.deepEqual(datasource, { type: 'prometheus', uid: 'prometheus' }, panel.title);
		assert.equal(dashboard.panels.filter(({ id }) => id === panel.id).length, 1, panel.title);
		const { x, y, w, h } = panel.gridPos;
		assert.ok(x >= 0 && w > 0 && x + w <= 24, panel.title);
		for (const { title, gridPos: b } of dashboard.panels.filter(({ id }) => id !== panel.id)) {
			assert.ok(
				x + w <= b.x || b.x + b.w <= x || y + h <= b.y || b.y + b.h <= y,
				`${panel.title} overlaps ${title}`,
			);
		}
	}
	assert.match(
		readFileSync(join(root, 'grafana/provisioning/dashboards/operations.yml'), 'utf8'),
		/orgId: 1\n/,
	);
});
