// deploy/standby/standby.sh as a container starts it, with PostgreSQL's programs stood in for by scripts that answer as psql and pg_isready
// do (status 0: takes sessions, 1: refuses them, 2: no answer).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../standby/standby.sh', import.meta.url));

/** A server with a cluster, and a function that starts it while the other one has a state and a timeline. */
function server(t, { timeline = 1, isStandby = false } = {}) {
	const home = mkdtempSync(join(tmpdir(), 'standby-'));
	t.after(() => rmSync(home, { recursive: true }));
	const data = join(home, 'data');
	mkdirSync(join(data, 'pg_wal'), { recursive: true });
	writeFileSync(join(data, 'PG_VERSION'), '17\n');
	for (let each = 2; each <= timeline; each++)
		writeFileSync(join(data, 'pg_wal', `0000000${each}.history`), '');
	if (isStandby) writeFileSync(join(data, 'standby.signal'), '');
	writeFileSync(join(home, 'password'), 'secret');
	const programs = join(home, 'bin');
	mkdirSync(programs);
	for (const [name, text] of Object.entries({
		pg_isready: 'exit "$STATUS"',
		psql: '[ -n "$TIMELINE" ] || exit 2; echo "7400000000000000000 $TIMELINE 0/3000000 "',
		'ytempire-postgres': 'echo "started $*"',
	}))
		writeFileSync(join(programs, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
	const start = ({ status, timeline: theirs = '' }) =>
		spawnSync('bash', [SCRIPT, 'postgres', '--synchronous_standby_names='], {
			encoding: 'utf8',
			env: {
				PATH: `${programs}:${process.env.PATH}`,
				PGDATA: data,
				OTHER: 'postgres-standby',
				REPLICATION_PASSWORD_FILE: join(home, 'password'),
				STATUS: String(status),
				TIMELINE: String(theirs),
			},
		});
	return { start, isFenced: () => existsSync(join(data, 'fenced')), data };
}

test('an old primary that found a promoted one stays down when that one restarts', (t) => {
	const { start, isFenced } = server(t);
	const refused = start({ status: 0, timeline: 2 });
	assert.equal(refused.status, 1);
	assert.match(refused.stderr, /postgres-standby is another primary/);
	assert.doesNotMatch(refused.stderr, /make this one its standby|remove|delete/);
	assert.ok(isFenced());
	const again = start({ status: 2 });
	assert.equal(again.status, 1, again.stdout);
	assert.equal(again.stdout, '');
});

test('a primary starts while the other is its standby, or away, without that setting', (t) => {
	for (const status of [1, 2]) {
		const { start, isFenced } = server(t);
		assert.equal(start({ status }).stdout, 'started postgres\n');
		assert.ok(!isFenced());
	}
});

test('the server that was promoted last waits for a stale one, and starts when that is stopped', (t) => {
	const { start, isFenced } = server(t, { timeline: 3 });
	const refused = start({ status: 0, timeline: 2 });
	assert.equal(refused.status, 1);
	assert.match(refused.stderr, /on an earlier timeline/);
	assert.ok(!isFenced());
	assert.equal(start({ status: 2 }).stdout, 'started postgres\n');
});

test('a primary whose timeline cannot be asked for counts as the later one', (t) => {
	const { start, isFenced } = server(t, { timeline: 3 });
	assert.equal(start({ status: 0 }).status, 1);
	assert.ok(isFenced());
});

test('who was fenced and is made a standby is fenced no more', (t) => {
	const { start, isFenced, data } = server(t, { isStandby: true });
	writeFileSync(join(data, 'fenced'), '');
	assert.equal(start({ status: 0, timeline: 2 }).stdout, 'started postgres\n');
	assert.ok(!isFenced());
});
