// The machine and its Docker engine, as setup sees them; tests put another one in its place.
import { spawnSync } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { statSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';

/** Whether nothing listens at a port. */
export function isPortFree(port, host) {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', (error) => {
			if (error.code === 'EADDRINUSE') resolve(false);
			// Below 1024 only root may ask; Docker is root.
			else if (error.code === 'EACCES') resolve(true);
			else reject(error);
		});
		server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
	});
}

/** Servers that are reachable where the stack can work at all: it calls the first ones. */
const CLOCKS = [
	'https://oauth2.googleapis.com/',
	'https://www.googleapis.com/',
	'https://acme-v02.api.letsencrypt.org/',
];

/** Seconds by which the clock is ahead of the Date that servers write into their answers; null when none answers, or they disagree. */
export async function clockOffset(addresses, { now = Date.now, patience = 5000 } = {}) {
	const offsets = await Promise.all(
		addresses.map(async (address) => {
			const began = now();
			try {
				const answer = await fetch(address, {
					method: 'HEAD',
					redirect: 'manual',
					signal: AbortSignal.timeout(patience),
				});
				const date = Date.parse(answer.headers.get('date') ?? '');
				// It was written between question and answer, to a second.
				return Number.isNaN(date) ? null : ((began + now()) / 2 - date) / 1000;
			} catch {
				return null;
			}
		}),
	);
	const known = offsets.filter((offset) => offset !== null).toSorted((one, other) => one - other);
	if (!known.length || known.at(-1) - known[0] > CLOCK_TOLERANCE) return null;
	return known[Math.floor(known.length / 2)];
}

/** Seconds. Google's signatures and ours hold for minutes; a Pacific day's end is exact to less. */
const CLOCK_TOLERANCE = 60;

/** What is wrong with the clock, a sentence each; and, to be said, that it could not be asked. */
export async function checkClock(machine) {
	const offset = await machine.clockOffset();
	if (offset === null)
		return {
			faults: [],
			remark:
				'The clock was not checked: no server on the Internet answered with its time. timedatectl says whether something keeps it.',
		};
	if (Math.abs(offset) <= CLOCK_TOLERANCE) return { faults: [], remark: null };
	const minutes = Math.round(Math.abs(offset) / 60);
	return {
		faults: [
			`The clock is ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} ${offset > 0 ? 'ahead of' : 'behind'} the servers of Google: quota days, tokens and certificates depend on it. Set it, and let chrony or systemd-timesyncd keep it (timedatectl).`,
		],
		remark: null,
	};
}

export function realMachine(root) {
	return {
		totalMemory: totalmem(),
		isPortFree,
		/** Bytes free for and size of the file system of a folder; null when it cannot be seen from here. */
		disk(folder) {
			try {
				const found = statfsSync(folder);
				return { free: found.bavail * found.bsize, size: found.blocks * found.bsize };
			} catch {
				return null;
			}
		},
		/** Whether something is mounted at a folder; null when there is no such folder. */
		isMounted(folder) {
			try {
				return statSync(folder).dev !== statSync(dirname(folder)).dev;
			} catch {
				return null;
			}
		},
		/** Seconds by which the clock is ahead of others' clocks; null when none answers, or they disagree. */
		clockOffset: () => clockOffset(CLOCKS),
		/** The addresses of a domain; empty when it has none. */
		async resolve(domain) {
			try {
				return (await lookup(domain, { all: true })).map((found) => found.address);
			} catch {
				return [];
			}
		},
		/** Runs docker; returns its status and output. With show, people see the output instead. */
		docker(words, { show = false } = {}) {
			const run = spawnSync('docker', words, {
				cwd: root,
				encoding: 'utf8',
				stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
				maxBuffer: 64 * 2 ** 20,
			});
			if (run.error?.code === 'ENOENT')
				return { status: 127, stdout: '', stderr: 'docker is not installed' };
			return { status: run.status ?? 1, stdout: run.stdout ?? '', stderr: run.stderr ?? '' };
		},
	};
}

const isOlder = (version, least) => {
	const numbers = (text) => text.replace(/^v/, '').split(/[.+-]/).map(Number);
	const [found, wanted] = [numbers(version), numbers(least)];
	for (const index of wanted.keys()) {
		if ((found[index] || 0) !== wanted[index]) return (found[index] || 0) < wanted[index];
	}
	return false;
};

// start_interval of health checks; additional_contexts and one-shot services under up --wait.
const LEAST_ENGINE = '25.0';
const LEAST_COMPOSE = '2.26';

/** What is wrong with the Docker engine, a sentence each. */
export function checkEngine(machine) {
	const engine = machine.docker(['version', '--format', '{{.Server.Version}}']);
	if (engine.status !== 0) {
		return [
			engine.status === 127
				? 'Docker is not installed: install Docker Engine with the Compose plugin (https://docs.docker.com/engine/install/).'
				: `The Docker engine does not answer: ${engine.stderr.trim().split('\n').at(-1)}. Start it, or run this as a user who may use it.`,
		];
	}
	const compose = machine.docker(['compose', 'version', '--short']);
	if (compose.status !== 0) return ['Docker has no Compose plugin: install docker-compose-plugin.'];
	const faults = [];
	if (isOlder(engine.stdout.trim(), LEAST_ENGINE)) {
		faults.push(`Docker Engine is ${engine.stdout.trim()}; this needs ${LEAST_ENGINE} or newer.`);
	}
	if (isOlder(compose.stdout.trim(), LEAST_COMPOSE)) {
		faults.push(
			`Docker Compose is ${compose.stdout.trim()}; this needs ${LEAST_COMPOSE} or newer.`,
		);
	}
	return faults;
}

const gigabytes = (bytes) => (bytes / 2 ** 30).toFixed(1);

/** Bytes of a size as Compose writes it. */
const bytesOf = (size) => Number.parseInt(size, 10) * 2 ** (size.endsWith('g') ? 30 : 20);

/** The limit of the proxy in front of a primary and its standby, as deploy/standby/compose.yml has it. */
const STANDBY_PROXY_MEMORY = '256m';

/** The memory limits of the services that run, by the setting and its default in compose.yml; n8n's workers count each. */
export function memoryOf(values) {
	const profiles = (values.COMPOSE_PROFILES ?? '').split(',');
	const hasStandby = (values.COMPOSE_FILE ?? '').includes('deploy/standby/compose.yml');
	const parts = [
		['STACK_POSTGRES_MEMORY', '2g', hasStandby ? 2 : 1],
		['STACK_REDIS_MEMORY', '512m', 1],
		['STACK_SIDECAR_MEMORY', '1g', hasStandby ? 3 : 2],
		['STACK_N8N_MEMORY', '1536m', 1],
		['STACK_GRAFANA_MEMORY', '512m', 1],
		['STACK_CADDY_MEMORY', '256m', 1],
		[
			'STACK_WORKER_MEMORY',
			'1280m',
			profiles.includes('queue') ? Number(values.STACK_WORKERS ?? 2) : 0,
		],
		['STACK_PROMETHEUS_MEMORY', '1g', profiles.includes('monitoring') ? 1 : 0],
		['STACK_BACKUP_MEMORY', '1g', profiles.includes('backup') ? 1 : 0],
	];
	return parts.reduce(
		(sum, [name, fallback, count]) => sum + count * bytesOf(values[name] ?? fallback),
		hasStandby ? bytesOf(STANDBY_PROXY_MEMORY) : 0,
	);
}

/** What is wrong with the drive of the backups, a sentence each. */
export function checkDrive(machine, folder) {
	const drive = join(folder, 'drive');
	const isMounted = machine.isMounted(drive);
	if (isMounted) return [];
	return [
		isMounted === null
			? `There is no folder ${drive}: make it and mount the backup drive there.`
			: `No drive is mounted at ${drive}: backups on the disk of the database are lost with it. Mount the backup drive there.`,
	];
}

const FIRST_START_BYTES = 10 * 2 ** 30;

/** What the machine lacks, a sentence each. isRunning: the stack's own ports are taken by itself, and its images are there. */
export async function checkMachine(machine, values, { isRunning }) {
	const faults = [];
	const folder = machine.docker(['info', '--format', '{{.DockerRootDir}}']).stdout.trim();
	const disk = machine.disk(folder);
	if (disk) {
		const used = Math.floor(100 * (1 - disk.free / disk.size));
		if (used >= 95) {
			faults.push(
				`The disk of ${folder}, where Docker keeps the data, is ${used} % full (${gigabytes(disk.free)} of ${gigabytes(disk.size)} GB are free). PostgreSQL stops when it is full: free some, or move Docker's data-root.`,
			);
		} else if (!isRunning && disk.free < FIRST_START_BYTES) {
			faults.push(
				`The disk of ${folder} has ${gigabytes(disk.free)} GB free; the images and a first month need ${gigabytes(FIRST_START_BYTES)} GB.`,
			);
		}
	}
	const needed = memoryOf(values);
	if (needed > machine.totalMemory) {
		faults.push(
			`The memory limits add up to ${gigabytes(needed)} GB, and the machine has ${gigabytes(machine.totalMemory)} GB. Lower STACK_POSTGRES_MEMORY or another of the limits that docs/operations/production.md lists.`,
		);
	}
	if (!isRunning) {
		for (const [name, fallback, host, what] of [
			['STACK_HTTP_PORT', 80, '0.0.0.0', 'the proxy'],
			['STACK_HTTPS_PORT', 443, '0.0.0.0', 'the proxy'],
			['STACK_N8N_PORT', 5678, '127.0.0.1', 'n8n'],
		]) {
			const port = Number(values[name] ?? fallback);
			if (!(await machine.isPortFree(port, host))) {
				faults.push(
					`Port ${port}, which ${what} needs, is taken by another program. Stop it, or set ${name} to another port.`,
				);
			}
		}
	}
	if (values.STACK_TLS !== 'internal') {
		for (const name of ['STACK_API_DOMAIN', 'STACK_DASHBOARDS_DOMAIN']) {
			if (!(await machine.resolve(values[name])).length) {
				faults.push(
					`${values[name]} (${name}) is not in the DNS, so Let's Encrypt gives it no certificate. Add a record for this machine; or set STACK_TLS=internal for a trial.`,
				);
			}
		}
	}
	return faults;
}
