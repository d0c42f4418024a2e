#!/usr/bin/env node
// ./ytempire test --stack: the production stack, whole, set up by ./ytempire setup on an engine of its own.
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { claims } from './claims.mjs';
import { until } from './engine.mjs';
import {
	compose,
	containers,
	docker,
	nameOf,
	project,
	runSetup,
	sql,
	testStack,
} from './production.mjs';

const USERS = 20;
const CHANNELS = 1;

const made = claims();
const { claim } = made;

/** Every file of secrets/ and .env. */
const written = () =>
	[
		join(project, '.env'),
		...readdirSync(join(project, 'secrets')).map((name) => join(project, 'secrets', name)),
	].map((file) => [file, statSync(file).mode, readFileSync(file, 'utf8')]);

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

async function check(isStandIn) {
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

if (process.argv[1] === fileURLToPath(import.meta.url))
	process.exitCode = await testStack({
		title: 'Stack',
		what: 'the production stack',
		jdk: process.argv[2],
		options: {
			users: USERS,
			channels: CHANNELS,
			answers: ['COMPOSE_PROFILES=queue,monitoring', 'STACK_WORKERS=1', 'STACK_POSTGRES_MEMORY=1g'],
		},
		claims: made,
		check,
	});
