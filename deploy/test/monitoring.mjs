// What ./ytempire test --alerts watches: a PostgreSQL that archives, Redis, the sidecar, n8n in queue mode, a proxy with a certificate, the
// exporters, and Prometheus and Alertmanager with the configuration of production. All real, and processes of this machine.
import { spawnSync } from 'node:child_process';
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	readdirSync,
	renameSync,
	rmdirSync,
	statSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { until } from './engine.mjs';
import { Google } from './google.mjs';
import { N8n, Processes, answers, freePorts, postgresBinaries } from './processes.mjs';

/** Bytes of a segment of the WAL. */
const SEGMENT = 16 * 2 ** 20;
/** Seconds between two looks of Prometheus at a target. */
const SCRAPE = 2;

/** The rules with each "for", and each pause of a group, divided. */
export function hurried(rules, factor) {
	const unit = { s: 1, m: 60, h: 3600 };
	return rules.replaceAll(
		/^( +(?:for|interval): )(\d+)([smh])$/gm,
		(_, words, count, of) => `${words}${Math.max(1, Math.round((count * unit[of]) / factor))}s`,
	);
}

/**
 * The three days before, in the text format of OpenMetrics: no channel was stale, last by the sidecar's own word a moment ago, and on each of the
 * two days that ended a day ago 65 % of a bucket were used. The last day is left to what the test does.
 *
 * @param now in seconds of Unix time
 * @param sidecar the target that says how many channels are stale
 */
export function pastDays(now, sidecar) {
	const hour = 3600;
	const samples = (series, since, until, step, value) => {
		const found = [];
		for (let at = now - since; at <= now - until; at += step)
			found.push(`${series} ${value} ${at}`);
		return found;
	};
	const stale = 'ytempire:channels_stale:ratio';
	return [
		'# TYPE ytempire_channels_stale gauge',
		`ytempire_channels_stale{instance="${sidecar}",job="sidecar",of="connected"} 0 ${now - 5}`,
		`# TYPE ${stale} gauge`,
		...samples(stale, 71 * hour, 6 * hour + 600, 600, 0),
		// As many as there are of this test, in which a few channels must count little.
		...samples(stale, 6 * hour, hour + 30, 30, 0),
		...samples(stale, hour, 15, 15, 0),
		'# TYPE ytempire:quota_left:ratio gauge',
		...samples('ytempire:quota_left:ratio{bucket="data.general"}', 71 * hour, 25 * hour, 600, 0.35),
		'# EOF',
		'',
	].join('\n');
}

/**
 * A group whose processes have so many bytes of memory together; null where none can be made. cgroups of either version, as docs.kernel.org has
 * them (admin-guide/cgroup-v2, admin-guide/cgroup-v1/memory).
 */
export function makeMemoryGroup(bytes) {
	const top = '/sys/fs/cgroup';
	const isNew = existsSync(join(top, 'cgroup.controllers'));
	try {
		const folder = mkdtempSync(join(isNew ? top : join(top, 'memory'), 'ytempire-'));
		try {
			writeFileSync(join(folder, isNew ? 'memory.max' : 'memory.limit_in_bytes'), String(bytes));
			// Where there is swap, it would take what the memory does not.
			const swap = join(folder, isNew ? 'memory.swap.max' : 'memory.memsw.limit_in_bytes');
			if (existsSync(swap)) writeFileSync(swap, isNew ? '0' : String(bytes));
			return folder;
		} catch {
			rmdirSync(folder);
		}
	} catch {
		// None of the kernel's own files could be made there.
	}
	return null;
}

/**
 * A text with replacements, each of which must find something: what production's configuration no longer says is replaced in vain.
 *
 * @param pairs what to find, a text or an expression, and what takes its place
 */
export function replaced(text, pairs) {
	return pairs.reduce((found, [from, to]) => {
		const next = found.replace(from, to);
		if (next === found) throw new Error(`nothing says ${from}`);
		return next;
	}, text);
}

const PORTS = [
	'pg',
	'redis',
	'http',
	'meters',
	'n8n',
	'broker',
	'worker',
	'workerBroker',
	'prometheus',
	'alertmanager',
	'pgExporter',
	'node',
	'blackbox',
	'tls',
	'dead',
];

export class MonitoringStack extends Processes {
	operator = 'operator-token-of-the-test-of-alerts';
	#notified = [];

	/**
	 * @param has root of the project, its `.ytempire`, the JDK, the folder of Debian's programs, that of pgBackRest, and Redis' program
	 */
	constructor(home, has) {
		super(home);
		this.has = has;
		for (const name of [
			'meters',
			'state',
			'secrets',
			'spool',
			'lock',
			'prometheus',
			'alertmanager',
		])
			this.folder(name);
	}

	bin(name) {
		return join(this.has.programs, 'usr/bin', name);
	}

	read(file) {
		return readFileSync(join(this.has.root, file), 'utf8');
	}

	write(name, text) {
		writeFileSync(join(this.home, name), text);
		return join(this.home, name);
	}

	async choosePorts() {
		const free = await freePorts(PORTS.length);
		this.ports = Object.fromEntries(PORTS.map((name, at) => [name, free[at]]));
	}

	/** Who gets the alerts, and the heartbeat beside them. */
	async startWebhook() {
		const server = createServer((request, response) => {
			let body = '';
			request.on('data', (chunk) => (body += chunk));
			request.on('end', () => {
				response.end();
				for (const alert of JSON.parse(body).alerts)
					this.#notified.push({ ...alert, path: request.url });
			});
		});
		await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
		server.unref();
		const address = `http://127.0.0.1:${server.address().port}`;
		this.write('alert_webhook', `${address}/operators`);
		this.write('alert_heartbeat', `${address}/heartbeat`);
	}

	/** The names of the alerts that reached the webhook. */
	get names() {
		return [...new Set(this.#notified.map(({ labels }) => labels.alertname))].toSorted();
	}

	/** The notification of an alert that began to fire after a moment; undefined while there is none. */
	notified(name, since, matches = () => true) {
		return this.#notified.find(
			({ status, labels, startsAt }) =>
				status === 'firing' &&
				labels.alertname === name &&
				Date.parse(startsAt) >= since &&
				matches(labels),
		);
	}

	/** Google, of which the sidecar knows nobody else. */
	async startGoogle() {
		this.google = new Google({ id: 'x.apps.googleusercontent.com', secret: 'x' });
		this.googleAddress = await this.google.start();
	}

	/** The folders of the two repositories of backups, of which none is there at first. A second drive stands in for S3. */
	get repositories() {
		return { drive: join(this.home, 'drive'), s3: join(this.home, 'second-drive') };
	}

	/** PostgreSQL, which archives by the script of production to two repositories that are away. */
	async startPostgres() {
		const { home, has } = this;
		cpSync(join(has.root, 'deploy/backup'), join(home, 'backup'), {
			recursive: true,
		});
		this.write('secrets/backup_revocations_key', 'the-key-of-the-list');
		// As compose.yml names it: pgBackRest wants its name in the archive_command.
		this.script = join(home, 'backup/ytempire-pgbackrest');
		renameSync(join(home, 'backup/backup.sh'), this.script);
		this.asPostgres = {
			asPostgres: true,
			environment: {
				PATH: [postgresBinaries(), has.pgbackrest, process.env.PATH].filter(Boolean).join(':'),
				PGDATA: join(home, 'data'),
				PGHOST: home,
				PGPORT: String(this.ports.pg),
				PGUSER: 'postgres',
				TMPDIR: home,
				BACKUP_STATE: join(home, 'state'),
				BACKUP_METERS: join(home, 'meters'),
				BACKUP_SECRETS: join(home, 'secrets'),
				PGBACKREST_CONFIG: join(home, 'backup/pgbackrest.conf'),
				PGBACKREST_PG1_PATH: join(home, 'data'),
				PGBACKREST_PG1_SOCKET_PATH: home,
				PGBACKREST_PG1_PORT: String(this.ports.pg),
				PGBACKREST_REPO1_PATH: this.repositories.drive,
				PGBACKREST_REPO1_CIPHER_PASS: 'x',
				PGBACKREST_REPO2_TYPE: 'posix',
				PGBACKREST_REPO2_PATH: this.repositories.s3,
				PGBACKREST_REPO2_CIPHER_PASS: 'y',
				PGBACKREST_SPOOL_PATH: join(home, 'spool'),
				PGBACKREST_LOCK_PATH: join(home, 'lock'),
			},
		};
		this.postgres = await this.startPostgresServer(
			this.ports.pg,
			[
				'max_connections=100',
				'archive_mode=on',
				`archive_command=${this.script} archive-push %p`,
				// What is not written of a segment takes no room.
				'wal_init_zero=off',
				'wal_recycle=off',
			],
			this.asPostgres,
		);
		this.sql(
			"create role n8n login password 'n8n'; create role exporter login password 'exporter' in role pg_monitor",
			'postgres',
		);
		for (const words of ['ytempire', 'n8n owner n8n'])
			this.sql(`create database ${words}`, 'postgres');
	}

	sql(text, database = 'ytempire') {
		return this.must(
			'psql',
			['-XAtqv', 'ON_ERROR_STOP=1', '-d', database, '-c', text],
			this.asPostgres,
		);
	}

	startRedis() {
		this.start('redis', this.has.redis, [
			...['--port', String(this.ports.redis), '--requirepass', 'secret', '--save', ''],
		]);
	}

	/** The environment that the sidecar and its migration share. */
	get #database() {
		return {
			YTEMPIRE_DATABASE_URL: `jdbc:postgresql://127.0.0.1:${this.ports.pg}/ytempire`,
			YTEMPIRE_DATABASE_PASSWORD: 'the-password-of-the-sidecar',
		};
	}

	get #java() {
		return join(this.has.jdk, 'bin/java');
	}

	get #jar() {
		return join(this.has.root, 'sidecar/service/target/ytempire-sidecar.jar');
	}

	migrate() {
		this.must(this.#java, ['-jar', this.#jar, 'migrate'], {
			environment: { ...this.#database, YTEMPIRE_DATABASE_ADMIN_PASSWORD: 'x' },
		});
		this.keyset = this.must(this.#java, ['-jar', this.#jar, 'keyset', 'new'])
			.split('\n')
			.find((line) => line.startsWith('{'));
	}

	async startSidecar() {
		this.start(
			'sidecar',
			this.#java,
			[`@${join(this.has.root, 'sidecar/service/jvm.options')}`, '-jar', this.#jar],
			{
				environment: {
					...this.#database,
					YTEMPIRE_HTTP_PORT: String(this.ports.http),
					YTEMPIRE_METRICS_PORT: String(this.ports.meters),
					YTEMPIRE_REDIS_URL: `redis://127.0.0.1:${this.ports.redis}`,
					YTEMPIRE_REDIS_PASSWORD: 'secret',
					YTEMPIRE_GRANT_KEYSET: this.keyset,
					YTEMPIRE_OPERATOR_TOKEN: this.operator,
					YTEMPIRE_PUBLIC_URL: `http://127.0.0.1:${this.ports.http}`,
					YTEMPIRE_GOOGLE_CLIENT_ID: this.google.client.id,
					YTEMPIRE_GOOGLE_CLIENT_SECRET: this.google.client.secret,
					...Object.fromEntries(
						['ACCOUNTS', 'OAUTH', 'DATA', 'ANALYTICS', 'REPORTING', 'FEED', 'HUB'].map((part) => [
							`YTEMPIRE_GOOGLE_${part}_URL`,
							this.googleAddress,
						]),
					),
					YTEMPIRE_WEBHOOK_ALLOWED_NETWORKS: `127.0.0.1/32:${this.ports.dead}`,
					YTEMPIRE_CHECK_INTERVAL_SECONDS: '5',
					YTEMPIRE_LOG_FOLDER: join(this.home, 'logs'),
				},
			},
		);
		await until(
			() => answers(`http://127.0.0.1:${this.ports.http}/health/ready`),
			180,
			() => `the sidecar is not ready: ${this.log('sidecar')}`,
		);
	}

	/**
	 * Asks the sidecar's API.
	 *
	 * @param signal ends the request, and its connection with it
	 */
	async call(method, path, body, { token = this.operator, signal } = {}) {
		const response = await fetch(`http://127.0.0.1:${this.ports.http}${path}`, {
			method,
			headers: {
				authorization: `Bearer ${token}`,
				'content-type': 'application/json',
			},
			body: body && JSON.stringify(body),
			signal,
		});
		return { status: response.status, text: await response.text() };
	}

	/** Connects a user's channel by its owner's consent, as a browser goes through it. */
	async connectChannel(userId, channelId) {
		this.google.channelId = channelId;
		const path = `/v1/users/${userId}/channels/${channelId}/connect`;
		const { status, text } = await this.call('POST', path, {});
		if (status >= 300) throw new Error(`${status} ${text}`);
		const start = JSON.parse(text).connectUrl.replace('/v1/connect?', '/v1/connect/start?');
		const end = await fetch(`${start}&agree=on`);
		const page = await end.text();
		if (end.status !== 200 || !page.includes('<title>Connected'))
			throw new Error(`${end.status} ${page.slice(0, 500)}`);
	}

	/** Runs a command of the backup script to its end, while all else goes on; returns whether it succeeded, and what it said. */
	async backup(...words) {
		const name = `backup-${words.join('-')}`;
		const child = this.start(name, this.script, words, this.asPostgres);
		const status = await new Promise((resolve) => child.once('exit', resolve));
		return { isDone: status === 0, said: this.log(name) };
	}

	/** The files of a repository. */
	files(repository) {
		return readdirSync(this.repositories[repository], { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile())
			.map((entry) => join(entry.parentPath, entry.name));
	}

	/**
	 * Closes segments of the WAL after a few bytes each. What PostgreSQL fills the rest of a segment with, which nobody reads, is taken out of the
	 * file: its size, which the exporter counts, stays, and the disk has room for all of them.
	 *
	 * @returns how many were closed
	 */
	pileUpWal(segments) {
		const closed = this.sql(
			`select pg_logical_emit_message(false, 'pile', 'x'), pg_walfile_name_offset(pg_switch_wal())::text from generate_series(1, ${segments})`,
		).matchAll(/([0-9A-F]{24}),(\d+)/g);
		let count = 0;
		for (const [, segment, end] of closed) {
			const file = join(this.home, 'data/pg_wal', segment);
			truncateSync(file, Number(end));
			truncateSync(file, SEGMENT);
			const taken = statSync(file).blocks * 512;
			if (taken > Number(end) + 2 ** 20)
				throw new Error(`${segment} takes ${taken} bytes of this disk`);
			count++;
		}
		return count;
	}

	startN8n() {
		this.n8n = new N8n(this, join(this.has.state, 'n8n'), {
			port: this.ports.n8n,
			broker: this.ports.broker,
			environment: {
				N8N_METRICS: 'true',
				N8N_METRICS_INCLUDE_QUEUE_METRICS: 'true',
				N8N_METRICS_INCLUDE_MESSAGE_EVENT_BUS_METRICS: 'true',
				N8N_METRICS_QUEUE_METRICS_INTERVAL: '2',
				EXECUTIONS_MODE: 'queue',
				OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
				QUEUE_BULL_REDIS_HOST: '127.0.0.1',
				QUEUE_BULL_REDIS_PORT: String(this.ports.redis),
				QUEUE_BULL_REDIS_PASSWORD: 'secret',
				DB_TYPE: 'postgresdb',
				DB_POSTGRESDB_HOST: '127.0.0.1',
				DB_POSTGRESDB_PORT: String(this.ports.pg),
				DB_POSTGRESDB_DATABASE: 'n8n',
				DB_POSTGRESDB_USER: 'n8n',
				DB_POSTGRESDB_PASSWORD: 'n8n',
			},
		});
		this.n8n.start();
	}

	/** A certificate for the proxy that holds for so many days. */
	makeCertificate(days) {
		this.must('openssl', [
			...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=127.0.0.1'],
			...['-days', String(days), '-keyout', join(this.home, 'key.pem')],
			...['-out', join(this.home, 'cert.pem')],
		]);
	}

	/** A proxy; `cert.pem` and `key.pem` are what it shows. */
	startProxy() {
		this.write(
			'Caddyfile',
			`{\n\tadmin off\n\tauto_https off\n\tskip_install_trust\n}\nhttps://127.0.0.1:${this.ports.tls} {\n\ttls ${this.home}/cert.pem ${this.home}/key.pem\n\trespond 200\n}\n`,
		);
		this.start(
			'caddy',
			this.bin('caddy'),
			['run', '--config', join(this.home, 'Caddyfile'), '--adapter', 'caddyfile'],
			{
				environment: {
					XDG_DATA_HOME: join(this.home, 'caddy'),
					XDG_CONFIG_HOME: join(this.home, 'caddy'),
				},
			},
		);
	}

	startExporters() {
		this.start('node', this.bin('prometheus-node-exporter'), [
			`--web.listen-address=127.0.0.1:${this.ports.node}`,
			`--collector.textfile.directory=${join(this.home, 'meters')}`,
		]);
		this.start(
			'pg-exporter',
			this.bin('prometheus-postgres-exporter'),
			[`--web.listen-address=127.0.0.1:${this.ports.pgExporter}`, '--no-collector.roles'],
			{
				environment: {
					DATA_SOURCE_URI: `127.0.0.1:${this.ports.pg}/postgres?sslmode=disable`,
					DATA_SOURCE_USER: 'exporter',
					DATA_SOURCE_PASS: 'exporter',
				},
			},
		);
		this.start('blackbox', this.bin('prometheus-blackbox-exporter'), [
			`--config.file=${join(this.has.root, 'deploy/prometheus/blackbox.yml')}`,
			`--web.listen-address=127.0.0.1:${this.ports.blackbox}`,
		]);
	}

	/** Prometheus and Alertmanager with the configuration of production, but for addresses and times. */
	startMonitoring(factor) {
		const at = (port) => `127.0.0.1:${this.ports[port]}`;
		this.write('rules.yml', hurried(this.read('deploy/prometheus/rules.yml'), factor));
		this.write('domains.json', JSON.stringify([{ targets: [at('tls')] }]));
		this.write('sidecars.json', JSON.stringify([{ targets: [at('meters')] }]));
		this.write(
			'prometheus.yml',
			replaced(this.read('deploy/prometheus/prometheus.yml'), [
				[/(scrape|evaluation)_interval: \d+[sm]/g, `$1_interval: ${SCRAPE}s`],
				['alertmanager:9093', at('alertmanager')],
				['/tmp/sidecars.json', join(this.home, 'sidecars.json')],
				['"n8n:5678"', `"${at('n8n')}"`],
				// The worker is started later: by file, as its name appears in DNS.
				[/dns_sd_configs.*/, `file_sd_configs: [{files: [${this.home}/workers.json]}]`],
				['postgres-exporter:9187', at('pgExporter')],
				['node-exporter:9100', at('node')],
				['blackbox-exporter:9115', at('blackbox')],
				['/tmp/domains.json', join(this.home, 'domains.json')],
				['"(.+):443", target_label: __param_hostname', '"(.+):.+", target_label: __param_hostname'],
				['caddy:443', at('tls')],
			]),
		);
		const template = this.write(
			'alertmanager-template.yml',
			this.read('deploy/prometheus/alertmanager.yml')
				.replaceAll('/run/secrets', this.home)
				.replaceAll(/(group_wait|group_interval): (\d+)([sm])/g, (_, name, count, unit) => {
					const seconds = count * (unit === 'm' ? 60 : 1);
					return `${name}: ${Math.round((seconds / factor) * 1000)}ms`;
				}),
		);
		// Debian's Alertmanager reads its templates from /usr/share, where this machine need not have them.
		this.start(
			'alertmanager',
			'unshare',
			[
				'--mount',
				'sh',
				'-c',
				'mount --make-rprivate / && mount --bind "$PROGRAMS/usr/share" /usr/share && exec sh "$SCRIPT" "$@"',
				'alertmanager',
				this.bin('prometheus-alertmanager'),
				`--config.file=${join(this.home, 'alertmanager.yml')}`,
				`--storage.path=${join(this.home, 'alertmanager')}`,
				`--web.listen-address=${at('alertmanager')}`,
				'--cluster.listen-address=',
			],
			{
				environment: {
					PROGRAMS: this.has.programs,
					SCRIPT: join(this.has.root, 'deploy/prometheus/alertmanager.sh'),
					SECRETS: this.home,
					TEMPLATE: template,
					CONFIGURATION: join(this.home, 'alertmanager.yml'),
				},
			},
		);
		this.must(this.bin('promtool'), [
			...['tsdb', 'create-blocks-from', 'openmetrics', '--quiet'],
			this.write('past.txt', pastDays(Math.floor(Date.now() / 1000), at('meters'))),
			join(this.home, 'prometheus'),
		]);
		this.start('prometheus', this.bin('prometheus'), [
			`--config.file=${join(this.home, 'prometheus.yml')}`,
			`--storage.tsdb.path=${join(this.home, 'prometheus')}`,
			`--web.listen-address=${at('prometheus')}`,
		]);
	}

	/** What Prometheus answers now, as pairs of labels and number. */
	async asked(query) {
		const response = await fetch(
			`http://127.0.0.1:${this.ports.prometheus}/api/v1/query?query=${encodeURIComponent(query)}`,
		);
		const { data } = await response.json();
		return data.result.map(({ metric, value }) => [metric, Number(value[1])]);
	}

	/** Waits until a query has an answer; returns its first number. */
	async known(query, patience = 60) {
		const found = await until(
			async () => {
				const answer = await this.asked(query).catch(() => []);
				return answer.length ? answer : null;
			},
			patience,
			() => `Prometheus has no answer to ${query}`,
		);
		return found[0][1];
	}

	/** A small disk of its own; false where none can be mounted. */
	mountDisk() {
		this.disk = join(this.home, 'disk');
		mkdirSync(this.disk);
		this.must('dd', [
			'if=/dev/zero',
			`of=${this.home}/disk.img`,
			'bs=1M',
			'count=32',
			'status=none',
		]);
		this.must('mkfs.ext4', ['-q', '-m', '0', `${this.home}/disk.img`]);
		this.hasDisk =
			spawnSync('mount', ['-o', 'loop', `${this.home}/disk.img`, this.disk]).status === 0;
		return this.hasDisk;
	}

	async end() {
		await super.end();
		if (this.hasDisk) spawnSync('umount', [this.disk]);
	}
}
