// A Docker engine for ./ytempire test --stack and --scale: the one that is there, or one of Debian's packages that is installed nowhere.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	readFileSync,
	readdirSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Of Debian unstable, the only one with a Caddy that knows health_fails; Go programs run on an older Debian too. */
const PROGRAMS = [
	'docker.io',
	'tini-static',
	'docker-cli',
	'docker-compose',
	'docker-buildx',
	'containerd',
	'caddy',
	'mmdebstrap',
	'prometheus',
	'promtool',
	'prometheus-alertmanager',
	'prometheus-postgres-exporter',
	'prometheus-node-exporter',
	'prometheus-blackbox-exporter',
];

/** Of the release with PostgreSQL 15, for their libraries. */
const LIBRARIES = [
	'runc',
	'libseccomp2',
	'iptables',
	'libxtables12',
	'libnftnl11',
	'libmnl0',
	'libnfnetlink0',
	'libip4tc2',
	'libip6tc2',
	'libnetfilter-conntrack3',
];

const PACKAGES_OF_IMAGES =
	'postgresql-15,pgbackrest,age,redis-server,wget,libcap2-bin,ca-certificates,passwd,util-linux,fontconfig,fonts-dejavu-core,haproxy';

function run(command, words, options = {}) {
	const done = spawnSync(command, words, {
		encoding: 'utf8',
		maxBuffer: 256 * 2 ** 20,
		...options,
	});
	if (done.status !== 0) {
		throw new Error(
			`${command} ${words.join(' ')} failed:\n${done.error ?? ''}${done.stderr ?? ''}${(done.stdout ?? '').slice(-2000)}`,
		);
	}
	return done.stdout;
}

const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;

/** Whether an engine with Compose answers already. */
export function isThere() {
	return ['version', 'compose version'].every(
		(words) => spawnSync('docker', words.split(' '), { stdio: 'ignore' }).status === 0,
	);
}

/** The mirror of Debian from which this machine's apt fetches packages; undefined when it has none. */
function mirror() {
	const words = ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages'];
	const { stdout } = spawnSync('apt-get', words, { encoding: 'utf8' });
	return stdout
		?.split('\n')
		.find((address) => /\/debian\/?$/.test(address))
		?.replace(/\/$/, '');
}

/** Why no engine can be started here; null when one can. */
export function obstacle() {
	if (process.platform !== 'linux' || process.arch !== 'x64') return 'this is not Linux on x86-64';
	if (process.getuid() !== 0) return 'no Docker engine answers, and only root can start one';
	const missing = ['apt-get', 'dpkg-deb', 'unshare', 'ip', 'perl', 'xz'].filter(
		(command) => !has(command),
	);
	if (missing.length)
		return `no Docker engine answers, and to start one of Debian's packages ${missing.join(', ')} is missing`;
	if (!existsSync(KEYS)) return `no Docker engine answers, and Debian's keys (${KEYS}) are missing`;
	if (!mirror()) return 'no Docker engine answers, and apt is configured with no mirror of Debian';
	return null;
}

/** Packages of a Debian release, unpacked into a folder. */
function unpack(home, release, packages, into) {
	const state = join(home, `apt-${release}`);
	for (const folder of ['lists/partial', 'cache/archives/partial', 'debs'])
		mkdirSync(join(state, folder), { recursive: true });
	writeFileSync(
		join(state, 'sources.list'),
		`deb [signed-by=${KEYS}] ${mirror()} ${release} main\n`,
	);
	writeFileSync(join(state, 'status'), '');
	const options = [
		`Dir::Etc::sourcelist=${state}/sources.list`,
		'Dir::Etc::sourceparts=/dev/null',
		`Dir::State::lists=${state}/lists`,
		`Dir::State::status=${state}/status`,
		`Dir::Cache=${state}/cache`,
		'APT::Sandbox::User=root',
		'Acquire::Languages=none',
	].flatMap((option) => ['-o', option]);
	run('apt-get', [...options, '-qq', 'update']);
	run('apt-get', [...options, '-qq', 'download', ...packages], { cwd: join(state, 'debs') });
	for (const deb of readdirSync(join(state, 'debs')))
		run('dpkg-deb', ['-x', join(state, 'debs', deb), into]);
	rmSync(state, { recursive: true });
}

/** Debian's programs, fetched once; returns the folder. */
export function fetchPrograms(home) {
	const programs = join(home, 'programs');
	const stamp = join(programs, 'complete');
	// Another list of packages is other programs.
	const packages = [...PROGRAMS, ...LIBRARIES].join(' ');
	if (existsSync(stamp) && readFileSync(stamp, 'utf8') === packages) return programs;
	rmSync(programs, { recursive: true, force: true });
	mkdirSync(programs, { recursive: true });
	unpack(home, 'sid', PROGRAMS, programs);
	unpack(home, 'bookworm', LIBRARIES, join(programs, 'bookworm'));
	// As Debian's alternatives name them.
	for (const name of [
		'iptables',
		'iptables-save',
		'iptables-restore',
		'ip6tables',
		'ip6tables-save',
		'ip6tables-restore',
	]) {
		symlinkSync(name.replace('tables', 'tables-nft'), join(programs, 'bookworm/usr/sbin', name));
	}
	writeFileSync(stamp, packages);
	return programs;
}

/** The root of the images that stand in for the production ones, made once. */
export function fetchRoot(home, programs) {
	// Another list of packages is another root.
	const name = createHash('sha256').update(PACKAGES_OF_IMAGES).digest('hex').slice(0, 12);
	const file = join(home, `rootfs-${name}.tar`);
	if (existsSync(file)) return file;
	run('perl', [
		join(programs, 'usr/bin/mmdebstrap'),
		'--quiet',
		'--variant=minbase',
		'--mode=root',
		'--format=tar',
		`--include=${PACKAGES_OF_IMAGES}`,
		'bookworm',
		`${file}.part`,
		`deb [signed-by=${KEYS}] ${mirror()} bookworm main`,
	]);
	run('mv', [`${file}.part`, file]);
	return file;
}

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until a condition holds. */
export async function until(condition, seconds, what) {
	const end = Date.now() + seconds * 1000;
	for (;;) {
		const found = await condition();
		if (found) return found;
		if (Date.now() > end) throw new Error(`${what()} after ${seconds} s`);
		await sleep(500);
	}
}

/** Waits until a number has come to a goal, as long as it grows: on a busy machine that takes its time. */
export async function grown(number, goal, stallSeconds, what) {
	let most = -Infinity;
	let grew = Date.now();
	for (;;) {
		const now = await number();
		if (now >= goal) return now;
		if (now > most) [most, grew] = [now, Date.now()];
		if (Date.now() - grew > stallSeconds * 1000)
			throw new Error(`${what()}: ${most} of ${goal}, and no more for ${stallSeconds} s`);
		await sleep(500);
	}
}

/**
 * Starts an engine in a network of its own, with all that it keeps in one folder, and points this process' docker at it.
 *
 * Returns a function that ends it and deletes what it kept.
 */
export async function startEngine(home, programs) {
	const data = join(home, 'docker');
	const short = mkdtempSync('/tmp/ytempire-docker-');
	rmSync(data, { recursive: true, force: true });
	const plugins = join(short, 'config/cli-plugins');
	mkdirSync(plugins, { recursive: true });
	for (const plugin of ['docker-compose', 'docker-buildx']) {
		symlinkSync(join(programs, 'usr/libexec/docker/cli-plugins', plugin), join(plugins, plugin));
	}
	const libraries = join(programs, 'bookworm/usr/lib/x86_64-linux-gnu');
	const path = [
		'usr/sbin',
		'usr/bin',
		'bookworm/usr/sbin',
		'bookworm/usr/bin',
		'bookworm/sbin',
	].map((folder) => join(programs, folder));
	process.env.PATH = [...path, process.env.PATH].join(':');
	process.env.DOCKER_HOST = `unix://${short}/docker.sock`;
	process.env.DOCKER_CONFIG = join(short, 'config');
	const log = join(home, 'dockerd.log');
	const out = openSync(log, 'w');
	const engine = spawn(
		'unshare',
		[
			'--net',
			'--mount',
			'sh',
			'-c',
			`mount --make-rprivate / && mount --make-rshared / && ip link set lo up && exec dockerd --data-root ${data} --exec-root ${short}/run --pidfile ${short}/pid -H unix://${short}/docker.sock`,
		],
		{
			stdio: ['ignore', out, out],
			env: {
				...process.env,
				LD_LIBRARY_PATH: libraries,
				XTABLES_LIBDIR: join(libraries, 'xtables'),
			},
		},
	);
	const stop = async () => {
		if (engine.exitCode === null) {
			const ended = new Promise((resolve) => engine.once('exit', resolve));
			engine.kill('SIGTERM');
			await ended;
		}
		for (const folder of [data, short])
			rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
	};
	try {
		await until(
			() => {
				if (engine.exitCode !== null)
					throw new Error(`the engine ended:\n${readFileSync(log, 'utf8').slice(-1500)}`);
				return spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0;
			},
			60,
			() => 'the engine does not answer',
		);
	} catch (error) {
		await stop();
		throw error;
	}
	return stop;
}

/** Builds the stand-in images under the names that compose.yml and the Dockerfile use. */
export function buildStandIns(home, programs, sources, jdk, names) {
	const context = join(home, 'images');
	rmSync(context, { recursive: true, force: true });
	mkdirSync(join(context, 'bin'), { recursive: true });
	run('ln', [fetchRoot(home, programs), join(context, 'rootfs.tar')]);
	for (const name of [
		'caddy',
		'prometheus',
		'prometheus-alertmanager',
		'prometheus-postgres-exporter',
		'prometheus-node-exporter',
		'prometheus-blackbox-exporter',
	]) {
		cpSync(join(programs, 'usr/bin', name), join(context, 'bin', name));
	}
	const templates = join(programs, 'usr/share/prometheus/alertmanager');
	if (existsSync(templates)) cpSync(templates, join(context, 'alertmanager'), { recursive: true });
	else mkdirSync(join(context, 'alertmanager'));
	cpSync(jdk, join(context, 'jdk'), {
		recursive: true,
		filter: (file) => !/\/(jmods|legal|man|include|src\.zip|ct\.sym)$/.test(file),
	});
	for (const file of readdirSync(sources)) cpSync(join(sources, file), join(context, file));
	for (const [target, name] of Object.entries(names)) {
		run('docker', ['build', '--quiet', '--target', target, '--tag', name, context]);
	}
	rmSync(context, { recursive: true });
}
