// The customers' dashboards: what a panel must say and have, and every query of every panel as a tenant's login.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { migrated, SET, text } from '../sql/tests/pglite.mjs';
import { expand } from './macros.mjs';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'dashboards');
const dashboards = Object.fromEntries(
	readdirSync(folder).map((file) => [file.replace('.json', ''), JSON.parse(readFileSync(join(folder, file), 'utf8'))]),
);

/** By the brief: how often each refreshes, and its panels in our titles. */
const BRIEFED = {
	revenue_tracker: {
		refresh: '5m',
		panels: ['Revenue This Month', 'Daily Revenue', 'Channels Compared', 'Revenue Growth', 'Days to the Target'],
	},
	channel_analytics: {
		refresh: '15m',
		panels: [
			'Views by Channel',
			'Thumbnail Click-Through Rate',
			'Audience Retention',
			'Best Performing Videos',
			'When Uploads Do Well',
		],
	},
	cost_analysis: {
		refresh: '1h',
		panels: ['Cost per Video', 'Revenue per Video', 'Profit Margin by Month', 'Return by Channel', 'Break-Even'],
	},
};

/** Those that can be drawn with Grafana's own components, so that somebody has looked at each. */
const TYPES = ['stat', 'timeseries', 'bargauge', 'table', 'trend'];

const panels = Object.entries(dashboards).flatMap(([name, dashboard]) =>
	dashboard.panels.map((panel) => ({ name, dashboard, panel, at: `${name}: ${panel.title}` })),
);
const queries = [
	...panels.flatMap(({ panel, at }) => panel.targets.map((target) => ({ at, target }))),
	...Object.entries(dashboards).flatMap(([name, { annotations }]) =>
		annotations.list.map(({ target }) => ({ at: `${name}: annotations`, target })),
	),
	...Object.entries(dashboards).flatMap(([name, { templating }]) =>
		templating.list
			.filter(({ type }) => type === 'query')
			.map(({ name: variable, query }) => ({ at: `${name}: variable ${variable}`, target: { rawSql: query, format: 'variable' } })),
	),
];

test('the dashboards are the briefed ones, in classic JSON that file and API take', () => {
	assert.deepEqual(Object.keys(dashboards).sort(), Object.keys(BRIEFED).sort());
	for (const [name, dashboard] of Object.entries(dashboards)) {
		assert.equal(dashboard.elements, undefined, `${name} is in the format of version 2`);
		assert.equal(dashboard.schemaVersion, 42, name);
		assert.equal(dashboard.refresh, BRIEFED[name].refresh, name);
		assert.equal(dashboard.editable, false, name);
		// A day arrives as midnight UTC: in another zone it would be shown as the day before.
		assert.equal(dashboard.timezone, 'utc', name);
		assert.ok(dashboard.title && dashboard.description, name);
		assert.match(dashboard.uid, /^ytempire-[a-z]+$/, name);
		for (const title of BRIEFED[name].panels) {
			assert.ok(dashboard.panels.some((panel) => panel.title === title), `${name} has no panel ${title}`);
		}
		assert.ok(dashboard.links.some(({ type, tags }) => type === 'dashboards' && tags.includes('ytempire')), `${name} links to the others`);
		assert.ok(dashboard.links.some(({ url }) => /^https:\/\/studio\.youtube\.com\//.test(url)), `${name} links to YouTube`);
		assert.ok(dashboard.annotations.list.some(({ target }) => /metric_breaks/.test(target?.rawSql)), `${name} marks metric breaks`);
	}
	const uids = Object.values(dashboards).map(({ uid }) => uid);
	assert.equal(new Set(uids).size, uids.length);
});

test('every panel says what its figures mean, in which unit, from the one data source', () => {
	for (const { panel, dashboard, at } of panels) {
		assert.ok(TYPES.includes(panel.type), `${at}: ${panel.type}`);
		assert.ok(panel.title?.length > 2, at);
		assert.ok(panel.description?.length > 40, `${at} has no description`);
		assert.ok(panel.fieldConfig.defaults.unit, `${at} has no unit`);
		for (const { datasource } of [panel, ...panel.targets]) {
			assert.deepEqual(datasource, { type: 'grafana-postgresql-datasource', uid: 'ytempire' }, at);
		}
		assert.ok(panel.targets.length > 0, `${at} asks nothing`);
		assert.equal(dashboard.panels.filter(({ id }) => id === panel.id).length, 1, `${at}: its id is another's`);
		assert.equal(dashboard.panels.filter(({ title }) => title === panel.title).length, 1, `${at}: its title is another's`);
	}
});

test('no panel overlaps another or leaves the grid', () => {
	for (const { panel, dashboard, at } of panels) {
		const { x, y, w, h } = panel.gridPos;
		assert.ok(x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= 24, at);
		for (const other of dashboard.panels.filter(({ id }) => id !== panel.id)) {
			const b = other.gridPos;
			assert.ok(x + w <= b.x || b.x + b.w <= x || y + h <= b.y || b.y + b.h <= y, `${at} overlaps ${other.title}`);
		}
	}
});

test('every query is one line on analytics, with variables as quoted values alone', () => {
	assert.ok(queries.length > 20, `${queries.length} queries`);
	for (const { at, target } of queries) {
		const sql = target.rawSql;
		assert.doesNotMatch(sql, /\n/, at);
		assert.doesNotMatch(sql, /user_id|email|@|UC[\w-]{22}/, `${at} names a user or channel`);
		// What stands in quotes is text.
		for (const [, from] of sql.replaceAll(/'[^']*'/g, '').matchAll(/\b(?:from|join) ([\w.]+)/g)) {
			assert.match(from, /^analytics\./, `${at} reads ${from}`);
		}
		for (const [whole, rest] of sql.matchAll(/\$(?!__)(.\w*(?::\w+)?\}?)/g)) {
			assert.match(rest, /^\{\w+:sqlstring\}$/, `${at}: ${whole} is not quoted`);
		}
	}
});

test('an expression with a quote in it stays a value', () => {
	const sql = expand('select ${a:sqlstring}, ${b:sqlstring}', { range: {}, variables: { a: "x'; drop table y; --", b: ['1', "'"] } });
	assert.equal(sql, "select 'x''; drop table y; --', '1',''''");
	assert.throws(() => expand('$__unknown(x)', { range: {} }), /unknown macro/);
	assert.throws(() => expand('${unknown}', { range: {} }), /unknown variable/);
});

let database;
before(async () => {
	database = await migrated('plain');
	await database.exec(text('tests', 'analytics.sql'));
	await database.exec(`
		set session authorization ytempire_operator;
		do $$
		begin
			perform set_config('app.tenant_id', current_setting('test.as_g'), true);
			perform set_config('test.login', app.provision_tenant_login('SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0c2FsdA==$c3RvcmVk:c2VydmVy'), false);
		end $$;
		${SET};
	`);
	const { rows } = await database.query("select current_setting('test.login') as name");
	await database.exec(`set session authorization ${rows[0].name}; set search_path = analytics; set default_transaction_read_only = on`);
});
after(() => database.close());

const RANGE = { from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 2, 10) };
const CHANNELS = [1, 2].map((n) => `UC${'g'.repeat(21)}${n}`);

/** Date, timestamp, timestamptz. */
const TIMES = [1082, 1114, 1184];

test("every query of every panel runs as a tenant's login", async () => {
	for (const { at, target } of queries) {
		const variables = { channel: CHANNELS, period: '28', measure: 'views', video: 'ggggggggg01' };
		const { fields } = await database.query(expand(target.rawSql, { range: RANGE, variables })).catch((error) => {
			throw new Error(`${at}: ${error.message}`, { cause: error });
		});
		assert.equal(new Set(fields.map(({ name }) => name)).size, fields.length, `${at}: columns of one name`);
		if (target.format === 'time_series') {
			assert.ok(TIMES.includes(fields.find(({ name }) => name === 'time')?.dataTypeID), `${at}: no column time of a time`);
		}
	}
});

test('a hostile value of a variable is a value that nothing has', async () => {
	const hostile = "x'); select pg_sleep(1); --";
	for (const { at, target } of queries.filter(({ target }) => /\$\{/.test(target.rawSql))) {
		const variables = { channel: [hostile], period: hostile, measure: hostile, video: hostile };
		const sql = expand(target.rawSql, { range: RANGE, variables });
		try {
			const { rows } = await database.query(sql);
			assert.ok(rows.length <= 26 || !/channel/.test(at), at);
		} catch (error) {
			// Of a number.
			assert.match(error.message, /invalid input syntax for type integer/, `${at}: ${error.message}`);
		}
	}
});
