#!/usr/bin/env node
// ./ytempire test --n8n-upgrade: n8n upgraded as docs/operations/upgrades.md says, and back: two real versions on a real PostgreSQL, and
// deploy/postgres/n8n.sh. Workflows, credentials and executions are there after each step, and the workflows still run.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { claims, conclude } from './claims.mjs';
import { until } from './engine.mjs';
import { N8n, Processes, freePorts, postgresBinaries } from './processes.mjs';

const root = realpathSync(new URL('../..', import.meta.url).pathname);
const newer = join(root, '.ytempire/n8n');
const made = claims();
const { claim } = made;

const versionOf = (folder) =>
	JSON.parse(readFileSync(join(folder, 'node_modules/n8n/package.json'), 'utf8')).version;

/** The older n8n, installed once, with the same packages left out as the project's. */
function install(version) {
	const folder = join(root, `.ytempire/n8n-${version}`);
	try {
		if (versionOf(folder) === version) return folder;
	} catch {
		// Not there yet, or not whole.
	}
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	const description = JSON.parse(
		readFileSync(join(root, 'sidecar/platform/n8n/package.json'), 'utf8'),
	);
	description.dependencies.n8n = version;
	writeFileSync(join(folder, 'package.json'), JSON.stringify(description));
	console.log(`Installing n8n ${version} (about 1.1 GB, once) ...`);
	const done = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
		cwd: folder,
		encoding: 'utf8',
	});
	if (done.status !== 0) throw new Error(`npm cannot install n8n ${version}: ${done.stderr}`);
	return folder;
}

/** A PostgreSQL with n8n's database, and one n8n at a time. */
class Place {
	constructor(home) {
		this.processes = new Processes(home);
	}

	async start() {
		[this.postgres, this.port, this.broker] = await freePorts(3);
		const { home } = this.processes;
		this.asPostgres = {
			asPostgres: true,
			environment: {
				PATH: `${postgresBinaries()}:${process.env.PATH}`,
				PGDATA: join(home, 'data'),
				PGHOST: home,
				PGPORT: String(this.postgres),
				PGUSER: 'postgres',
			},
		};
		await this.processes.startPostgresServer(this.postgres, [], this.asPostgres);
		// As the migration leaves it: a customer's login must not get in.
		this.sql("create role n8n login password 'n8n'");
		this.sql('create database n8n owner n8n');
		this.sql('create role exporter login');
		this.sql('revoke all on database n8n from public; grant connect on database n8n to exporter');
	}

	sql(text, database = 'postgres') {
		return this.processes.must(
			'psql',
			['-XAtqv', 'ON_ERROR_STOP=1', '-d', database, '-c', text],
			this.asPostgres,
		);
	}

	/** Runs the script of production as its container does. */
	script(words, input) {
		return spawnSync('bash', [join(root, 'deploy/postgres/n8n.sh'), ...words], {
			env: this.asPostgres.environment,
			uid: this.processes.uid,
			gid: this.processes.gid,
			cwd: this.processes.home,
			input,
			maxBuffer: 256 * 2 ** 20,
		});
	}

	refuses(pattern, words, input) {
		const { status, stderr } = this.script(words, input);
		const said = stderr.toString().trim();
		if (status !== 1 || !pattern.test(said)) throw new Error(`${status}: ${said}`);
		return said;
	}

	async startN8n(folder, { isNew = false } = {}) {
		this.n8n = new N8n(this.processes, folder, {
			port: this.port,
			broker: this.broker,
			environment: {
				EXECUTIONS_DATA_SAVE_ON_SUCCESS: 'all',
				EXECUTIONS_DATA_SAVE_MANUAL_EXECUTIONS: 'true',
				DB_TYPE: 'postgresdb',
				DB_POSTGRESDB_HOST: '127.0.0.1',
				DB_POSTGRESDB_PORT: String(this.postgres),
				DB_POSTGRESDB_DATABASE: 'n8n',
				DB_POSTGRESDB_USER: 'n8n',
				DB_POSTGRESDB_PASSWORD: 'n8n',
			},
		});
		this.n8n.start();
		await this.n8n.enter({ isNew });
	}

	/** Runs a workflow until it has ended well; returns the execution's id. */
	async run(workflow) {
		const execution = await this.n8n.run(workflow);
		await until(
			async () => (await this.n8n.rest(`/executions/${execution}`)).status === 'success',
			60,
			() => `execution ${execution} did not end well`,
		);
		return execution;
	}

	stopN8n() {
		return this.processes.kill('n8n', 'SIGTERM');
	}

	migrations() {
		return Number(this.sql('select count(*) from migrations', 'n8n'));
	}
}

/** What the older one has, and a function that throws where it is not there. */
async function fill(place) {
	const { n8n } = place;
	const { id: credential } = await n8n.rest('/credentials', {
		name: 'c',
		type: 'httpHeaderAuth',
		data: { name: 'X', value: 'what-only-the-credential-has' },
	});
	const workflow = await n8n.createWorkflow({
		type: 'n8n-nodes-base.set',
		typeVersion: 3.4,
	});
	const execution = await place.run(workflow);
	const isThere = async () => {
		const found = await place.n8n.rest(`/workflows/${workflow}`);
		if (found.nodes.length !== 2) throw new Error('the workflow is another');
		const { data } = await place.n8n.rest(`/credentials/${credential}?includeData=true`);
		// n8n never shows a secret: one that it can decrypt is blanked, and nothing is left of one that it cannot.
		if (data?.name !== 'X' || !data.value)
			throw new Error(`the credential is ${JSON.stringify(data)}`);
		if ((await place.n8n.rest(`/executions/${execution}`)).status !== 'success')
			throw new Error('the execution is gone');
	};
	return { workflow, execution, isThere };
}

async function check(place, older) {
	await place.start();
	await place.startN8n(older, { isNew: true });
	const { workflow, isThere } = await fill(place);
	await place.stopN8n();
	const before = place.migrations();
	const { status, stdout: dump, stderr } = place.script(['dump']);
	if (status !== 0) throw new Error(`dump: ${stderr}`);
	let later;
	await claim(`n8n ${versionOf(newer)} has what ${versionOf(older)} had, and runs it`, async () => {
		await place.startN8n(newer);
		await isThere();
		later = await place.run(workflow);
		return `${place.migrations() - before} migrations of its database`;
	});
	await claim('the way back is refused while n8n runs, and without a whole dump', async () => {
		const said = place.refuses(/n8n is connected.*nothing was changed/, ['restore'], dump);
		await place.stopN8n();
		place.refuses(/is no dump.*nothing was changed/s, ['restore'], 'not a dump');
		place.refuses(/is no dump.*nothing was changed/s, ['restore'], '');
		place.refuses(/not whole.*as it was/s, ['restore'], dump.subarray(0, 100));
		// The end of its last table is missing.
		place.refuses(/not whole.*as it was/s, ['restore'], dump.subarray(0, dump.length - 200));
		if (place.migrations() === before) throw new Error('the database is the older one');
		if (place.sql("select count(*) from pg_database where datname ~ '^n8n.'") !== '0')
			throw new Error('a half-made database is left');
		return said;
	});
	await claim(`back by the dump, ${versionOf(older)} has what it had, and runs it`, async () => {
		const acl = () => place.sql("select datacl from pg_database where datname = 'n8n'");
		const rights = acl();
		const done = place.script(['restore'], dump);
		if (done.status !== 0) throw new Error(`${done.stdout}${done.stderr}`);
		if (place.migrations() !== before) throw new Error('the migrations are there');
		if (acl() !== rights) throw new Error(`the rights are ${acl()}, and were ${rights}`);
		await place.startN8n(older);
		await isThere();
		const again = await place.run(workflow);
		// Its number is given anew: what ran after the dump is gone, as the page says.
		if (Number(again) > Number(later)) throw new Error('what ran after the dump is there');
		await place.stopN8n();
		return done.stdout.toString().trim();
	});
	await claim('the newer database is kept until it is discarded', () => {
		place.refuses(/n8n_before_restore.*discard/s, ['restore'], dump);
		if (place.script(['discard']).status !== 0) throw new Error('it is not discarded');
		if (place.sql("select count(*) from pg_database where datname ~ '^n8n.'") !== '0')
			throw new Error('it is there');
	});
}

/** Status 0: all holds, or skipped; 1: not so. */
async function main(version) {
	const reason =
		process.getuid() !== 0
			? 'only root can start PostgreSQL as a user of its own'
			: postgresBinaries()
				? null
				: 'no PostgreSQL of a Debian package is installed';
	if (reason) {
		console.log(`Skipped: the upgrade of n8n, because ${reason}`);
		return 0;
	}
	const older = install(version);
	const home = mkdtempSync('/var/tmp/ytempire-n8n-');
	const place = new Place(home);
	const end = async () => {
		await place.processes.end();
		rmSync(home, { recursive: true, force: true });
	};
	return conclude(made, { title: 'n8n', check: () => check(place, older), end });
}

if (process.argv[1] === fileURLToPath(import.meta.url))
	process.exitCode = await main(process.argv[2] ?? '2.38.7');
