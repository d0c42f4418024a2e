#!/usr/bin/env node
// ./ytempire test --stack: the production stack, whole, set up by ./ytempire setup on an engine of its own.
import { spawnSync } from 'node:child_process';
import {
	cpSync,
	existsSync,
	mkdirSync,
	readFileSync,
	readdirSync,
	realpathSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { realMachine } from '../setup/machine.mjs';
import { setup } from '../setup/setup.mjs';
import { claims } from './claims.mjs';
import { buildStandIns, fetchPrograms, isThere, obstacle, startEngine, until } from './engine.mjs';

const USERS = 20;
const CHANNELS = 1;
const PROJECT = 'ytempire-test';
const root = realpathSync(new URL('../..', import.meta.url).pathname);
const home = join(root, '.ytempire/stack');
const project = join(home, 'project');

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
	names.postgres = /^FROM (\S+)$/m.exec(
		readFileSync(join(root, 'deploy/backup/Dockerfile'), 'utf8'),
	)[1];
	names.jre = /^FROM (\S+) AS runtime$/m.exec(
		readFileSync(join(root, 'sidecar/service/Dockerfile'), 'utf8'),
	)[1];
	return names;
}

const { claim, faults, seconds } = claims();

function docker(...words) {
	const done = spawnSync('docker', words, {
		cwd: project,
		encoding: 'utf8',
		maxBuffer: 64 * 2 ** 20,
	});
	if (done.status !== 0)
		throw new Error(`docker ${words.join(' ')}: ${(done.stderr + done.stdout).slice(-1500)}`);
	return done.stdout.trim();
}

const compose = (...words) => docker('compose', '--project-directory', project, ...words);

/** A copy of the project in which setup may write. */
export function prepareProject(isStandIn) {
	rmSync(project, { recursive: true, force: true });
	mkdirSync(project, { recursive: true });
	for (const part of [
		'compose.yml',
		'deploy',
		'grafana',
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
			cpSync(join(root, target, name), join(home, 'build/src', target, name), { recursive: true });
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
	const sidecar = { environment: { ...pointed, YTEMPIRE_GOOGLE_HUB_URL: `${google}/subscribe` } };
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
			'-Xmx256m',
			'-cp',
			'/demo/ytempire-demo.jar',
			'com.ytempire.demo.StackCheck',
		],
		secrets: ['operator_token'],
		networks: ['data', 'api'],
		tmpfs: ['/tmp'],
	};
	writeFileSync(
		join(project, 'check.json'),
		JSON.stringify({
			services: {
				migrate: build,
				'sidecar-a': sidecar,
				'sidecar-b': sidecar,
				caddy: { extra_hosts: ['api.localhost:127.0.0.1', 'dashboards.localhost:127.0.0.1'] },
				n8n,
				'n8n-worker': n8n,
				youtube: {
					...demo,
					profiles: ['youtube'],
					command: ['youtube', String(USERS), String(CHANNELS), '8080'],
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
			'COMPOSE_PROFILES=queue,monitoring',
			'ALERT_WEBHOOK=http://127.0.0.1:9/',
			`COMPOSE_PROJECT_NAME=${PROJECT}`,
			'STACK_HTTP_PORT=18080',
			'STACK_HTTPS_PORT=18443',
			'STACK_N8N_PORT=15678',
			'STACK_PROXY_SUBNET=172.31.254.0/28',
			'STACK_WORKERS=1',
			'STACK_POSTGRES_MEMORY=1g',
			'STACK_POSTGRES_SHARED_BUFFERS=128MB',
			'STACK_POSTGRES_CACHE=512MB',
			'STACK_N8N_MEMORY=1g',
			'STACK_WORKER_MEMORY=1g',
		].join('\n'),
	);
	process.env.COMPOSE_FILE = `${join(project, 'compose.yml')}:${join(project, 'check.json')}`;
}

const runSetup = (answers) => {
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
	return setup({ root: project, machine, answers, ask: null, say: (line) => said.push(line) }).then(
		() => said,
	);
};

/** Every file of secrets/ and .env. */
const written = () =>
	[
		join(project, '.env'),
		...readdirSync(join(project, 'secrets')).map((name) => join(project, 'secrets', name)),
	].map((file) => [file, statSync(file).mode, readFileSync(file, 'utf8')]);

/** The containers of the stack: one for each service and replica. */
function containers() {
	const ids = docker('ps', '--quiet', '--filter', `label=com.docker.compose.project=${PROJECT}`)
		.split('\n')
		.filter(Boolean);
	return JSON.parse(docker('inspect', ...ids)).filter(
		(each) => !/-(youtube|check)-/.test(each.Name),
	);
}

const nameOf = (container) => container.Config.Labels['com.docker.compose.service'];

const sql = (text, database = 'ytempire') =>
	compose(
		'exec',
		'-T',
		'postgres',
		'psql',
		'--username=postgres',
		`--dbname=${database}`,
		'--no-psqlrc',
		'-qAtc',
		text,
	);

/** Whether a container reaches a port. */
const reaches = (service, host, port) =>
	spawnSync(
		'docker',
		[
			'compose',
			'--project-directory',
			project,
			'exec',
			'-T',
			service,
			'timeout',
			'5',
			'bash',
			'-c',
			`exec 3<>/dev/tcp/${host}/${port}`,
		],
		{ cwd: project },
	).status === 0;

export async function check(isStandIn) {
	if (
		!(await claim('./ytempire setup makes the secrets and starts a healthy stack', async () => {
			const said = await runSetup(join(project, 'answers'));
			return said.at(-4);
		}))
	) {
		for (const service of docker(
			'compose',
			'--project-directory',
			project,
			'ps',
			'--all',
			'--format',
			'{{.Service}} {{.Status}}',
		).split('\n')) {
			console.log(`            ${service}`);
			if (!/\(healthy\)/.test(service))
				console.log(
					compose('logs', '--tail=15', '--no-log-prefix', service.split(' ')[0]).replace(
						/^/gm,
						'              ',
					),
				);
		}
		return;
	}
	await claim('a second ./ytempire setup changes nothing', async () => {
		const before = [
			written(),
			containers()
				.map((each) => each.Id)
				.sort(),
		];
		await runSetup(undefined);
		const after = [
			written(),
			containers()
				.map((each) => each.Id)
				.sort(),
		];
		for (const [index, what] of ['files', 'containers'].entries()) {
			if (JSON.stringify(before[index]) !== JSON.stringify(after[index]))
				throw new Error(`the ${what} are others`);
		}
	});
	await claim('each container is hardened, limited, checked, and its log rotates', () => {
		const wrong = [];
		for (const { HostConfig: host, Config: config, ...each } of containers()) {
			const demands = {
				'a read-only root': host.ReadonlyRootfs,
				'no capabilities but its own': host.CapDrop?.includes('ALL'),
				'no new privileges': host.SecurityOpt?.includes('no-new-privileges:true'),
				'a limit of memory': host.Memory > 0,
				'a health check': config.Healthcheck?.Test?.length > 1,
				'a log that rotates': host.LogConfig.Type === 'local' && host.LogConfig.Config['max-size'],
				'a restart': host.RestartPolicy.Name === 'unless-stopped',
			};
			for (const [demand, holds] of Object.entries(demands))
				if (!holds) wrong.push(`${each.Name} lacks ${demand}`);
		}
		if (wrong.length) throw new Error(wrong.join('\n'));
		return `${containers().length} containers`;
	});
	await claim('no container runs as root', () => {
		const wrong = containers()
			.filter((each) => /^Uid:\s+0\s/m.test(readFileSync(`/proc/${each.State.Pid}/status`, 'utf8')))
			.map((each) => each.Name);
		if (wrong.length) throw new Error(wrong.join(', '));
	});
	await claim("PostgreSQL's container looks at what customers' sessions compute", async () => {
		const seconds = () =>
			Number(
				/checked_timestamp_seconds (\d+)$/m.exec(
					compose('exec', '-T', 'postgres', 'cat', '/meters/priorities.prom'),
				)?.[1],
			);
		await until(
			() => Date.now() / 1000 - seconds() < 120,
			90,
			() => 'the meter is old',
		);
	});
	await claim("the running sidecars hold no administrator's password", () => {
		for (const each of containers().filter((one) => /^sidecar-/.test(nameOf(one)))) {
			const seen = [...each.Config.Env, ...each.Mounts.map((mount) => mount.Destination)].join(
				'\n',
			);
			if (/ADMIN_PASSWORD|postgres_password/.test(seen)) throw new Error(`${each.Name} has it`);
		}
		const superusers = sql(
			"select string_agg(distinct usename, ',') from pg_stat_activity join pg_roles on rolname = usename where rolsuper and client_addr is not null",
		);
		if (superusers) throw new Error(`superusers over the network: ${superusers}`);
	});
	await claim('Grafana reaches PostgreSQL and Prometheus, and no other service', () => {
		const wanted = {
			'postgres:5432': true,
			'prometheus-meters:9090': true,
			'redis:6379': false,
			'n8n:5678': false,
			'caddy:8080': false,
			'alertmanager:9093': false,
			'postgres-exporter:9187': false,
			'sidecar-a:8080': false,
			'sidecar-b:8080': false,
			'node-exporter:9100': false,
		};
		for (const [address, expected] of Object.entries(wanted)) {
			if (reaches('grafana', ...address.split(':')) !== expected)
				throw new Error(`${address} is ${expected ? 'not ' : ''}reached`);
		}
	});
	await claim('n8n reaches PostgreSQL, Redis and the API, and none of the monitoring', () => {
		const wanted = {
			'postgres:5432': true,
			'redis:6379': true,
			'sidecar:8080': true,
			'prometheus:9090': false,
			'alertmanager:9093': false,
			'postgres-exporter:9187': false,
			'node-exporter:9100': false,
		};
		for (const [address, expected] of Object.entries(wanted)) {
			if (reaches('n8n', ...address.split(':')) !== expected)
				throw new Error(`${address} is ${expected ? 'not ' : ''}reached`);
		}
	});
	await claim('the proxy serves the API by TLS, and hides what is not public', () => {
		const at = (path, host = 'api.localhost') =>
			spawnSync(
				'docker',
				[
					'compose',
					'--project-directory',
					project,
					'exec',
					'-T',
					'caddy',
					'wget',
					'-S',
					'-O',
					'/dev/null',
					'--no-check-certificate',
					`https://${host}${path}`,
				],
				{ cwd: project, encoding: 'utf8' },
			).stderr.match(/HTTP\/\S+ (\d+)/)?.[1];
		const answers = [
			at('/health/live'),
			at('/openapi.json'),
			at('/v1/quota'),
			at('/health/ready'),
			at('/metrics'),
			at('/', 'dashboards.localhost'),
			at('/metrics', 'dashboards.localhost'),
			at('/api/snapshots', 'dashboards.localhost'),
		];
		if (answers.join(' ') !== '200 200 401 404 404 200 404 404')
			throw new Error(`answers ${answers.join(' ')}`);
	});
	compose('--profile', 'youtube', 'up', '-d', '--wait', 'youtube');
	if (
		await claim(`n8n syncs ${USERS} users of the simulated YouTube, on a worker`, async () => {
			const credential = compose(
				'run',
				'--rm',
				'--no-deps',
				'check',
				'sync',
				String(USERS),
				String(CHANNELS),
				'/run/secrets/operator_token',
				'/workflows/multi-user-sync.json',
			);
			if (!/^OK/m.test(credential)) throw new Error(credential);
			const rows = () =>
				sql(
					'select count(distinct s.user_id) from core.channel_statistics s join core.channel_days d using (user_id)',
				);
			await until(
				() => rows() === String(USERS),
				240,
				() =>
					`${rows()} of ${USERS} users have statistics and days; ${compose('logs', '--tail=5', 'n8n-worker')}`,
			);
			return `${sql('select count(*) from core.channel_days')} days`;
		})
	) {
		await claim('both sidecars are replaced under load without a failed request', async () => {
			const id = compose(
				'run',
				'--detach',
				'--no-deps',
				'check',
				'load',
				'/run/secrets/operator_token',
			)
				.split('\n')
				.at(-1);
			const before = containers()
				.filter((each) => /^sidecar-/.test(nameOf(each)))
				.map((each) => each.Id);
			for (const sidecar of ['sidecar-a', 'sidecar-b'])
				compose('up', '-d', '--no-deps', '--wait', '--force-recreate', sidecar);
			docker('stop', '--time', '60', id);
			const answers = docker('logs', id).split('\n').at(-1);
			docker('rm', id);
			const counts = Object.fromEntries(
				[...answers.matchAll(/([A-Za-z]+ \w+)=(\d+)/g)].map((match) => [
					match[1],
					Number(match[2]),
				]),
			);
			if (containers().some((each) => before.includes(each.Id)))
				throw new Error('a sidecar was not replaced');
			if (Object.keys(counts).sort().join() !== 'GET 200,POST 200') throw new Error(answers);
			return answers;
		});
	}
	await claim('Prometheus accepts its rules and reads every part', async () => {
		const asked = (path) =>
			JSON.parse(
				compose('exec', '-T', 'prometheus', 'wget', '-qO-', `http://127.0.0.1:9090/api/v1/${path}`),
			).data;
		const rules = asked('rules').groups.flatMap((group) => group.rules);
		const bad = rules
			.filter((rule) => rule.lastError)
			.map((rule) => `${rule.name}: ${rule.lastError}`);
		if (rules.length < 5 || bad.length) throw new Error(`${rules.length} rules; ${bad.join('\n')}`);
		const down = () => {
			const found = asked('targets?state=active').activeTargets;
			const bad = found
				.filter((each) => each.health !== 'up')
				.map((each) => `${each.labels.job} ${each.scrapeUrl} ${each.lastError}`);
			return found.length < 5 ? ['few targets'] : bad;
		};
		await until(
			() => down().length === 0,
			60,
			() => down().join('\n'),
		);
	});
	await claim('each container that is killed comes back healthy', async () => {
		for (const killed of containers()) {
			process.kill(killed.State.Pid, 'SIGKILL');
			const now = () => JSON.parse(docker('inspect', killed.Id))[0];
			await until(
				() =>
					now().State.Pid > 0 &&
					now().State.Pid !== killed.State.Pid &&
					now().State.Health.Status === 'healthy',
				120,
				() =>
					`${killed.Name} is ${now().State.Status}, ${now().State.Health.Status}\n${docker('logs', '--tail', '15', killed.Id)}`,
			);
		}
		return containers().map(nameOf).join(', ');
	});
	if (isStandIn)
		console.log(
			"  not seen: TimescaleDB, Grafana and the entrypoints of the official images; Debian's PostgreSQL 15 and a server that only answers stood in",
		);
}

/** Status 0: all holds, or skipped; 1: not so. */
async function main(jdk) {
	const isStandIn = !isThere();
	const reason = isStandIn ? obstacle() : null;
	if (reason) {
		console.log(`Skipped: the production stack, because ${reason}`);
		return 0;
	}
	mkdirSync(home, { recursive: true });
	let stop = async () => {};
	const end = async () => {
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
		for (const part of ['project', 'build', 'images'])
			rmSync(join(home, part), { recursive: true, force: true });
	};
	for (const signal of ['SIGINT', 'SIGTERM'])
		process.once(signal, () => end().then(() => process.exit(1)));
	try {
		if (isStandIn) {
			console.log(
				"No Docker engine answers: starting Debian's, with stand-ins for images (the first time it fetches about 400 MB) ...",
			);
			const programs = fetchPrograms(home);
			stop = await startEngine(home, programs);
			buildStandIns(home, programs, join(root, 'deploy/test/standins'), jdk, imageNames());
			console.log(`  ${String(seconds()).padStart(4)} s  the engine and its images are ready`);
		}
		prepareProject(isStandIn);
		await check(isStandIn);
	} catch (error) {
		faults.push(error.message);
		console.log(`  ${error.stack}`);
	} finally {
		await end();
	}
	console.log(
		`Stack: ${faults.length ? `${faults.length} claims failed` : 'all holds'}, in ${seconds()} s`,
	);
	return faults.length ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
	process.exitCode = await main(process.argv[2]);
