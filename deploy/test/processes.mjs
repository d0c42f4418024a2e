// Programs that a test starts as processes, all in one folder, and a real n8n among them.
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { until } from './engine.mjs';

/** The newest PostgreSQL of Debian's packages; undefined when there is none. */
export function postgresBinaries() {
	const folder = '/usr/lib/postgresql';
	if (!existsSync(folder)) return undefined;
	return readdirSync(folder)
		.filter((name) => /^\d+$/.test(name) && existsSync(join(folder, name, 'bin/postgres')))
		.sort((one, other) => Number(other) - Number(one))
		.map((name) => join(folder, name, 'bin'))[0];
}

/** Free ports, each of another number. */
export async function freePorts(count) {
	const servers = await Promise.all(
		Array.from(
			{ length: count },
			() =>
				new Promise((resolve) => {
					const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
				}),
		),
	);
	const ports = servers.map((server) => server.address().port);
	await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
	return ports;
}

/** Whether an address answers 200. */
export async function answers(url) {
	try {
		return (await fetch(url)).status === 200;
	} catch {
		return false;
	}
}

/** Processes by name, which end with the test. PostgreSQL's run as its user, for whom the folder is. */
export class Processes {
	#running = new Map();

	constructor(home) {
		const id = (word) =>
			Number(
				spawnSync('id', [word, 'postgres'], {
					encoding: 'utf8',
				}).stdout.trim() || 65534,
			);
		Object.assign(this, { home, uid: id('-u'), gid: id('-g') });
		chownSync(home, this.uid, this.gid);
	}

	folder(name) {
		const path = join(this.home, name);
		mkdirSync(path, { recursive: true });
		chownSync(path, this.uid, this.gid);
		return path;
	}

	#options({ environment = {}, asPostgres = false } = {}) {
		return {
			cwd: this.home,
			env: {
				PATH: process.env.PATH,
				HOME: this.home,
				LANG: 'C.UTF-8',
				...environment,
			},
			...(asPostgres ? { uid: this.uid, gid: this.gid } : {}),
		};
	}

	start(name, command, words, options) {
		const log = openSync(join(this.home, `${name}.log`), 'a');
		const child = spawn(command, words, {
			...this.#options(options),
			stdio: ['ignore', log, log],
		});
		this.#running.set(name, child);
		return child;
	}

	/** Runs a command to its end; returns what it printed. */
	must(command, words, options) {
		const done = spawnSync(command, words, {
			...this.#options(options),
			encoding: 'utf8',
			input: options?.input,
			maxBuffer: 256 * 2 ** 20,
		});
		if (done.status !== 0)
			throw new Error(
				`${command} ${words.join(' ')}: ${done.error ?? ''}${done.stdout}${done.stderr}`,
			);
		return done.stdout.trim();
	}

	/**
	 * Makes a cluster in `data` and starts its PostgreSQL, which listens on a port and a socket in the folder; returns when it takes sessions.
	 *
	 * @param settings more of its settings, as `name=value`
	 */
	async startPostgresServer(port, settings, asPostgres) {
		this.must(
			'initdb',
			['--username=postgres', '--encoding=UTF8', '--locale=C.UTF-8', '--auth=trust'],
			asPostgres,
		);
		const child = this.start(
			'postgres',
			'postgres',
			[`port=${port}`, `unix_socket_directories=${this.home}`, 'fsync=off', ...settings].map(
				(setting) => `-c${setting}`,
			),
			asPostgres,
		);
		await until(
			() =>
				spawnSync(join(postgresBinaries(), 'pg_isready'), ['-qh', this.home, '-p', String(port)])
					.status === 0,
			60,
			() => this.log('postgres'),
		);
		return child;
	}

	isRunning(name) {
		const child = this.#running.get(name);
		return child !== undefined && child.exitCode === null && child.signalCode === null;
	}

	/** Ends a process and waits for it. */
	async kill(name, signal = 'SIGKILL') {
		if (!this.isRunning(name)) return;
		const child = this.#running.get(name);
		const ended = new Promise((resolve) => child.once('exit', resolve));
		child.kill(signal);
		await ended;
	}

	/** The end of what a process printed. */
	log(name) {
		const file = join(this.home, `${name}.log`);
		return existsSync(file) ? readFileSync(file, 'utf8').slice(-1500) : '';
	}

	async end() {
		for (const name of [...this.#running.keys()].toReversed()) await this.kill(name);
	}
}

const OWNER = { email: 'owner@example.com', password: 'Ytempire-demo-1' };

/** A real n8n of a folder in which npm installed it. */
export class N8n {
	#cookie = '';

	/**
	 * @param environment its database, and what else a test wants of it
	 */
	constructor(processes, folder, { port, broker, environment }) {
		this.processes = processes;
		this.program = join(folder, 'node_modules/n8n/bin/n8n');
		this.address = `http://127.0.0.1:${port}`;
		this.environment = {
			N8N_USER_FOLDER: processes.folder('n8n'),
			N8N_PORT: String(port),
			N8N_LISTEN_ADDRESS: '127.0.0.1',
			N8N_RUNNERS_BROKER_PORT: String(broker),
			N8N_ENCRYPTION_KEY: 'a-key-of-the-test',
			N8N_SECURE_COOKIE: 'false',
			N8N_DIAGNOSTICS_ENABLED: 'false',
			N8N_DISABLED_MODULES: 'mcp-registry,mcp,instance-ai,agents,chat-hub,workflow-builder',
			...environment,
		};
	}

	start() {
		this.processes.start('n8n', process.execPath, [this.program, 'start'], {
			environment: this.environment,
		});
	}

	/** A worker of queue mode. */
	startWorker(port, broker) {
		this.processes.start(
			'n8n-worker',
			process.execPath,
			[this.program, 'worker', '--concurrency=1'],
			{
				environment: {
					...this.environment,
					N8N_USER_FOLDER: this.processes.folder('n8n-worker'),
					N8N_RUNNERS_BROKER_PORT: String(broker),
					QUEUE_HEALTH_CHECK_ACTIVE: 'true',
					QUEUE_HEALTH_CHECK_PORT: String(port),
				},
			},
		);
	}

	/** Waits until it answers, and signs in; a new one gets its owner. */
	async enter({ isNew }) {
		await until(
			() => {
				if (!this.processes.isRunning('n8n'))
					throw new Error(`n8n ended: ${this.processes.log('n8n')}`);
				return answers(`${this.address}/healthz/readiness`);
			},
			300,
			() => `n8n does not answer: ${this.processes.log('n8n')}`,
		);
		let refusal;
		await until(
			() =>
				(isNew
					? this.rest('/owner/setup', {
							...OWNER,
							firstName: 'O',
							lastName: 'O',
						})
					: this.rest('/login', {
							emailOrLdapLoginId: OWNER.email,
							password: OWNER.password,
						})
				).catch((error) => {
					refusal = error;
					return null;
				}),
			60,
			() => `nobody can sign in: ${refusal?.message}`,
		);
	}

	/** Asks the API of n8n's own editor. */
	async rest(path, body) {
		const response = await fetch(`${this.address}/rest${path}`, {
			method: body ? 'POST' : 'GET',
			headers: {
				'content-type': 'application/json',
				cookie: this.#cookie,
				'browser-id': 'test',
			},
			body: body && JSON.stringify(body),
		});
		const text = await response.text();
		if (!response.ok) throw new Error(`${path}: ${response.status} ${text.slice(0, 300)}`);
		this.#cookie =
			response.headers.getSetCookie().map((one) => one.split(';')[0])[0] ?? this.#cookie;
		return JSON.parse(text).data;
	}

	/** A workflow of a manual trigger and one node behind it; returns its id. */
	async createWorkflow(node) {
		const { id } = await this.rest('/workflows', {
			name: 'w',
			nodes: [
				{
					id: '1',
					name: 'Start',
					type: 'n8n-nodes-base.manualTrigger',
					typeVersion: 1,
					position: [0, 0],
					parameters: {},
				},
				{ id: '2', name: 'Node', position: [200, 0], parameters: {}, ...node },
			],
			connections: {
				Start: { main: [[{ node: 'Node', type: 'main', index: 0 }]] },
			},
			settings: {},
		});
		return id;
	}

	/** Runs a workflow as its button does; returns the execution's id. */
	async run(id) {
		const workflowData = await this.rest(`/workflows/${id}`);
		const { executionId } = await this.rest(`/workflows/${id}/run`, {
			workflowData,
			startNodes: [],
			triggerToStartFrom: { name: 'Start' },
		});
		return executionId;
	}
}
