#!/usr/bin/env node
// ./ytempire test --scale: three sidecars, two workers of n8n and PostgreSQL with a standby, of which one each dies in the midst of a sync.
import { spawnSync } from 'node:child_process';
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

const USERS = 50;
const CHANNELS = 5;
/** Channels with statistics when the first part dies: the sync is under way, and not at its end. */
const UNDER_WAY = 60;
const FRESH_SECONDS = 300;
const TOKEN = '/run/secrets/operator_token';
const PASSWORD = '/run/secrets/postgres_password';

const made = claims();
const { claim } = made;

/** Starts a part of the check that runs until it is stopped; returns its container. */
const begin = (...words) =>
	compose('run', '--detach', '--no-deps', 'check', ...words)
		.split('\n')
		.at(-1);
/** Runs a part of the check to its end; returns its lines. */
const run = (...words) =>
	compose('run', '--rm', '--no-deps', 'check', ...words)
		.split('\n')
		.filter((line) => /^(ok|WRONG) /.test(line));
const logs = (container, pattern) => docker('logs', container).match(pattern) ?? [];

function holds(lines) {
	const wrong = lines.filter((line) => line.startsWith('WRONG'));
	if (wrong.length || !lines.length) throw new Error(wrong.join('\n') || 'nothing was compared');
	return lines.map((line) => `\n            ${line.replace(/^ok /, '')}`).join('');
}

/** Kills a container as a crash would, a busy one where there are several; the engine starts it again. */
function crash(service, isBusy = () => true) {
	const found = containers().filter((each) => nameOf(each) === service);
	const killed = found.find(isBusy) ?? found[0];
	process.kill(killed.State.Pid, 'SIGKILL');
}
const hasExecution = (worker) => /started execution/i.test(docker('logs', worker.Id));

const replicas = (server) =>
	sql(
		"select application_name || ' ' || state || ' ' || sync_state from pg_stat_replication",
		'postgres',
		server,
	);

async function check(isStandIn) {
	if (
		!(await claim('./ytempire setup starts the stack with a standby', async () => {
			await runSetup(join(project, 'answers'));
			const names = containers().map(nameOf).sort();
			for (const [name, count] of Object.entries({
				'sidecar-a': 1,
				'sidecar-b': 1,
				'sidecar-c': 1,
				'n8n-worker': 2,
				'postgres-standby': 1,
			}))
				if (names.filter((each) => each === name).length !== count)
					throw new Error(`${name}: not ${count} of ${names}`);
			return `${names.length} containers`;
		}))
	) {
		console.log(compose('ps', '--all'));
		console.log(compose('logs', '--tail=20'));
		return;
	}
	await claim('no commit is acknowledged before the standby has it', async () => {
		await until(
			() => replicas('postgres') === 'standby streaming sync',
			30,
			() => `replicas: ${replicas('postgres')}`,
		);
		const slot = sql(
			'select slot_name from pg_replication_slots where active and slot_type = $$physical$$',
			'postgres',
		);
		if (slot !== 'standby') throw new Error(`slots in use: ${slot}`);
	});
	compose('--profile', 'youtube', 'up', '-d', '--wait', 'youtube');
	const [, began] = /^began (\S+)$/m.exec(compose('logs', '--no-log-prefix', 'youtube'));
	const ticks = begin(
		'ticks',
		String(USERS),
		String(CHANNELS),
		TOKEN,
		'/workflows/multi-user-sync.json',
	);
	let writes;
	let died;
	await claim(
		`a sidecar, a worker and the primary die during a sync of ${USERS * CHANNELS} channels`,
		async () => {
			await until(
				() => logs(ticks, /^execution /m).length > 0,
				180,
				() => `no sync: ${docker('logs', '--tail', '5', ticks)}`,
			);
			writes = begin('writes', TOKEN);
			const fetched = () =>
				Number(sql('select count(distinct channel_id) from core.channel_statistics'));
			await until(
				() => fetched() >= UNDER_WAY,
				180,
				() => `${fetched()} channels: ${docker('logs', '--tail', '5', ticks)}`,
			);
			const had = fetched();
			crash('sidecar-b');
			crash('n8n-worker', hasExecution);
			// As a machine that is gone: the engine starts a container that was killed by its command no more.
			compose('kill', 'postgres');
			died = Date.now();
			return `when ${had} channels had been fetched`;
		},
	);
	await claim('the standby is promoted, and everybody finds it', async () => {
		const before = logs(writes, /^written /gm).length;
		compose('exec', '-T', 'postgres-standby', 'pg_ctl', 'promote');
		const promoted = Date.now();
		await until(
			() => logs(writes, /^written /gm).length > before,
			60,
			() => `no write is acknowledged: ${docker('logs', '--tail', '3', writes)}`,
		);
		return `${((promoted - died) / 1000).toFixed(1)} s until it was promoted, ${((Date.now() - promoted) / 1000).toFixed(1)} s more until the next write was acknowledged`;
	});
	await claim(`every channel is fresh within ${FRESH_SECONDS} s`, () => {
		const [line] = run(
			'rows',
			PASSWORD,
			String(FRESH_SECONDS - Math.round((Date.now() - died) / 1000)),
		);
		if (!line.startsWith('ok')) throw new Error(line);
		return `${((Date.now() - died) / 1000).toFixed(0)} s after the primary died`;
	});
	await claim('what died comes back, the primary excepted', async () => {
		const ill = () =>
			containers()
				.filter((each) => each.State.Health?.Status !== 'healthy')
				.map((each) => each.Name);
		await until(
			() =>
				ill().length === 0 &&
				containers().filter((each) => nameOf(each) === 'n8n-worker').length === 2,
			120,
			() => `not healthy: ${ill()}`,
		);
	});
	docker('stop', '--time', '5', ticks, writes);
	await claim('n8n ends what it runs', async () => {
		const running = () =>
			sql(
				"select count(*) from execution_entity where status in ('new', 'running')",
				'n8n',
				'postgres-standby',
			);
		await until(
			() => running() === '0',
			240,
			() => `${running()} executions run`,
		);
		return logs(ticks, /^execution .*$/gm).join(', ');
	});
	await claim('no write that was acknowledged is lost', () => {
		const acknowledged = logs(writes, /(?<=^written )\S+$/gm);
		const there = new Set(
			sql(
				"select user_id from core.users where email like 'written-%'",
				'ytempire',
				'postgres-standby',
			).split('\n'),
		);
		const lost = acknowledged.filter((id) => !there.has(id));
		if (lost.length || !acknowledged.length)
			throw new Error(`${lost.length} of ${acknowledged.length} are lost: ${lost}`);
		return `${acknowledged.length} acknowledged, ${logs(writes, /^refused /gm).length} refused meanwhile`;
	});
	await claim('nothing is lost, doubled or wrong, and every unit is counted', () =>
		holds(run('verify', String(USERS), String(CHANNELS), began, PASSWORD)),
	);
	await claim('the old primary becomes the standby of the new one', async () => {
		compose('rm', '--stop', '--force', 'postgres');
		docker('volume', 'rm', 'ytempire-test_postgres');
		process.env.STACK_POSTGRES_STANDBY_OF = 'postgres-standby';
		compose('up', '-d', '--no-deps', 'postgres', 'replication');
		await until(
			() => replicas('postgres-standby') === 'standby streaming sync',
			120,
			() =>
				`replicas: ${replicas('postgres-standby')}; ${compose('logs', '--tail=10', 'postgres', 'replication')}`,
		);
	});
	spawnSync('docker', ['rm', '--force', ticks, writes]);
	if (isStandIn)
		console.log(
			"  not seen: two machines, TimescaleDB, Grafana; Debian's PostgreSQL 15 and HAProxy stood in",
		);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
	process.exitCode = await testStack({
		title: 'Scale',
		what: 'scaling out',
		jdk: process.argv[2],
		options: {
			users: USERS,
			channels: CHANNELS,
			overlays: ['deploy/standby/compose.yml'],
			sidecars: ['sidecar-a', 'sidecar-b', 'sidecar-c'],
			answers: ['STACK_WORKERS=2', 'COMPOSE_PROFILES=queue'],
		},
		claims: made,
		check,
	});
