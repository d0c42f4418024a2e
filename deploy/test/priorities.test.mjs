// The start of PostgreSQL's container, with a stand-in for the image's entrypoint, and what it starts beside PostgreSQL.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const top = new URL('../..', import.meta.url).pathname;

/** Starts the script with commands of this name and text before all others, and with what a server before noted. */
async function start(context, commands, postmasterPid) {
	const folder = mkdtempSync(join(tmpdir(), 'start-'));
	for (const [name, text] of Object.entries(commands)) {
		writeFileSync(join(folder, name), `#!/usr/bin/env bash\n${text}\n`);
		chmodSync(join(folder, name), 0o755);
	}
	if (postmasterPid) writeFileSync(join(folder, 'postmaster.pid'), postmasterPid);
	symlinkSync(join(top, 'deploy/postgres/start.sh'), join(folder, 'ytempire-postgres'));
	const child = spawn('ytempire-postgres', ['postgres', '--port=1'], {
		env: {
			PATH: `${folder}:${process.env.PATH}`,
			PGDATA: folder,
			START_LOOK: '0.05',
			START_PAUSE: '0.05',
		},
		// A group of its own, which ends as a container does.
		detached: true,
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	let output = '';
	child.stdout.on('data', (data) => (output += data));
	context.after(() => {
		try {
			process.kill(-child.pid, 'SIGKILL');
		} catch {
			// It has ended.
		}
		rmSync(folder, { recursive: true });
	});
	const said = async (words) => {
		while (!words.test(output)) await once(child.stdout, 'data');
		return words.exec(output);
	};
	return { child, folder, said };
}

const limit = { timeout: 60_000 };
const serves = 'echo $$ >"$PGDATA/postmaster.pid"; exec sleep 1000';

test(
	'PostgreSQL becomes the process that was started and gets its signals',
	limit,
	async (context) => {
		const { child, said } = await start(context, {
			'docker-entrypoint.sh': `exec '${process.execPath}' --eval "process.on('SIGINT', () => process.exit(7)); setInterval(() => {}, 1000); console.log('serves', process.pid, process.argv.slice(1).join(' '))" -- "$@"`,
			'ytempire-priorities': 'exit 1',
		});
		await said(new RegExp(`serves ${child.pid} postgres --port=1`));
		child.kill('SIGINT');
		assert.deepEqual(await once(child, 'exit'), [7, null]);
	},
);

test('priorities are lowered beside the server that serves', limit, async (context) => {
	const { child, said } = await start(context, {
		'docker-entrypoint.sh': serves,
		'ytempire-priorities': 'echo "looks at $1, writes $PRIORITIES_METERS"; exec sleep 1000',
	});
	await said(new RegExp(`looks at ${child.pid}, writes /meters/priorities.prom`));
});

test('they begin when the server holds its data, not before', limit, async (context) => {
	const { child, folder, said } = await start(context, {
		// As a killed container, and then the server of the entrypoint's first start, have left it.
		'docker-entrypoint.sh':
			'echo 4711 >"$PGDATA/postmaster.pid"; echo first; until [ -e "$PGDATA/go" ]; do read -r -t 0.05 <> <(:); done; echo second; ' +
			serves,
		'ytempire-priorities': 'echo "looks at $1"; exec sleep 1000',
	});
	await said(/first/);
	writeFileSync(join(folder, 'go'), '');
	assert.match(
		(await said(/[^]*looks at \d+/))[0],
		new RegExp(`^first\nsecond\nlooks at ${child.pid}$`),
	);
});

test(
	'what ends beside PostgreSQL is started again, and is no crash to it',
	limit,
	async (context) => {
		const { child, said } = await start(context, {
			'docker-entrypoint.sh': serves,
			'ytempire-priorities': 'echo "looks, beside $PPID"; kill -KILL $$',
		});
		const [, beside] = await said(/(?:looks, beside (\d+)\n){3}/);
		// The one that PostgreSQL reaps: only status 0 and 1 are no crash.
		const status = readFileSync(`/proc/${beside}/status`, 'utf8');
		assert.equal(/^PPid:\s+(\d+)$/m.exec(status)[1], String(child.pid));
	},
);

test(
	"a killed server's number that is another process's now keeps PostgreSQL from no start",
	limit,
	async (context) => {
		const { child, folder, said } = await start(
			context,
			{
				'docker-entrypoint.sh': 'echo "serves $(cat "$PGDATA/postmaster.pid")"; exec sleep 1000',
				'ytempire-priorities': 'exit 1',
			},
			`${process.pid}\n/data\n`,
		);
		await said(new RegExp(`serves ${child.pid}\n/data`));
		assert.equal(readFileSync(join(folder, 'postmaster.pid'), 'utf8'), `${child.pid}\n/data\n`);
	},
);

test('what PostgreSQL did not start itself ends with another first process', () => {
	const compose = readFileSync(join(top, 'compose.yml'), 'utf8');
	const [, service] = /^ {2}postgres:\n([^]*?)\n\n/m.exec(compose);
	assert.match(service, /^ {4}init: true$/m);
});

test('the whole container of PostgreSQL runs as its user, without a capability', () => {
	const compose = readFileSync(join(top, 'compose.yml'), 'utf8');
	const [, service] = /^ {2}postgres:\n([^]*?)\n\n/m.exec(compose);
	assert.match(service, /^ {4}user: postgres$/m);
	assert.match(service, /^ {4}entrypoint: \[ytempire-postgres\]$/m);
	assert.doesNotMatch(service, /cap_add/);
	for (const name of ['postgres-start', 'priorities'])
		assert.match(service, new RegExp(`source: ${name}, target: /usr/local/bin/ytempire-`));
});
