// What compose.yml and the files that its services read must say, whatever engine runs them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';

const top = new URL('../..', import.meta.url).pathname;
const read = (file) => readFileSync(join(top, file), 'utf8');
const compose = read('compose.yml');

/** The lines of a service, or of another block that begins with this line. */
function block(name, indent = '  ') {
	const lines = compose.split('\n');
	const begin = lines.findIndex((line) => line.startsWith(`${indent}${name}:`));
	assert.notEqual(begin, -1, name);
	const rest = lines.slice(begin + 1);
	const end = rest.findIndex((line) => /\S/.test(line) && !line.startsWith(`${indent}  `));
	return rest.slice(0, end === -1 ? undefined : end).join('\n');
}

test('each folder in memory can be written by the user of its container', () => {
	// The engine gives it to root, with the mode of the image's folder: of /tmp alone that is everybody's.
	const { services } = parse(compose, { merge: true, logLevel: 'error' });
	for (const [name, { tmpfs = [] }] of Object.entries(services))
		for (const [folder, options = ''] of tmpfs.map((each) => each.split(':')))
			assert.ok(folder === '/tmp' || /\b(uid|mode)=/.test(options), `${name}: ${folder}`);
});

test("Grafana encrypts the data sources' passwords with a key of its own", () => {
	const grafana = block('grafana');
	assert.match(grafana, /GF_SECURITY_SECRET_KEY__FILE: \/run\/secrets\/grafana_secret_key/);
	assert.match(grafana, /secrets: \[.*\bgrafana_secret_key\b.*\]/);
});

test("a customer's account cannot query Prometheus", () => {
	// With auto-assignment off, Grafana makes each new account the administrator of an organization of its own.
	assert.doesNotMatch(block('grafana'), /GF_USERS_AUTO_ASSIGN_ORG: /);
	assert.match(block('grafana'), /GF_USERS_AUTO_ASSIGN_ORG_ROLE: None/);
	assert.match(read('grafana/provisioning/datasources/prometheus.yml'), /^ {4}orgId: 1$/m);
});

test('Grafana serves nothing without an account', () => {
	for (const name of ['PUBLIC_DASHBOARDS', 'SNAPSHOTS', 'METRICS'])
		assert.match(block('grafana'), new RegExp(`GF_${name}_ENABLED: "false"`));
	const [, paths] = /@unpublished path (.*)/.exec(read('deploy/Caddyfile'));
	for (const path of ['/metrics', '/public-dashboards/*', '/api/public/*', '/api/snapshots'])
		assert.ok(paths.split(' ').includes(path), path);
});

test("accounts and Grafana's administration cannot be changed from the Internet", () => {
	const [, site] = /\{\$STACK_DASHBOARDS_DOMAIN\} \{\n([^]*?)\n\}/.exec(read('deploy/Caddyfile'));
	const [, paths] = /@administration path (.*)\n\thandle @administration \{\n\t\trespond 404/.exec(
		site,
	);
	for (const path of ['/api/admin/*', '/api/orgs', '/api/orgs/*', '/api/users', '/api/users/*'])
		assert.ok(paths.split(' ').includes(path), path);
	assert.match(
		site,
		/@rename \{\n\t\tmethod PUT\n\t\tpath \/api\/user \/api\/user\/\n\t\}\n\thandle @rename \{\n\t\trespond 403/,
	);
});

test('a query of a viewer brings few rows into Grafana', () => {
	const [, rows] = /GF_DATAPROXY_ROW_LIMIT: "(\d+)"/.exec(block('grafana'));
	assert.ok(Number(rows) <= 20000);
});

test("the access log holds no code and no user's email", () => {
	const caddyfile = read('deploy/Caddyfile');
	for (const name of ['code', 'state', 'confirm'])
		assert.match(caddyfile, new RegExp(`replace ${name} REDACTED`));
	assert.match(caddyfile, /resp_headers>Location delete/);
	assert.match(caddyfile, /request>headers>Referer delete/);
});

test("Prometheus keeps no series by a customer's login", () => {
	const [, dropped] = /regex: "(.*)", action: drop/.exec(read('deploy/prometheus/prometheus.yml'));
	for (const name of ['pg_stat_activity_count', 'pg_stat_activity_max_tx_duration'])
		assert.match(name, new RegExp(`^(?:${dropped})$`));
	assert.doesNotMatch(read('deploy/prometheus/rules.yml'), new RegExp(dropped));
});

test('n8n keeps no data of runs that went well, and prunes those of the others', () => {
	const settings = Object.fromEntries(
		[...compose.matchAll(/^ {4}EXECUTIONS_DATA_(\w+): "?([^"\n]+)"?$/gm)].map(([, name, value]) => [
			name,
			value,
		]),
	);
	const { MAX_AGE, PRUNE_MAX_COUNT, HARD_DELETE_BUFFER, ...rest } = settings;
	assert.deepEqual(rest, {
		SAVE_ON_SUCCESS: 'none',
		SAVE_ON_ERROR: 'all',
		SAVE_ON_PROGRESS: 'false',
		SAVE_MANUAL_EXECUTIONS: 'false',
		PRUNE: 'true',
	});
	// Hours, executions, hours.
	assert.ok(
		Number(MAX_AGE) <= 72 && Number(PRUNE_MAX_COUNT) > 0 && Number(HARD_DELETE_BUFFER) <= 1,
	);
});

test('the temporary files of a sidecar are bounded, with room for all exports', () => {
	const [, megabytes] = /tmpfs: \["\/tmp:size=(\d+)m"\]/.exec(block('x-sidecar', ''));
	const [, exports] = /`YTEMPIRE_EXPORT_MEGABYTES` \| `(\d+)`/.exec(
		read('docs/operations/settings.md'),
	);
	assert.ok(Number(megabytes) >= Number(exports) + 32);
	const [, pod] = /name: tmp, emptyDir: \{sizeLimit: (\d+)Mi\}/.exec(
		read('deploy/kubernetes/sidecar.yaml'),
	);
	assert.ok(Number(pod) >= Number(exports) + 32);
});

test('n8n has no node that runs code or reaches the machine', () => {
	const [, list] = /NODES_EXCLUDE: >-\n([^\]]*\])/.exec(compose);
	const excluded = JSON.parse(list);
	const known = Object.keys(JSON.parse(read('n8n-nodes/scripts/workflows/known-nodes.json')));
	// A misspelt type excludes nothing.
	for (const type of excluded) assert.ok(known.includes(type), type);
	const dangerous =
		/\.(code|toolCode|function|functionItem|aiTransform|executeCommand|ssh|git|localFileTrigger|(read|write|readWrite)(Binary)?Files?)$/;
	assert.deepEqual(excluded.toSorted(), known.filter((type) => dangerous.test(type)).toSorted());
});

/** The networks that a service is in. */
function networksOf(service) {
	const text = service === 'n8n' ? block('x-n8n', '') : block(service);
	const [, listed] = /^ +networks: \[(.*)\]/m.exec(text) ?? [];
	if (listed) return listed.split(', ');
	const [, indent, mapped] = /^( +)networks:\n((?:\1 +.*\n)+)/m.exec(text);
	return [...mapped.matchAll(new RegExp(`^${indent}  ([\\w-]+):`, 'gm'))].map(([, name]) => name);
}

test('containers that need not reach each other share no network', () => {
	const apart = {
		n8n: ['grafana', 'alertmanager', 'postgres-exporter', 'node-exporter'],
		grafana: ['redis', 'migrate', 'alertmanager', 'postgres-exporter', 'node-exporter'],
		redis: ['caddy', 'alertmanager', 'postgres-exporter', 'node-exporter'],
		alertmanager: ['postgres', 'caddy', 'postgres-exporter', 'node-exporter'],
		'node-exporter': ['postgres', 'caddy'],
		'blackbox-exporter': [
			'postgres',
			'redis',
			'n8n',
			'grafana',
			'alertmanager',
			'postgres-exporter',
			'node-exporter',
		],
	};
	for (const [service, others] of Object.entries(apart)) {
		for (const other of others) {
			const shared = networksOf(service).filter((name) => networksOf(other).includes(name));
			assert.deepEqual(shared, [], `${service} and ${other}`);
		}
	}
});

test('the certificate probe reaches the proxy and Prometheus, each on a network of its own', () => {
	assert.deepEqual(networksOf('blackbox-exporter'), ['probes', 'certificates']);
	for (const [service, network] of [
		['prometheus', 'probes'],
		['caddy', 'certificates'],
	]) {
		const shared = networksOf(service).filter((name) =>
			networksOf('blackbox-exporter').includes(name),
		);
		assert.deepEqual(shared, [network], service);
	}
	assert.equal(compose.match(/^ +networks: \[.*\b(probes|certificates)\b.*\]$/gm).length, 1);
});

test('the certificate probe connects to the proxy and names the domain', () => {
	const config = read('deploy/prometheus/prometheus.yml');
	const [, job] = /job_name: certificates\n([^]*)$/.exec(config);
	assert.match(job, /regex: "\(\.\+\):443", target_label: __param_hostname\}/);
	assert.match(job, /target_label: __param_target, replacement: "caddy:443"\}/);
	// A server name in the module would be that of all domains.
	assert.doesNotMatch(read('deploy/prometheus/blackbox.yml'), /server_name/);
});

test('Prometheus answers Grafana alone, and the API without TLS n8n alone', () => {
	const listens = [...block('prometheus').matchAll(/--web\.listen-address=(\S+)/g)].map(
		([, address]) => address,
	);
	assert.deepEqual(listens, ['127.0.0.1:9090', 'prometheus-meters:9090']);
	assert.match(block('prometheus'), /meters: \{aliases: \[prometheus-meters\]\}/);
	assert.match(
		read('grafana/provisioning/datasources/prometheus.yml'),
		/url: http:\/\/prometheus-meters:9090$/m,
	);
	assert.match(block('caddy'), /api: \{aliases: \[sidecar\]\}/);
	assert.match(read('deploy/Caddyfile'), /^http:\/\/sidecar:8080 \{\n\tbind sidecar$/m);
});

test('the sidecars provision Grafana through the proxy, on a network without it', () => {
	const sidecar = block('x-sidecar', '');
	assert.match(sidecar, /YTEMPIRE_GRAFANA_URL: http:\/\/grafana-admin:3000$/m);
	assert.match(sidecar, /YTEMPIRE_GRAFANA_PASSWORD_FILE: \/run\/secrets\/grafana_password$/m);
	assert.match(sidecar, /secrets: \[.*\bgrafana_password\b.*\]/);
	const [, listed] = /^ +networks: \[(.*)\]/m.exec(sidecar);
	assert.deepEqual(
		listed.split(', ').filter((name) => networksOf('grafana').includes(name)),
		[],
	);
	assert.match(block('caddy'), /proxy: \{aliases: \[grafana-admin\]\}/);
	assert.match(read('deploy/Caddyfile'), /^http:\/\/grafana-admin:3000 \{\n\tbind grafana-admin$/m);
});

test("PostgreSQL's access rules are those that the documentation prescribes", () => {
	const rules = (text) => text.match(/^host .*$/gm);
	const [, documented] = /```\n(# TYPE[^`]*)```/.exec(read('docs/operations/database.md'));
	assert.deepEqual(rules(read('deploy/postgres/pg_hba.conf')), rules(documented));
	assert.match(block('postgres'), /--hba_file=\/etc\/postgresql\/pg_hba\.conf/);
	assert.match(block('postgres'), /source: pg_hba, target: \/etc\/postgresql\/pg_hba\.conf/);
});

test('n8n keeps no execution that succeeded, and a failed one for three days at most', () => {
	for (const settings of [compose, read('deploy/kubernetes/n8n.yaml')]) {
		assert.match(settings, /EXECUTIONS_DATA_SAVE_ON_SUCCESS: none/);
		assert.match(settings, /EXECUTIONS_DATA_SAVE_ON_PROGRESS: "false"/);
		assert.match(settings, /EXECUTIONS_DATA_SAVE_MANUAL_EXECUTIONS: "false"/);
		assert.match(settings, /EXECUTIONS_DATA_PRUNE: "true"/);
		const [, hours] = /EXECUTIONS_DATA_MAX_AGE: "(\d+)"/.exec(settings);
		assert.ok(Number(hours) <= 72, hours);
	}
});

test('PostgreSQL and its backups alone are in the network that leads to S3', () => {
	assert.equal(compose.match(/^ +networks: \[.*\bbackup\b.*\]$/gm).length, 2);
	for (const service of ['postgres', 'backup']) assert.ok(networksOf(service).includes('backup'));
	assert.deepEqual(networksOf('backup'), ['backup']);
	// A stack without backups starts also where mounts are not shared.
	assert.match(compose, /propagation: "\$\{STACK_BACKUP_PROPAGATION:-rprivate\}"/);
	assert.match(compose, /^ {2}backup: \{internal: "\$\{STACK_BACKUP_ISOLATED:-true\}"\}$/m);
});

test('WAL is archived by the program and settings that make the backups', () => {
	for (const service of ['postgres', 'backup']) {
		assert.match(block(service), /image: \$\{COMPOSE_PROJECT_NAME:-ytempire\}-postgres/);
		assert.match(block(service), /backup_drive_pass/);
	}
	assert.match(block('postgres'), /--archive_command=ytempire-pgbackrest archive-push %p/);
	assert.match(block('postgres'), /--archive_timeout=60$/m);
	assert.match(block('backup'), /configs: \[\*backup-script, \*backup-settings\]/);
});

test('a sidecar that stops serves for longer than Caddy takes to notice', () => {
	const caddyfile = read('deploy/Caddyfile');
	const interval = Number(/health_interval (\d+)s/.exec(caddyfile)[1]);
	const fails = Number(/health_fails (\d+)/.exec(caddyfile)[1]);
	const delay = Number(/YTEMPIRE_SHUTDOWN_DELAY_SECONDS: "(\d+)"/.exec(compose)[1]);
	assert.ok(delay > interval * fails, `${delay} s`);
	const grace = Number(/stop_grace_period: (\d+)s/.exec(compose)[1]);
	assert.ok(delay + 20 < grace, `${grace} s`);
});

test('the network of the proxy is none that Docker gives to another', () => {
	const { subnet } = parse(compose, { merge: true, logLevel: 'error' }).networks.proxy.ipam
		.config[0];
	const [, address] = /:-(\d+\.\d+\.\d+\.\d+)\/28\}$/.exec(subnet);
	const blocked = new BlockList();
	// Docker's default address pools (moby/moby, daemon/libnetwork/ipamutils/utils.go).
	blocked.addSubnet('172.16.0.0', 12);
	blocked.addSubnet('192.168.0.0', 16);
	assert.equal(blocked.check(address), false, address);
});

test('the proxy and Prometheus know every sidecar, with a standby too', () => {
	const base = parse(compose, { merge: true, logLevel: 'error' }).services;
	const overlay = parse(read('deploy/standby/compose.yml'), {
		merge: true,
		logLevel: 'error',
	}).services;
	const sidecars = (services) => Object.keys(services).filter((name) => /^sidecar-/.test(name));
	for (const services of [base, overlay])
		for (const name of ['caddy', 'prometheus'])
			assert.deepEqual(
				services[name].environment.STACK_SIDECARS.split(' '),
				sidecars(services).map((sidecar) => `${sidecar}:8080`),
				name,
			);
	assert.match(read('deploy/Caddyfile'), /reverse_proxy \{\$STACK_SIDECARS\} \{/);
	assert.match(
		read('deploy/prometheus/prometheus.yml'),
		/job_name: sidecar\n {4}file_sd_configs: \[\{files: \[\/tmp\/sidecars\.json\]\}\]/,
	);
	// What Prometheus' start writes.
	const [, script] = /^( +list=\n[^]*?)\n +exec \/bin\/prometheus/m.exec(block('prometheus'));
	const { stdout } = spawnSync(
		'sh',
		['-c', script.replaceAll('$$', '$').replace('>/tmp/sidecars.json', '')],
		{
			env: { PATH: process.env.PATH, STACK_SIDECARS: 'one:8080 two:8080 three:8080' },
			encoding: 'utf8',
		},
	);
	assert.deepEqual(JSON.parse(stdout), [{ targets: ['one:9464', 'two:9464', 'three:9464'] }]);
});

test('with a standby, everybody asks the proxy of the databases', () => {
	const overlay = parse(read('deploy/standby/compose.yml'), { merge: true, logLevel: 'error' });
	const base = parse(compose, { merge: true, logLevel: 'error' });
	for (const [name, { environment = {} }] of Object.entries(base.services))
		for (const [setting, value] of Object.entries(environment))
			if (/\bpostgres:5432|^postgres$/.test(value) && /URL|HOST|URI|ADDRESS/.test(setting))
				assert.match(
					overlay.services[name].environment[setting],
					/\bdatabase\b/,
					`${name}: ${setting}`,
				);
	// Without the overlay nothing waits for a standby, whatever a cluster that had one is set to; with it, its start takes the line away.
	assert.match(block('postgres'), /^ +- --synchronous_standby_names=$/m);
	assert.match(
		read('deploy/standby/standby.sh'),
		/= --synchronous_standby_names=\* \]\] \|\| words\+=/,
	);
	// Nor does a restored one while what ended since is ended in it again.
	assert.match(
		read('deploy/backup/backup.sh'),
		/pg_ctl .* start [^;]*-c synchronous_standby_names= /,
	);
	// A standby that is yet to be copied holds up no commit: they wait for it once it streams, and before anything is migrated.
	const { replication, synchronous, migrate } = overlay.services;
	assert.deepEqual([replication.command, synchronous.command], [['prepare'], ['wait-for']]);
	assert.equal(synchronous.depends_on['postgres-standby'].condition, 'service_healthy');
	assert.equal(migrate.depends_on.synchronous.condition, 'service_completed_successfully');
	assert.match(
		read('deploy/standby/standby.sh'),
		/pg_basebackup --dbname="\$primary application_name=copy /,
	);
	// A start of a session, with its length.
	const haproxy = read('deploy/standby/haproxy.cfg');
	const isPrimary = new RegExp(/expect rbinary (\S+)$/m.exec(haproxy)[1]);
	const says = (type, ...fields) =>
		isPrimary.test(
			Buffer.from(`${type}\0\0\0\x50${fields.map((field) => `${field}\0`).join('')}\0`, 'latin1')
				.toString('hex')
				.toUpperCase(),
		);
	const error = (code, text) => says('E', 'SFATAL', 'VFATAL', `C${code}`, `M${text}`);
	assert.ok(says('R', '\0\0\0\x0aSCRAM-SHA-256'));
	assert.ok(error('53300', 'sorry, too many clients already'), 'a full primary is one');
	assert.ok(!error('57P03', 'the database system is not accepting connections'));
	assert.ok(!error('57P03', 'the database system is starting up'));
	const [, hex] = /send-binary ([0-9a-f]+)/.exec(haproxy);
	const message = Buffer.from(hex, 'hex');
	assert.equal(message.readUInt32BE(0), message.length);
	assert.equal(message.subarray(8).toString(), 'user\0n8n\0database\0n8n\0\0');
});
