// Formats every script of the repository with Prettier, as n8n formats its nodes; with --check, names those that are not formatted.
// Dashboards and workflows stay as Grafana and the workflows' own formatter write them; .prettierignore names what is generated.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const pack = join(dirname(fileURLToPath(import.meta.url)), '..');
const prettier = createRequire(import.meta.url).resolve('prettier/bin/prettier.cjs');

/** What is formatted, seen from n8n-nodes/. */
const PATHS = [
	'nodes',
	'credentials',
	'scripts',
	'test',
	'../deploy/**/*.mjs',
	'../grafana/**/*.{mjs,jsx}',
	'../sql/tests/*.mjs',
];

/**
 * Runs Prettier over all of it.
 *
 * @param {'--write' | '--list-different'} mode
 * @returns {{ status: number | null, files: string[] }} Prettier's exit status, and the files that it names
 */
export function runPrettier(mode) {
	const { status, stdout, stderr } = spawnSync(
		process.execPath,
		[prettier, '--config', '.prettierrc.js', mode, ...PATHS],
		{ cwd: pack, encoding: 'utf8' },
	);
	const files = (stdout + stderr).split('\n').filter((line) => line !== '');
	return { status, files };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const { status, files } = runPrettier(
		process.argv.includes('--check') ? '--list-different' : '--write',
	);
	if (status !== 0) {
		console.error(files.join('\n'));
	}
	process.exitCode = status ?? 1;
}
