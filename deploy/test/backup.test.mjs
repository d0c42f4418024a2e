// ./ytempire backup on an engine that is made up, and when what is due. The restore itself is tested for real by ./ytempire test --backup.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import {
	chmodSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	readdirSync,
	rmSync,
	statSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BackupFault, backup, packSecrets } from '../backup/main.mjs';
import { until } from './engine.mjs';

const top = new URL('../..', import.meta.url).pathname;
const script = join(top, 'deploy/backup/backup.sh');

/** A stack whose docker notes what it is asked, and fails where a pattern matches. */
function stack(
	t,
	{ fails = /^$/, status = 1, profiles = 'backup', file = 'compose.yml', ask = null } = {},
) {
	const root = mkdtempSync(join(tmpdir(), 'backup-'));
	t.after(() => rmSync(root, { recursive: true }));
	writeFileSync(
		join(root, '.env'),
		`COMPOSE_PROFILES=${profiles}\nCOMPOSE_FILE=${file}\nSTACK_BACKUP_AGE_RECIPIENT=age1x\n`,
	);
	const calls = [];
	const said = [];
	const run = (...words) =>
		backup(words, {
			root,
			docker(line, { input }) {
				const call = line.join(' ').replace(`compose --project-directory ${root} `, '');
				calls.push(input ? `${call} < ${input}` : call);
				return { status: fails.test(call) ? status : 0, stdout: '' };
			},
			bundle: (recipient) => `secrets for ${recipient}`,
			ask,
			say: (text) => said.push(text),
		});
	return { run, calls, said };
}

test('beside the secrets lie the release that runs and what was changed of it', (t) => {
	const root = mkdtempSync(join(tmpdir(), 'packed-'));
	t.after(() => rmSync(root, { recursive: true }));
	mkdirSync(join(root, 'secrets'));
	writeFileSync(join(root, 'secrets/grant_keyset'), 'keys');
	writeFileSync(join(root, '.env'), 'NAME=value\n');
	const unpacked = () => {
		const folder = mkdtempSync(join(tmpdir(), 'unpacked-'));
		t.after(() => rmSync(folder, { recursive: true }));
		const input = packSecrets(root, (text) => said.push(text));
		const done = spawnSync('tar', ['-xp', '-C', folder], { input });
		assert.equal(done.status, 0, String(done.stderr));
		return (name) => {
			if (['release', 'changes.diff'].includes(name))
				assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
			return readFileSync(join(folder, name), 'utf8');
		};
	};
	const said = [];
	const plain = unpacked();
	assert.equal(plain('secrets/grant_keyset'), 'keys');
	assert.throws(() => plain('release'), { code: 'ENOENT' }, 'no repository, no release');
	const git = (...words) => {
		const named = ['-c', 'user.name=T', '-c', 'user.email=t@example.org', ...words];
		const done = spawnSync('git', ['-C', root, ...named], { encoding: 'utf8' });
		assert.equal(done.status, 0, done.stderr);
		return done.stdout;
	};
	git('init', '--quiet');
	writeFileSync(join(root, '.gitignore'), 'secrets/\n.env\n');
	writeFileSync(join(root, 'compose.yml'), '# mark: value\n');
	git('add', 'compose.yml', '.gitignore');
	git('commit', '--quiet', '--message', 'Release');
	writeFileSync(join(root, 'compose.yml'), 'mark: value\n');
	const packed = unpacked();
	assert.equal(packed('release'), git('rev-parse', 'HEAD'));
	assert.match(packed('changes.diff'), /^\+mark: value$/m);
	assert.equal(packed('.env'), 'NAME=value\n');
	assert.deepEqual(said, [], 'nothing is missing');
	// A repository around the project is another one's.
	const inner = join(root, 'inner');
	mkdirSync(join(inner, 'secrets'), { recursive: true });
	writeFileSync(join(inner, '.env'), '');
	const names = spawnSync('tar', ['-t'], { input: packSecrets(inner), encoding: 'utf8' }).stdout;
	assert.deepEqual(names.trim().split('\n'), ['secrets/', '.env']);
});

/** A project with a release of git, in which compose.yml was changed, and what packs it. */
function release(t) {
	const root = mkdtempSync(join(tmpdir(), 'packed-'));
	t.after(() => rmSync(root, { recursive: true }));
	const git = (...words) => {
		const done = spawnSync('git', ['-C', root, ...words], { encoding: 'utf8' });
		assert.equal(done.status, 0, done.stderr);
		return done.stdout;
	};
	git('init', '--quiet');
	git('config', 'user.name', 'T');
	git('config', 'user.email', 't@example.org');
	mkdirSync(join(root, 'secrets'));
	const lines = Array.from({ length: 9 }, (_, line) => `line: ${line}\n`);
	writeFileSync(join(root, '.env'), '');
	writeFileSync(join(root, '.gitignore'), 'secrets/\n.env\n');
	writeFileSync(join(root, 'compose.yml'), lines.join(''));
	git('add', '.');
	git('commit', '--quiet', '--message', 'Release');
	const changed = lines.with(4, 'line: four\n').join('');
	writeFileSync(join(root, 'compose.yml'), changed);
	const said = [];
	const pack = (...more) => {
		const input = packSecrets(root, (text) => said.push(text), ...more);
		const folder = mkdtempSync(join(tmpdir(), 'unpacked-'));
		t.after(() => rmSync(folder, { recursive: true }));
		spawnSync('tar', ['-xp', '-C', folder], { input });
		return { folder, names: readdirSync(folder).toSorted() };
	};
	return { root, git, said, pack, changed };
}

test('what was changed is packed as it is applied, whatever the settings of git are', (t) => {
	const { root, git, pack, changed } = release(t);
	for (const [name, value] of [
		['color.ui', 'always'],
		['diff.external', 'echo external'],
		['diff.noprefix', 'true'],
		['diff.mnemonicPrefix', 'true'],
		['diff.context', '0'],
		['diff.shown.textconv', 'tr a-z A-Z <'],
	])
		git('config', name, value);
	writeFileSync(join(root, '.git/info/attributes'), 'compose.yml diff=shown\n');
	const { folder } = pack();
	git('checkout', '--quiet', '--force', 'HEAD');
	git('apply', join(folder, 'changes.diff'));
	assert.equal(readFileSync(join(root, 'compose.yml'), 'utf8'), changed);
});

test('what git does not give is said, and the secrets are packed without it', (t) => {
	const { root, said, pack } = release(t);
	assert.deepEqual(pack(64).names, ['.env', 'release', 'secrets']);
	assert.match(said.join(), /no changes\.diff.*larger than.*Keep a copy/);
	said.length = 0;
	writeFileSync(join(root, '.git/HEAD'), 'broken');
	assert.deepEqual(pack().names, ['.env', 'secrets']);
	assert.equal(said.length, 1);
	assert.match(said[0], /neither the release that runs nor its changes.*fatal: .*Repair that/);
});

test('files that git does not know are named as not packed', (t) => {
	const { root, said, pack } = release(t);
	writeFileSync(join(root, 'compose.override.yml'), '');
	mkdirSync(join(root, 'mine'));
	writeFileSync(join(root, 'mine/a'), '');
	pack();
	assert.equal(said.length, 1);
	assert.match(said[0], /^Not in the secrets' file.*: "compose\.override\.yml", "mine\/"\. Keep/);
	for (let i = 0; i < 10; i++) writeFileSync(join(root, `z${i}`), '');
	pack();
	assert.match(said[1], /"z7" and 2 more\. Keep/);
});

test('a restore checks, stops, restores, and opens the API last', async (t) => {
	const { run, calls } = stack(t);
	assert.equal(await run('restore', '--to', '2026-11-25T18:00:00Z', '--from', 's3', '--yes'), 0);
	assert.deepEqual(
		calls.map((call) => call.replace(/^(stop) .*/, '$1')),
		[
			'run --rm --no-deps -T backup check-restore 2026-11-25T18:00:00Z s3',
			'exec -T backup ytempire-pgbackrest copy-revocations',
			'stop',
			'run --rm --no-deps -T backup restore --to 2026-11-25T18:00:00Z --from s3',
			'rm --stop --force redis',
			'volume rm --force ytempire_redis',
			'up -d --wait',
			'exec -T backup ytempire-pgbackrest now full',
		],
	);
	for (const service of [
		'caddy',
		'sidecar-a',
		'sidecar-b',
		'n8n',
		'n8n-worker',
		'grafana',
		'backup',
		'postgres',
	])
		assert.ok(
			calls
				.find((call) => call.startsWith('stop '))
				.split(' ')
				.includes(service),
			service,
		);
});

test('a stack with a standby is not restored', async (t) => {
	const { run, calls } = stack(t, {
		file: 'compose.yml:deploy/standby/compose.yml',
	});
	await assert.rejects(run('restore', '--latest', '--yes'), /has a standby.*Nothing was changed/);
	assert.deepEqual(calls, []);
});

test('a moment that cannot be restored stops nothing', async (t) => {
	const { run, calls } = stack(t, { fails: /check-restore/ });
	await assert.rejects(
		run('restore', '--to', '2020-01-01T00:00:00Z', '--yes'),
		/Nothing was changed/,
	);
	assert.equal(calls.length, 1);
});

test('a restore that fails starts the stack again as it was', async (t) => {
	const { run, calls } = stack(t, { fails: / backup restore / });
	await assert.rejects(
		run('restore', '--latest', '--yes'),
		/runs again on the database that it had/,
	);
	assert.equal(calls.at(-1), 'up -d --wait');
	assert.ok(
		!calls.some((call) => call.includes('redis')),
		'the quota of a database that stays is kept',
	);
});

test('a restore that ended halfway starts nothing', async (t) => {
	const { run, calls } = stack(t, { fails: / backup restore /, status: 3 });
	await assert.rejects(run('restore', '--latest', '--yes'), /The stack stays stopped/);
	assert.ok(!calls.some((call) => call.startsWith('up ')));
});

test('a stack that stops halfway is started again', async (t) => {
	const { run, calls } = stack(t, { fails: /^stop / });
	await assert.rejects(
		run('restore', '--latest', '--yes'),
		(error) => error instanceof BackupFault && /nothing was restored. It runs/.test(error.message),
	);
	assert.equal(calls.at(-1), 'up -d --wait');
	assert.ok(!calls.some((call) => / backup restore /.test(call)));
});

test('a quota of before that stays is not served', async (t) => {
	const { run, calls } = stack(t, { fails: /^volume rm/ });
	await assert.rejects(run('restore', '--latest', '--yes'), /Redis still holds/);
	assert.ok(!calls.some((call) => call.startsWith('up ')));
});

test('revocations of one repository are taken only when asked', async (t) => {
	const { run, calls } = stack(t);
	assert.equal(await run('restore', '--latest', '--one-repository', '--yes'), 0);
	assert.equal(calls[0], 'run --rm --no-deps -T backup check-restore latest  --one-repository');
	assert.match(calls[3], /restore --latest --one-repository$/);
});

test('a restore is confirmed by a person or by --yes', async (t) => {
	const silent = stack(t);
	await assert.rejects(silent.run('restore', '--latest'), /say --yes/);
	const refused = stack(t, { ask: async () => 'no' });
	await assert.rejects(refused.run('restore', '--latest'), /Nothing was changed/);
	assert.ok(![...silent.calls, ...refused.calls].some((call) => call.startsWith('stop')));
	const confirmed = stack(t, { ask: async () => 'restore' });
	assert.equal(await confirmed.run('restore', '--latest'), 0);
});

test('a backup takes the secrets along, encrypted', async (t) => {
	const { run, calls } = stack(t);
	assert.equal(await run('now', 'full'), 0);
	assert.deepEqual(calls, [
		'exec -T backup ytempire-pgbackrest now full',
		'exec -T backup ytempire-pgbackrest put-secrets < secrets for age1x',
	]);
	const failing = stack(t, { fails: /put-secrets/ });
	assert.equal(await failing.run('now'), 1);
});

test('a stack without backups says how to have them', async (t) => {
	const { run, calls } = stack(t, { profiles: 'monitoring' });
	await assert.rejects(
		run('list'),
		(error) => error instanceof BackupFault && /COMPOSE_PROFILES/.test(error.message),
	);
	assert.equal(calls.length, 0);
});

test('commands and options that there are not are refused', async (t) => {
	const { run, calls } = stack(t);
	await assert.rejects(run('restroe'), /There is no command "backup restroe"/);
	await assert.rejects(run('restore'), /needs --to TIME or --latest/);
	assert.equal(calls.length, 0);
});

const at = (text) => Date.parse(text) / 1000;
const due = (now, full, any) =>
	spawnSync(script, ['due', ...[now, full, any].map((each) => String(each === 0 ? 0 : at(each)))], {
		encoding: 'utf8',
		env: { PATH: process.env.PATH, BACKUP_HOUR: '9' },
	}).stdout.trim();

test('the first backup is full and is made at once', () => {
	assert.equal(due('2026-11-25T18:00:00Z', 0, 0), 'full');
});

test('an incremental backup is made daily in its hour, a full one weekly', () => {
	const sunday = '2026-11-22T09:00:00Z';
	assert.equal(due('2026-11-25T08:59:00Z', sunday, '2026-11-24T09:00:00Z'), '');
	assert.equal(due('2026-11-25T09:01:00Z', sunday, '2026-11-24T09:00:00Z'), 'incr');
	assert.equal(due('2026-11-25T09:30:00Z', sunday, '2026-11-25T09:01:00Z'), '');
	assert.equal(due('2026-11-29T09:00:30Z', sunday, '2026-11-28T09:00:00Z'), 'full');
});

test('a day that was missed is made up for at any hour', () => {
	const sunday = '2026-11-22T09:00:00Z';
	assert.equal(due('2026-11-25T15:00:00Z', sunday, '2026-11-24T09:00:00Z'), 'incr');
});

/** The script on programs that are made up, which note each call: pgbackrest fails for a repository that is away. */
function machine(t, { away = '' } = {}) {
	const home = mkdtempSync(join(tmpdir(), 'backup-'));
	t.after(() => rmSync(home, { recursive: true }));
	for (const folder of ['bin', 'state', 'data', 'secrets']) mkdirSync(join(home, folder));
	writeFileSync(join(home, 'secrets/backup_revocations_key'), 'a key');
	const program = (name, text) => {
		writeFileSync(join(home, 'bin', name), `#!/bin/sh\n${text}\n`);
		chmodSync(join(home, 'bin', name), 0o755);
	};
	const noted = join(home, 'noted');
	writeFileSync(noted, '');
	program(
		'pgbackrest',
		`echo "$*" >>${noted}\ncase "$*" in *--repo=${away || 'none'}*) echo HostConnectError; exit 1 ;; esac`,
	);
	program('psql', 'echo []');
	const environment = {
		PATH: `${join(home, 'bin')}:${process.env.PATH}`,
		PGDATA: join(home, 'data'),
		BACKUP_STATE: join(home, 'state'),
		BACKUP_METERS: join(home, 'none'),
		BACKUP_SECRETS: join(home, 'secrets'),
		PGBACKREST_REPO1_CIPHER_PASS: 'x',
		PGBACKREST_REPO2_CIPHER_PASS: 'x',
	};
	const write = (name, ago) =>
		writeFileSync(join(home, 'state', name), String(Math.floor(Date.now() / 1000) - ago));
	return {
		home,
		environment,
		program,
		write,
		run: (...words) =>
			spawnSync(script, words, {
				encoding: 'utf8',
				env: environment,
			}),
		/** The backups that were asked for since the last time: repository and type. */
		backups() {
			const found = [
				...readFileSync(noted, 'utf8').matchAll(/--repo=(\d).* --type=(\w+) backup$/gm),
			].map(([, repository, type]) => `${repository} ${type}`);
			writeFileSync(noted, '');
			return found;
		},
		noted: () => readFileSync(noted, 'utf8'),
	};
}

test('a repository that is away is backed up alone, hourly', (t) => {
	const { run, write, backups } = machine(t, { away: 2 });
	const days = 86400;
	for (const name of ['verify', 'restore-test', 'backup-1', 'full-1']) write(name, 60);
	for (const name of ['backup-2', 'full-2']) write(name, 8 * days);
	run('make-due');
	assert.deepEqual(backups(), ['2 full']);
	run('make-due');
	assert.deepEqual(backups(), [], 'not again within the hour');
	write('tried-backup-2', 3700);
	run('make-due');
	assert.deepEqual(backups(), ['2 full']);
});

test('one repository alone is backed up on request', (t) => {
	const { run, backups } = machine(t);
	assert.equal(run('now', 'full', 's3').status, 0);
	assert.deepEqual(backups(), ['2 full']);
	assert.equal(run('now', 'full', 'tape').status, 2);
});

/** Another backup has the lock, and does this when it is waited for, two hours at most. */
function otherBackup({ program }, then) {
	program('flock', '[ "$*" = 9 ]');
	program('timeout', `[ "$*" = '7200 flock 9' ] && ${then}`);
}

test('what a backup under way has made is not due again after it', (t) => {
	const waiting = machine(t);
	const { home, run, write, backups } = waiting;
	for (const name of ['verify', 'restore-test']) write(name, 60);
	const made = (repository) =>
		['full', 'backup'].map((name) => `date +%s >${home}/state/${name}-${repository}`).join('; ');
	otherBackup(waiting, `{ ${made(1)}; }`);
	assert.equal(run('make-due').status, 0);
	assert.deepEqual(backups(), ['2 full'], 'it was of the drive alone');
});

test('a backup waits two hours for another one, and says so when it gives up', (t) => {
	const waiting = machine(t);
	const { run, backups } = waiting;
	otherBackup(waiting, 'exit 124');
	const { status, stdout, stderr } = run('now', 'full');
	assert.equal(status, 1);
	assert.match(stdout, /^Another backup is under way/);
	assert.match(stderr, /for two hours: nothing was backed up\..*Then repeat/);
	assert.deepEqual(backups(), []);
});

test('files are verified weekly, and daily after a failure', (t) => {
	const { run, write, noted } = machine(t);
	for (const name of ['restore-test', 'backup-1', 'full-1', 'backup-2', 'full-2']) write(name, 60);
	write('verify', 8 * 86400);
	const verified = () => (noted().match(/ verify$/gm) ?? []).length;
	run('make-due');
	assert.equal(verified(), 2);
	run('make-due');
	assert.equal(verified(), 2, 'what failed is not repeated at once');
	write('tried-verify', 86401);
	run('make-due');
	assert.equal(verified(), 4, 'what failed did not count as verified');
});

test('the previous database goes a week after a restore', (t) => {
	const { home, run, write } = machine(t);
	for (const name of ['verify', 'restore-test', 'backup-1', 'full-1', 'backup-2', 'full-2'])
		write(name, 60);
	const previous = join(home, 'data/before-restore');
	mkdirSync(previous);
	writeFileSync(join(home, 'data/PG_VERSION'), '15');
	run('make-due');
	assert.ok(existsSync(previous));
	const old = Date.now() / 1000 - 7 * 86400 - 60;
	utimesSync(previous, old, old);
	run('make-due');
	assert.ok(!existsSync(previous));
});

test('the backup service is healthy while it copies revocations', (t) => {
	const { run, write } = machine(t);
	write('alive', 60);
	assert.equal(run('alive').status, 0);
	write('alive', 301);
	assert.equal(run('alive').status, 1);
});

test('revocations are copied while a backup is made', async (t) => {
	const { home, environment, program, write } = machine(t);
	for (const name of ['verify', 'restore-test']) write(name, 60);
	const copied = join(home, 'copied');
	// A backup that ends only after a copy was made during it.
	program(
		'pgbackrest',
		`case "$*" in *repo-put*) [ -e ${home}/begun ] && touch ${copied} || exit 1 ;; *" backup") touch ${home}/begun; until [ -e ${copied} ]; do :; done ;; esac`,
	);
	// The pause between two copies.
	program('sleep', 'exec /bin/sleep 0.1');
	const service = spawn(script, ['schedule'], {
		env: environment,
		detached: true,
		stdio: 'ignore',
	});
	const ended = new Promise((resolve) => service.once('exit', resolve));
	try {
		await until(
			() => existsSync(join(home, 'state/backup-2')),
			60,
			() => 'the backup waits for a copy of the revocations',
		);
	} finally {
		process.kill(-service.pid, 'SIGKILL');
		await ended;
	}
});

/** A repository that is a folder: pgbackrest's commands on single files. */
function keeping(home) {
	const folder = join(home, 'kept');
	mkdirSync(folder);
	return `repo=; for word; do case $word in --repo=*) repo=\${word#--repo=} ;; esac; last=$word; done
mkdir -p ${folder}/$repo
case "$*" in
*repo-put*) cat >"${folder}/$repo/\$(basename "$last")" ;;
*repo-get*) cat "${folder}/$repo/\$(basename "$last")" ;;
*repo-ls*) ls ${folder}/$repo ;;
*repo-rm*) rm "${folder}/$repo/\$(basename "$last")" ;;
*info*) echo '"code":0' ;;
esac`;
}

test('a list of revocations that somebody else wrote, or changed, is not taken', (t) => {
	const { home, program, run } = machine(t);
	program('pgbackrest', keeping(home));
	const list = '[{"kind": "user", "subject": "ab"}]';
	program('psql', `printf '%s\\n' '${list}'`);
	assert.equal(run('copy-revocations').status, 0);
	const [name] = readdirSync(join(home, 'kept/2'));
	const [text, signature] = readFileSync(join(home, 'kept/2', name), 'utf8').split('\n');
	assert.equal(text, list);
	const key = createHash('sha256').update('a key').digest();
	const signed = (content) =>
		`hmac-sha256 ${createHmac('sha256', key).update(`${content}\n`).digest('hex')}`;
	assert.equal(signature, signed(list));
	assert.deepEqual(JSON.parse(run('read-revocations').stdout), JSON.parse(list));
	// With the passphrase and the key of S3, and without the key of the list.
	const forged = '[{"kind": "user", "subject": "cd"}]';
	for (const content of [forged, `${forged}\n${signature}`, `${forged}\n${signed(list)}`]) {
		writeFileSync(join(home, 'kept/2/29990101T000000Z-0.json'), `${content}\n`);
		const { stdout, stderr, status } = run('read-revocations');
		assert.equal(status, 0, stderr);
		assert.doesNotMatch(stdout, /cd/);
		assert.match(stderr, /s3: revocations\/29990101T000000Z-0\.json is not signed by this stack/);
	}
	rmSync(join(home, 'kept/2', name));
	const { stderr, status } = run('read-revocations');
	assert.equal(status, 1);
	assert.match(stderr, /s3: its revocations were not read/);
});

test('an entry that many copies have is read once', (t) => {
	const { home, program, run } = machine(t);
	program('pgbackrest', keeping(home));
	const entry = (subject) => ({ kind: 'channel', details: { given_up_at: null }, subject });
	const lists = [[], ['a'], ['a', 'b'], ['a', 'b', 'c'], ['b', 'c']];
	for (const subjects of lists) {
		const list = `[${subjects.map((each) => JSON.stringify(entry(each), null, 1).replaceAll(/\n\s*/g, ' ').replaceAll('{ ', '{').replaceAll(' }', '}')).join(', ')}]`;
		program('psql', `printf '%s\\n' '${list}'`);
		assert.equal(run('copy-revocations').status, 0);
	}
	assert.equal(readdirSync(join(home, 'kept/1')).length, lists.length);
	assert.deepEqual(
		JSON.parse(run('read-revocations').stdout).toSorted((one, other) =>
			one.subject.localeCompare(other.subject),
		),
		['a', 'b', 'c'].map(entry),
	);
	assert.deepEqual(
		readdirSync(join(home, 'state')).filter((each) => each.startsWith('entries')),
		[],
	);
});

test('revocations for which there is no room are not read as none', (t) => {
	const { home, program, run } = machine(t);
	program('pgbackrest', keeping(home));
	program('psql', `printf '%s\\n' '[{"kind": "user", "subject": "ab"}]'`);
	assert.equal(run('copy-revocations').status, 0);
	// As a full disk does.
	for (const [failing, words, text] of [
		['sed', '}, {', /cannot be written/],
		['sort', '-u', /^$/],
	]) {
		program(failing, `case "$*" in *'${words}'*) exit 4 ;; esac\nexec /usr/bin/${failing} "$@"`);
		const { stdout, stderr, status } = run('read-revocations');
		assert.equal(status, 1, failing);
		assert.equal(stdout, '', failing);
		assert.match(stderr, text);
		rmSync(join(home, 'bin', failing));
	}
});

/** The name of a copy made so many minutes ago. */
const copyOf = (minutes) =>
	`${new Date(Date.now() - minutes * 60_000).toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${'0'.repeat(16)}.json`;

/** Puts copies into the drive's repository in the place of what is there, and into this machine's note with their numbers of entries. */
function putCopies(home, copies) {
	for (const each of readdirSync(join(home, 'kept/1'))) rmSync(join(home, 'kept/1', each));
	for (const each of copies.keys()) writeFileSync(join(home, 'kept/1', each), '');
	const noted = join(home, 'state/revocation-copies-1');
	writeFileSync(noted, [...copies].map(([copy, entries]) => `${copy} ${entries}\n`).join(''));
	return noted;
}

/** A list with an entry for each date at which one was recorded. */
const listOf = (...dates) =>
	JSON.stringify(
		dates.map((date, n) => ({
			revocation_id: n,
			recorded_at: `${date}T00:00:00Z`,
		})),
	);
const today = () => new Date().toISOString().slice(0, 10);

test('of the copies of a list that changes often stay the newest, and of each hour and day what has all entries', (t) => {
	const { home, program, run } = machine(t);
	program('pgbackrest', keeping(home));
	assert.equal(run('copy-revocations').status, 0);
	// Somebody empties the list once on a day, and once in an hour.
	const entriesOf = new Map();
	let present = new Set([...Array(1000).keys()].map((n) => 10_000 + n));
	for (let minutes = 4 * 1440; minutes > 0; minutes -= 15) {
		if (minutes === 3.5 * 1440 || minutes === 1440 + 30) present = new Set();
		present = new Set([...present, minutes]);
		entriesOf.set(copyOf(minutes - 7), present);
	}
	const all = [...entriesOf.keys()];
	const noted = putCopies(home, new Map(all.map((each) => [each, entriesOf.get(each).size])));
	// Whoever may write into the repository has none of ours deleted by what lies beside them.
	const foreign = [...Array(100).keys()].map((n) => `29990101T0000${n}Z-${'f'.repeat(16)}.json`);
	for (const each of foreign) writeFileSync(join(home, 'kept/1', each), '');
	program('psql', `printf '%s\\n' '${listOf(today(), today())}'`);
	assert.equal(run('copy-revocations').status, 0);
	const there = readdirSync(join(home, 'kept/1')).sort();
	assert.deepEqual(there.slice(-100), foreign.sort());
	const kept = there.slice(0, -100);
	assert.match(
		readFileSync(noted, 'utf8'),
		new RegExp(`^${kept.at(-1)} 2\n$`, 'm'),
		'how many entries a copy has is noted',
	);
	assert.deepEqual(
		readFileSync(noted, 'utf8')
			.trim()
			.split('\n')
			.map((line) => line.split(' ')[0]),
		kept,
	);
	// One copy is of now.
	assert.deepEqual(kept.slice(-60, -1), all.slice(-59));
	const older = all.slice(0, -59);
	const recent = copyOf(2 * 1440).slice(0, 16);
	const period = (each) => each.slice(0, each >= recent ? 11 : 8);
	const periods = new Set(older.map(period));
	assert.ok(
		kept.length - 60 <= periods.size + 2,
		`${kept.length - 60} copies of ${periods.size} hours and days, in two of which the list was emptied`,
	);
	for (const each of periods) {
		const entriesIn = (copies) =>
			new Set(
				copies.filter((one) => period(one) === each).flatMap((one) => [...entriesOf.get(one)]),
			);
		assert.deepEqual([...entriesIn(kept.slice(0, -60))].sort(), [...entriesIn(older)].sort(), each);
	}
});

test('a newer copy of an hour stays beside a fuller one, and what expires makes none fuller', (t) => {
	const { home, program, run } = machine(t);
	program('pgbackrest', keeping(home));
	const dates = [31, 32, 35].map((days) =>
		new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10),
	);
	program('psql', `printf '%s\\n' '${listOf(...dates)}'`);
	assert.equal(run('copy-revocations').status, 0);
	// None that is counted expires on this day.
	assert.match(readFileSync(join(home, 'state/revocation-copies-1'), 'utf8'), / 2\n$/);
	// In this hour somebody has deleted from the list, to which an entry came afterwards.
	const hour = copyOf(30 * 60).slice(0, 11);
	const copies = new Map([
		[`${hour}0100Z-a.json`, 3],
		[`${hour}0200Z-b.json`, 2],
		[`${hour}0300Z-c.json`, 2],
		...[...Array(60).keys()].map((n) => [copyOf(61 - n), 2]),
	]);
	putCopies(home, copies);
	program('psql', `printf '%s\\n' '${listOf(today())}'`);
	assert.equal(run('copy-revocations').status, 0);
	assert.deepEqual(
		readdirSync(join(home, 'kept/1')).filter((each) => each.startsWith(hour)),
		[`${hour}0100Z-a.json`, `${hour}0300Z-c.json`],
	);
});

test('a copy that is not in the repository any more makes none there needless', (t) => {
	const { home, program, run } = machine(t);
	program('pgbackrest', keeping(home));
	assert.equal(run('copy-revocations').status, 0);
	const hour = copyOf(30 * 60).slice(0, 11);
	const ours = `${hour}0100Z-a.json`;
	const copies = new Map([[ours, 1], ...[...Array(60).keys()].map((n) => [copyOf(61 - n), 1])]);
	const noted = putCopies(home, copies);
	// Of the drive that was there before.
	writeFileSync(noted, `${hour}0200Z-b.json 9\n${readFileSync(noted, 'utf8')}`);
	program('psql', `printf '%s\\n' '${listOf(today())}'`);
	assert.equal(run('copy-revocations').status, 0);
	assert.ok(existsSync(join(home, 'kept/1', ours)));
	assert.doesNotMatch(readFileSync(noted, 'utf8'), /-b\.json/, 'it is forgotten');
});

test('without the key of the list nothing is copied or restored, and it says so', (t) => {
	const { home, program, run } = machine(t);
	program('pgbackrest', keeping(home));
	writeFileSync(join(home, 'secrets/backup_revocations_key'), '');
	for (const command of ['copy-revocations', 'read-revocations']) {
		const { status, stderr } = run(command);
		assert.equal(status, 1);
		assert.match(stderr, /secrets\/backup_revocations_key is missing or empty/);
	}
	assert.ok(!existsSync(join(home, 'kept/1')));
});

test('the only whole database is not discarded', (t) => {
	const { home, run } = machine(t);
	const previous = join(home, 'data/before-restore');
	mkdirSync(previous);
	assert.match(run('discard').stderr, /ended halfway/);
	writeFileSync(join(home, 'data/PG_VERSION'), '15');
	mkdirSync(join(home, 'data/restoring'));
	assert.match(run('discard').stderr, /ended halfway/);
	assert.ok(existsSync(previous));
	rmSync(join(home, 'data/restoring'), { recursive: true });
	assert.equal(run('discard').status, 0);
});

test('what is deleted is in no backup after 28 days', () => {
	const settings = readFileSync(join(top, 'deploy/backup/pgbackrest.conf'), 'utf8');
	for (const repository of [1, 2]) {
		assert.match(settings, new RegExp(`^repo${repository}-retention-full-type=time$`, 'm'));
		const [, days] = new RegExp(`^repo${repository}-retention-full=(\\d+)$`, 'm').exec(settings);
		// The full backup before the oldest that is kept is a week older, and goes with the next one; S3 keeps its versions for 6 days more.
		assert.equal(Number(days) + 7 + 1 + 6, 28);
	}
	const backups = readFileSync(join(top, 'docs/operations/backups.md'), 'utf8');
	assert.match(backups, /kept for 28 days at most/);
	assert.match(backups, /end old versions after 6 days/);
	assert.match(backups, /object lock of at most 6 days/);
	const retention = readFileSync(join(top, 'docs/operations/retention.md'), 'utf8');
	assert.match(retention, /\| backups.*\| 28 days at most/);
});

test('each repository is encrypted with a passphrase of its own', () => {
	const settings = readFileSync(join(top, 'deploy/backup/pgbackrest.conf'), 'utf8');
	for (const repository of [1, 2])
		assert.match(settings, new RegExp(`^repo${repository}-cipher-type=aes-256-cbc$`, 'm'));
	const text = readFileSync(script, 'utf8');
	assert.match(
		text,
		/REPO1_CIPHER_PASS backup_drive_pass\nPGBACKREST_REPO2_CIPHER_PASS backup_s3_pass/,
	);
});
