// ./ytempire backup on an engine that is made up, and when what is due. The restore itself is tested for real by ./ytempire test --backup.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BackupFault, backup } from '../backup/main.mjs';

const top = new URL('../..', import.meta.url).pathname;
const script = join(top, 'deploy/backup/backup.sh');

/** A stack whose docker notes what it is asked, and fails where a pattern matches. */
function stack(t, { fails = /^$/, profiles = 'backup', ask = null } = {}) {
	const root = mkdtempSync(join(tmpdir(), 'backup-'));
	t.after(() => rmSync(root, { recursive: true }));
	writeFileSync(
		join(root, '.env'),
		`COMPOSE_PROFILES=${profiles}\nSTACK_BACKUP_AGE_RECIPIENT=age1x\n`,
	);
	const calls = [];
	const said = [];
	const run = (...words) =>
		backup(words, {
			root,
			docker(line, { input }) {
				const call = line.join(' ').replace(`compose --project-directory ${root} `, '');
				calls.push(input ? `${call} < ${input}` : call);
				return { status: fails.test(call) ? 1 : 0, stdout: '' };
			},
			bundle: (recipient) => `secrets for ${recipient}`,
			ask,
			say: (text) => said.push(text),
		});
	return { run, calls, said };
}

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
			'volume rm ytempire_redis',
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
const due = (now, full, any, verify, tested) =>
	spawnSync(
		script,
		['due', ...[now, full, any, verify, tested].map((each) => String(each === 0 ? 0 : at(each)))],
		{
			encoding: 'utf8',
			env: { PATH: process.env.PATH, BACKUP_HOUR: '9' },
		},
	).stdout.trim();

test('the first backup is full and is made at once', () => {
	assert.equal(due('2026-11-25T18:00:00Z', 0, 0, 0, 0), 'full');
});

test('an incremental backup is made daily in its hour, a full one weekly', () => {
	const sunday = '2026-11-22T09:00:00Z';
	assert.equal(due('2026-11-25T08:59:00Z', sunday, '2026-11-24T09:00:00Z', sunday, sunday), '');
	assert.equal(due('2026-11-25T09:01:00Z', sunday, '2026-11-24T09:00:00Z', sunday, sunday), 'incr');
	assert.equal(due('2026-11-25T09:30:00Z', sunday, '2026-11-25T09:01:00Z', sunday, sunday), '');
	assert.equal(
		due(
			'2026-11-29T09:00:30Z',
			sunday,
			'2026-11-28T09:00:00Z',
			'2026-11-29T00:00:00Z',
			'2026-11-29T00:00:00Z',
		),
		'full',
	);
});

test('a day that was missed is made up for at any hour', () => {
	const sunday = '2026-11-22T09:00:00Z';
	assert.equal(due('2026-11-25T15:00:00Z', sunday, '2026-11-24T09:00:00Z', sunday, sunday), 'incr');
});

test('files are verified and a restore is proven weekly', () => {
	const recent = '2026-11-25T09:00:00Z';
	assert.equal(
		due('2026-11-25T12:00:00Z', recent, recent, '2026-11-17T12:00:00Z', '2026-11-17T12:00:00Z'),
		'verify\nrestore-test',
	);
});

test('what is deleted is in no backup after 28 days', () => {
	const settings = readFileSync(join(top, 'deploy/backup/pgbackrest.conf'), 'utf8');
	for (const repository of [1, 2]) {
		assert.match(settings, new RegExp(`^repo${repository}-retention-full-type=time$`, 'm'));
		const [, days] = new RegExp(`^repo${repository}-retention-full=(\\d+)$`, 'm').exec(settings);
		// The full backup before the oldest that is kept is a week older, and goes with the next one.
		assert.ok(Number(days) + 7 + 1 <= 28);
		assert.match(
			readFileSync(join(top, 'docs/operations/backups.md'), 'utf8'),
			new RegExp(`kept for ${Number(days) + 8} days at most`),
		);
	}
});

test('each repository is encrypted with a pass of its own', () => {
	const settings = readFileSync(join(top, 'deploy/backup/pgbackrest.conf'), 'utf8');
	for (const repository of [1, 2])
		assert.match(settings, new RegExp(`^repo${repository}-cipher-type=aes-256-cbc$`, 'm'));
	const text = readFileSync(script, 'utf8');
	assert.match(
		text,
		/REPO1_CIPHER_PASS backup_drive_pass\nPGBACKREST_REPO2_CIPHER_PASS backup_s3_pass/,
	);
});
