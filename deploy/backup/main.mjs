#!/usr/bin/env node
// ./ytempire backup: the backups of the stack on this machine. What runs inside of the containers is backup.sh.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { readEnvironment } from '../setup/answers.mjs';

const USAGE = `./ytempire backup now [full|incr|diff [drive|s3]]
                                     backs up to the drive and to S3 (incremental, or full), and the secrets
./ytempire backup list               what is there
./ytempire backup verify             reads every file, and compares its checksum
./ytempire backup test               restores each repository into a scratch database, and asks for the newest rows
./ytempire backup restore --to TIME [--from drive|s3] [--one-repository] [--yes]
                                     the whole stack as it was then, such as 2026-11-25T18:00:00Z
./ytempire backup restore --latest [--from drive|s3] [--one-repository] [--yes]
                                     the newest moment that was archived: when the database is lost
                                     --one-repository: with its revocations alone, when the other is lost
./ytempire backup discard            removes the previous database, which a restore put aside
./ytempire backup replay [--one-repository]
                                     after a restore by hand: what restore does before the API opens
./ytempire backup init [drive|s3]    begins the backups on a new drive, or in a new bucket

docs/operations/backups.md says how to restore on a new machine.`;

/** Services that read or write the database or the quota, in the order in which they stop. */
const CLIENTS = [
	'caddy',
	'n8n-worker',
	'n8n',
	'sidecar-a',
	'sidecar-b',
	'grafana',
	'postgres-exporter',
	'backup',
];

/** The status of backup.sh when a restore ended halfway: PostgreSQL must not start on what is there. */
const HALF_MOVED = 3;

/** A fault that a person can repair. */
export class BackupFault extends Error {}

/**
 * Runs a command of ./ytempire backup.
 *
 * docker: runs docker with words and an input, and returns status and stdout; bundle: returns the encrypted secrets; ask: asks a person, or null.
 * Returns the exit status.
 */
export async function backup(words, { root, docker, bundle, ask, say }) {
	const [command, ...options] = words;
	if (!command || command === 'help' || command === '--help') {
		say(USAGE);
		return 0;
	}
	const environment = readEnvironment(join(root, '.env'));
	if (!(environment.COMPOSE_PROFILES ?? '').split(',').includes('backup')) {
		throw new BackupFault(
			'This stack has no backups: add "backup" to COMPOSE_PROFILES in .env and run ./ytempire setup.',
		);
	}
	const compose = ['compose', '--project-directory', root];
	const inside = (...more) =>
		docker([...compose, 'exec', '-T', 'backup', 'ytempire-pgbackrest', ...more], {});
	const must = (run, sentence) => {
		if (run.status !== 0) throw new BackupFault(sentence);
		return run;
	};
	switch (command) {
		case 'now': {
			const made = inside('now', ...options);
			if (made.status === 2) return 2;
			const copied = docker(
				[...compose, 'exec', '-T', 'backup', 'ytempire-pgbackrest', 'put-secrets'],
				{
					input: bundle(environment.STACK_BACKUP_AGE_RECIPIENT),
				},
			);
			return made.status || copied.status;
		}
		case 'list':
		case 'verify':
		case 'test':
		case 'replay':
		case 'discard':
		case 'init':
			return inside(command, ...options).status;
		case 'restore':
			return await restore();
		default:
			throw new BackupFault(`There is no command "backup ${command}".\n${USAGE}`);
	}

	async function restore() {
		const given = options.filter((option) => option !== '--yes');
		const at = given.indexOf('--to');
		const isLatest = given.includes('--latest');
		const to = isLatest ? 'latest' : at === -1 ? undefined : given[at + 1];
		if (!to) throw new BackupFault(`backup restore needs --to TIME or --latest.\n${USAGE}`);
		const from = given.includes('--from') ? given[given.indexOf('--from') + 1] : '';
		if (/\bstandby\b/.test(environment.COMPOSE_FILE ?? ''))
			throw new BackupFault(
				'This stack has a standby, which a restore would not reach. Nothing was changed. docs/operations/scaling.md, "Without the standby again", says how to take it away first.',
			);
		const once = (...more) =>
			docker([...compose, 'run', '--rm', '--no-deps', '-T', 'backup', ...more], {});
		// Everything that can be found out before anything stops.
		const flag = given.filter((option) => option === '--one-repository');
		must(once('check-restore', to, from, ...flag), 'Nothing was changed.');
		if (!options.includes('--yes')) {
			const answer = ask
				? await ask(
						`All databases of the stack become those of ${to}: the previous ones are put aside. The stack stands still meanwhile. Type "restore" to go on: `,
					)
				: '';
			if (answer.trim() !== 'restore')
				throw new BackupFault('Nothing was changed. Without a terminal, say --yes.');
		}
		// While PostgreSQL still answers, what ended in the last minute too.
		if (inside('copy-revocations').status !== 0)
			say(
				'The last minute of the list of revocations cannot be copied; what was copied before is used.',
			);
		const stopped = docker([...compose, 'stop', ...CLIENTS, 'postgres'], {});
		if (stopped.status !== 0) {
			const started = docker([...compose, 'up', '-d', '--wait'], {});
			throw new BackupFault(
				`The stack does not stop; nothing was restored. ${started.status === 0 ? 'It runs again.' : 'Not every part of it runs again: docker compose ps says which.'}`,
			);
		}
		const restored = once('restore', ...given);
		if (restored.status === HALF_MOVED)
			throw new BackupFault(
				'The restore ended while the databases changed places. The stack stays stopped: do not start it before docs/operations/backups.md, "A restore that ended halfway", is done.',
			);
		if (restored.status !== 0) {
			docker([...compose, 'up', '-d', '--wait'], {});
			throw new BackupFault(
				'Nothing was restored; the stack runs again on the database that it had.',
			);
		}
		// A fast copy of the quota that was, and n8n's queue of executions that are not there any more.
		must(
			docker([...compose, 'rm', '--stop', '--force', 'redis'], {}),
			'The database is restored, but Redis does not stop. Stop it, remove its volume, and run docker compose up -d --wait.',
		);
		const volume = `${environment.COMPOSE_PROJECT_NAME ?? 'ytempire'}_redis`;
		// --force: one that is not there is no fault.
		must(
			docker(['volume', 'rm', '--force', volume], {}),
			`The database is restored, but Redis still holds the quota and the queue of before. Remove it and start: docker volume rm ${volume} && docker compose up -d --wait`,
		);
		must(
			docker([...compose, 'up', '-d', '--wait'], {}),
			'The database is restored, but not every part is healthy: docker compose ps says which, docker compose logs why.',
		);
		// The WAL of the previous database is not the WAL of this one.
		const made = inside('now', 'full');
		if (made.status !== 0)
			say('The full backup after the restore was not made everywhere; ./ytempire backup now full');
		say(
			'Restored. Calls to Google begin again at midnight in California; docs/operations/backups.md says how to begin earlier.',
		);
		return 0;
	}
}

/** The most of changes.diff; with the secrets it stays below what is encrypted at once. */
const MAX_DIFF_BYTES = 16 * 2 ** 20;

/** How many files that git does not know are named. */
const MAX_NAMED = 10;

/**
 * A tar archive of secrets/ and .env and, where git knows the project, of two files more: `release`, the commit that runs, and `changes.diff`,
 * what was changed of it on this machine, such as marks that were taken away in compose.yml. What a restore lacks then is said, a sentence each.
 */
export function packSecrets(root, say = () => {}, maxDiffBytes = MAX_DIFF_BYTES) {
	const folder = mkdtempSync(join(tmpdir(), 'release-'));
	try {
		const packed = [];
		const keep = (name, content) => {
			writeFileSync(join(folder, name), content, { mode: 0o600 });
			packed.push(name);
		};
		// A repository around the project is another one's.
		if (existsSync(join(root, '.git'))) describeRelease(root, keep, say, maxDiffBytes);
		const more = packed.length > 0 ? ['-C', folder, ...packed] : [];
		const tar = spawnSync('tar', ['-C', root, '-cf', '-', 'secrets', '.env', ...more], {
			maxBuffer: 64 * 2 ** 20,
		});
		if (!isWhole(tar))
			throw new BackupFault(`secrets/ cannot be read: ${tar.error?.message ?? tar.stderr}`);
		return tar.stdout;
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** Whether a program ended well and all that it wrote is here: one that writes too much may end before it is killed for it. */
const isWhole = ({ status, error }) => status === 0 && error === undefined;

/** Keeps the release and its changes, and says what of them git does not give. */
function describeRelease(root, keep, say, maxDiffBytes) {
	const git = (words, maxBuffer = 2 ** 20) =>
		spawnSync('git', ['-C', root, ...words], { maxBuffer });
	const why = ({ error, stderr }) =>
		error?.code === 'ENOBUFS' || error?.code === 'ENOENT'
			? error.message
			: String(stderr).trim().split('\n')[0];
	const commit = git(['rev-parse', '--verify', 'HEAD']);
	if (!isWhole(commit)) {
		say(
			`The secrets' file has neither the release that runs nor its changes: git does not say which (${why(commit)}). Repair that and run ./ytempire backup now again, or note the release and keep a copy of what you changed elsewhere.`,
		);
		return;
	}
	keep('release', commit.stdout);
	// As git apply reads it, whatever the person's settings are.
	const asApplied =
		'--binary --unified=3 --no-relative --no-color --no-ext-diff --no-textconv --src-prefix=a/ --dst-prefix=b/';
	const changes = git(['diff', ...asApplied.split(' '), 'HEAD'], maxDiffBytes);
	if (isWhole(changes)) {
		keep('changes.diff', changes.stdout);
	} else {
		const reason =
			changes.error?.code === 'ENOBUFS'
				? `they are larger than ${Math.floor(maxDiffBytes / 2 ** 20)} MiB`
				: `git does not give them (${why(changes)})`;
		say(
			`The secrets' file has no changes.diff, what was changed of the release on this machine: ${reason}. Keep a copy of what you changed elsewhere, or cure that and run ./ytempire backup now again.`,
		);
	}
	nameUntracked(git(['ls-files', '-o', '--exclude-standard', '--directory', '-z']), say);
}

/** Says which files of the project nobody gave to git: no diff has them. */
function nameUntracked(listed, say) {
	if (!isWhole(listed)) {
		say(
			"Files that were added to the project on this machine are not in the secrets' file, and git does not list them. Keep a copy of those you need elsewhere.",
		);
		return;
	}
	const names = listed.stdout.toString().split('\0').filter(Boolean);
	if (names.length === 0) return;
	const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
	say(
		`Not in the secrets' file, because git does not know them: ${names
			.slice(0, MAX_NAMED)
			.map((name) => JSON.stringify(name))
			.join(
				', ',
			)}${more}. Keep a copy of those you need elsewhere, or git add them, and run ./ytempire backup now again.`,
	);
}

/** What packSecrets packs, encrypted so that only the holder of the other half of the key reads it. */
function bundleSecrets(root, environment, say) {
	return (recipient) => {
		if (!recipient)
			throw new BackupFault('STACK_BACKUP_AGE_RECIPIENT is missing in .env: run ./ytempire setup.');
		const encrypted = spawnSync(
			'docker',
			[
				'run',
				'--rm',
				'-i',
				'--network',
				'none',
				'--log-driver',
				'none',
				'--entrypoint',
				'age',
				`${environment.COMPOSE_PROJECT_NAME ?? 'ytempire'}-postgres`,
				'-r',
				recipient,
			],
			{ input: packSecrets(root, say), maxBuffer: 64 * 2 ** 20 },
		);
		if (encrypted.status !== 0)
			throw new BackupFault(`age cannot encrypt secrets/: ${encrypted.stderr}`);
		return encrypted.stdout;
	};
}

async function main(words) {
	const root = realpathSync(new URL('../..', import.meta.url).pathname);
	if (!existsSync(join(root, '.env')) && words[0] && !/help/.test(words[0])) {
		throw new BackupFault(
			'There is no .env: this machine has no stack. On a new one, docs/operations/backups.md says how to begin.',
		);
	}
	const docker = (docked, { input }) =>
		spawnSync('docker', docked, {
			cwd: root,
			input,
			stdio: [input ? 'pipe' : 'ignore', 'inherit', 'inherit'],
		});
	const ask = process.stdin.isTTY
		? async (question) => {
				const lines = createInterface({ input: process.stdin, output: process.stdout });
				try {
					return await lines.question(question);
				} finally {
					lines.close();
				}
			}
		: null;
	const say = (line) => console.log(line);
	return await backup(words, {
		root,
		docker,
		bundle: bundleSecrets(root, readEnvironment(join(root, '.env')), say),
		ask,
		say,
	});
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	try {
		process.exitCode = await main(process.argv.slice(2));
	} catch (error) {
		if (!(error instanceof BackupFault)) throw error;
		console.error(`ytempire: ${error.message}`);
		process.exitCode = 2;
	}
}
