// The launcher, in a folder of its own with nothing else in it.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const LAUNCHER = fileURLToPath(new URL('../../ytempire', import.meta.url));

/** Runs `./ytempire build` beside what a demo, a test or a benchmark notes of itself while it runs. */
function buildBeside(pid) {
	const folder = mkdtempSync(join(tmpdir(), 'launcher-'));
	try {
		copyFileSync(LAUNCHER, join(folder, 'ytempire'));
		mkdirSync(join(folder, '.ytempire'));
		writeFileSync(join(folder, '.ytempire', 'running.pid'), `${pid}\n`);
		// Without npm and Maven on the path it ends right after it would have begun.
		const path = join(folder, 'bin');
		mkdirSync(path);
		for (const tool of ['awk', 'cat', 'df', 'dirname', 'grep', 'mkdir', 'ps', 'sed', 'uname']) {
			const place = spawnSync('which', [tool], { encoding: 'utf8' }).stdout.trim();
			symlinkSync(place, join(path, tool));
		}
		return spawnSync('/bin/bash', [join(folder, 'ytempire'), 'build'], {
			encoding: 'utf8',
			env: { PATH: path, HOME: folder },
		});
	} finally {
		rmSync(folder, { recursive: true });
	}
}

test('a second demo or benchmark of a folder is refused while one runs', () => {
	const running = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'ytempire'], {
		stdio: 'ignore',
	});
	try {
		const { status, stderr } = buildBeside(running.pid);
		assert.equal(status, 2, stderr);
		assert.match(stderr, new RegExp(`still running \\(process ${running.pid}\\)\\. Stop it first`));
	} finally {
		running.kill();
	}
});

test('what a process left behind that has ended stops nobody', () => {
	const ended = spawnSync(process.execPath, ['-e', ''], { stdio: 'ignore' });
	const { stderr } = buildBeside(ended.pid);
	assert.match(stderr, /is not installed|no JDK/);
	assert.doesNotMatch(stderr, /still running/);
});
