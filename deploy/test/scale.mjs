#!/usr/bin/env node
// ./ytempire test --scale: three sidecars, two workers of n8n and PostgreSQL with a standby, of which one each dies in the midst of a sync.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { claims } from './claims.mjs';
import { grown, until } from './engine.mjs';
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
/** Channels with statistics when the parts die: the sync is under way, and not at its end. */
const UNDER_WAY = 60;
/** For so long nothing may come before a wait is given up: longer than n8n takes to notice that a worker is gone. */
const STALL_SECONDS = 300;
/** What is aimed at from the death of the primary until every channel has its rows, on a machine at rest. */
const AIM_SECONDS = 300;
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
const tail = (container) => docker('logs', '--tail', '5', container);

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
	return killed.Name.slice(1);
}
const hasExecution = (worker) =>
	logs(worker.Id, /started execution/gi).length > logs(worker.Id, /finished execution/gi).length;

const replicas = (server) =>
	sql(
		"select application_name || ' ' || state || ' ' || sync_state from pg_stat_replication",
		'postgres',
		server,
	);
const isStreaming = (server) =>
	until(
		() => replicas(server) === 'standby streaming sync',
		STALL_SECONDS,
		() =>
			`replicas: ${replicas(server)}; ${compose('logs', '--tail=10', 'postgres', 'postgres-standby', 'replication', 'synchronous')}`,
	);

const VOLUME = 'ytempire-test_postgres';

/** The first server takes over again, and the second is copied anew: the last step after a failover (docs/operations/scaling.md). */
async function goBack() {
	await claim('the first server is the primary again, and the second its standby', async () => {
		compose('kill', 'postgres-standby');
		compose('exec', '-T', 'postgres', 'pg_ctl', 'promote');
		sql('select core.open_timeline()');
		compose('rm', '--stop', '--force', 'postgres-standby');
		docker('volume', 'rm', `${VOLUME}-standby`);
		delete process.env.STACK_POSTGRES_STANDBY_OF;
		compose('up', '-d', '--wait');
		await isStreaming('postgres');
	});
}

/** A standby that is unavailable, and the decision to store without it. */
async function goOnWithout() {
	// The names of the first writer are free again.
	sql("delete from core.users where email like 'written-%'");
	const writes = begin('writes', TOKEN);
	const written = () => logs(writes, /^written /gm).length;
	const stored = (more) =>
		until(
			() => written() >= more,
			STALL_SECONDS,
			() => `${written()} writes are acknowledged: ${tail(writes)}`,
		);
	await claim('without its standby nothing is stored, until a person says so', async () => {
		await stored(1);
		compose('kill', 'postgres-standby');
		await until(
			() => sql("select count(*) > 0 from pg_stat_activity where wait_event = 'SyncRep'") === 't',
			STALL_SECONDS,
			() => `no commit waits: ${tail(writes)}`,
		);
		const before = written();
		process.env.STACK_SYNCHRONOUS_STANDBY = '';
		compose('up', '-d', 'replication');
		await stored(before + 2);
	});
	docker('stop', '--time', '5', writes);
	docker('rm', '--force', writes);
	await claim('a standby that comes back is waited for again', async () => {
		delete process.env.STACK_SYNCHRONOUS_STANDBY;
		compose('up', '-d', '--wait');
		await isStreaming('postgres');
	});
}

/** The standby is taken away: what ./ytempire backup restore and ./ytempire n8n ask for. */
async function removeStandby() {
	await claim('without the standby again, the stack is as before it', async () => {
		// What stands in names the third sidecar, which goes, too.
		const stood = JSON.parse(readFileSync(join(project, 'check.json'), 'utf8'));
		delete stood.services['sidecar-c'];
		writeFileSync(join(project, 'check.json'), JSON.stringify(stood));
		process.env.COMPOSE_FILE = ['compose.yml', 'check.json']
			.map((file) => join(project, file))
			.join(':');
		compose('up', '-d', '--wait', '--remove-orphans');
		sql("select pg_drop_replication_slot('standby')", 'postgres');
		docker(
			'volume',
			'rm',
			...['', '-socket', '-meters'].map((part) => `${VOLUME}-standby${part}`),
			'ytempire-test_sidecar-c-logs',
		);
		const names = containers().map(nameOf).sort();
		const rest = names.filter((name) => /^(postgres-standby|database|sidecar-c)$/.test(name));
		if (rest.length) throw new Error(`still there: ${rest}`);
		const awaited = sql('show synchronous_standby_names');
		if (awaited) throw new Error(`commits wait for ${awaited}`);
		sql("update core.users set display_name = 'Stored' where email like 'written-%'");
		return `${names.length} containers`;
	});
}

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
	await claim(
		'the standby streams by its slot, and commits wait for it: it is synchronous',
		async () => {
			await isStreaming('postgres');
			const slot = sql(
				'select slot_name from pg_replication_slots where active and slot_type = $$physical$$',
				'postgres',
			);
			if (slot !== 'standby') throw new Error(`slots in use: ${slot}`);
		},
	);
	await claim('Prometheus reads all three sidecars', async () => {
		compose('up', '-d', '--no-deps', '--wait', 'prometheus');
		const read = () =>
			JSON.parse(
				compose(
					'exec',
					'-T',
					'prometheus',
					'wget',
					'-qO-',
					'http://127.0.0.1:9090/api/v1/targets?state=active',
				),
			)
				.data.activeTargets.filter((each) => each.labels.job === 'sidecar' && each.health === 'up')
				.map((each) => each.labels.instance)
				.sort()
				.join(' ');
		await until(
			() => read() === 'sidecar-a:9464 sidecar-b:9464 sidecar-c:9464',
			STALL_SECONDS,
			() => `up: ${read()}`,
		);
		compose('rm', '--stop', '--force', 'prometheus');
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
	if (
		!(await claim(
			`a sidecar, a worker and the primary die during a sync of ${USERS * CHANNELS} channels`,
			async () => {
				const count = (table) => Number(sql(`select count(*) from ${table}`));
				await grown(
					() => count("core.channels where connection = 'connected'"),
					USERS * CHANNELS,
					STALL_SECONDS,
					() => `channels connected (${tail(ticks)})`,
				);
				writes = begin('writes', TOKEN);
				const fetched = () => count('(select distinct channel_id from core.channel_statistics) c');
				const had = await grown(
					fetched,
					UNDER_WAY,
					STALL_SECONDS,
					() => `channels fetched (${tail(ticks)})`,
				);
				await until(
					() => logs(writes, /^written /m).length > 0,
					STALL_SECONDS,
					() => `no write is acknowledged: ${tail(writes)}`,
				);
				const days = count('(select distinct channel_id from core.video_days) c');
				const names = [crash('sidecar-b'), crash('n8n-worker', hasExecution)];
				// As a machine that is gone: the engine starts a container that was killed by its command no more.
				compose('kill', 'postgres');
				died = Date.now();
				return `${names.join(', ')}, when ${had} channels had statistics and ${days} days of videos`;
			},
		))
	)
		return;
	const sinceDeath = () => `${((Date.now() - died) / 1000).toFixed(1)} s`;
	await claim('the standby is promoted, and everybody finds it', async () => {
		const before = logs(writes, /^written /gm).length;
		compose('exec', '-T', 'postgres-standby', 'pg_ctl', 'promote');
		const promoted = sinceDeath();
		// Nothing was lost, as each commit waited for the standby: the migration may go on.
		sql('select core.open_timeline()', 'ytempire', 'postgres-standby');
		await until(
			() => logs(writes, /^written /gm).length > before,
			STALL_SECONDS,
			() =>
				`no write is acknowledged: ${tail(writes)}; ${compose('logs', '--tail=20', 'database')}`,
		);
		return `promoted ${promoted} after the death, the next write acknowledged at ${sinceDeath()}`;
	});
	await claim('every channel has all its rows again', () => {
		const [line] = run('rows', PASSWORD, String(STALL_SECONDS));
		if (!line?.startsWith('ok')) throw new Error(`${line}\n${tail(ticks)}`);
		const seconds = (Date.now() - died) / 1000;
		return `${seconds.toFixed(0)} s after the primary died (aim: ${AIM_SECONDS} s, ${seconds <= AIM_SECONDS ? 'met' : 'not met'})`;
	});
	await claim('the old primary refuses to start as a second one', async () => {
		compose('start', 'postgres');
		await until(
			() => /is another primary/.test(compose('logs', '--tail=5', 'postgres')),
			STALL_SECONDS,
			() => compose('logs', '--tail=5', 'postgres'),
		);
		const marked = compose(
			'run',
			'--rm',
			'--no-deps',
			'--entrypoint',
			'cat',
			'postgres',
			'/var/lib/postgresql/data/fenced',
		);
		if (!/was the primary on timeline 2/.test(marked)) throw new Error(`fenced: ${marked}`);
		// As the page says it; without its profile there is no service "backup".
		compose('rm', '--stop', '--force', 'postgres', 'backup');
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
			STALL_SECONDS,
			() => `not healthy: ${ill()}`,
		);
	});
	await claim('the old primary becomes the standby of the new one', async () => {
		docker('volume', 'rm', VOLUME);
		process.env.STACK_POSTGRES_STANDBY_OF = 'postgres-standby';
		compose('up', '-d', '--wait');
		await isStreaming('postgres-standby');
	});
	docker('stop', '--time', '5', ticks, writes);
	await claim('n8n ends what it runs', async () => {
		const running = () =>
			Number(
				sql(
					"select count(*) from execution_entity where status in ('new', 'running', 'waiting') and \"deletedAt\" is null",
					'n8n',
					'postgres-standby',
				),
			);
		// The workflow itself tries what is missing again for ten minutes.
		await grown(
			() => -running(),
			0,
			3 * STALL_SECONDS,
			() => 'executions less',
		);
		const ended = sql(
			"select string_agg(status || ': ' || n, ', ') from (select status, count(*) as n from execution_entity group by 1) e",
			'n8n',
			'postgres-standby',
		);
		return `${logs(ticks, /^execution /gm).length} begun; kept of them: ${ended || 'none'}`;
	});
	await claim('no write that was acknowledged is lost', () => {
		const acknowledged = logs(writes, /(?<=^written )\S+$/gm);
		const refused = logs(writes, /^refused /gm).length;
		const stored = sql(
			"select user_id from core.users where email like 'written-%'",
			'ytempire',
			'postgres-standby',
		).split('\n');
		const lost = acknowledged.filter((id) => !stored.includes(id));
		if (lost.length || !acknowledged.length)
			throw new Error(`${lost.length} of ${acknowledged.length} are lost: ${lost}`);
		// The one that is under way when the writer is stopped is neither.
		if (stored.length > acknowledged.length + refused + 1)
			throw new Error(`${stored.length} stored, of ${acknowledged.length + refused} tried`);
		return `${acknowledged.length} acknowledged, ${refused} refused meanwhile`;
	});
	await claim('nothing is lost or wrong, and every unit is counted', () =>
		holds(run('verify', String(USERS), String(CHANNELS), began, PASSWORD)),
	);
	spawnSync('docker', ['rm', '--force', ticks, writes]);
	await goBack();
	await goOnWithout();
	await removeStandby();
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
			// 70 sessions of three sidecars and n8n take 0.9 GB beside the shared buffers.
			answers: ['STACK_WORKERS=2', 'COMPOSE_PROFILES=queue', 'STACK_POSTGRES_MEMORY=2g'],
		},
		claims: made,
		check,
	});
