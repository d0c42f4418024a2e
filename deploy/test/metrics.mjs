// The names of the metrics that Prometheus gets, for the tests of the alert rules and of the operators' dashboard.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;

/** Those of Prometheus itself, and of the exporters and n8n in deploy/prometheus/prometheus.yml, as far as rules and panels use them. */
const EXPORTED = [
	'up',
	'pg_up',
	'pg_stat_database_numbackends',
	'pg_settings_max_connections',
	'pg_stat_archiver_last_archive_age',
	'pg_stat_archiver_failed_count',
	'pg_wal_size_bytes',
	'n8n_workflow_started_total',
	'n8n_workflow_failed_total',
	'n8n_scaling_mode_queue_jobs_waiting',
	'node_filesystem_avail_bytes',
	'node_filesystem_size_bytes',
	'node_memory_MemAvailable_bytes',
	'node_memory_MemTotal_bytes',
	'node_vmstat_oom_kill',
	'node_timex_offset_seconds',
	'node_timex_sync_status',
	'probe_ssl_earliest_cert_expiry',
	'probe_success',
];

/** All metrics: the exporters', those that backup.sh writes, and the sidecar's as Micrometer names them, by how its source registers them. */
export function publishedMetrics() {
	const folder = join(root, 'sidecar/service/src/main/java');
	const source = readdirSync(folder, { recursive: true })
		.filter((file) => file.endsWith('.java'))
		.map((file) => readFileSync(join(folder, file), 'utf8'))
		.join('\n');
	const names = (pattern) =>
		[...source.matchAll(pattern)].map(([, name]) => name.replaceAll('.', '_'));
	const timers = names(/Timer\.builder\(\s*"(ytempire\.[a-z.]+)"/g);
	const histograms = names(
		/Timer\.builder\(\s*"(ytempire\.[a-z.]+)"\)[^;]*\.serviceLevelObjectives\(/g,
	);
	const counters = names(/(?:Counter\.builder|registry\.counter)\(\s*"(ytempire\.[a-z.]+)"/g);
	const gauges = names(/(?:Gauge\.builder|\.gauge)\(\s*"(ytempire\.[a-z.]+[a-z])"/g);
	const quota = /"ytempire\.quota\." \+ meter/.test(source)
		? [...source.matchAll(/"(\w+)", BucketStatus::\1/g)].map(([, unit]) => `ytempire_quota_${unit}`)
		: [];
	const read = (file) => readFileSync(join(root, file), 'utf8');
	const script = read('deploy/backup/backup.sh');
	return new Set([
		...EXPORTED,
		...timers.flatMap((name) => [
			`${name}_seconds_count`,
			`${name}_seconds_sum`,
			`${name}_seconds_max`,
		]),
		...histograms.map((name) => `${name}_seconds_bucket`),
		...counters.map((name) => `${name}_total`),
		...gauges,
		...quota,
		...[...read('deploy/postgres/priorities.sh').matchAll(/# TYPE (\w+) (?:gauge|counter)/g)].map(
			([, name]) => name,
		),
		...[...script.matchAll(/^# TYPE (\w+) gauge$/gm)].map(([, name]) => name),
	]);
}

/** The names of metrics in an expression: what is no function, keyword, label, text or recording rule. */
export const metricsOf = (expression) =>
	[
		...expression
			.replaceAll(/"[^"]*"/g, '')
			.replaceAll(/\{[^}]*\}/g, '')
			.replaceAll(/\w+(?::\w+)+/g, '')
			.replaceAll(/\b(?:by|without|on|ignoring)\s*\([^)]*\)/g, '')
			.matchAll(/\b([a-z_][a-zA-Z0-9_]*)\b(?!\s*\()/g),
	]
		.map(([, name]) => name)
		.filter((name) => /_|^up$/.test(name));
