// The launcher, in a folder of its own with nothing else in it.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
	copyFileSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	readdirSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const LAUNCHER = fileURLToPath(new URL('../../ytempire', import.meta.url));
const TOOLS =
	'awk cat chmod cksum date df dirname find flock grep mkdir mv readlink rm sed sleep tail touch uname env xargs'.split(
		' ',
	);

/**
 * A folder with the launcher and a PATH of the usual tools and the given scripts, by name. It ends
 * with the test.
 */
function place(t, scripts = {}) {
	const folder = mkdtempSync(join(tmpdir(), 'launcher-'));
	t.after(() => rmSync(folder, { recursive: true, maxRetries: 5 }));
	copyFileSync(LAUNCHER, join(folder, 'ytempire'));
	mkdirSync(join(folder, '.ytempire'));
	const path = join(folder, 'bin');
	mkdirSync(path);
	for (const tool of TOOLS) {
		const file = spawnSync('which', [tool], { encoding: 'utf8' }).stdout.trim();
		if (file) symlinkSync(file, join(path, tool));
	}
	for (const [name, text] of Object.entries(scripts))
		writeFileSync(join(path, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
	return { folder, env: { PATH: path, HOME: folder, JAVA_HOME: folder } };
}

const build = ({ folder, env }) =>
	spawnSync('/bin/bash', [join(folder, 'ytempire'), 'build'], { encoding: 'utf8', env });

/** Runs lines of Bash with the launcher's functions. */
const withFunctions = ({ folder, env }, lines) =>
	spawnSync('/bin/bash', ['-c', `. ./ytempire help >help.txt\n${lines}`], {
		encoding: 'utf8',
		cwd: folder,
		env,
	});

test('one demo, test or benchmark of a folder runs at a time', async (t) => {
	// Each tool says its process id and then works until it is killed.
	const waiting = 'echo $$ >"$0.started"; exec sleep 600';
	const there = place(t, {
		javac: 'echo javac 99',
		node: 'echo v24.0.0',
		mvn: waiting,
		npm: waiting,
	});
	const fifos = ['mvn', 'npm'].map((tool) => join(there.env.PATH, `${tool}.started`));
	assert.equal(spawnSync('mkfifo', fifos).status, 0);
	const running = spawn('/bin/bash', [join(there.folder, 'ytempire'), 'build'], {
		stdio: 'ignore',
		env: there.env,
	});
	const children = fifos.map((fifo) => Number(readFileSync(fifo, 'utf8')));
	try {
		const second = build(there);
		assert.equal(second.status, 2, second.stderr);
		assert.match(
			second.stderr,
			new RegExp(`still running \\(process ${running.pid}\\)\\. Stop it first`),
		);
		running.kill('SIGKILL');
		await once(running, 'exit');
		children.forEach((pid) => process.kill(pid, 0));
		rmSync(join(there.env.PATH, 'npm'));
		const third = build(there);
		assert.match(
			third.stderr,
			/npm is not installed/,
			'children of a killed launcher hold its lock',
		);
	} finally {
		running.kill('SIGKILL');
		children.forEach((pid) => process.kill(pid, 'SIGKILL'));
	}
});

test('the id of an ended process does not block a start', (t) => {
	// A process of the same id whose arguments have the name of the project.
	const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'ytempire'], {
		stdio: 'ignore',
	});
	try {
		const there = place(t);
		writeFileSync(join(there.folder, '.ytempire', 'running.pid'), `${other.pid}\n`);
		const { stderr } = build(there);
		assert.match(stderr, /is not installed|no JDK/);
		assert.doesNotMatch(stderr, /still running/);
	} finally {
		other.kill();
	}
});

test("a dump of n8n's database is a file of the operator alone, whole or not there", (t) => {
	const there = place(t, {
		docker: 'printf "%s\\n" "$*" >"$HOME/asked"; printf dumped; [ ! -e "$HOME/fails" ]',
	});
	mkdirSync(join(there.folder, 'deploy/postgres'), { recursive: true });
	writeFileSync(join(there.folder, 'deploy/postgres/n8n.sh'), 'the script');
	const dump = (file) =>
		spawnSync('/bin/bash', [join(there.folder, 'ytempire'), 'n8n', 'dump', file], {
			encoding: 'utf8',
			cwd: there.folder,
			env: there.env,
		});
	assert.equal(dump('whole').status, 0);
	const file = join(there.folder, 'whole');
	assert.equal(readFileSync(file, 'utf8'), 'dumped');
	assert.equal(statSync(file).mode & 0o777, 0o600);
	assert.equal(
		readFileSync(join(there.folder, 'asked'), 'utf8'),
		'compose exec -T postgres bash -c the script n8n.sh dump\n',
	);
	assert.match(dump('whole').stderr, /whole is there already/);
	writeFileSync(join(there.folder, 'fails'), '');
	assert.notEqual(dump('other').status, 0);
	assert.deepEqual(
		readdirSync(there.folder).filter((name) => name.startsWith('other')),
		[],
	);
});

test('a failed installation of the dashboards only skips them', (t) => {
	const there = place(t, { npm: 'echo no network; exit 1' });
	mkdirSync(join(there.folder, 'grafana/preview'), { recursive: true });
	for (const name of ['package.json', 'package-lock.json'])
		writeFileSync(join(there.folder, 'grafana/preview', name), '{}');
	const { status, stdout, stderr } = withFunctions(there, 'offer_preview; echo "goes on"');
	assert.equal(status, 0, stderr);
	assert.match(stderr, /no network/);
	assert.match(stdout, /Skipped: the dashboards, because .*\ngoes on\n$/);
});

test('the summary lists skipped tests of Maven and Node with reasons', (t) => {
	const there = place(t);
	mkdirSync(join(there.folder, 'reports'));
	writeFileSync(
		join(there.folder, 'reports/TEST-a.xml'),
		'<testcase name="drawn" classname="com.ytempire.e2e.DashboardsTest" time="1">\n<skipped message="skipped: no Chromium"/>\n</testcase>\n',
	);
	writeFileSync(
		join(there.folder, 'nodes.xml'),
		'<testcase name="explained" time="0.1" classname="test">\n\t<skipped type="skipped" message="not installed"/>\n</testcase>\n',
	);
	const { stdout, stderr } = withFunctions(there, 'outcomes skipped reports nodes.xml');
	assert.deepEqual(
		stdout.trim().split('\n'),
		['DashboardsTest: drawn: skipped: no Chromium', 'Node.js: explained: not installed'],
		stderr,
	);
});

test("n8n's database is neither dumped nor restored in a stack with a standby", (t) => {
	const there = place(t, { docker: 'touch "$HOME/asked"' });
	mkdirSync(join(there.folder, 'deploy/postgres'), { recursive: true });
	writeFileSync(join(there.folder, 'deploy/postgres/n8n.sh'), 'the script');
	writeFileSync(join(there.folder, 'dump'), 'a dump');
	writeFileSync(
		join(there.folder, '.env'),
		'STACK_WORKERS=2\nCOMPOSE_FILE=compose.yml:deploy/standby/compose.yml\n',
	);
	for (const words of [['dump', 'new'], ['restore', 'dump'], ['discard']]) {
		const { status, stderr } = spawnSync(
			'/bin/bash',
			[join(there.folder, 'ytempire'), 'n8n', ...words],
			{ encoding: 'utf8', cwd: there.folder, env: there.env },
		);
		assert.equal(status, 2);
		assert.match(stderr, /has a standby.*Nothing was changed.*"Without the standby again"/);
	}
	const { stderr } = spawnSync('/bin/bash', [join(there.folder, 'ytempire'), 'n8n'], {
		encoding: 'utf8',
		cwd: there.folder,
		env: there.env,
	});
	assert.match(stderr, /n8n takes dump FILE, restore FILE or discard/);
	assert.deepEqual(
		readdirSync(there.folder).filter((name) => /^(asked|new)/.test(name)),
		[],
	);
});

test('a JDK is found whose tools say which options they took from the environment', (t) => {
	const { folder, env } = place(t, {
		javac: 'echo "Picked up JAVA_TOOL_OPTIONS: $JAVA_TOOL_OPTIONS" >&2\necho "javac 99.0.1"',
	});
	const { stdout, stderr } = withFunctions(
		{ folder, env: { ...env, JAVA_TOOL_OPTIONS: '-Duser.language=en' } },
		'find_jdk; echo "found $jdk"',
	);
	assert.equal(stdout.trim(), `found ${folder}`, stderr);
});
