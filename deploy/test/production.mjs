// The production stack in a copy of the project, set up by ./ytempire setup on an engine that is there or on one of its own, for the tests that
// run it: stack.mjs, scale.mjs and restore.mjs.
import { spawnSync } from 'node:child_process';
import {
	cpSync,
	existsSync,
	mkdirSync,
	readFileSync,
	readdirSync,
	realpathSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { realMachine } from '../setup/machine.mjs';
import { setup } from '../setup/setup.mjs';
import { conclude } from './claims.mjs';
import { buildStandIns, fetchPrograms, isThere, obstacle, startEngine } from './engine.mjs';

const PROJECT = 'ytempire-test';
const root = realpathSync(new URL('../..', import.meta.url).pathname);
export const home = join(root, '.ytempire/stack');
/** The copy of the project: where the next one is made by another name, that one. */
export let project = join(home, 'project');

/** By the target in standins/Dockerfile. */
const STAND_INS = {
	redis: /image: (redis:\S+)/,
	caddy: /FROM (caddy:\S+)/,
	n8n: /image: (n8nio\/n8n:\S+)/,
	grafana: /image: (grafana\/grafana:\S+)/,
	prometheus: /image: (prom\/prometheus:\S+)/,
	alertmanager: /image: (prom\/alertmanager:\S+)/,
	'postgres-exporter': /image: (\S+\/postgres-exporter:\S+)/,
	'node-exporter': /image: (\S+\/node-exporter:\S+)/,
	'blackbox-exporter': /image: (\S+\/blackbox-exporter:\S+)/,
};

/** The names of the images that stand-ins take, by their target. */
export function imageNames() {
	const text = readFileSync(join(root, 'compose.yml'), 'utf8');
	const names = Object.fromEntries(
		Object.entries(STAND_INS).map(([target, pattern]) => [target, pattern.exec(text)[1]]),
	);
	names.haproxy = /image: (haproxy:\S+)/.exec(
		readFileSync(join(root, 'deploy/standby/compose.yml'), 'utf8'),
	)[1];
	names.postgres = /^FROM (\S+)$/m.exec(
		readFileSync(join(root, 'deploy/backup/Dockerfile'), 'utf8'),
	)[1];
	names.jre = /^FROM (\S+) AS runtime$/m.exec(
		readFileSync(join(root, 'sidecar/service/Dockerfile'), 'utf8'),
	)[1];
	return names;
}

/** Runs a command of the engine's client; returns what it prints. */
export function docker(...words) {
	const done = spawnSync('docker', words, {
		cwd: project,
		encoding: 'utf8',
		maxBuffer: 64 * 2 ** 20,
	});
	if (done.status !== 0)
		throw new Error(`docker ${words.join(' ')}: ${(done.stderr + done.stdout).slice(-1500)}`);
	return done.stdout.trim();
}

/** The same, of Compose in the copy of the project. */
export const compose = (...words) => docker('compose', '--project-directory', project, ...words);

/**
 * Makes a copy of the project in which setup may write, with the simulated YouTube and what looks after the stack beside it.
 *
 * users, channels: of the simulated YouTube, channels for each user; overlays: Compose files beside compose.yml; sidecars: the names of
 * their services; answers: beside those that every test gives; more: what check.json has beside that, by service, and networks; name: of the
 * folder.
 */
export function prepareProject(
	isStandIn,
	{
		users,
		channels,
		overlays = [],
		sidecars = ['sidecar-a', 'sidecar-b'],
		answers = [],
		more = {},
		name = 'project',
	},
) {
	project = join(home, name);
	rmSync(project, { recursive: true, force: true });
	mkdirSync(project, { recursive: true });
	for (const part of [
		'compose.yml',
		'deploy',
		'grafana/provisioning',
		'grafana/dashboards',
		'sidecar/service/Dockerfile',
		'sidecar/service/jvm.options',
		'n8n-nodes/dist',
		'n8n-nodes/package.json',
		'n8n-nodes/workflows',
	]) {
		cpSync(join(root, part), join(project, part), { recursive: true });
	}
	for (const part of ['service', 'demo']) {
		const target = join('sidecar', part, 'target');
		mkdirSync(join(home, 'build/src', target), { recursive: true });
		for (const name of readdirSync(join(root, target)).filter(
			(each) => each === 'lib' || /^ytempire-(sidecar|demo)\.jar$/.test(each),
		)) {
			cpSync(join(root, target, name), join(home, 'build/src', target, name), {
				recursive: true,
			});
		}
	}
	cpSync(
		join(project, 'sidecar/service/jvm.options'),
		join(home, 'build/src/sidecar/service/jvm.options'),
	);
	const google = 'http://youtube:8080';
	const pointed = Object.fromEntries(
		['ACCOUNTS', 'OAUTH', 'DATA', 'ANALYTICS', 'REPORTING', 'FEED'].map((name) => [
			`YTEMPIRE_GOOGLE_${name}_URL`,
			google,
		]),
	);
	// The jars of this build in the place of the stage that fetches libraries.
	const build = isStandIn ? { build: { additional_contexts: { build: join(home, 'build') } } } : {};
	const sidecar = {
		environment: { ...pointed, YTEMPIRE_GOOGLE_HUB_URL: `${google}/subscribe` },
	};
	// The operator of the test comes by HTTP and by another name than localhost.
	const cookie = { N8N_SECURE_COOKIE: 'false' };
	const n8n = isStandIn
		? {
				environment: {
					...cookie,
					N8N_DISABLED_MODULES: 'mcp-registry,mcp,instance-ai,agents,chat-hub,workflow-builder',
				},
				volumes: [
					`${join(root, '.ytempire/n8n')}:/opt/n8n:ro`,
					`${dirname(dirname(realpathSync(process.execPath)))}:/opt/node:ro`,
				],
			}
		: { environment: cookie };
	const demo = {
		image: `${PROJECT}-sidecar`,
		pull_policy: 'never',
		profiles: ['check'],
		volumes: [
			`${join(home, 'build/src/sidecar/demo/target')}:/demo:ro`,
			`${join(project, 'n8n-nodes/workflows')}:/workflows:ro`,
		],
		entrypoint: [
			'java',
			'-Xmx512m',
			'-cp',
			'/demo/ytempire-demo.jar',
			'com.ytempire.demo.StackCheck',
		],
		secrets: ['operator_token', 'postgres_password'],
		networks: ['data', 'api'],
		tmpfs: ['/tmp'],
	};
	writeFileSync(
		join(project, 'check.json'),
		JSON.stringify({
			networks: more.networks,
			services: {
				...more.services,
				migrate: build,
				...Object.fromEntries(sidecars.map((name) => [name, sidecar])),
				caddy: {
					extra_hosts: ['api.localhost:127.0.0.1', 'dashboards.localhost:127.0.0.1'],
				},
				n8n,
				'n8n-worker': n8n,
				youtube: {
					...demo,
					profiles: ['youtube'],
					command: ['youtube', String(users), String(channels), '8080'],
					healthcheck: {
						test: ['CMD', 'bash', '-c', 'exec 3<>/dev/tcp/127.0.0.1/8080'],
						interval: '1s',
						retries: 120,
					},
				},
				check: demo,
			},
		}),
	);
	writeFileSync(
		join(project, 'answers'),
		[
			'STACK_API_DOMAIN=api.localhost',
			'STACK_DASHBOARDS_DOMAIN=dashboards.localhost',
			'STACK_TLS=internal',
			'YTEMPIRE_GOOGLE_CLIENT_ID=simulated-client.apps.googleusercontent.com',
			'GOOGLE_CLIENT_SECRET=simulated-client-secret',
			'YTEMPIRE_PRIVACY_POLICY_URL=https://example.org/privacy',
			'YTEMPIRE_CONTACT=data@example.org',
			'YTEMPIRE_PUBLIC_URL=http://sidecar:8080',
			'ALERT_WEBHOOK=http://127.0.0.1:9/',
			`COMPOSE_PROJECT_NAME=${PROJECT}`,
			'STACK_HTTP_PORT=18080',
			'STACK_HTTPS_PORT=18443',
			'STACK_N8N_PORT=15678',
			'STACK_PROXY_SUBNET=10.255.255.224/28',
			'STACK_POSTGRES_SHARED_BUFFERS=128MB',
			'STACK_POSTGRES_CACHE=512MB',
			'STACK_N8N_MEMORY=1g',
			'STACK_WORKER_MEMORY=1g',
			...answers,
		].join('\n'),
	);
	process.env.COMPOSE_FILE = ['compose.yml', ...overlays, 'check.json']
		.map((file) => join(project, file))
		.join(':');
}

/** Runs ./ytempire setup with these answers; returns the lines that it says. */
export const runSetup = (answers) => {
	const said = [];
	const machine = realMachine(project);
	const { docker: real } = machine;
	// Its output only when it fails.
	machine.docker = (words) => {
		const done = real(words);
		if (done.status !== 0 && /compose/.test(words[0]))
			done.stderr = (done.stderr + done.stdout).slice(-3000);
		return done;
	};
	return setup({
		root: project,
		machine,
		answers,
		ask: null,
		say: (line) => said.push(line),
	}).then(() => said);
};

/** The containers of the stack: one for each service and replica. */
export function containers() {
	const ids = docker('ps', '--quiet', '--filter', `label=com.docker.compose.project=${PROJECT}`)
		.split('\n')
		.filter(Boolean);
	return JSON.parse(docker('inspect', ...ids)).filter(
		(each) => !/-(youtube|check)-/.test(each.Name),
	);
}

/** The service of a container. */
export const nameOf = (container) => container.Config.Labels['com.docker.compose.service'];

/** What psql answers, as the administrator on the socket of a server. */
export const sql = (text, database = 'ytempire', server = 'postgres') =>
	compose(
		'exec',
		'-T',
		server,
		'psql',
		'--username=postgres',
		`--dbname=${database}`,
		'--no-psqlrc',
		'-qAtc',
		text,
	);

/** Keeps what all parts of a stack that fails have logged, for whoever looks for the cause. */
function keepLogs() {
	const file = join(home, 'failed.log');
	const words = [
		'compose',
		'--project-directory',
		project,
		'--profile',
		'*',
		'logs',
		'--timestamps',
	];
	const { stdout } = spawnSync('docker', words, { cwd: project, maxBuffer: 256 * 2 ** 20 });
	if (!stdout?.length) return;
	writeFileSync(file, stdout);
	console.log(`  what the parts logged is in ${file}`);
}

/**
 * Runs a test of the stack, and leaves nothing behind but the logs of one that fails; without an engine it says why it is skipped.
 *
 * title: what the last line begins with; what: what is skipped; jdk: the home of a JDK; options: of prepareProject; claims: what claims() has
 * made; check: makes the claims, and is told whether images stand in.
 * Returns 0: all holds, or skipped; 1: not so.
 */
export async function testStack({ title, what, jdk, options, claims, check }) {
	const { faults, seconds } = claims;
	const isStandIn = !isThere();
	const reason = isStandIn ? obstacle() : null;
	if (reason) {
		console.log(`Skipped: ${what}, because ${reason}`);
		return 0;
	}
	mkdirSync(home, { recursive: true });
	let stop = async () => {};
	const end = async () => {
		if (faults.length) keepLogs();
		if (existsSync(project))
			spawnSync(
				'docker',
				[
					'compose',
					'--project-directory',
					project,
					'--profile',
					'*',
					'down',
					'--volumes',
					'--timeout',
					'5',
				],
				{ cwd: project, stdio: 'ignore' },
			);
		await stop();
		for (const folder of [project, join(home, 'build'), join(home, 'images')])
			rmSync(folder, { recursive: true, force: true });
	};
	return conclude(claims, {
		title,
		check: async () => {
			if (isStandIn) {
				console.log(
					"No Docker engine answers: starting Debian's, with stand-ins for images (the first time it fetches about 400 MB) ...",
				);
				const programs = fetchPrograms(home);
				stop = await startEngine(home, programs);
				buildStandIns(home, programs, join(root, 'deploy/test/standins'), jdk, imageNames());
				console.log(`  ${String(seconds()).padStart(4)} s  the engine and its images are ready`);
			}
			prepareProject(isStandIn, options);
			await check(isStandIn);
		},
		end,
	});
}
