// Measures the disk that events take, as rows and in TimescaleDB's columnstore, in PostgreSQL as WebAssembly: npm run bench:events-disk [EVENTS]
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { migrated } from './pglite.mjs';

const USERS = 50;
const BATCH = 5_000;
const DAYS = 90;
const A_DAY = 1_000_000;
// A chunk of one day is compressed when its end is 7 days ago: today's, and those of 7 days before.
const DAYS_AS_ROWS = 8;
const DAYS_BACK = 9;

// As ./ytempire bench events makes them: 20 types, two of three with data of about 90 bytes, ids at random, times to the millisecond.
const INSERT = `
	insert into core.events (user_id, at, event_id, kind, source, channel_id, video_id, data)
	select md5($1::text)::uuid, date_trunc('milliseconds', $2::timestamptz + random() * $3::interval), gen_random_uuid(), 'type.' || floor(random() * 20),
	       'n8n/workflow', 'UC' || lpad(($1::text::int * 5 + d.channel)::text, 22, '0'), d.video,
	       case when d.seconds % 3 <> 0 then jsonb_build_object('seconds', d.seconds, 'format', 'mp4', 'step', 'render of ' || d.video, 'ok', true) end
	  from generate_series(1, $4::int) n
	 cross join lateral (select floor(random() * 5)::int as channel, 'v' || lpad(floor(random() * 900)::text, 10, '0') as video,
	                            floor(random() * 10000)::int as seconds where n > 0) d`;

/**
 * Records events of 50 users on one day, each user's in batches as they come, and compresses them as the maintenance does.
 *
 * @param engine plain or timescale-community
 * @param events how many, a multiple of 50
 * @param folder for the database; undefined: in memory
 * @returns bytes of an event with its indexes, as rows and, of timescale-community, in the columnstore
 */
export async function measured(engine, events, folder) {
	const database = await migrated(engine, folder);
	const one = async (sql, parameters) => Number((await database.query(sql, parameters)).rows[0].n);
	await database.exec(
		"set timezone = 'UTC'; set synchronous_commit = off; call core.make_event_partitions(now())",
	);
	const perUser = events / USERS;
	const batches = Math.ceil(perUser / BATCH);
	for (let batch = 0; batch < batches; batch++) {
		for (let user = 0; user < USERS; user++) {
			await database.query(INSERT, [
				String(user),
				new Date(
					Math.floor(Date.now() / 86_400_000 - DAYS_BACK) * 86_400_000 +
						(batch * 86_400_000) / batches,
				).toISOString(),
				`${86_399 / batches} seconds`,
				Math.min(BATCH, perUser - batch * BATCH),
			]);
		}
	}
	const content = 'select count(*) + sum(length(data::text)) as n from core.events';
	const before = await one(content);
	const size =
		engine === 'plain'
			? "select sum(pg_total_relation_size(relid)) as n from pg_partition_tree('core.events')"
			: "select hypertable_size('core.events') as n";
	const rowBytes = (await one(size)) / events;
	let columnBytes;
	if (engine !== 'plain') {
		await database.query('call core.maintain(now())');
		assert.equal(
			await one(
				"select count(*) as n from timescaledb_information.chunks where hypertable_name = 'events' and not is_compressed",
			),
			0,
			'a chunk is not compressed',
		);
		assert.equal(await one(content), before, 'events are not what they were');
		columnBytes = (await one(size)) / events;
	}
	const { rows } = await database.query(
		"select current_setting('server_version') as server, (select extversion from pg_extension where extname = 'timescaledb') as timescale",
	);
	await database.close();
	return { rowBytes, columnBytes, ...rows[0] };
}

function gigabytes(bytes) {
	return `${((bytes * A_DAY) / 1e9).toFixed(1)} GB`;
}

async function report(events) {
	const folder = mkdtempSync(join(tmpdir(), 'events-disk-'));
	try {
		const plain = await measured('plain', events, join(folder, 'plain'));
		const timescale = await measured('timescale-community', events, join(folder, 'timescale'));
		console.log(`${events.toLocaleString('en-US')} events of ${USERS} users and one day, PostgreSQL ${plain.server} and TimescaleDB ${timescale.timescale} as WebAssembly
plain PostgreSQL         ${plain.rowBytes.toFixed(0)} bytes each with indexes: ${DAYS} days of ${A_DAY.toLocaleString('en-US')} a day ${gigabytes(plain.rowBytes * DAYS)}
hypertable, as rows      ${timescale.rowBytes.toFixed(0)} bytes each with indexes
hypertable, columnstore  ${timescale.columnBytes.toFixed(0)} bytes each: ${DAYS} days, ${DAYS_AS_ROWS} of them as rows, ${gigabytes(timescale.rowBytes * DAYS_AS_ROWS + timescale.columnBytes * (DAYS - DAYS_AS_ROWS))}`);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
	await report(Number(process.argv[2] ?? A_DAY));
}
