#!/usr/bin/env node
// ./ytempire logs: the lines of all parts that belong to one execution of n8n or one request, in order.
import { spawn, spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const USAGE = `./ytempire logs --execution ID [--since 24h]
./ytempire logs --request ID [--since 24h]
    What n8n, the proxy, the sidecars and PostgreSQL logged of one execution of n8n, or of one request`;

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Whether a line of a part is of the execution or request; by part. */
export function matchers({ execution, request }) {
	if (execution) {
		const id = escape(execution);
		return {
			n8n: new RegExp(`"executionId":"${id}"`),
			caddy: new RegExp(`"X-N8n-Execution-Id":\\["${id}"\\]`, 'i'),
			sidecar: new RegExp(`"executionId":"${id}"`),
			// A customer's login names its application as it likes.
			postgres: new RegExp(`\\] ytempire_\\w+ ytempire r=\\w+ e=${id}(?![\\w-])`),
		};
	}
	const id = escape(request);
	return {
		n8n: /(?!)/,
		caddy: /(?!)/,
		sidecar: new RegExp(`"requestId":"${id}"`),
		postgres: new RegExp(`\\] ytempire_\\w+ ytempire r=${id}(?![\\w-])`),
	};
}

const PARTS = {
	n8n: 'n8n',
	'n8n-worker': 'n8n',
	caddy: 'caddy',
	'sidecar-a': 'sidecar',
	'sidecar-b': 'sidecar',
	postgres: 'postgres',
};

/** Services that an overlay adds to those of compose.yml, each with its kind. */
export function partsOf(services) {
	const added = services
		.map((service) => [
			service,
			/^sidecar-/.test(service)
				? 'sidecar'
				: /^postgres-standby$/.test(service)
					? 'postgres'
					: null,
		])
		.filter(([, kind]) => kind);
	return { ...PARTS, ...Object.fromEntries(added) };
}

/** The moment of a line, in milliseconds; Docker's own where it wrote one before the line. */
function momentOf(line) {
	const found =
		/^(\d{4}-\d\d-\d\dT[\d:.]+Z) /.exec(line)?.[1] ?? /"@timestamp":"([^"]+)"/.exec(line)?.[1];
	return found ? Date.parse(found) : NaN;
}

/**
 * The matching lines of all parts, by time.
 *
 * lines: an async iterable of the lines of a service; wanted: of {@link matchers}; since: lines
 * before this moment, in milliseconds, are left out; parts: the kinds of the services, by name.
 */
export async function collect(lines, wanted, since = 0, parts = PARTS) {
	const found = [];
	await Promise.all(
		Object.entries(parts).map(async ([service, kind]) => {
			let isOfMatch = false;
			let last = 0;
			for await (const line of lines(service, kind)) {
				const text = line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /, '');
				// The further lines of a statement have no beginning of their own.
				isOfMatch = /^\t/.test(text) ? isOfMatch : wanted[kind].test(text);
				if (!isOfMatch) continue;
				const moment = momentOf(line);
				if (moment < since) {
					isOfMatch = false;
					continue;
				}
				if (!Number.isNaN(moment)) last = moment;
				found.push({ moment: last, order: found.length, service, text });
			}
		}),
	);
	return found.sort((one, other) => one.moment - other.moment || one.order - other.order);
}

/** The options of the command line; throws with what is wrong. */
export function options(words) {
	const given = {};
	for (let index = 0; index < words.length; index += 2) {
		const [name, value] = [words[index], words[index + 1]];
		if (!['--execution', '--request', '--since'].includes(name) || value === undefined)
			throw new Error(
				`logs takes --execution ID or --request ID, and --since such as 24h, not '${name}'.\n${USAGE}`,
			);
		given[name.slice(2)] = value;
	}
	if (Boolean(given.execution) === Boolean(given.request))
		throw new Error(`logs takes --execution ID or --request ID.\n${USAGE}`);
	for (const id of [given.execution, given.request])
		if (id !== undefined && !/^[A-Za-z0-9_-]{1,100}$/.test(id))
			throw new Error(`'${id}' is no identifier.`);
	if (given.since !== undefined && !/^\d+[smh]$/.test(given.since))
		throw new Error(`--since is a duration such as 90m or 24h, not '${given.since}'.`);
	return { since: '24h', ...given };
}

/** Milliseconds of each unit of --since. */
const UNITS = { s: 1_000, m: 60_000, h: 3_600_000 };

/** The arguments of docker compose that print what a service logged. */
function dockerCommand(service, kind, id, since) {
	if (kind !== 'sidecar')
		return ['logs', '--no-color', '--no-log-prefix', '--timestamps', '--since', since, service];
	// Its file has the identifiers; its console is for people. grep's status 1: no line is of it.
	const script = `cd logs || exit 2
for file in sidecar.*.log.gz sidecar.log; do [ ! -e "$file" ] || zcat -f "$file" || exit 2; done | grep -F -e "$0" || [ $? -eq 1 ]`;
	return ['exec', '-T', service, 'sh', '-c', script, id];
}

/** The lines that a command prints; throws with what it said when it fails. */
async function* linesOf(command, args, cwd) {
	const run = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
	let complaint = '';
	run.stderr
		.setEncoding('utf8')
		.on('data', (text) => (complaint = (complaint + text).slice(-2000)));
	const end = new Promise((resolve) => {
		run.once('error', (error) => resolve(`${command} did not start (${error.code})`));
		run.once('close', (status, signal) =>
			resolve(
				status === 0 ? null : complaint.trim() || `${command} ended with ${status ?? signal}`,
			),
		);
	});
	yield* createInterface({ input: run.stdout, crlfDelay: Infinity });
	const fault = await end;
	if (fault) throw new Error(fault);
}

async function main(words) {
	const root = realpathSync(new URL('..', import.meta.url).pathname);
	const given = options(words);
	const id = given.execution ?? given.request;
	const faults = [];
	const lines = async function* (service, kind) {
		const command = dockerCommand(service, kind, id, given.since);
		try {
			yield* linesOf('docker', ['compose', '--project-directory', root, ...command], root);
		} catch (error) {
			faults.push(`${service}: ${error.message}`);
		}
	};
	const since = Date.now() - Number.parseInt(given.since, 10) * UNITS[given.since.at(-1)];
	const { stdout } = spawnSync(
		'docker',
		['compose', '--project-directory', root, 'config', '--services'],
		{ cwd: root, encoding: 'utf8' },
	);
	const parts = partsOf((stdout ?? '').split('\n'));
	const found = await collect(lines, matchers(given), since, parts);
	for (const { moment, service, text } of found)
		console.log(`${new Date(moment).toISOString()} ${service.padEnd(10)} ${text}`);
	for (const fault of faults) console.error(`ytempire: cannot read the log of ${fault}`);
	if (faults.length) return 2;
	if (!found.length) {
		console.error(`ytempire: no part logged anything of ${id} within ${given.since}.`);
		return 1;
	}
	return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	try {
		process.exitCode = await main(process.argv.slice(2));
	} catch (error) {
		console.error(`ytempire: ${error.message}`);
		process.exitCode = 2;
	}
}
