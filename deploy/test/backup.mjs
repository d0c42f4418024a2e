#!/usr/bin/env node
// ./ytempire test --backup: the scripts and the configuration of production, on a real PostgreSQL, pgBackRest of Debian's package, a folder as the
// drive and S3Proxy as S3 over TLS: what a backup brings back, and what each fault says.
import { spawn, spawnSync } from 'node:child_process';
import {
	chownSync,
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	readFileSync,
	readdirSync,
	realpathSync,
	renameSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { claims, conclude } from './claims.mjs';
import { until } from './engine.mjs';
import { freePorts, postgresBinaries } from './processes.mjs';
import {
	BUCKET,
	CREDENTIAL,
	IDENTITY,
	JVM,
	fetchS3Proxy,
	isFetched,
	makeKeys,
	settings,
} from './s3.mjs';

const root = realpathSync(new URL('../..', import.meta.url).pathname);
/** What is fetched once. */
export const cache = join(root, '.ytempire/backup');
const made = claims();
const { claim, faults, seconds } = made;

const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;

/** Why this cannot run here; null when it can. */
function obstacle(jdk) {
	if (process.getuid() !== 0) return 'only root can start PostgreSQL as a user of its own';
	if (!postgresBinaries()) return 'no PostgreSQL of a Debian package is installed';
	if (!has('pgbackrest') && !(has('apt-get') && has('dpkg-deb')))
		return 'pgBackRest is not installed, and there is no apt to fetch it';
	if (!jdk || !existsSync(join(jdk, 'bin/keytool'))) return 'there is no JDK for S3Proxy';
	if (!isFetched(cache) && !has('mvn')) return 'there is no Maven to fetch S3Proxy';
	return null;
}

/** pgBackRest's program, installed or unpacked from Debian's package. */
export function fetchPgBackRest() {
	if (has('pgbackrest') && has('age')) return '';
	const folder = join(cache, 'programs');
	if (!existsSync(join(folder, 'usr/bin/pgbackrest'))) {
		mkdirSync(folder, { recursive: true });
		const done = spawnSync(
			'sh',
			[
				'-c',
				'apt-get -o APT::Sandbox::User=root -qq download pgbackrest age && for deb in *.deb; do dpkg-deb -x "$deb" . && rm "$deb"; done',
			],
			{ cwd: folder, encoding: 'utf8' },
		);
		if (done.status !== 0) throw new Error(`apt cannot fetch pgbackrest: ${done.stderr}`);
	}
	return join(folder, 'usr/bin');
}

/** A folder with a database, a drive and an S3, and the script as production runs it. */
class Place {
	constructor(home, programs, jdk, jar) {
		const id = (word) =>
			Number(spawnSync('id', [word, 'postgres'], { encoding: 'utf8' }).stdout.trim() || 65534);
		Object.assign(this, { home, jdk, jar, uid: id('-u'), gid: id('-g') });
		chownSync(home, this.uid, this.gid);
		for (const name of [
			'data',
			'drive',
			'state',
			'meters',
			'sockets',
			'spool',
			'lock',
			'bucket',
			'tmp',
		])
			this.makeFolder(name);
		this.makeFolder('secrets');
		writeFileSync(join(home, 'secrets/backup_revocations_key'), 'the-key-of-the-list');
		cpSync(join(root, 'deploy/backup'), join(home, 'backup'), { recursive: true });
		// As compose.yml names it.
		this.script = join(home, 'backup/ytempire-pgbackrest');
		renameSync(join(home, 'backup/backup.sh'), this.script);
		this.environment = {
			PATH: [postgresBinaries(), programs, process.env.PATH].filter(Boolean).join(':'),
			LANG: 'C.UTF-8',
			HOME: home,
			TMPDIR: join(home, 'tmp'),
			PGDATA: join(home, 'data'),
			PGHOST: join(home, 'sockets'),
			PGUSER: 'postgres',
			BACKUP_STATE: join(home, 'state'),
			BACKUP_METERS: join(home, 'meters'),
			BACKUP_SECRETS: join(home, 'secrets'),
			PGBACKREST_CONFIG: join(home, 'backup/pgbackrest.conf'),
			PGBACKREST_PG1_PATH: join(home, 'data'),
			PGBACKREST_PG1_SOCKET_PATH: join(home, 'sockets'),
			PGBACKREST_REPO1_PATH: join(home, 'drive'),
			PGBACKREST_SPOOL_PATH: join(home, 'spool'),
			PGBACKREST_LOCK_PATH: join(home, 'lock'),
			PGBACKREST_REPO1_CIPHER_PASS: 'the-pass-of-the-drive',
			PGBACKREST_REPO2_CIPHER_PASS: 'the-pass-of-s3',
			PGBACKREST_REPO2_S3_BUCKET: BUCKET,
			PGBACKREST_REPO2_S3_ENDPOINT: 's3.example.org',
			PGBACKREST_REPO2_S3_REGION: 'us-east-1',
			PGBACKREST_REPO2_S3_KEY: IDENTITY,
			PGBACKREST_REPO2_S3_KEY_SECRET: CREDENTIAL,
			PGBACKREST_REPO2_S3_URI_STYLE: 'path',
			PGBACKREST_REPO2_STORAGE_HOST: 'localhost',
			PGBACKREST_REPO2_STORAGE_CA_FILE: join(home, 'ca.pem'),
		};
	}

	makeFolder(name) {
		mkdirSync(join(this.home, name), { mode: 0o700 });
		chownSync(join(this.home, name), this.uid, this.gid);
	}

	/** Runs a command as the database's user; returns its status and all that it said. */
	run(command, words, { input, environment } = {}) {
		const done = spawnSync(command, words, {
			uid: this.uid,
			gid: this.gid,
			cwd: this.home,
			env: { ...this.environment, ...environment },
			encoding: 'utf8',
			input,
			maxBuffer: 64 * 2 ** 20,
		});
		return { status: done.status, said: `${done.stdout}${done.stderr}`.trim() };
	}

	must(command, ...words) {
		const { status, said } = this.run(command, words);
		if (status !== 0) throw new Error(`${command} ${words.join(' ')}: ${said.slice(-1500)}`);
		return said;
	}

	backup(...words) {
		return this.must(this.script, ...words);
	}

	/** Runs a command of the script that must fail with this sentence. */
	refuses(sentence, words, environment) {
		const { status, said } = this.run(this.script, words, { environment });
		if (status === 0) throw new Error(`it succeeded: ${said}`);
		if (!sentence.test(said)) throw new Error(`it says:\n${said}`);
		return {
			whole: said,
			line: said.split('\n').find((line) => sentence.test(line)),
			toString: () => said.split('\n').find((line) => sentence.test(line)),
		};
	}

	sql(text) {
		return this.must('psql', '-XAtqv', 'ON_ERROR_STOP=1', '-d', 'ytempire', '-c', text);
	}

	async startS3() {
		this.port ??= (await freePorts(1))[0];
		this.environment.PGBACKREST_REPO2_STORAGE_PORT = String(this.port);
		const keys = join(this.home, 'keys.p12');
		if (!existsSync(keys)) {
			makeKeys(this.jdk, this.home, 'localhost', (...words) => this.must(...words));
			this.makeFolder(`bucket/${BUCKET}`);
		}
		const file = join(this.home, 's3proxy.conf');
		writeFileSync(
			file,
			settings({
				endpoint: `https://127.0.0.1:${this.port}`,
				keys,
				folder: join(this.home, 'bucket'),
				credential: this.credential,
			}),
		);
		const log = openSync(join(this.home, 's3proxy.log'), 'a');
		this.s3 = spawn(join(this.jdk, 'bin/java'), [...JVM, '-jar', this.jar, '--properties', file], {
			uid: this.uid,
			gid: this.gid,
			cwd: this.home,
			stdio: ['ignore', log, log],
		});
		await until(
			() => this.run('bash', ['-c', `exec 3<>/dev/tcp/127.0.0.1/${this.port}`]).status === 0,
			60,
			() =>
				`S3Proxy does not answer: ${readFileSync(join(this.home, 's3proxy.log'), 'utf8').slice(-500)}`,
		);
	}

	async stopS3() {
		if (!this.s3 || this.s3.exitCode !== null) return;
		const ended = new Promise((resolve) => this.s3.once('exit', resolve));
		this.s3.kill('SIGKILL');
		await ended;
	}

	/** The settings of the log and of standbys are those of compose.yml, but for the archiver's retry, which is the server's own. */
	startPostgres() {
		this.must(
			'pg_ctl',
			'--wait',
			`--log=${join(this.home, 'postgres.log')}`,
			'start',
			'-o',
			`-c listen_addresses='' -c unix_socket_directories=${join(this.home, 'sockets')} -c shared_buffers=128MB -c max_connections=200 ` +
				`-c synchronous_standby_names= -c wal_compression=on -c archive_mode=on -c archive_timeout=60 -c archive_command='${this.script} archive-push %p'`,
		);
	}

	stopPostgres(mode = 'fast') {
		return this.run('pg_ctl', ['--wait', `--mode=${mode}`, 'stop']);
	}

	/** All migrations, each file in a transaction, as Flyway runs them. */
	fill() {
		this.must(
			'initdb',
			'--username=postgres',
			'--encoding=UTF8',
			'--locale=C.UTF-8',
			'--auth=trust',
			'--data-checksums',
		);
		this.startPostgres();
		this.must('createdb', 'ytempire');
		// As a stack that had a standby once leaves it in the files.
		this.sql("alter system set synchronous_standby_names = 'standby'");
		for (const folder of ['migrations', 'repeatable']) {
			for (const file of readdirSync(join(root, 'sql', folder))
				.filter((name) => name.endsWith('.sql'))
				.sort()) {
				const text = readFileSync(join(root, 'sql', folder, file), 'utf8');
				const { status, said } = this.run(
					'psql',
					['-XAtqv', 'ON_ERROR_STOP=1', '-1', '-d', 'ytempire', '-o', '/dev/null', '-f', '-'],
					{ input: text },
				);
				if (status !== 0) throw new Error(`${file}: ${said}`);
			}
		}
		this.sql('select core.require_opened_timeline()');
	}

	/** A user with a connected channel, its grant, a token and days; returns its id. */
	addUser(letter, days = 10) {
		return this.sql(
			`
			set session authorization ytempire_app;
			select app.create_user('${letter}@example.com', 'A', 'starter', 10000, 'UTC', now());
			reset session authorization;
			insert into core.channels (user_id, channel_id, channel_name, connection, slot)
			select user_id, 'UC' || repeat('${letter}', 22), 'A', 'connected', 1 from core.users where email = '${letter}@example.com';
			insert into core.oauth_grants (user_id, channel_id, refresh_token_encrypted, scopes, connected_at, verified_at)
			select user_id, 'UC' || repeat('${letter}', 22), '\\x01', '{}', now(), now() from core.users where email = '${letter}@example.com';
			insert into core.api_tokens (kind, user_id, name, token_hash, created_at)
			select 'user', user_id, 't', sha256('${letter}'), now() from core.users where email = '${letter}@example.com';
			insert into core.channel_days (user_id, channel_id, day, views, created_at, updated_at)
			select user_id, 'UC' || repeat('${letter}', 22), date '2020-01-01' + d, d, now(), now() from core.users, generate_series(1, ${days}) d where email = '${letter}@example.com'`,
		)
			.split('\n')
			.find((line) => /^[0-9a-f-]{36}$/.test(line));
	}

	/** Waits until all of the log so far is in both repositories. */
	archived() {
		this.sql('select pg_switch_wal()');
		return until(
			() =>
				this.run('psql', [
					'-XAtqc',
					"select not exists (select from pg_ls_archive_statusdir() where name like '%.ready')",
					'postgres',
				]).said === 't',
			180,
			() =>
				`the WAL is not archived: ${readFileSync(join(this.home, 'postgres.log'), 'utf8').slice(-800)}`,
		);
	}

	/** An environment in which a program is another one, of this text. */
	replacing(program, text) {
		const folder = join(this.home, `instead-of-${program}`);
		mkdirSync(folder, { recursive: true });
		writeFileSync(join(folder, program), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
		return { PATH: `${folder}:${this.environment.PATH}` };
	}

	/** A moment by PostgreSQL's clock, after all that was committed and before what comes. */
	moment() {
		const found = this.sql(
			`select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`,
		);
		return until(
			() =>
				this.sql(`select clock_timestamp() > '${found}'::timestamptz + interval '1 second'`) ===
				't',
			10,
			() => 'the clock stands',
		).then(
			// The script takes whole seconds.
			() => new Date(Date.parse(found) + 1000).toISOString().replace('.000', ''),
		);
	}

	meter(file, name) {
		const line = readFileSync(join(this.home, 'meters', `${file}.prom`), 'utf8')
			.split('\n')
			.find((each) => each.startsWith(name));
		return Number(line.split(' ').at(-1));
	}

	/** All files of a folder, with sizes. */
	files(folder) {
		return readdirSync(join(this.home, folder), { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile())
			.map((entry) => join(entry.parentPath, entry.name));
	}

	async end() {
		this.stopPostgres('immediate');
		await this.stopS3();
	}
}

async function check(place) {
	const { home } = place;
	const isReady = await claim('the drive and S3 are made ready once', () => {
		place.backup('init');
		const again = place.backup('init');
		if (!/drive: has backups already\ns3: has backups already/.test(again)) throw new Error(again);
	});
	if (!isReady) return;
	const user = place.addUser('a');
	await place.archived();
	const beforeFirst = await place.moment();
	await claim('a restore before the first backup is refused', () =>
		place.refuses(/has no backup yet/, ['check-restore', beforeFirst]),
	);
	await claim('a full backup goes to both', () =>
		place.backup('now', 'full').replaceAll('\n', ', '),
	);
	place.addUser('b');
	await claim('an incremental one follows', () => place.backup('now').replaceAll('\n', ', '));
	await claim('one that is asked for while another is made waits for it', () => {
		const { status, said } = place.run('bash', [
			'-c',
			`"${place.script}" now & "${place.script}" now; second=$?; wait $! && exit $second`,
		]);
		if (status !== 0 || !/Another backup is under way/.test(said)) throw new Error(said);
	});
	await claim('a restore to a moment before the first backup names the first', () =>
		place.refuses(/before the end of its first backup/, ['check-restore', beforeFirst]),
	);
	await claim('a moment that is none is refused', () => {
		place.refuses(/is no time/, ['check-restore', 'yesterdayish']);
		place.refuses(/is in the future/, ['check-restore', '2999-01-01T00:00:00Z']);
		return place.refuses(/has no time zone/, ['check-restore', '2026-11-25T18:00:00']);
	});
	await claim('list and verify find both in order', () => {
		const listed = place.backup('list');
		if ((listed.match(/full backup/g) ?? []).length !== 2 || !/incr backup/.test(listed))
			throw new Error(listed);
		return place.backup('verify').replaceAll('\n', ', ');
	});
	await claim('the secrets lie beside the backups, for the key on paper alone', () => {
		const age = (words, input) =>
			spawnSync('age', words, { input, env: { PATH: place.environment.PATH } }).stdout;
		const key = place.must('age-keygen');
		const paper = join(home, 'paper');
		writeFileSync(paper, /^AGE-SECRET-KEY-.*$/m.exec(key)[0]);
		const bundle = age(['-r', /public key: (age1\w+)/.exec(key)[1]], 'secrets/grant_keyset');
		const said = place.run(place.script, ['put-secrets'], { input: bundle });
		if (said.status !== 0) throw new Error(said.said);
		const copies = ['drive', 'bucket'].flatMap((folder) =>
			place.files(folder).filter((name) => /secrets-\d{8}\.tar\.age$/.test(name)),
		);
		if (copies.length !== 2) throw new Error(`${copies}`);
		// One of before a change of the secrets goes with the backups of then.
		for (const repository of ['--repo=1', '--repo=2'])
			place.run(
				'pgbackrest',
				['--stanza=ytempire', repository, 'repo-put', 'secrets-20200101.tar.age'],
				{
					input: 'old',
					environment: {
						PGBACKREST_REPO1_CIPHER_TYPE: 'none',
						PGBACKREST_REPO1_CIPHER_PASS: undefined,
						PGBACKREST_REPO2_CIPHER_TYPE: 'none',
						PGBACKREST_REPO2_CIPHER_PASS: undefined,
					},
				},
			);
		const old = () =>
			['drive', 'bucket'].flatMap((folder) =>
				place.files(folder).filter((name) => name.includes('secrets-20200101')),
			);
		if (old().length !== 2) throw new Error(`no old ones were made: ${old()}`);
		place.run(place.script, ['put-secrets'], { input: bundle });
		if (old().length) throw new Error(`old ones are left: ${old()}`);
		for (const copy of copies) {
			if (age(['-d', '-i', paper, copy]).toString() !== 'secrets/grant_keyset')
				throw new Error(`${copy} is something else`);
		}
		return said.said.replaceAll('\n', ', ');
	});
	await claim('nothing in either can be read without its passphrase', () => {
		for (const folder of ['drive', 'bucket']) {
			for (const file of place.files(folder)) {
				if (/@example\.com|ytempire_owner|"db-version"/.test(readFileSync(file, 'latin1')))
					throw new Error(file);
			}
		}
	});
	await claim('a restore test brings all rows and the newest transaction from both', () => {
		const said = place.backup('test');
		if ((said.match(/users=2/g) ?? []).length !== 2 || /live database has/.test(said))
			throw new Error(said);
		for (const repository of [1, 2]) {
			if (place.meter(`restore_test_${repository}`, 'ytempire_restore_test_lost_seconds{') > 60)
				throw new Error('it lost data');
		}
		return said.replaceAll('\n', '; ');
	});

	// What a restore must bring back, and what it must not.
	place.sql(
		"insert into core.report_recipients (user_id, email, created_at, verified_at) select user_id, address || '@example.com', now(), now() from core.users, unnest('{removed,unsubscribed}'::text[]) address where email = 'b@example.com'",
	);
	await place.archived();
	const before = await place.moment();
	place.sql(
		"delete from core.report_recipients where email = 'removed@example.com'; update core.report_recipients set unsubscribed_kinds = '{weekly}'",
	);
	place.sql("delete from core.channel_days where day > '2020-01-05'");
	place.sql(
		`delete from core.users where user_id = '${user}'; update core.api_tokens set revoked_at = now() where revoked_at is null`,
	);
	place.backup('copy-revocations');
	await claim('the list beside the backups names nobody', () => {
		const list = place.must(
			'pgbackrest',
			'--stanza=ytempire',
			'--repo=2',
			'repo-ls',
			'revocations',
		);
		const text = place.run(
			'pgbackrest',
			['--stanza=ytempire', '--repo=2', 'repo-get', `revocations/${list.split('\n').at(-1)}`],
			{
				environment: { PGBACKREST_CIPHER_PASS: place.environment.PGBACKREST_REPO2_CIPHER_PASS },
			},
		).said;
		if (text.includes(user) || !/"kind": ?"user"/.test(text)) throw new Error(text);
	});
	await claim(
		'copies of the list from before its 35 days go, but for the ten newest of all',
		() => {
			const copy = (...words) =>
				place.run('pgbackrest', ['--stanza=ytempire', '--repo=1', ...words], {
					input: '[]',
					environment: { PGBACKREST_CIPHER_PASS: place.environment.PGBACKREST_REPO1_CIPHER_PASS },
				}).said;
			const names = () => copy('repo-ls', 'revocations').split('\n').toSorted();
			const own = names();
			const old = Array.from(
				{ length: 10 },
				(_, day) => `20200101T0000${String(day).padStart(2, '0')}Z-0.json`,
			);
			for (const name of old) copy('repo-put', `revocations/${name}`);
			if (names().length !== own.length + 10) throw new Error('no old copies were made');
			place.sql("insert into core.revocations (kind, subject) values ('token', repeat('0', 64))");
			place.backup('copy-revocations');
			const kept = names();
			const ofNow = kept.filter((name) => !old.includes(name));
			for (const name of kept.filter((each) => old.includes(each)))
				copy('repo-rm', `revocations/${name}`);
			// What is of now counts among the ten.
			if (kept.length !== 10 || ofNow.length !== own.length + 1 || kept.includes(old[0]))
				throw new Error(kept.join('\n'));
		},
	);
	await place.archived();
	await claim('a restore does not begin while PostgreSQL runs', () =>
		place.refuses(/PostgreSQL runs.*nothing was changed/, ['restore', '--to', before]),
	);
	await claim('nor while it starts or stops', () =>
		place.refuses(
			/PostgreSQL runs.*nothing was changed/,
			['restore', '--to', before],
			place.replacing('pg_isready', 'exit 1'),
		),
	);
	place.stopPostgres();
	await claim('without room for it, neither a restore nor its test begins', () => {
		const full = place.replacing('df', 'printf "a\\nx 1000 999 1 99%% /\\n"');
		place.refuses(/^s3: the restore test was skipped/m, ['test'], full);
		const said = place.refuses(
			/needs \d+ MB and .* has 0 MB free/,
			['restore', '--to', before, '--from', 's3'],
			full,
		);
		if (existsSync(join(home, 'data/restoring'))) throw new Error('it began');
		return said;
	});
	await claim('a restore of which WAL is missing leaves the previous database', async () => {
		const later = new Date(Date.now() - 1000).toISOString().replace(/\.\d+/, '');
		const said = place.refuses(/ends before.*The previous database is as it was/, [
			'restore',
			'--to',
			later,
			'--from',
			's3',
		]);
		if (existsSync(join(home, 'data/restoring'))) throw new Error('data/restoring is left');
		place.startPostgres();
		if (place.sql('select count(*) from core.users') !== '1')
			throw new Error('the previous database is another');
		place.stopPostgres();
		return said;
	});
	await claim('a restore that ends halfway says so, and nothing is discarded', () => {
		const { status, said } = place.run(place.script, ['restore', '--to', before, '--from', 's3'], {
			environment: place.replacing('mv', 'exit 1'),
		});
		if (status !== 3 || !/Start nothing/.test(said)) throw new Error(`${status}: ${said}`);
		place.refuses(/ended halfway/, ['discard']);
		// No file was moved, so that the previous database is whole.
		for (const name of ['restoring', 'before-restore'])
			rmSync(join(home, 'data', name), { recursive: true });
		return said.split('\n').at(-1);
	});
	const isRestored = await claim(
		'S3 restores the moment before a mistake, with what ended since',
		() => {
			const said = place.backup('restore', '--to', before, '--from', 's3');
			place.startPostgres();
			const rows = place.sql(
				'select (select count(*) from core.channel_days), (select count(*) from core.users), (select count(*) from core.api_tokens where revoked_at is null), (select count(*) from core.quota_windows where closed_at is not null)',
			);
			// Of two users with ten days each, one was erased since.
			if (rows !== '10|1|0|6') throw new Error(`${rows}\n${said}`);
			const mailed = place.sql('select email, unsubscribed_kinds from core.report_recipients');
			if (mailed !== 'unsubscribed@example.com|{weekly}') throw new Error(`mailed: ${mailed}`);
			if (!/^Restored to \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ from s3 in/m.test(said))
				throw new Error(said);
			place.sql('select core.require_opened_timeline()');
			return said.replaceAll('\n', '; ');
		},
	);
	if (!isRestored) return;
	await claim('the previous database is kept until it is discarded', () => {
		if (!existsSync(join(home, 'data/before-restore/PG_VERSION'))) throw new Error('it is gone');
		place.backup('discard');
		if (existsSync(join(home, 'data/before-restore'))) throw new Error('it is there');
	});
	await claim('backups go on after a restore', () =>
		place.backup('now', 'full').replaceAll('\n', ', '),
	);
	await claim('a database that was promoted by hand is replayed by hand', () => {
		place.sql('update sec.opened_timeline set timeline_id = 77');
		const said = place.backup('replay');
		place.sql('select core.require_opened_timeline()');
		return said.replaceAll('\n', '; ');
	});

	await claim('what a restored database is too old to know, its migration ends', () => {
		const kinds = "'recipient', 'unsubscription', 'reports'";
		const constraint = 'alter table core.revocations drop constraint revocations_kind_known';
		const known = place.sql(
			"select pg_get_constraintdef(oid) from pg_constraint where conname = 'revocations_kind_known'",
		);
		place.sql(`
			set session_replication_role = replica;
			update core.report_recipients set unsubscribed_kinds = '{}';
			delete from core.revocations where kind in (${kinds});
			${constraint}, add constraint revocations_kind_known check (kind in ('user', 'activation', 'channel', 'channel-erased', 'channel-deleted', 'subscription', 'token', 'token-expiry', 'login'));
			drop table sec.postponed_revocations`);
		const said = place.backup('replay');
		// The removed address twice: the restore that ended it again wrote that down, too. Of unsubscriptions the last alone is kept.
		if (!/^Ended again by the migration, before a sidecar starts: 3 /m.test(said))
			throw new Error(said);
		const mailed = 'select unsubscribed_kinds from core.report_recipients';
		if (place.sql(mailed) !== '{}') throw new Error('an older database knows what it cannot');
		place.sql(`${constraint}, add constraint revocations_kind_known ${known};
			select core.replay_postponed_revocations(now())`);
		if (place.sql(mailed) !== '{weekly}') throw new Error(`mailed: ${place.sql(mailed)}`);
		return said.replaceAll('\n', '; ');
	});

	await claim('S3 away: the drive is backed up, and S3 catches up', async () => {
		await place.stopS3();
		place.addUser('c');
		const said = place.refuses(/^s3: s3 does not answer/m, ['now']);
		if (!/^drive: incr backup made/m.test(said.whole)) throw new Error(said.whole);
		const listed = place.refuses(/does not answer/, ['list']).line;
		await place.startS3();
		await place.archived();
		place.backup('now');
		return `${said.line} | ${listed}`;
	});
	await claim(
		'the drive unplugged: nothing goes into its empty folder, S3 is backed up',
		async () => {
			renameSync(join(home, 'drive'), join(home, 'unplugged'));
			place.makeFolder('drive');
			let said;
			try {
				place.addUser('d');
				place.sql('select pg_switch_wal()');
				said = place.refuses(/^drive: The drive is not mounted/m, ['now']);
				if (!/^s3: incr backup made/m.test(said.whole)) throw new Error(said.whole);
				if (place.files('drive').length) throw new Error(`written: ${place.files('drive')}`);
				place.refuses(/The drive is not mounted/, ['verify']);
				place.refuses(/drive: its revocations were not read/, ['check-restore', 'latest']);
				const taken = place.run(place.script, ['check-restore', 'latest', '', '--one-repository']);
				if (
					taken.status !== 0 ||
					!/drive could not be read; it may have newer WAL/.test(taken.said)
				)
					throw new Error(taken.said);
			} finally {
				rmSync(join(home, 'drive'), { recursive: true });
				renameSync(join(home, 'unplugged'), join(home, 'drive'));
			}
			await place.archived();
			place.backup('now');
			return said;
		},
	);
	await claim('a wrong passphrase is called so', () =>
		place.refuses(/^drive: The backups on drive cannot be decrypted/m, ['now'], {
			PGBACKREST_REPO1_CIPHER_PASS: 'another',
		}),
	);
	await claim('a wrong passphrase cannot restore', () =>
		place.refuses(/cannot be decrypted/, ['check-restore', before, 's3'], {
			PGBACKREST_REPO2_CIPHER_PASS: 'another',
		}),
	);
	await claim('expired credentials of S3 are called so', async () => {
		await place.stopS3();
		place.credential = 'a-newer-credential';
		await place.startS3();
		const said = place.refuses(/^s3: S3 refuses the credentials/m, ['now']);
		await place.stopS3();
		place.credential = undefined;
		await place.startS3();
		await place.archived();
		place.backup('now');
		return said;
	});

	await claim('a committed row is in both repositories within two minutes', async () => {
		const since = Date.now();
		place.sql("update core.users set display_name = 'Newest' where email = 'b@example.com'");
		const segment = place.sql('select pg_walfile_name(pg_current_wal_lsn())');
		await until(
			() =>
				place.run('psql', [
					'-XAtqc',
					`select last_archived_wal >= '${segment}' from pg_stat_archiver`,
					'postgres',
				]).said === 't',
			180,
			() => 'the WAL is not archived',
		);
		const took = Math.round((Date.now() - since) / 1000);
		if (took > 120) throw new Error(`after ${took} s`);
		return `after ${took} s of nothing else written`;
	});
	await claim('a machine that is lost is restored to its newest row, from either', () => {
		place.stopPostgres('immediate');
		// A drive that was away lacks the newest WAL: without --from, S3 is taken.
		const hidden = place
			.files('drive')
			.filter((name) => /\/[0-9A-F]{24}-[^/]+$/.test(name))
			.sort((one, other) => (basename(one) < basename(other) ? -1 : 1))
			.slice(-2)
			.map((name) => [name, join(home, basename(name))]);
		for (const repository of ['s3', 'drive']) {
			rmSync(join(home, 'data'), { recursive: true });
			place.makeFolder('data');
			if (repository === 's3') {
				for (const [name, aside] of hidden) renameSync(name, aside);
				const warned = place.run(place.script, ['check-restore', 'latest', 'drive']).said;
				if (!/s3 has newer WAL than drive/.test(warned)) throw new Error(warned);
			}
			const from = repository === 's3' ? [] : ['--from', 'drive'];
			const said = place.backup('restore', '--latest', ...from);
			for (const [name, aside] of hidden) if (existsSync(aside)) renameSync(aside, name);
			if (!said.includes(` from ${repository} in `)) throw new Error(said);
			if (existsSync(join(home, 'data/before-restore')))
				throw new Error('an empty folder is put aside');
			place.startPostgres();
			const name = place.sql("select display_name from core.users where email = 'b@example.com'");
			if (name !== 'Newest') throw new Error(`${repository}: ${name}\n${said}`);
			if (repository === 's3') place.stopPostgres();
		}
	});

	await claim('a damaged file is found by verify', () => {
		const file = place
			.files('drive')
			.filter((name) => /\/backup\/ytempire\/[^/]*F\/.*(bundle|pg_data)/.test(name))
			.sort()
			.at(-1);
		const bytes = readFileSync(file);
		bytes[Math.floor(bytes.length / 2)] ^= 0xff;
		writeFileSync(file, bytes);
		const said = place.refuses(/^drive: backups are damaged/m, ['verify']);
		if (
			place.meter('verify_1', 'ytempire_backup_verify_ok{') !== 0 ||
			place.meter('verify_2', 'ytempire_backup_verify_ok{') !== 1
		)
			throw new Error('the meters say otherwise');
		bytes[Math.floor(bytes.length / 2)] ^= 0xff;
		writeFileSync(file, bytes);
		return said;
	});
	await claim('a hole in the WAL is found by the restore test', async () => {
		// A full backup, then log that is lost, then more.
		place.backup('now', 'full');
		place.sql("update core.users set display_name = 'In the hole'");
		const segment = place.sql('select pg_walfile_name(pg_current_wal_lsn())');
		await place.archived();
		place.sql("update core.users set display_name = 'After'");
		await place.archived();
		for (const file of place.files('drive').filter((name) => name.includes(`/${segment}-`)))
			rmSync(file);
		const said = place.refuses(/^drive: a restore ends/m, ['test']);
		if (!/^s3: restored/m.test(said.whole)) throw new Error(said.whole);
		return said;
	});
}

/** How long a backup and a restore of so many rows of videos' days take. */
async function measure(place, rows) {
	const user = place.addUser('a');
	place.backup('init');
	place.sql(`
		set session_replication_role = replica;
		insert into core.video_days (user_id, channel_id, video_id, day, views, watch_time_minutes, likes, created_at, updated_at)
		select '${user}', 'UC' || repeat('a', 22), 'v' || lpad((i % 10000)::text, 10, '0'), date '2020-01-01' + (i / 10000)::int, random() * 1e5, random() * 1e4, random() * 1e3, now(), now()
		from generate_series(1, ${rows}) i`);
	await place.archived();
	const size = Number(place.sql('select pg_database_size(current_database())')) / 2 ** 20;
	console.log(`  ${rows} rows of videos' days, ${Math.round(size)} MB`);
	console.log(place.backup('now', 'full').replace(/^/gm, '  '));
	for (const from of ['drive', 's3']) {
		// The second restore is from a backup on the timeline that the first one began.
		if (from === 's3') place.backup('now', 'full');
		place.sql("update core.users set display_name = 'Newest'");
		await place.archived();
		place.stopPostgres();
		const since = Date.now();
		place.backup('restore', '--latest', '--from', from);
		place.startPostgres();
		const took = (Date.now() - since) / 1000;
		const found = place.sql('select count(*) from core.video_days');
		console.log(
			`  ${from}: restored, replayed and started in ${Math.round(took)} s, ${Math.round(size / took)} MB/s; ${found} rows`,
		);
		if (found !== String(rows)) faults.push(`${found} rows`);
		place.backup('discard');
	}
}

/** Status 0: all holds, or skipped; 1: not so. */
async function main(jdk, rows) {
	const reason = obstacle(jdk);
	if (reason) {
		console.log(`Skipped: backups, because ${reason}`);
		return 0;
	}
	mkdirSync(cache, { recursive: true });
	const home = mkdtempSync('/var/tmp/ytempire-backup-');
	let place;
	const end = async () => {
		await place?.end();
		rmSync(home, { recursive: true, force: true });
	};
	return conclude(made, {
		title: 'Backups',
		check: async () => {
			const programs = fetchPgBackRest();
			place = new Place(home, programs, jdk, fetchS3Proxy(jdk, cache));
			await place.startS3();
			place.fill();
			console.log(
				`  ${String(seconds()).padStart(4)} s  ${place.must('pgbackrest', 'version')}, ${place.must('postgres', '--version')}`,
			);
			if (rows) await measure(place, rows);
			else await check(place);
		},
		end,
	});
}

if (process.argv[1] === fileURLToPath(import.meta.url))
	process.exitCode = await main(process.argv[2], Number(process.argv[3] ?? 0));
