// The steps of ./ytempire setup: checks everything before anything is written, and changes nothing that is there.
import {
	closeSync,
	existsSync,
	openSync,
	readFileSync,
	realpathSync,
	unlinkSync,
	writeSync,
} from 'node:fs';
import { join } from 'node:path';
import {
	SETTINGS,
	SetupFaults,
	askForMissing,
	checkAnswers,
	readAnswers,
	readEnvironment,
	sizesFor,
	writeEnvironment,
} from './answers.mjs';
import { checkClock, checkDrive, checkEngine, checkMachine } from './machine.mjs';
import {
	KEYSET,
	OPTIONAL,
	checkSecrets,
	keyIds,
	makeFolder,
	makeSecrets,
	readSecret,
	writeSecret,
} from './secrets.mjs';

const POSTGRES = { image: /^FROM (timescale\/timescaledb:\S+)$/m, major: /-pg(\d+)$/ };

/** Where another copy of the project runs a stack of this name; null when none does. */
function otherStack(machine, project, root) {
	const found = machine.docker([
		'ps',
		'--all',
		'--filter',
		`label=com.docker.compose.project=${project}`,
		'--format',
		'{{.Label "com.docker.compose.project.working_dir"}}',
	]);
	return (
		found.stdout
			.split('\n')
			.map((line) => line.trim())
			.find((folder) => folder && folder !== root) ?? null
	);
}

function isRunning(machine, project) {
	return machine
		.docker([
			'ps',
			'--filter',
			`label=com.docker.compose.project=${project}`,
			'--format',
			'{{.Label "com.docker.compose.service"}}',
		])
		.stdout.split('\n')
		.map((line) => line.trim())
		.filter(Boolean);
}

/** The release of PostgreSQL that made a volume; null when it is empty or not there. */
function volumeRelease(machine, volume, image) {
	if (machine.docker(['volume', 'inspect', volume]).status !== 0) return null;
	const version = machine.docker([
		'run',
		'--rm',
		'--network',
		'none',
		'--volume',
		`${volume}:/data:ro`,
		'--entrypoint',
		'cat',
		image,
		'/data/PG_VERSION',
	]);
	return version.status === 0 ? version.stdout.trim() : null;
}

/** Held while a setup of this folder runs. */
function lock(root) {
	const file = join(root, '.setup.lock');
	for (let again = true; ; again = false) {
		try {
			const handle = openSync(file, 'wx', 0o600);
			writeSync(handle, String(process.pid));
			closeSync(handle);
			return () => unlinkSync(file);
		} catch (error) {
			if (error.code !== 'EEXIST') throw error;
			const pid = Number(readFileSync(file, 'utf8'));
			if (!again || isAlive(pid)) {
				throw new SetupFaults(
					`Another setup of ${root} is under way (process ${pid}). Wait until it has ended.`,
				);
			}
			unlinkSync(file);
		}
	}
}

function isAlive(pid) {
	if (!(pid > 0)) return false;
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return error.code === 'EPERM';
	}
}

function must(run, sentence) {
	if (run.status !== 0)
		throw new SetupFaults(`${sentence}${run.stderr ? `: ${run.stderr.trim()}` : '.'}`);
	return run;
}

/**
 * Sets the stack up and starts it.
 *
 * root: the top level of the project; answers: a file of them, or undefined; ask: asks a person, or null; say: prints a line.
 * Throws SetupFaults; nothing was written then, unless the engine failed at the end.
 */
export async function setup({ root: given, machine, answers, ask, say, start = true }) {
	const root = realpathSync(given);
	const unlock = lock(root);
	try {
		await run({ root, machine, answers, ask, say, start });
	} finally {
		unlock();
	}
}

async function run({ root, machine, answers, ask, say, start }) {
	const environmentFile = join(root, '.env');
	const secrets = join(root, 'secrets');
	const stored = readEnvironment(environmentFile);
	const given = { ...stored, ...(answers ? readAnswers(answers) : {}) };
	const early = [...checkAnswers(given), ...checkEngine(machine)];
	if (early.length) throw new SetupFaults(early);

	const values = await askForMissing(given, ask, (name) => Boolean(readSecret(secrets, name)));
	for (const [name, value] of Object.entries(sizesFor(machine.totalMemory))) values[name] ??= value;
	const profiles = (values.COMPOSE_PROFILES ?? '').split(',');
	values.STACK_N8N_MODE ??= profiles.includes('queue') ? 'queue' : 'regular';
	const hasBackup = profiles.includes('backup');
	values.STACK_BACKUP = hasBackup ? 'on' : 'off';
	values.STACK_BACKUP_PROPAGATION = hasBackup ? 'rslave' : 'rprivate';
	values.STACK_BACKUP_ISOLATED = hasBackup ? 'false' : 'true';

	const project = values.COMPOSE_PROJECT_NAME ?? 'ytempire';
	const other = otherStack(machine, project, root);
	if (other) {
		throw new SetupFaults(
			`The stack "${project}" on this machine belongs to ${other}; starting it from ${root} would take over its containers and volumes. Work there; or give this one another name and ports: COMPOSE_PROJECT_NAME, STACK_HTTP_PORT, STACK_HTTPS_PORT, STACK_N8N_PORT and STACK_PROXY_SUBNET.`,
		);
	}
	const running = isRunning(machine, project);
	const image = POSTGRES.image.exec(
		readFileSync(join(root, 'deploy/backup/Dockerfile'), 'utf8'),
	)[1];
	const wanted = POSTGRES.major.exec(image)[1];
	const found = volumeRelease(machine, `${project}_postgres`, image);
	const faults = [];
	if (found !== null && found !== wanted) {
		faults.push(
			`The volume ${project}_postgres was made by PostgreSQL ${found}, and ${image} is PostgreSQL ${wanted}, which cannot read it. Use the image of that release, or move the data (docs/operations/production.md); nothing was changed.`,
		);
	}
	const knownKeys = (values.STACK_GRANT_KEYS ?? '').split(',').filter(Boolean);
	faults.push(...checkSecrets(secrets, { hasData: found !== null, knownKeys }));
	faults.push(...(await checkMachine(machine, values, { isRunning: running.length > 0 })));
	const clock = await checkClock(machine);
	faults.push(...clock.faults);
	// A drive that is unavailable for a while holds no update up.
	if (hasBackup && !running.includes('backup'))
		faults.push(...checkDrive(machine, values.STACK_BACKUP_FOLDER));
	if (!existsSync(join(root, 'n8n-nodes/dist'))) {
		faults.push(
			'n8n-nodes/dist is missing: the node pack is not built. Start this as ./ytempire setup, which builds it.',
		);
	}
	if (faults.length) throw new SetupFaults(faults);
	if (clock.remark) say(clock.remark);

	makeFolder(secrets);
	const secretNames = Object.keys(SETTINGS).filter((name) => SETTINGS[name].file);
	for (const name of secretNames) {
		const { file, optional } = SETTINGS[name];
		const value = values[name];
		const isGiven = optional ? value !== undefined : Boolean(value);
		if (isGiven && (readSecret(secrets, file) ?? '') !== value) {
			writeSecret(secrets, file, value);
			say(`secrets/${file}: written`);
		}
		delete values[name];
	}
	for (const name of OPTIONAL) {
		if (readSecret(secrets, name) === null) writeSecret(secrets, name, '');
	}
	// The sidecar takes no empty file for a key.
	values.YTEMPIRE_GOOGLE_API_KEY_FILE = readSecret(secrets, 'google_api_key')
		? '/run/secrets/google_api_key'
		: '';
	for (const name of makeSecrets(secrets)) say(`secrets/${name}: made`);

	// The sidecar's image makes the keyset, so that no other program has to know its form.
	const compose = ['compose', '--project-directory', root];
	if (writeEnvironment(environmentFile, values, secretNames)) say('.env: written');
	say('Building the images ...');
	must(machine.docker([...compose, 'build'], { show: true }), 'The images could not be built');
	if (readSecret(secrets, KEYSET) === null) {
		const made = must(
			machine.docker([
				'run',
				'--rm',
				// The engine records what a container prints, and this one prints the keyset.
				'--log-driver',
				'none',
				'--network',
				'none',
				`${project}-sidecar`,
				'keyset',
				'new',
			]),
			'The sidecar could not make a keyset',
		);
		writeSecret(
			secrets,
			KEYSET,
			made.stdout.split('\n').find((line) => line.startsWith('{')) ?? made.stdout.trim(),
		);
		say(
			`secrets/${KEYSET}: made. Keep a copy elsewhere: without it every channel must be connected again.`,
		);
	}
	const keys = keyIds(readSecret(secrets, KEYSET)).join(',');
	writeEnvironment(environmentFile, { STACK_GRANT_KEYS: keys });

	if (!start) return;
	const wait = (...words) =>
		machine.docker([...compose, 'up', '-d', '--wait', ...words], { show: true });
	if (running.includes('sidecar-a') && running.includes('sidecar-b')) {
		// One after the other, so that requests find the other one.
		must(
			machine.docker([...compose, 'run', '--rm', 'migrate'], { show: true }),
			'The database could not be migrated',
		);
		for (const sidecar of ['sidecar-a', 'sidecar-b']) {
			must(wait('--no-deps', sidecar), `${sidecar} is not healthy; the other one serves on`);
		}
	}
	if (hasBackup && !running.includes('backup')) {
		must(
			machine.docker([
				'run',
				'--rm',
				'--network',
				'none',
				'--volume',
				`${join(values.STACK_BACKUP_FOLDER, 'drive')}:/drive`,
				'--entrypoint',
				'chown',
				`${project}-postgres`,
				'postgres:',
				'/drive',
			]),
			'The drive could not be given to PostgreSQL',
		);
	}
	must(wait(), 'Not every part is healthy: docker compose ps says which, docker compose logs why');
	if (hasBackup) {
		const begun = must(
			machine.docker([...compose, 'exec', '-T', 'backup', 'ytempire-pgbackrest', 'init']),
			'Everything runs, but the backups could not be begun',
		);
		if (!/already/.test(begun.stdout)) say('Backups: begun; ./ytempire backup list shows them');
	}
	say('');
	for (const line of addresses(values)) say(line);
}

/** A line for each address. */
export function addresses(values) {
	const port = (values.STACK_HTTPS_PORT ?? '443') === '443' ? '' : `:${values.STACK_HTTPS_PORT}`;
	const lines = [
		`API          https://${values.STACK_API_DOMAIN}${port}/docs (operator token: secrets/operator_token)`,
		`Dashboards   https://${values.STACK_DASHBOARDS_DOMAIN}${port}/ (admin, secrets/grafana_password)`,
		`n8n          http://127.0.0.1:${values.STACK_N8N_PORT ?? 5678}/ on this machine alone; its nodes call http://sidecar:8080`,
	];
	if ((values.COMPOSE_PROFILES ?? '').split(',').includes('monitoring')) {
		lines.push(
			'Prometheus   the data source "Prometheus" of the dashboards; alerts go to secrets/alert_webhook',
		);
	}
	return lines;
}
