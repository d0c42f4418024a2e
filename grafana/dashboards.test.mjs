// The customers' dashboards: what a panel must say and have, and every query of every panel as a tenant's login.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { migrated, SET, text } from '../sql/tests/pglite.mjs';
import { annotationsOf, dataOf, framesOf, panelFaults, rangeOf, variablesOf } from './frames.mjs';
import { expand } from './macros.mjs';
import { faultsOf, html, pageData } from './preview/page.mjs';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'dashboards');
const dashboards = Object.fromEntries(
	readdirSync(folder).map((file) => [
		file.replace('.json', ''),
		JSON.parse(readFileSync(join(folder, file), 'utf8')),
	]),
);

/** By the brief: how often each refreshes, and its panels in our titles. */
const BRIEFED = {
	revenue_tracker: {
		refresh: '5m',
		panels: [
			'Revenue This Month',
			'Daily Revenue',
			'Channels Compared',
			'Revenue Growth',
			'Days to the Target',
		],
	},
	channel_analytics: {
		refresh: '15m',
		panels: [
			'Views by Channel',
			'Thumbnail Click-Through Rate',
			'Audience Retention',
			'Best Performing Videos',
			'When Uploads Do Well',
			'Data Quality',
		],
	},
	cost_analysis: {
		refresh: '1h',
		panels: [
			'Cost per Video',
			'Revenue per Video',
			'Profit Margin by Month',
			'Return by Channel',
			'Break-Even',
		],
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
			.map(({ name: variable, query }) => ({
				at: `${name}: variable ${variable}`,
				target: { rawSql: query, format: 'variable' },
			})),
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
			assert.ok(
				dashboard.panels.some((panel) => panel.title === title),
				`${name} has no panel ${title}`,
			);
		}
		assert.ok(
			dashboard.links.some(({ type, tags }) => type === 'dashboards' && tags.includes('ytempire')),
			`${name} links to the others`,
		);
		assert.ok(
			dashboard.links.some(({ url }) => /^https:\/\/studio\.youtube\.com\//.test(url)),
			`${name} links to YouTube`,
		);
		assert.ok(
			dashboard.annotations.list.some(({ target }) => /metric_breaks/.test(target?.rawSql)),
			`${name} marks metric breaks`,
		);
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
		assert.equal(
			dashboard.panels.filter(({ id }) => id === panel.id).length,
			1,
			`${at}: its id is another's`,
		);
		assert.equal(
			dashboard.panels.filter(({ title }) => title === panel.title).length,
			1,
			`${at}: its title is another's`,
		);
	}
});

test('no panel overlaps another or leaves the grid', () => {
	for (const { panel, dashboard, at } of panels) {
		const { x, y, w, h } = panel.gridPos;
		assert.ok(x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= 24, at);
		for (const other of dashboard.panels.filter(({ id }) => id !== panel.id)) {
			const b = other.gridPos;
			assert.ok(
				x + w <= b.x || b.x + b.w <= x || y + h <= b.y || b.y + b.h <= y,
				`${at} overlaps ${other.title}`,
			);
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
	const sql = expand('select ${a:sqlstring}, ${b:sqlstring}', {
		range: {},
		variables: { a: "x'; drop table y; --", b: ['1', "'"] },
	});
	assert.equal(sql, "select 'x''; drop table y; --', '1',''''");
	assert.throws(() => expand('$__unknown(x)', { range: {} }), /unknown macro/);
	assert.throws(() => expand('${unknown}', { range: {} }), /unknown variable/);
});

let database;
/** As a database for frames.mjs. */
const asked = (sql) => database.query(sql);

/** Logins of users by what they have: the hand-made figures of analytics.sql, generated ones of half a year, nothing. */
const logins = {};

before(async () => {
	database = await migrated('plain');
	await database.exec(text('tests', 'analytics.sql'));
	await database.exec(
		`set bench.users = '1'; ${readFileSync(join(folder, '../../sidecar/bench/src/main/resources/panels.sql'), 'utf8')}`,
	);
	await database.exec(
		"reset session_replication_role; select set_config('test.as_bench', sec.prove_tenant(user_id), false) from core.users where email = 'bench1@example.com'",
	);
	await database.exec('set session authorization ytempire_operator');
	for (const [name, proof] of [
		['made', 'g'],
		['generated', 'bench'],
		['empty', 'j'],
	]) {
		await database.exec(`
			do $$
			begin
				perform set_config('app.tenant_id', current_setting('test.as_${proof}'), true);
				perform set_config('test.login', app.provision_tenant_login('SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0c2FsdA==$c3RvcmVk:c2VydmVy'), false);
			end $$;
		`);
		const { rows } = await database.query("select current_setting('test.login') as name");
		logins[name] = rows[0].name;
	}
	await as('made');
});
after(() => database.close());

async function as(name) {
	await database.exec(
		`set default_transaction_read_only = off; ${SET}; set session authorization ${logins[name]}; set search_path = analytics; set default_transaction_read_only = on`,
	);
}

const RANGE = { from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 2, 10) };
const CHANNELS = [1, 2].map((n) => `UC${'g'.repeat(21)}${n}`);

/** Date, timestamp, timestamptz. */
const TIMES = [1082, 1114, 1184];

test("every query of every panel runs as a tenant's login", async () => {
	for (const { at, target } of queries) {
		const variables = { channel: CHANNELS, period: '28', measure: 'views', video: 'ggggggggg01' };
		const { fields } = await database
			.query(expand(target.rawSql, { range: RANGE, variables }))
			.catch((error) => {
				throw new Error(`${at}: ${error.message}`, { cause: error });
			});
		assert.equal(
			new Set(fields.map(({ name }) => name)).size,
			fields.length,
			`${at}: columns of one name`,
		);
		if (target.format === 'time_series') {
			assert.ok(
				TIMES.includes(fields.find(({ name }) => name === 'time')?.dataTypeID),
				`${at}: no column time of a time`,
			);
		}
	}
});

test('the day on which views changed their meaning is the one of the list of breaks', async () => {
	const { rows } = await database.query(
		"select to_char(day, 'FMDD FMMonth YYYY') as day from analytics.metric_breaks where metric = 'views' and video_format = 'any'",
	);
	assert.equal(rows.length, 1);
	const views = dashboards.channel_analytics.panels.find(
		({ title }) => title === 'Views by Channel',
	);
	const measure = dashboards.channel_analytics.templating.list.find(
		({ name }) => name === 'measure',
	);
	for (const { description } of [views, measure])
		assert.match(description, new RegExp(`Since ${rows[0].day}\\b`));
});

test('a change of what a metric counts is marked on its day, with what changed', async () => {
	const day = Date.UTC(2026, 7, 24);
	for (const [name, dashboard] of Object.entries(dashboards)) {
		const marks = (from, to) => annotationsOf(dashboard, asked, { from, to }, {});
		const seen = await marks(day - 86_400_000, day + 86_400_000);
		assert.ok(seen.length > 0, `${name} marks nothing`);
		for (const { time, text, color } of seen) {
			assert.equal(time, day, name);
			assert.match(text, /^\w+ counts differently from here: .+\. Before: .+/, name);
			assert.equal(color, 'purple', name);
		}
		assert.deepEqual(await marks(day - 9 * 86_400_000, day - 86_400_000), [], name);
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
			assert.match(
				error.message,
				/invalid input syntax for type integer/,
				`${at}: ${error.message}`,
			);
		}
	}
});

test('every panel of a user with half a year of figures has data that it can draw', async () => {
	await as('generated');
	const faults = faultsOf(
		await pageData({ database: asked, user: 'bench1@example.com', now: Date.now() }),
	);
	assert.deepEqual(faults, []);
});

test('the parts of a user with half a year of figures add up to the whole, and no row is doubled', async () => {
	await as('generated');
	const { rows } = await database.query(`
		select claim from (values
			('revenue of channels', (select sum(revenue_usd) from daily_revenue_trend()), (select sum(revenue_usd) from youtube_metrics)),
			('this month of channels', (select sum(m.revenue_usd) from channels c, current_month_revenue(array[c.channel_id]) m), (select revenue_usd from current_month_revenue())),
			('revenue of months', (select sum(revenue_usd) from profit_margins()), (select sum(revenue_usd) from daily_revenue())),
			('costs of months', (select round(sum(cost_usd), 2) from profit_margins()), (select round(sum(amount_usd), 2) from costs where at <= now())),
			('costs of channels', (select round(sum(m.cost_usd), 2) from channels c, profit_margins(array[c.channel_id]) m), (select round(sum(cost_usd), 2) from profit_margins())),
			('costs of videos', (select round(sum(v.cost_usd), 2) from channels c, video_costs(array[c.channel_id]) v), (select round(sum(cost_usd), 2) from video_costs())),
			('views of channels', (select sum(views) from views_by_channel()), (select sum(views) from youtube_metrics)),
			('views of weeks', (select sum(views) from video_weeks), (select sum(views) from video_totals)),
			('videos of weekdays', (select sum(videos) from upload_schedule_effectiveness()), (select count(*)::numeric from video_totals where views_48h is not null and published_at > (pacific_today() - 90)::timestamp at time zone 'America/Los_Angeles')),
			('channels compared', (select count(*)::numeric from channel_performance_comparison()), (select count(*)::numeric from channels)),
			('channels returned on', (select count(*)::numeric from roi_by_channel()), (select count(*)::numeric from channels)),
			('days of revenue', (select count(*)::numeric from daily_revenue()), (select count(distinct date)::numeric from daily_revenue())),
			('best videos', (select count(*)::numeric from best_performing_videos(p_limit => 100)), (select count(distinct url)::numeric from best_performing_videos(p_limit => 100))),
			('hundredths of a video', (select count(*)::numeric from retention_analysis()), 100)
		) v (claim, parts, whole) where parts is distinct from whole or whole is null or whole = 0`);
	assert.deepEqual(rows, []);
});

test('a panel without data, with a failing query or without a time is a fault', async () => {
	const panel = (rawSql, type = 'timeseries', more = {}) => ({
		id: 1,
		title: 'P',
		type,
		targets: [{ rawSql, format: 'time_series' }],
		...more,
	});
	const dashboard = (each) => ({
		title: 'D',
		time: { from: 'now-1d', to: 'now' },
		templating: { list: [] },
		annotations: { list: [] },
		panels: [each],
	});
	const faults = async (each) =>
		(await dataOf(dashboard(each), asked, Date.now())).panels[0].faults;
	assert.deepEqual(await faults(panel('select now() as time, 1 as value')), []);
	assert.deepEqual(await faults(panel('select now() as time, null::integer as value')), [
		'it has no data',
	]);
	assert.deepEqual(await faults(panel('select 1 as value')), ['its first column is no time']);
	assert.match((await faults(panel('select nothing')))[0], /^its query failed: .*nothing/);
	assert.deepEqual(
		await faults(
			panel('select * from (values (2, 1), (1, 1)) v (x, y)', 'trend', {
				options: { xField: 'x' },
			}),
		),
		['its column x does not ascend'],
	);
});

test('rows of time, metric and value become a series each, and queries share their times', async () => {
	const sql = (rows) =>
		`select day::date as time, metric, value from (values ${rows}) v (day, metric, value)`;
	const [frame] = await framesOf(
		{
			type: 'timeseries',
			targets: [
				{
					format: 'time_series',
					rawSql: sql("('2026-03-02', 'b', 2.5), ('2026-03-01', 'b', 1.5), ('2026-03-02', 'a', 7)"),
				},
				{ format: 'time_series', rawSql: 'select date \'2026-03-03\' as time, 9 as "Mean"' },
			],
		},
		asked,
		RANGE,
		{},
	);
	const days = [1, 2, 3].map((day) => Date.UTC(2026, 2, day));
	assert.deepEqual(frame.fields, [
		{ name: 'time', type: 'time', values: days },
		{ name: 'a', type: 'number', values: [null, 7, null] },
		{ name: 'b', type: 'number', values: [1.5, 2.5, null] },
		{ name: 'Mean', type: 'number', values: [null, null, 9] },
	]);
});

test('a value of a variable that is no option is ignored', async () => {
	await as('generated');
	const dashboard = dashboards.revenue_tracker;
	const range = rangeOf(dashboard, Date.now());
	const { channel: all, period } = await variablesOf(dashboard, asked, range, {
		channel: ["x'); drop table y; --"],
		period: ['1; --'],
	});
	assert.equal(all.value.length, 5);
	assert.equal(period.value, '28');
	const one = [all.options[0].value];
	assert.deepEqual(
		(await variablesOf(dashboard, asked, range, { channel: one })).channel.value,
		one,
	);
});

test('a user without channels has dashboards without figures and without errors', async () => {
	await as('empty');
	for (const [name, { panels, annotations }] of Object.entries(
		(await pageData({ database: asked, user: 'j', now: Date.now() })).dashboards,
	)) {
		assert.deepEqual(
			annotations.filter(({ text }) => !text),
			[],
			name,
		);
		for (const { title, faults, frames } of panels) {
			assert.ok(
				faults.every((fault) => fault === 'it has no data'),
				`${name}: ${title}: ${faults}`,
			);
			assert.ok(
				frames.every(({ fields }) => fields.every(({ values }) => values.length <= 26)),
				`${name}: ${title} has many rows`,
			);
		}
	}
});

test('a period of 100 years has the rows that there are', async () => {
	await as('generated');
	for (const [name, dashboard] of Object.entries(dashboards)) {
		const now = Date.now();
		const range = { from: now - 100 * 365 * 86_400_000, to: now };
		const variables = await variablesOf(dashboard, asked, range);
		assert.ok(
			(await annotationsOf(dashboard, asked, range, variables)).every(({ time }) =>
				Number.isFinite(time),
			),
			name,
		);
		for (const panel of dashboard.panels) {
			const frames = await framesOf(panel, asked, range, variables);
			assert.deepEqual(panelFaults(panel, frames), [], `${name}: ${panel.title}`);
			// Of half a year: no day, week or month without figures is made up.
			assert.ok(
				frames.every(({ fields }) => fields[0].values.length <= 300),
				`${name}: ${panel.title}: ${frames[0].fields[0].values.length} rows`,
			);
		}
	}
});

test('no text of a title ends the script in the page', () => {
	const page = html({ user: '</script><img src=x>', dashboards: {} });
	assert.equal(page.split('</script>').length, 3);
	assert.match(page, /\\u003c\/script>\\u003cimg/);
	assert.doesNotMatch(page, /(?:src|href)="(?!page\.|data:)/);
});
