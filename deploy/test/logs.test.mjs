// ./ytempire logs: which lines of which part belong to an execution, and in what order they are shown.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { collect, matchers, options, partsOf } from '../logs.mjs';

const LINES = {
	n8n: [
		'2026-11-25T18:00:00.100Z {"level":"info","message":"started","metadata":{"executionId":"7"}}',
	],
	'n8n-worker': [
		'2026-11-25T18:00:09.000Z {"level":"info","message":"finished","metadata":{"executionId":"7"}}',
	],
	caddy: [
		'2026-11-25T18:00:03.000Z {"request":{"headers":{"X-N8n-Execution-Id":["7"]}},"status":200}',
		'2026-11-25T18:00:03.000Z {"request":{"headers":{"X-N8n-Execution-Id":["77"]}},"status":200}',
	],
	'sidecar-a': [
		'{"@timestamp":"2026-11-25T18:00:01.000Z","message":"fetched","requestId":"00ff","executionId":"7"}',
	],
	'sidecar-b': [
		'{"@timestamp":"2026-11-25T18:00:01.500Z","message":"7 channels","requestId":"00fe","executionId":"70"}',
	],
	postgres: [
		'2026-11-25T18:00:02.000Z 2026-11-25 18:00:02 UTC [9] ytempire_app ytempire r=00ff e=7 w=a LOG:  duration: 1200 ms  statement: select 1',
		'2026-11-25T18:00:02.000Z \tfrom core.videos',
		'2026-11-25T18:00:02.100Z 2026-11-25 18:00:02 UTC [9] ytempire_app ytempire r=00fd e=71 LOG:  duration: 1300 ms  statement: select 2',
		'2026-11-25T18:00:02.100Z \tfrom core.others',
		"2026-11-25T18:00:02.200Z 2026-11-25 18:00:02 UTC [9] tenant_aa ytempire r=00ff e=7 LOG:  a customer's",
	],
};
const lines = async function* (service) {
	yield* LINES[service];
};

test("one execution's lines are shown over all parts, in order, and no other's", async () => {
	const found = await collect(lines, matchers({ execution: '7' }));
	assert.deepEqual(
		found.map(({ service }) => service),
		['n8n', 'sidecar-a', 'postgres', 'postgres', 'caddy', 'n8n-worker'],
	);
	assert.match(found[3].text, /^\tfrom core\.videos$/);
});

test("one request's lines are found by its own identifier", async () => {
	const found = await collect(lines, matchers({ request: '00ff' }));
	assert.deepEqual(
		found.map(({ service }) => service),
		['sidecar-a', 'postgres', 'postgres'],
	);
});

test('the logs of a standby and of further sidecars are read as well', () => {
	const parts = partsOf(['postgres-standby', 'sidecar-c', 'sidecar-a', 'replication', 'n8n', '']);
	assert.equal(parts['postgres-standby'], 'postgres');
	assert.equal(parts['sidecar-c'], 'sidecar');
	assert.deepEqual(Object.keys(parts).sort(), [
		'caddy',
		'n8n',
		'n8n-worker',
		'postgres',
		'postgres-standby',
		'sidecar-a',
		'sidecar-b',
		'sidecar-c',
	]);
});

test('lines before the time asked for are left out', async () => {
	const since = Date.parse('2026-11-25T18:00:01.200Z');
	const found = await collect(lines, matchers({ execution: '7' }), since);
	assert.deepEqual(
		found.map(({ service }) => service),
		['postgres', 'postgres', 'caddy', 'n8n-worker'],
	);
});

/** Runs the command with a program of this text in the place of docker; null: without any docker. */
function run(docker, ...words) {
	const folder = mkdtempSync(join(tmpdir(), 'logs-'));
	try {
		if (docker) writeFileSync(join(folder, 'docker'), `#!/bin/sh\n${docker}\n`, { mode: 0o755 });
		return spawnSync(
			process.execPath,
			[fileURLToPath(new URL('../logs.mjs', import.meta.url)), ...words],
			{
				encoding: 'utf8',
				cwd: folder,
				env: { PATH: docker ? folder + delimiter + process.env.PATH : folder },
			},
		);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

test('a part whose log cannot be read is named with the reason', () => {
	const { status, stdout, stderr } = run(
		`case "$*" in
*sidecar-b*) echo 'service "sidecar-b" is not running' >&2; exit 1 ;;
*sidecar-a*) echo '{"@timestamp":"2026-11-25T18:00:01.000Z","executionId":"7"}' ;;
esac`,
		'--execution',
		'7',
		'--since',
		'9999999h',
	);
	assert.equal(status, 2, stderr);
	assert.match(stdout, /sidecar-a .*"executionId":"7"/);
	assert.equal(
		stderr,
		'ytempire: cannot read the log of sidecar-b: service "sidecar-b" is not running\n',
	);
});

test('a missing docker is reported, not taken for an empty log', () => {
	const { status, stderr } = run(null, '--execution', '7');
	assert.equal(status, 2, stderr);
	assert.match(stderr, /cannot read the log of postgres: docker did not start \(ENOENT\)/);
	assert.doesNotMatch(stderr, /no part logged/);
});

test("an identifier that begins with a dash is found in the sidecars' files", () => {
	// Compose's exec runs what follows "-T SERVICE"; here, where the logs of a sidecar are.
	const { status, stdout, stderr } = run(
		`case "$*" in
*" exec "*sidecar-a*)
	while [ "$1" != sidecar-a ]; do shift; done; shift
	folder=$(mktemp -d); mkdir "$folder/logs"; cd "$folder"
	echo '{"@timestamp":"2026-11-25T18:00:01.000Z","executionId":"-e7"}' >logs/sidecar.log
	"$@"; status=$?; rm -r "$folder"; exit $status ;;
esac`,
		'--execution',
		'-e7',
		'--since',
		'9999999h',
	);
	assert.equal(status, 0, stderr);
	assert.match(stdout, /sidecar-a .*"executionId":"-e7"/);
});

test('an identifier is a word, not a pattern or a command', () => {
	for (const id of ['.*', '7; rm -rf /', '$(id)', ''])
		assert.throws(() => options(['--execution', id]), /identifier|takes/);
	assert.throws(() => options([]), /takes --execution/);
	assert.throws(() => options(['--execution', '7', '--since', 'yesterday']), /duration/);
});

test("PostgreSQL's log says which request a statement is of, and no parameter", () => {
	const compose = readFileSync(
		join(new URL('../..', import.meta.url).pathname, 'compose.yml'),
		'utf8',
	);
	assert.match(compose, /--log_line_prefix=%m \[%p\] %u %a\s/);
	assert.match(compose, /--log_parameter_max_length=0/);
});
