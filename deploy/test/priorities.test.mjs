// The start of PostgreSQL's container, with a stand-in for the image's entrypoint.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const top = new URL('../..', import.meta.url).pathname;

/** Starts the script with commands of this name and text before all others. */
async function start(context, commands) {
	const folder = mkdtempSync(join(tmpdir(), 'start-'));
	for (const [name, text] of Object.entries(commands)) {
		writeFileSync(join(folder, name), `#!/usr/bin/env bash\n${text}\n`);
		chmodSync(join(folder, name), 0o755);
	}
	symlinkSync(join(top, 'deploy/postgres/start.sh'), join(folder, 'ytempire-postgres'));
	const child = spawn('ytempire-postgres', ['postgres', '--port=1'], {
		env: { PATH: `${folder}:${process.env.PATH}`, PGDATA: folder },
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

const asPostgres = { gosu: 'shift; exec "$@"' };

test(
	"PostgreSQL's container passes a signal on and ends by its status",
	{ timeout: 60_000 },
	async (context) => {
		const { child, said } = await start(context, {
			...asPostgres,
			// A shell started in the background cannot trap SIGINT; PostgreSQL can.
			'docker-entrypoint.sh': `exec '${process.execPath}' --eval "process.on('SIGINT', () => process.exit(7)); setInterval(() => {}, 1000); console.log('serves', process.argv.slice(1).join(' '))" -- "$@"`,
			'ytempire-priorities': 'exit 1',
		});
		await said(/serves postgres --port=1/);
		child.kill('SIGINT');
		assert.deepEqual(await once(child, 'exit'), [7, null]);
	},
);

test(
	'priorities are lowered beside the server that serves',
	{ timeout: 60_000 },
	async (context) => {
		const { said } = await start(context, {
			...asPostgres,
			'docker-entrypoint.sh': 'echo "it is $$"; echo $$ >"$PGDATA/postmaster.pid"; exec sleep 1000',
			'ytempire-priorities': 'echo "looks at $1, writes $PRIORITIES_METERS"; exec sleep 1000',
		});
		const [, server] = await said(/it is (\d+)\n/);
		await said(new RegExp(`looks at ${server}, writes /meters/priorities.prom`));
	},
);

test(
	'nothing runs as the user of PostgreSQL before the server holds its data',
	{ timeout: 60_000 },
	async (context) => {
		const { folder, said } = await start(context, {
			...asPostgres,
			'docker-entrypoint.sh': 'exec tail -f /dev/null',
			// Shorter than what it stands for.
			sleep: 'echo looked; exec /bin/sleep 0.1',
			'ytempire-priorities': 'echo "it runs"',
		});
		// As a container that was killed has left it.
		writeFileSync(join(folder, 'postmaster.pid'), '4711\n');
		assert.deepEqual((await said(/^(?:.*\n){3}/))[0], 'looked\n'.repeat(3));
	},
);
