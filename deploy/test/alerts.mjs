#!/usr/bin/env node
// ./ytempire test --alerts: faults that are caused for real, and the alerts that reach the webhook. The rules are a copy of
// deploy/prometheus/rules.yml in which each "for" and each pause is divided by FACTOR; expressions, windows and thresholds are production's.
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	readdirSync,
	realpathSync,
	renameSync,
	rmSync,
	rmdirSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fetchPgBackRest } from './backup.mjs';
import { claims, conclude } from './claims.mjs';
import { fetchPrograms, obstacle, until } from './engine.mjs';
import { MonitoringStack, makeMemoryGroup } from './monitoring.mjs';
import { answers, postgresBinaries } from './processes.mjs';

/** By how much each "for" of the rules, and each pause of Prometheus and Alertmanager, is shorter. */
const FACTOR = 60;
/** More than five, so that what all of them have is the platform's fault. */
const USERS = 8;

const root = realpathSync(new URL('../..', import.meta.url).pathname);
const state = join(root, '.ytempire');
const made = claims();
const { claim, faults, seconds } = made;

/** The program of Redis that the demo unpacked; undefined where there is none. */
function redisProgram() {
	const engines = join(state, 'engines');
	const name = existsSync(engines)
		? readdirSync(engines).find((each) => each.startsWith('redis-server'))
		: undefined;
	return name && join(engines, name);
}

/** Why this cannot run here; null when it can. */
function missing() {
	// Its own message speaks of an engine, which is not started here.
	if (obstacle()) return 'only root on Linux with apt can fetch and run its programs';
	if (!postgresBinaries()) return 'no PostgreSQL of a Debian package is installed';
	if (!redisProgram()) return 'no Redis was unpacked yet: ./ytempire demo does it';
	return null;
}

const any = () => true;

/** The channel of the user of a number. */
const channelOf = (user) => `UC${'abcdefgh'[user].repeat(22)}`;

/**
 * Causes a fault, and waits until its alerts have reached the webhook. None of them may be on before, and only what began to fire afterwards counts.
 *
 * @param alerts by name, whether labels are those of the alert that is meant
 */
async function raises(place, alerts, cause, patience = 180) {
	for (const [name, matches] of Object.entries(alerts)) {
		await until(
			async () =>
				!(await place.asked(`ALERTS{alertname="${name}"}`)).some(([labels]) => matches(labels)),
			// Longer than the window over which what no sidecar has told yet counts as stale.
			360,
			() => `${name} is on without its cause`,
		);
	}
	const since = Date.now();
	await cause();
	const caused = Date.now();
	for (const [name, matches] of Object.entries(alerts)) {
		await until(
			() => place.notified(name, since, matches),
			patience,
			() => `${name} did not reach the webhook; there: ${place.names.join(', ')}`,
		);
	}
	return `${Math.round((Date.now() - caused) / 1000)} s after its cause`;
}

/** Users with a connected channel each, whose statistics are of this moment. */
function addUsers(place) {
	for (const letter of 'abcdefgh'.slice(0, USERS)) {
		place.sql(`
			set session authorization ytempire_app;
			select app.create_user('${letter}@example.com', 'A', 'starter', 10000, 'UTC', now());
			reset session authorization;
			insert into core.channels (user_id, channel_id, channel_name, connection, slot)
			select user_id, 'UC' || repeat('${letter}', 22), 'A', 'connected', 1 from core.users where email = '${letter}@example.com';
			insert into core.oauth_grants (user_id, channel_id, refresh_token_encrypted, scopes, connected_at, verified_at)
			select user_id, channel_id, '\\x01', '{}', now() - interval '1 day', now() from core.channels where channel_id = 'UC' || repeat('${letter}', 22);
			insert into core.channel_statistics (user_id, channel_id, observed_at, views, videos)
			select user_id, channel_id, now(), 1, 1 from core.channels where channel_id = 'UC' || repeat('${letter}', 22)`);
	}
	return place.sql('select user_id from core.users order by email').split('\n');
}

/** Starts all parts. */
async function startAll(place) {
	await place.choosePorts();
	await place.startWebhook();
	await place.startGoogle();
	await place.startPostgres();
	place.startRedis();
	place.migrate();
	const users = addUsers(place);
	// The sidecar cannot make the logins of its probe of isolation.
	place.sql('alter function app.provision_probe_login(text) rename to kept_for_later');
	place.startN8n();
	await place.startSidecar();
	place.makeCertificate(365);
	place.startProxy();
	place.mountDisk();
	place.startExporters();
	place.start(
		'priorities',
		join(root, 'deploy/postgres/priorities.sh'),
		[String(place.postgres.pid)],
		{
			asPostgres: true,
			environment: {
				PRIORITIES_METERS: join(place.home, 'meters/priorities.prom'),
			},
		},
	);
	await place.n8n.enter({ isNew: true });
	place.write('workers.json', '[]');
	place.startMonitoring(FACTOR);
	let targets = [];
	await until(
		async () => {
			targets = await place.asked('up').catch(() => []);
			return targets.length >= 5 && targets.every(([, up]) => up === 1);
		},
		120,
		() =>
			`not every part answers Prometheus: ${targets.map(([{ job }, up]) => `${job} ${up}`).join(', ')}${place.log('prometheus')}`,
	);
	console.log(`  ${String(seconds()).padStart(4)} s  all parts run`);
	return users;
}

/** Executions that fail wait for a worker; then one works them off. */
async function queueWorkflows(place) {
	const workflow = await place.n8n.createWorkflow({
		type: 'n8n-nodes-base.stopAndError',
		typeVersion: 1,
		parameters: { errorMessage: 'on purpose' },
	});
	const isQueued = await claim('no worker runs what n8n queues: WorkflowsWait', () =>
		raises(place, { WorkflowsWait: any }, async () => {
			for (let asked = 0; asked < 60; asked++) await place.n8n.run(workflow);
		}),
	);
	if (!isQueued) return;
	await claim('the workflows fail: WorkflowsFail', () =>
		raises(place, { WorkflowsFail: any }, async () => {
			place.n8n.startWorker(place.ports.worker, place.ports.workerBroker);
			await until(
				() => answers(`http://127.0.0.1:${place.ports.worker}/healthz`),
				120,
				() => `the worker is not healthy: ${place.log('n8n-worker')}`,
			);
			place.write(
				'workers.json',
				JSON.stringify([{ targets: [`127.0.0.1:${place.ports.worker}`] }]),
			);
			// A counter that is new shows no increase.
			await place.known('n8n_workflow_failed_total > 0', 120);
			for (let asked = 0; asked < 20; asked++) await place.n8n.run(workflow);
		}),
	);
}

/** Units of one of Google's buckets, taken by all users until none are given. */
async function takeUnits(place, users, units) {
	for (let taken = 0, refused = 0; taken < units && refused < users.length; ) {
		refused = 0;
		for (const userId of users) {
			const { status, text } = await place.call('POST', '/v1/quota/reservations', {
				bucket: 'data.general',
				units: 250,
				userId,
				interactive: true,
			});
			if (status === 429) refused++;
			else if (status >= 300) throw new Error(`${status} ${text}`);
			else taken += 250;
		}
	}
}

async function useQuota(place, users) {
	await place.known('ytempire_quota_remaining{bucket="data.general"}');
	const isGeneral = ({ bucket }) => bucket === 'data.general';
	await claim(
		'two thirds of the units go at once, as they did on the two days before by the history of Prometheus: QuotaForecast, QuotaFillsUp',
		() =>
			raises(place, { QuotaForecast: isGeneral, QuotaFillsUp: isGeneral }, () =>
				takeUnits(place, users, 6500),
			),
	);
	await claim('the rest, too: QuotaShort', () =>
		raises(place, { QuotaShort: isGeneral }, () => takeUnits(place, users, 10_000)),
	);
}

/** Has the sidecar fetch reports of the first user's channel from Google's Data API, of which none comes. */
async function failToFetch(place, userId) {
	const reports = [
		{ report: 'channel-statistics' },
		{ report: 'recent-uploads' },
		{ report: 'video-statistics', videoIds: ['AAAAAAAAAAA'] },
	];
	const { status, text } = await place.call('POST', '/v1/metrics/fetch', {
		requests: reports.map((each) => ({ userId, channelId: channelOf(0), ...each })),
		maxAgeMinutes: 0,
		waitSeconds: 30,
	});
	if (status !== 200 || JSON.parse(text).notFetched.length !== reports.length)
		throw new Error(`${status} ${text}`);
}

/**
 * Workflows ask at once for 800 days of each of eight channels, and Analytics takes ten seconds for an answer. The sidecar has its bounds of
 * production: a user's calls run four at once and wait in the fair queue, up to 2,000 of them.
 */
async function makeCallsWait(place, users) {
	const [fetches, daysOfEach] = [100, 8];
	const gone = new AbortController();
	const day = (number) => new Date(Date.UTC(2020, 0, 1 + number)).toISOString().slice(0, 10);
	const ask = (number) =>
		place.call(
			'POST',
			'/v1/metrics/fetch',
			{
				requests: users.flatMap((userId, user) =>
					Array.from({ length: daysOfEach }, (_, each) => day(number * daysOfEach + each)).map(
						(date) => ({
							userId,
							channelId: channelOf(user),
							report: 'traffic-source-day',
							startDate: date,
							endDate: date,
						}),
					),
				),
				waitSeconds: 300,
			},
			{ signal: gone.signal },
		);
	let asked = [];
	try {
		await claim(
			'Analytics answers slowly, and workflows ask for thousands of days at once: CallsWait',
			async () => {
				const after = await raises(place, { CallsWait: any }, async () => {
					place.google.analyticsDelay = 10_000;
					asked = Array.from({ length: fetches }, (_, number) =>
						ask(number).then(
							({ status, text }) => `${status} ${text.slice(0, 300)}`,
							(error) => error.message,
						),
					);
					// None of them is answered meanwhile, unless it is refused.
					const ended = Promise.race(asked).then((said) => {
						throw new Error(`a fetch has ended: ${said}`);
					});
					await Promise.race([place.known('sum(ytempire_calls_waiting) > 5000'), ended]);
				});
				const [[, waiting]] = await place.asked('sum(ytempire_calls_waiting)');
				return `${after}; ${waiting} wait`;
			},
		);
	} finally {
		gone.abort();
		place.google.analyticsDelay = 0;
		await Promise.all(asked);
	}
	await claim('when their callers are gone, no call waits any more', async () => {
		await place.known('sum(ytempire_calls_waiting) == 0');
	});
}

/** Google fails, and then has no API enabled. The quota is used afterwards: without it nobody asks Google. */
async function failGoogle(place, users) {
	const [userId] = users;
	const isConnected = await claim(
		"each channel is connected by its owner's consent at Google, and who subscribed to that does not answer",
		async () => {
			const { status, text } = await place.call('POST', '/v1/subscriptions', {
				url: `http://127.0.0.1:${place.ports.dead}/`,
				events: ['channel-connected'],
			});
			if (status >= 300) throw new Error(`${status} ${text}`);
			for (const [user, id] of users.entries()) await place.connectChannel(id, channelOf(user));
			// A channel that was connected just now cannot be stale yet, as it was not before.
			place.sql("update core.oauth_grants set connected_at = connected_at - interval '1 day'");
			// By the grant of the channel.
			const found = await place.call('GET', `/v1/users/${userId}/channel-lookup?handle=nobody`);
			if (found.status !== 404) throw new Error(`${found.status} ${found.text}`);
			await until(
				() => place.sql('select max(attempts) from core.webhook_deliveries') >= 1,
				90,
				() => 'no delivery was tried',
			);
		},
	);
	if (!isConnected) return;
	await makeCallsWait(place, users);
	await claim('Google answers 500: GoogleFails', () =>
		raises(place, { GoogleFails: any }, async () => {
			place.google.fault = '500-backend-error';
			await failToFetch(place, userId);
			// A counter that is new shows no increase.
			await place.known('ytempire_youtube_calls_seconds_count{outcome="server"}');
			// Each of three calls is tried four times.
			for (let asked = 0; asked < 4; asked++) await failToFetch(place, userId);
		}),
	);
	await claim('Google says that its Data API is not enabled: GoogleApiDisabled', () =>
		raises(place, { GoogleApiDisabled: any }, async () => {
			place.google.fault = '403-access-not-configured';
			await failToFetch(place, userId);
		}),
	);
}

/** Backups that cannot be made; then their repositories are plugged in, one is damaged, and a part of its log is lost. */
async function failBackups(place) {
	await claim(
		'no repository takes the WAL, and none got a backup for nine days: WalNotArchived, BackupOld, RestoreUnproven',
		() =>
			raises(
				place,
				{ WalNotArchived: any, BackupOld: any, RestoreUnproven: any },
				() => {
					// The service began nine days ago, as its own file says.
					place.write('state/begun', String(Math.floor(Date.now() / 1000) - 9 * 86400));
					place.start('backup', place.script, ['schedule'], place.asPostgres);
					place.sql('select pg_switch_wal()');
				},
				300,
			),
	);
	await claim(
		'the backup service is killed, seven hours ago by its sign of life: BackupsStopped',
		() =>
			raises(place, { BackupsStopped: any }, async () => {
				await place.kill('backup');
				// Its other half, which gives the sign each minute, ends with it.
				await until(
					() => spawnSync('pgrep', ['-f', `${place.script} schedule`]).status === 1,
					120,
					() => 'it still runs',
				);
				const file = join(place.home, 'meters/backup_alive.prom');
				const sign = readFileSync(file, 'utf8');
				writeFileSync(
					file,
					sign.replace(/\d+$/m, (seconds) => String(Number(seconds) - 7 * 3600)),
				);
			}),
	);
	const segment = { name: '', archivedAt: 0 };
	const archived = () => place.files('drive').filter((name) => name.includes(`/${segment.name}-`));
	const isReady = await claim(
		'both repositories are there, and take a full backup and more of the WAL',
		async () => {
			for (const folder of Object.values(place.repositories)) place.folder(basename(folder));
			for (const words of [['init'], ['now', 'full']]) {
				const { isDone, said } = await place.backup(...words);
				if (!isDone) throw new Error(said);
			}
			place.sql("update core.users set display_name = 'In the hole'");
			// The segment that this ends. By the current end of the log it would be the one before, where a segment has just begun.
			segment.name = place.sql('select pg_walfile_name(pg_switch_wal())');
			await until(
				() => archived().length,
				120,
				() => `${segment.name} was not archived: ${place.log('postgres')}`,
			);
			segment.archivedAt = Date.now();
		},
	);
	if (!isReady) return;
	const ofDrive = ({ repository }) => repository === 'drive';
	await claim('a file of a backup is damaged: BackupDamaged', async () => {
		const file = place
			.files('drive')
			.filter((name) => /\/backup\/ytempire\/[^/]*F\/.*(bundle|pg_data)/.test(name))
			.toSorted((one, other) => statSync(one).size - statSync(other).size)
			.at(-1);
		const bytes = readFileSync(file);
		const flip = () => {
			bytes[Math.floor(bytes.length / 2)] ^= 0xff;
			writeFileSync(file, bytes);
		};
		try {
			return await raises(place, { BackupDamaged: ofDrive }, async () => {
				flip();
				const { isDone, said } = await place.backup('verify');
				if (isDone || !/^drive: backups are damaged/m.test(said)) throw new Error(said);
			});
		} finally {
			flip();
		}
	});
	await claim('a segment of the WAL is lost in a repository: RestoreLosesData', () =>
		raises(place, { RestoreLosesData: ofDrive }, async () => {
			for (const file of archived()) rmSync(file);
			// A restore that ends a minute before now is one that loses data.
			await until(
				() => Date.now() - segment.archivedAt > 65_000,
				70,
				() => 'the clock stands',
			);
			const { said } = await place.backup('test');
			if (!/^drive: a restore ends/m.test(said) || !/^s3: restored/m.test(said))
				throw new Error(said);
		}),
	);
}

/** A process takes more memory than its group has, until the kernel ends it. */
async function exhaustMemory(place) {
	const group = makeMemoryGroup(32 * 2 ** 20);
	if (!group) {
		console.log('  not seen: MemoryShort, because no control group of memory can be made here');
		return;
	}
	try {
		await claim('the kernel ends a process that has no memory left: MemoryShort', async () => {
			await place.known('node_vmstat_oom_kill');
			return raises(place, { MemoryShort: any }, () => {
				const words = ['-c', `echo $$ > ${group}/cgroup.procs && exec tail /dev/zero`];
				const { signal, status } = spawnSync('sh', words);
				if (signal !== 'SIGKILL') throw new Error(`it ended by ${signal ?? status}`);
			});
		});
	} finally {
		rmdirSync(group);
	}
}

/** One clock serves all that runs on a machine, and no test may move it: the alert comes only where nobody keeps it. */
async function seeClock(place) {
	if ((await place.known('node_timex_sync_status')) === 1) {
		console.log('  not seen: ClockWrong, because the clock of this machine is kept');
		return;
	}
	await claim('nobody keeps the clock of this machine: ClockWrong', async () => {
		await until(
			() => place.notified('ClockWrong', 0),
			60,
			() => 'it did not arrive',
		);
	});
}

/** A day in the future, 150 times: none is stored. */
async function storeWrongRows(place, userId) {
	const rows = Array.from({ length: 150 }, (_, views) => ({
		kind: 'channel-day',
		userId,
		channelId: channelOf(0),
		day: '2999-01-01',
		views,
	}));
	const { status, text } = await place.call('POST', '/v1/metrics/store', {
		rows,
	});
	if (status !== 200) throw new Error(`${status} ${text}`);
}

/** One channel of eight is stale for a minute or two, then all. The sidecar counts them each minute. */
async function stopSync(place) {
	const age = (which) =>
		place.sql(
			`update core.channel_statistics set observed_at = observed_at - interval '7 hours' where ${which}`,
		);
	await claim('one channel of eight gets no statistics any more: StaleChannelsSlowly', () =>
		raises(place, { StaleChannelsSlowly: any }, () => age("channel_id like 'UCb%'"), 300),
	);
	// While the fast one fires, Alertmanager keeps its slow one back.
	await claim(
		'no sync for seven hours: StaleChannelsFast, and an incident with every user: DataQualityFaults',
		() =>
			raises(
				place,
				{ StaleChannelsFast: any, DataQualityFaults: ({ check }) => check === 'freshness' },
				() => age('true'),
			),
	);
}

/** What each needs is its own, so that they go on side by side. */
function faultsSideBySide(place, users) {
	const onDisk = ({ mountpoint }) => mountpoint === place.disk;
	return [
		claim('nothing is wrong: Watchdog, every minute, to the heartbeat', async () => {
			await until(
				() => place.notified('Watchdog', 0)?.path === '/heartbeat',
				60,
				() => 'it did not arrive',
			);
		}),
		claim('the probe of isolation cannot be made: IsolationProbeMissing', async () => {
			await until(
				() => place.notified('IsolationProbeMissing', 0),
				180,
				() => `it did not arrive: ${place.log('sidecar')}`,
			);
		}),
		claim('a disk fills: DiskFull', async () => {
			if (!place.hasDisk) throw new Error('no disk can be mounted here');
			await place.known(`node_filesystem_avail_bytes{mountpoint="${place.disk}"}`);
			return raises(place, { DiskFull: onDisk }, () =>
				spawnSync('dd', ['if=/dev/zero', `of=${place.disk}/filling`, 'bs=1M', 'status=none']),
			);
		}),
		claim('the certificate is not renewed: CertificateExpires', async () => {
			await place.known('ytempire:certificate_left:seconds > 86400');
			const after = await raises(place, { CertificateExpires: any }, async () => {
				place.makeCertificate(1);
				await place.kill('caddy');
				place.startProxy();
			});
			const left = await place.known('ytempire:certificate_left:seconds');
			if (!(left > 0 && left < 90_000)) throw new Error(`${left} s are left`);
			return after;
		}),
		claim('a job of the sidecar fails each time: JobsFail', async () => {
			const rename = (from, to) =>
				place.sql(
					`do $$ begin execute format('alter function %s rename to ${to}', (select oid::regprocedure from pg_proc where proname = '${from}')); end $$`,
				);
			let isRenamed = false;
			try {
				return await raises(
					place,
					{ JobsFail: (labels) => labels.exported_job === 'deliveries' },
					() => {
						rename('claim_webhook_deliveries', 'claimed_before');
						isRenamed = true;
					},
				);
			} finally {
				if (isRenamed) rename('claimed_before', 'claim_webhook_deliveries');
			}
		}),
		claim('rows that nobody can store: RowsRejected', () =>
			raises(place, { RowsRejected: any }, async () => {
				// A counter that is new shows no increase.
				await storeWrongRows(place, users[0]);
				await place.known('ytempire_rows_rejected_total');
				await storeWrongRows(place, users[0]);
			}),
		),
		claim('wrong tokens by the hundred: TokensTried', () =>
			raises(place, { TokensTried: any }, async () => {
				const tryTokens = async (count) => {
					for (let tried = 0; tried < count; tried++)
						await place.call('GET', '/v1/quota', undefined, { token: `wrong-${tried}` });
				};
				// A counter that is new shows no increase, and an address that has shown many has another.
				await tryTokens(60);
				await place.known('ytempire_auth_failures_total{limited="true"}');
				await tryTokens(600);
			}),
		),
		exhaustMemory(place),
		seeClock(place),
		failGoogle(place, users).then(() => useQuota(place, users)),
		queueWorkflows(place),
	];
}

/** Almost all connections are taken. */
async function takeConnections(place) {
	await claim('more than 80 of 100 connections are taken: ConnectionsShort', async () => {
		const taken = [];
		try {
			return await raises(place, { ConnectionsShort: any }, async () => {
				while (
					(await place.known('sum(pg_stat_database_numbackends)')) <= 84 &&
					taken.length < 80
				) {
					for (let more = 0; more < 6; more++) {
						const name = `session-${taken.length}`;
						taken.push(name);
						place.start(
							name,
							'psql',
							['-XAtqd', 'postgres', '-c', 'select pg_sleep(600)'],
							place.asPostgres,
						);
					}
					const of = taken.length;
					await until(
						() =>
							Number(
								place.sql(
									"select count(*) from pg_stat_activity where query like '%pg_sleep(600)'",
									'postgres',
								),
							) >= of,
						30,
						() => `${of} sessions were not opened`,
					);
					// Another look of the exporter.
					const seen = place.sql(
						'select count(*) from pg_stat_activity where datname is not null',
						'postgres',
					);
					await place.known(`sum(pg_stat_database_numbackends) >= ${Number(seen) - 5}`);
				}
			});
		} finally {
			for (const name of taken) await place.kill(name);
		}
	});
}

/** What would disturb others. */
async function faultsOneByOne(place) {
	await claim('a sidecar is killed: ServiceDown', () =>
		raises(place, { ServiceDown: ({ job }) => job === 'sidecar' }, () => place.kill('sidecar')),
	);
	// An hourly job sees it, a minute after the sidecar has started again.
	const givenUp = claim('an event that nobody took for days: DeliveriesGivenUp', () =>
		raises(place, { DeliveriesGivenUp: any }, () =>
			place.sql("update core.webhook_deliveries set at = at - interval '4 days'"),
		),
	);
	await claim('a view shows customers each other, which the probe sees: IsolationFaults', () =>
		raises(place, { IsolationFaults: any }, async () => {
			// It asks who the tenant is, as the catalog wants it, and shows all the same whatever there is.
			place.sql(`
				alter function app.kept_for_later(text) rename to provision_probe_login;
				create view analytics.leak with (security_barrier) as select user_id from core.users where user_id = (select sec.tenant()) or true;
				grant select on analytics.leak to ytempire_reader`);
			await place.startSidecar();
		}),
	);
	const leaks = await place.known('ytempire_quality_isolation_leaks');
	if (!(leaks > 0)) faults.push(`the probe found ${leaks} leaks`);
	await claim('a provider bills what no ledger has: ProviderTotalsDiffer', () =>
		raises(
			place,
			{ ProviderTotalsDiffer: any },
			async () => {
				const month = new Date().toISOString().slice(0, 7);
				const total = {
					provider: 'openai',
					month,
					unit: 'usd',
					total: '31.25',
				};
				const { status, text } = await place.call('POST', '/v1/provider-totals', total);
				if (status >= 300) throw new Error(`${status} ${text}`);
			},
			240,
		),
	);
	await givenUp;
}

/** Redis, without which the API gives no units: a few requests fail, then most. */
async function endRedis(place) {
	const fail = async () => {
		const { status } = await place.call('POST', '/v1/quota/reservations', {
			bucket: 'data.search',
			units: 1,
		});
		if (status < 500) throw new Error(`it answers ${status}`);
	};
	await claim('Redis is killed, and of a hundred requests one or two fail: ApiErrorsSlowly', () =>
		raises(place, { ApiErrorsSlowly: any }, async () => {
			const all = await place.known('sum(increase(ytempire_http_requests_seconds_count[6h]))');
			await place.kill('redis');
			await fail();
			// A counter that is new shows no increase.
			await place.known('ytempire_http_requests_seconds_count{status=~"5.."}');
			for (let failed = 0; failed < all * 0.015; failed++) await fail();
		}),
	);
	await claim('most fail: ApiErrorsFast', () =>
		raises(place, { ApiErrorsFast: any }, async () => {
			for (let asked = 0; asked < 20; asked++) await Promise.all(Array.from({ length: 10 }, fail));
		}),
	);
}

/** The repositories of backups are away again, and the log fills the disk that it would have in production. */
async function fillWal(place) {
	await claim('more than 20 GB of WAL wait for repositories that are away: WalPilesUp', () =>
		raises(place, { WalPilesUp: any }, async () => {
			for (const folder of Object.values(place.repositories))
				if (existsSync(folder)) renameSync(folder, `${folder}-unplugged`);
			for (let closed = 0; closed < 1250; ) {
				closed += place.pileUpWal(25);
				// The others go on meanwhile.
				await setImmediate();
			}
		}),
	);
}

async function check(place) {
	const users = await startAll(place);
	await place.known('ytempire_postgres_priorities_checked_timestamp_seconds');
	// After five minutes, while all the others are caused.
	const priorities = claim('nothing lowers priorities any more: PrioritiesStopped', () =>
		raises(place, { PrioritiesStopped: any }, () => place.kill('priorities'), 480),
	);
	// They need PostgreSQL alone.
	const backups = failBackups(place);
	const sync = stopSync(place);
	await Promise.all(faultsSideBySide(place, users));
	await takeConnections(place);
	await sync;
	await faultsOneByOne(place);
	await Promise.all([endRedis(place), backups.then(() => fillWal(place))]);
	await claim('PostgreSQL is killed: DatabaseDown', () =>
		raises(place, { DatabaseDown: any }, () => place.kill('postgres', 'SIGQUIT')),
	);
	await priorities;
}

/** Status 0: all holds, or skipped; 1: not so. */
async function main(jdk) {
	const reason = missing();
	if (reason) {
		console.log(`Skipped: alerts by real faults, because ${reason}`);
		return 0;
	}
	console.log(
		`The rules are a copy in which each "for" and each pause is 1/${FACTOR} of production's; expressions, windows and thresholds are production's.`,
	);
	mkdirSync(join(state, 'stack'), { recursive: true });
	const home = mkdtempSync('/var/tmp/ytempire-alerts-');
	const programs = fetchPrograms(join(state, 'stack'));
	const place = new MonitoringStack(home, {
		root,
		state,
		jdk,
		programs,
		pgbackrest: fetchPgBackRest(),
		redis: redisProgram(),
	});
	const end = async () => {
		await place.end();
		rmSync(home, { recursive: true, force: true });
	};
	const rules = readFileSync(join(root, 'deploy/prometheus/rules.yml'), 'utf8');
	const all = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
	return conclude(made, {
		title: 'Alerts',
		check: () => check(place),
		end,
		holds: () => {
			const rest = all.filter((name) => !place.names.includes(name));
			return `${place.names.length} of ${all.length} were seen${rest.length ? `, without ${rest.join(', ')}` : ''}`;
		},
	});
}

if (process.argv[1] === fileURLToPath(import.meta.url))
	process.exitCode = await main(process.argv[2]);
