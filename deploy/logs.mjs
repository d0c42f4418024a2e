#!/usr/bin/env node
// ./ytempire logs: the lines of all parts that belong to one execution of n8n or one request, in order.
import { spawn } from 'node:child_process';
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

/** The moment of a line, in milliseconds; Docker's own where it wrote one before the line. */
function momentOf(line) {
	const found =
		/^(\d{4}-\d\d-\d\dT[\d:.]+Z) /.exec(line)?.[1] ?? /"@timestamp":"([^"]+)"/.exec(line)?.[1];
	return found ? Date.parse(found) : NaN;
}

/**
 * The matching lines of all parts, by time.
 *
 * lines: an async iterable of the lines of a service; wanted: of {@link matchers}.
 */
export async function collect(lines, wanted) {
	const found = [];
	await Promise.all(
		Object.entries(PARTS).map(async ([service, kind]) => {
			let isOfMatch = false;
			let last = 0;
			for await (const line of lines(service, kind)) {
				const text = line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /, '');
				// The further lines of a statement have no beginning of their own.
				isOfMatch = /^\t/.test(text) ? isOfMatch : wanted[kind].test(text);
				if (!isOfMatch) continue;
				const moment = momentOf(line);
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

async function main(words) {
	const root = realpathSync(new URL('..', import.meta.url).pathname);
	const given = options(words);
	const id = given.execution ?? given.request;
	const lines = (service, kind) => {
		const docker =
			kind === 'sidecar'
				? // Its file has the identifiers; its console is for people.
					[
						'exec',
						'-T',
						service,
						'sh',
						'-c',
						'cd logs && for file in sidecar.*.log.gz sidecar.log; do [ ! -e "$file" ] || zcat -f "$file"; done | grep -F "$0"',
						id,
					]
				: [
						'logs',
						'--no-color',
						'--no-log-prefix',
						'--timestamps',
						'--since',
						given.since,
						service,
					];
		const run = spawn('docker', ['compose', '--project-directory', root, ...docker], {
			cwd: root,
			stdio: ['ignore', 'pipe', 'ignore'],
		});
		return createInterface({ input: run.stdout, crlfDelay: Infinity });
	};
	const found = await collect(lines, matchers(given));
	for (const { moment, service, text } of found)
		console.log(`${new Date(moment).toISOString()} ${service.padEnd(10)} ${text}`);
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
