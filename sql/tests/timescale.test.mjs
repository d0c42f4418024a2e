// The same migrations and the same tests on TimescaleDB's community edition, which runs here as WebAssembly inside PGlite.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { measured } from './events_disk.mjs';
import { migrated, SET, text } from './pglite.mjs';

test('isolation and behaviour hold on TimescaleDB community', async () => {
	const database = await migrated();
	for (const file of ['isolation.sql', 'behaviour.sql', 'analytics.sql']) {
		await database.exec(text('tests', file));
	}
	await database.close();
});

test('the time series are hypertables, and old chunks are compressed without a row lost', async () => {
	const database = await migrated();
	const hypertables = await database.query(
		"select hypertable_name from timescaledb_information.hypertables where hypertable_schema = 'core' order by 1",
	);
	const series = await database.query('select table_name from core.time_series order by 1');
	assert.ok(series.rows.length >= 8, `${series.rows.length} time series`);
	assert.deepEqual(
		hypertables.rows.map((row) => row.hypertable_name),
		series.rows.map((row) => row.table_name),
	);
	await database.exec(`
		set session authorization ytempire_app;
		do $$
		begin
			perform app.create_user('d@example.com', 'D', 'starter', 10000, 'UTC', '2026-01-01');
			insert into analytics.channels (channel_id, channel_name) values ('UC' || repeat('d', 22), 'D');
			insert into analytics.video_metrics (channel_id, video_id, date, views, created_at, updated_at)
			select 'UC' || repeat('d', 22), 'ddddddddddd', date '2026-01-01' + d, d, '2026-01-01', '2026-01-01' from generate_series(0, 200) d;
		end $$;
		${SET};
		call core.maintain('2026-12-01');
	`);
	const chunks = await database.query(
		"select count(*) filter (where is_compressed)::int as compressed from timescaledb_information.chunks where hypertable_name = 'video_days'",
	);
	assert.ok(chunks.rows[0].compressed > 5, `${chunks.rows[0].compressed} chunks are compressed`);
	const sum = await database.query(
		'select count(*)::int as n, sum(views)::int as views from core.video_days',
	);
	assert.deepEqual(sum.rows, [{ n: 201, views: 20100 }]);
	await database.close();
});

test('a day of events takes a fifth of its disk or less in the columnstore', async () => {
	const { rowBytes, columnBytes } = await measured('timescale-community', 50_000);
	assert.ok(columnBytes < rowBytes / 5, `${columnBytes} of ${rowBytes} bytes an event`);
});

test('core.make_hypertable makes a table a series on both engines', async () => {
	for (const engine of ['plain', 'timescale-community']) {
		const database = await migrated(engine);
		await database.exec(`
			set role ytempire_owner;
			create table core.made_days (user_id uuid not null references core.users on delete cascade, day date not null, primary key (user_id, day));
			call core.make_hypertable('made_days', 'day', '1 month', p_compress_after => '2 months', p_order_by => 'day');
			reset role;
		`);
		const { rows: series } = await database.query(
			"select time_column, compress_after::text, keep from core.time_series where table_name = 'made_days'",
		);
		assert.deepEqual(series, [{ time_column: 'day', compress_after: '2 mons', keep: null }]);
		if (engine !== 'plain') {
			const { rows } = await database.query(
				"select compression_enabled from timescaledb_information.hypertables where hypertable_name = 'made_days'",
			);
			assert.deepEqual(rows, [{ compression_enabled: true }]);
		}
		// As Database.migrate does.
		await database.exec('call core.force_row_security(); call core.hide_statistics()');
		const { rows: faults } = await database.query('select * from app.isolation_faults()');
		assert.deepEqual(faults, [], 'row security is not forced on a time series');
		await database.close();
	}
});

const HALF_A_YEAR = text('tests', 'half_a_year.sql');

test('plain PostgreSQL and TimescaleDB community show the same rows, one by one', async () => {
	const shown = {};
	for (const engine of ['plain', 'timescale-community']) {
		const database = await migrated(engine);
		await database.exec(HALF_A_YEAR);
		const { rows: views } = await database.query(
			"select c.relname as name from pg_class c where c.relnamespace = 'analytics'::regnamespace and c.relkind = 'v' order by 1",
		);
		const { rows: users } = await database.query(
			'select user_id, sec.prove_tenant(user_id) as entry from core.users order by email',
		);
		await database.exec('set session authorization ytempire_app');
		for (const [index, user] of users.entries()) {
			await database.query("select set_config('app.tenant_id', $1, false)", [user.entry]);
			for (const { name } of views) {
				// Users' ids are drawn at random, as are the moments of rows that take the present one.
				const { rows } = await database.query(
					`select to_jsonb(t) - array['user_id', 'updated_at', 'refreshed_at', 'created_at'] as row from analytics.${name} t order by 1`,
				);
				(shown[`${name} of user ${index}`] ??= {})[engine] = rows.map(({ row }) => row);
			}
		}
		await database.close();
	}
	const lengths = {};
	for (const [view, { plain, 'timescale-community': timescale }] of Object.entries(shown)) {
		assert.deepEqual(timescale, plain, view);
		lengths[view] = plain.length;
	}
	// Public figures are gone after 30 days, raw observations of videos after 90, their daily rollup stays, and so do the days.
	assert.equal(lengths['youtube_metrics of user 0'], 2 * 181);
	assert.equal(
		lengths['video_statistics_daily of user 0'] > 6 * 175,
		true,
		JSON.stringify(lengths),
	);
	assert.equal(lengths['video_statistics of user 0'] < 6 * 3 * 91, true, JSON.stringify(lengths));
	const late = shown['video_statistics_daily of user 0'].plain.find(
		({ views }) => views === 123456,
	);
	assert.equal(late?.date, '2026-01-04', 'an observation that came late, by the Pacific day');
});

test('erasing a channel takes its rows out of compressed chunks and leaves the others', async () => {
	const database = await migrated();
	await database.exec(HALF_A_YEAR);
	const count = async (channel) => {
		const { rows } = await database.query(
			`select (select count(*) from core.video_days where channel_id = $1) + (select count(*) from core.video_statistics_days where channel_id = $1)
			      + (select count(*) from core.channel_days where channel_id = $1) as n`,
			[channel],
		);
		return Number(rows[0].n);
	};
	const [gone, kept, others] = [
		`UC${'e'.repeat(21)}1`,
		`UC${'e'.repeat(21)}2`,
		`UC${'f'.repeat(21)}1`,
	];
	const before = [await count(kept), await count(others)];
	assert.ok((await count(gone)) > 700);
	await database.exec(`
		set session authorization ytempire_app;
		do $$
		begin
			perform set_config('app.tenant_id', current_setting('test.as_e'), true);
			perform app.erase_channel_data('${gone}');
		end $$;
		${SET};
	`);
	assert.equal(await count(gone), 0);
	assert.deepEqual([await count(kept), await count(others)], before);
	await database.close();
});

// The attack on everything that TimescaleDB adds to the catalog: chunks, compressed chunks, information views.
test("a tenant's login finds nobody else's rows in chunks and information views", async () => {
	const database = await migrated();
	await database.exec(HALF_A_YEAR);
	await database.exec(`
		set session authorization ytempire_operator;
		do $$
		begin
			perform set_config('app.tenant_id', current_setting('test.as_e'), true);
			perform set_config('test.login', app.provision_tenant_login('SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0c2FsdA==$c3RvcmVk:c2VydmVy'), false);
		end $$;
		${SET};
		analyze;
	`);
	const { rows: relations } = await database.query(`
		select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
		 where c.relkind in ('r', 'v', 'm', 'p') and (n.nspname ~ 'timescaledb' or n.nspname in ('core', 'sec', 'app', 'analytics')
		    or c.relname in ('pg_stats', 'pg_statistic', 'pg_stats_ext', 'pg_stat_activity', 'pg_class'))`);
	assert.ok(
		relations.filter(({ name }) => /_hyper_|compress/.test(name)).length > 20,
		'no chunks were found to attack',
	);
	const { rows: login } = await database.query("select current_setting('test.login') as name");
	await database.exec(`set session authorization ${login[0].name}`);
	await database.exec('set default_transaction_read_only = off');
	let attempts = 0;
	const leaks = [];
	for (const { name } of relations) {
		for (const sql of [
			`select t::text as seen from ${name} t`,
			`select string_agg(t::text, ',') as seen from ${name} t where t::text like '%ffff%'`,
			`explain (analyze, verbose, costs off, timing off, summary off) select * from ${name} t where t::text like '%UCf%'`,
			`update ${name} set user_id = user_id returning *`,
			`delete from ${name} returning *`,
			`insert into ${name} select * from ${name} returning *`,
		]) {
			attempts++;
			let seen;
			try {
				const { rows, affectedRows } = await database.query(sql);
				seen =
					JSON.stringify(rows) +
					(sql.startsWith('explain') ? '' : affectedRows ? ` ${affectedRows} rows written` : '');
			} catch (error) {
				seen = `${error.message} ${error.detail ?? ''}`;
			}
			// What the attempt itself says may be repeated.
			if (
				/f{9}|f@example/.test(seen.replaceAll("'%ffff%'", '').replaceAll('%ffff%', '')) ||
				/ rows written$/.test(seen)
			) {
				leaks.push(`${sql}: ${seen.slice(0, 300)}`);
			}
		}
	}
	for (const call of [
		"add_job('pg_sleep', '1 h')",
		"show_chunks('core.video_days')",
		"drop_chunks('core.video_days', older_than => now())",
		"hypertable_size('core.video_days')",
		"approximate_row_count('core.video_days')",
		"decompress_chunk('_timescaledb_internal._hyper_2_1_chunk')",
	]) {
		attempts++;
		await assert.rejects(database.query(`select ${call}`), undefined, call);
	}
	console.log(`Attacks on TimescaleDB community: ${attempts} attempts, ${leaks.length} leaks`);
	assert.deepEqual(leaks, []);
	assert.ok(attempts > 400, `${attempts} attempts`);
	await database.close();
});

test('a migration that makes a table of users puts row security on it', () => {
	for (const file of readdirSync(new URL('../migrations', import.meta.url)).filter(
		(name) => name > 'V042',
	)) {
		const made = text('migrations', file);
		for (const [, table, columns] of made.matchAll(/create table (core\.\w+) \((.*?)\n\);/gs)) {
			if (
				!/^\s*user_id\s/m.test(columns) ||
				made.includes(`make_hypertable('${table.slice('core.'.length)}'`)
			)
				continue;
			for (const needed of ['enable', 'force']) {
				assert.match(
					made,
					new RegExp(`alter table ${table} [^;]*${needed} row level security`),
					`${table} in ${file}`,
				);
			}
		}
	}
});
