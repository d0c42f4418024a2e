// A cluster of PostgreSQL moved to a newer release by deploy/postgres/move.sh, on real servers.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const top = new URL('../..', import.meta.url).pathname;
const script = join(top, 'deploy/postgres/move.sh');
const debian = '/usr/lib/postgresql';
const jars = join(top, 'sidecar/service/target/postgres');

/** Debian's programs, which have pg_dump; undefined where they are not installed. */
const programs = existsSync(debian)
	? readdirSync(debian)
			.map((version) => join(debian, version, 'bin'))
			.filter((folder) => existsSync(join(folder, 'pg_dump')))
			.toSorted()[0]
	: undefined;
/** The newer server that Maven has put beside the tests. */
const jar = existsSync(jars)
	? readdirSync(jars).find((name) => /^embedded-postgres-binaries.*\.jar$/.test(name))
	: undefined;
const id = (word) => Number(spawnSync('id', [word, 'postgres'], { encoding: 'utf8' }).stdout);
const missing =
	process.getuid() !== 0
		? 'this is not root'
		: !programs
			? "Debian's postgresql is not installed"
			: !jar
				? 'the newer server is fetched by ./ytempire build'
				: null;
const skip = missing ? `because ${missing}` : false;
if (skip) console.log(`Skipped: the move to a newer PostgreSQL, ${skip}`);

/** Two servers of different releases, which end with the test. */
function servers(t) {
	const home = mkdtempSync(join(tmpdir(), 'move-'));
	const [uid, gid] = [id('-u'), id('-g')];
	chownSync(home, uid, gid);
	const run = (command, words, options = {}) => {
		const done = spawnSync(command, words, { encoding: 'utf8', cwd: home, uid, gid, ...options });
		return { ...done, said: `${done.stdout ?? ''}${done.stderr ?? ''}` };
	};
	const must = (...all) => {
		const done = run(...all);
		assert.equal(done.status, 0, `${all[0]}: ${done.error ?? ''}${done.said}`);
		return (done.stdout ?? '').trim();
	};
	mkdirSync(join(home, 'newer'));
	chownSync(join(home, 'newer'), uid, gid);
	const archive = 'postgres-linux-x86_64.txz';
	spawnSync('unzip', ['-qo', join(jars, jar), archive, '-d', home]);
	must('tar', ['-xJf', join(home, archive), '-C', join(home, 'newer')]);
	const start = (name, binaries) => {
		const data = join(home, name);
		must(join(binaries, 'initdb'), [
			'-D',
			data,
			'-U',
			'postgres',
			'-E',
			'UTF8',
			'--locale=C.UTF-8',
			'-A',
			'trust',
		]);
		const stop = () => run(join(binaries, 'pg_ctl'), ['-D', data, '-m', 'immediate', 'stop']);
		t.after(stop);
		must(
			join(binaries, 'pg_ctl'),
			[
				'-D',
				data,
				'-w',
				'-l',
				join(home, `${name}.log`),
				'-o',
				`-k ${home} -p ${name === 'old' ? 5431 : 5430} -c listen_addresses='' -c fsync=off`,
				'start',
			],
			{ stdio: ['ignore', 'ignore', 'ignore'], encoding: 'utf8' },
		);
		return `host=${home} port=${name === 'old' ? 5431 : 5430} user=postgres`;
	};
	t.after(() => rmSync(home, { recursive: true, force: true }));
	const env = { ...process.env, PATH: `${programs}:${process.env.PATH}` };
	const from = start('old', programs);
	const to = start('new', join(home, 'newer/bin'));
	const sql = (server, database, text) =>
		must(
			'psql',
			['-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', `${server} dbname=${database}`, '-c', text],
			{ env },
		);
	return { from, to, sql, env, move: (...words) => run(script, words, { env }) };
}

test(
	'databases, logins, rights and row security move to a newer release',
	{ skip, timeout: 300_000 },
	(t) => {
		const { from, to, sql, move } = servers(t);
		sql(from, 'postgres', "create role guest login password 'secret' connection limit 3");
		sql(from, 'postgres', 'create database ytempire');
		sql(
			from,
			'ytempire',
			`alter database ytempire set timezone = 'America/Los_Angeles'; revoke connect on database ytempire from public; grant connect on database ytempire to guest;
		create schema core; create table core.rows (id bigint generated always as identity primary key, who name); alter table core.rows enable row level security;
		create policy own on core.rows using (who = current_user); grant usage on schema core to guest; grant select on core.rows to guest;
		insert into core.rows (who) select case when i % 4 = 0 then 'guest' else 'other' end from generate_series(1, 1000) i`,
		);
		const { status, said } = move(from, to);
		assert.equal(status, 0, said);
		assert.match(
			said,
			/ytempire: .*, every table has the rows it had\nCopied to PostgreSQL \d+ in \d+ s/,
		);
		const guest = to.replace('user=postgres', 'user=guest');
		assert.equal(sql(guest, 'ytempire', 'select count(*) from core.rows'), '250');
		assert.equal(sql(guest, 'ytempire', 'show timezone'), 'America/Los_Angeles');
		assert.equal(
			sql(to, 'postgres', "select rolconnlimit from pg_roles where rolname = 'guest'"),
			'3',
		);
		assert.equal(
			sql(to, 'ytempire', "insert into core.rows (who) values ('x') returning id"),
			'1001',
		);
		// Begun again, it would mix two clusters; the other way round, it would lose what only the newer knows.
		assert.match(
			move(from, to).said,
			/The second cluster has databases already: it must be empty; nothing was done/,
		);
		assert.match(move(to, from).said, /older than the first/);
		assert.equal(sql(from, 'ytempire', 'select count(*) from core.rows'), '1000');
	},
);

test('nothing moves while somebody is connected', { skip, timeout: 300_000 }, async (t) => {
	const { from, to, sql, env, move } = servers(t);
	sql(from, 'postgres', 'create database ytempire');
	const session = spawn('psql', ['-XqAt', '-d', `${from} dbname=ytempire`], {
		env,
		stdio: ['pipe', 'pipe', 'ignore'],
	});
	t.after(() => session.kill());
	session.stdin.write("select 'connected';\n");
	await once(session.stdout, 'data');
	const { status, said } = move(from, to);
	assert.equal(status, 1);
	assert.match(said, /Somebody is connected to the first cluster: .*; nothing was done/);
	assert.equal(
		sql(to, 'postgres', "select count(*) from pg_database where datname = 'ytempire'"),
		'0',
	);
	session.stdin.end();
	await once(session, 'exit');
	assert.equal(move(from, to).status, 0);
});
