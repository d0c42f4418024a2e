#!/usr/bin/env node
// ./ytempire workflows: for operators who keep workflows in git.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diff } from './diff.mjs';
import { format } from './format.mjs';
import { lint } from './lint.mjs';
import { knownNodes, ourNodes } from './nodes.mjs';
import { CREDENTIALS, ERROR_WORKFLOW, Refused, Server } from './server.mjs';

/** What each command does, by its name. */
const HELP = {
	lint: `./ytempire workflows lint [--json] [FILE|FOLDER ...]
    What is wrong: file, node, field and cure. Exit 1 when there is an error. As a git hook:
    git diff --cached --name-only --diff-filter=d -- '*workflows/*.json' | xargs -r ./ytempire workflows lint
    --json    one object: {workflows, errors, warnings, findings}`,
	format: `./ytempire workflows format [--check] [FILE|FOLDER ...]
    Writes files in one way, without what belongs to an installation or a run
    --check   writes nothing; exit 1 when a file would change`,
	diff: `./ytempire workflows diff [--json] FILE [OTHER-FILE|REVISION]
./ytempire workflows diff [--json] --n8n FILE
    What changed, in words: against another file, a revision of git (HEAD), or the running n8n
    --n8n     what an import would change: from the workflow of that name in n8n to the file
    --json    a list of the lines`,
	import: `./ytempire workflows import [--dry-run] [--force] [--credential ID] [--json] FILE ...
    Into a running n8n: over the workflow of the same name, whose credentials stay, or as a new one.
    Report Errors becomes the error workflow of each that has none.
    --dry-run       says what would change, and changes nothing
    --force         imports what lint finds errors in, too
    --credential    ID of the YTEMPIRE credential for nodes of ours that have none
    --json          a list of {file, workflow, outcome, changes, missingCredentials}`,
	export: `./ytempire workflows export FOLDER [NAME ...]
    All workflows of a running n8n, or those named, formatted, a file each`,
};

export const USAGE = `${Object.values(HELP).join('\n')}
Without FILE: n8n-nodes/workflows. A running n8n: YTEMPIRE_N8N_URL, and YTEMPIRE_N8N_API_KEY or _FILE.
./ytempire workflows COMMAND --help shows one command.
`;

/** A count with its noun. */
const counted = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/**
 * Takes the options out of the words of a command.
 *
 * @param takes whether an option has a value, by its name
 */
function optionsOf(command, words, takes) {
	const options = {};
	const rest = [];
	for (let i = 0; i < words.length; i++) {
		const word = words[i];
		if (!word.startsWith('--')) rest.push(word);
		else if (!Object.hasOwn(takes, word)) {
			throw new Refused(
				`./ytempire workflows ${command} has no option ${word}. ${Object.keys(takes).length ? `It has: ${Object.keys(takes).join(', ')}.` : 'It has none.'}`,
			);
		} else if (!takes[word]) options[word] = true;
		else if (words[i + 1] === undefined || words[i + 1].startsWith('--')) {
			throw new Refused(`${word} needs a value after it.`);
		} else options[word] = words[++i];
	}
	return [options, rest];
}

const HOME = new URL('../../workflows/', import.meta.url).pathname;

function filesOf(words) {
	return (words.length ? words : [HOME]).flatMap((word) => {
		let isFolder;
		try {
			isFolder = statSync(word).isDirectory();
		} catch {
			throw new Refused(`There is no file or folder ${word}.`);
		}
		return isFolder
			? readdirSync(word)
					.filter((name) => name.endsWith('.json'))
					.sort()
					.map((name) => join(word, name))
			: [word];
	});
}

function parsed(file, text) {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw new Refused(`${file} is not JSON: ${error.message}. Repair it, or export it again.`);
	}
}

const read = (file) => parsed(file, readFileSync(file, 'utf8'));

function server(environment) {
	const url = environment.YTEMPIRE_N8N_URL;
	const key =
		environment.YTEMPIRE_N8N_API_KEY ??
		(environment.YTEMPIRE_N8N_API_KEY_FILE &&
			readFileSync(environment.YTEMPIRE_N8N_API_KEY_FILE, 'utf8').trim());
	if (!url || !key) {
		throw new Refused(
			'Say which n8n: set YTEMPIRE_N8N_URL (e.g. http://127.0.0.1:5678) and YTEMPIRE_N8N_API_KEY or YTEMPIRE_N8N_API_KEY_FILE.',
		);
	}
	return new Server(url, key);
}

/** A workflow's name as a file's: small letters and dashes. */
export const fileName = (name) =>
	`${
		name
			.normalize('NFKD')
			.toLowerCase()
			.replace(/[^a-z0-9]+/g, '-')
			.replace(/^-+|-+$/g, '') || 'workflow'
	}.json`;

const commands = {
	lint(all, say) {
		const [options, words] = optionsOf('lint', all, { '--json': false });
		const known = { ours: ourNodes(), known: knownNodes() };
		const files = filesOf(words);
		const findings = files.flatMap((file) => lint(file, readFileSync(file, 'utf8'), known));
		const errors = findings.filter(({ level }) => level === 'error').length;
		const warnings = findings.length - errors;
		if (options['--json']) {
			say(JSON.stringify({ workflows: files.length, errors, warnings, findings }, null, 2));
			return errors ? 1 : 0;
		}
		for (const { level, file, node, field, message, cure } of findings) {
			const place = [file, node && `node "${node}"`, field].filter(Boolean).join(', ');
			say(`${level}: ${place}: ${message}\n    ${cure.replaceAll('FILE', file)}`);
		}
		say(
			[
				counted(files.length, 'workflow'),
				counted(errors, 'error'),
				counted(warnings, 'warning'),
			].join(', '),
		);
		return errors ? 1 : 0;
	},
	format(all, say) {
		const [options, words] = optionsOf('format', all, { '--check': false });
		const check = options['--check'];
		const ours = ourNodes();
		let changed = 0;
		for (const file of filesOf(words)) {
			const before = readFileSync(file, 'utf8');
			const after = format(parsed(file, before), ours);
			if (after === before) continue;
			changed++;
			say(`${check ? 'would change' : 'changed'}: ${file}`);
			if (!check) writeFileSync(file, after);
		}
		return check && changed ? 1 : 0;
	},
	async diff(all, say, environment) {
		const [options, words] = optionsOf('diff', all, { '--json': false, '--n8n': false });
		const [file, other = 'HEAD', ...more] = words;
		if (!file || more.length || (options['--n8n'] && words.length > 1)) throw new Refused(HELP.diff);
		const ours = ourNodes();
		const tell = (lines) => {
			if (options['--json']) say(JSON.stringify(lines, null, 2));
			else if (lines.length) lines.forEach((line) => say(line));
			else say('nothing has changed');
			return 0;
		};
		if (options['--n8n']) {
			const now = read(file);
			const found = await server(environment).find(now.name);
			if (!found) throw new Refused(`n8n has no workflow named "${now.name}": ${file} would be new.`);
			return tell(diff(found, now, ours));
		}
		let before;
		try {
			before = statSync(other).isFile() && read(other);
		} catch {
			before = undefined;
		}
		if (!before) {
			let text;
			try {
				text = execFileSync('git', ['show', `${other}:./${file}`], {
					encoding: 'utf8',
					stdio: ['ignore', 'pipe', 'pipe'],
				});
			} catch (error) {
				throw new Refused(
					`${other} is no file, and git has no ${file} in a revision of this name: ${String(error.stderr).trim()}`,
				);
			}
			before = parsed(`${other}:${file}`, text);
		}
		return tell(diff(before, read(file), ours));
	},
	async import(all, say, environment) {
		const [options, words] = optionsOf('import', all, {
			'--credential': true,
			'--dry-run': false,
			'--force': false,
			'--json': false,
		});
		if (!words.length) throw new Refused(HELP.import);
		const n8n = server(environment);
		const known = { ours: ourNodes(), known: knownNodes() };
		const files = filesOf(words);
		const errors = files.flatMap((file) =>
			lint(file, readFileSync(file, 'utf8'), known).filter(({ level }) => level === 'error'),
		);
		if (errors.length && !options['--force']) {
			throw new Refused(
				`Nothing was imported: ./ytempire workflows lint finds ${counted(errors.length, 'error')}, the first in ${errors[0].file}: ${errors[0].message}. --force imports all the same.`,
			);
		}
		const credential = options['--credential'];
		if (credential !== undefined) await n8n.requireCredential(credential, 'ytempireApi');
		const isDry = options['--dry-run'] ?? false;
		const imported = [];
		// The error workflow first, so that the others can name it.
		const workflows = files
			.map((file) => ({ file, workflow: read(file) }))
			.sort((a, b) => (b.workflow.name === ERROR_WORKFLOW) - (a.workflow.name === ERROR_WORKFLOW));
		for (const { file, workflow } of workflows) {
			const { found, id, missing, untagged = [] } = await n8n.import(workflow, known.ours, { credential, isDry });
			const changes = found ? diff(found, workflow, known.ours) : [];
			const outcome = !found ? 'new' : changes.length ? 'updated' : 'unchanged';
			imported.push({ file, workflow: id ?? null, outcome, changes, missingCredentials: missing });
			if (options['--json']) continue;
			say(
				isDry
					? `would be ${outcome}: ${file}`
					: `${outcome}: ${file} is workflow ${id}`,
			);
			if (isDry) changes.forEach((line) => say(`    ${line}`));
			if (untagged.length) {
				say(
					'    its tags were not set: the API key needs the scopes tag:list, tag:create and workflowTags:update',
				);
			}
			for (const [type, names] of Object.entries(missing)) {
				const how = type === 'ytempireApi' ? ' (or import with --credential ID)' : '';
				say(`    choose the ${CREDENTIALS[type] ?? type} credential in: ${names.join(', ')}${how}`);
			}
		}
		if (options['--json']) say(JSON.stringify(imported, null, 2));
		return 0;
	},
	async export(all, say, environment) {
		const [, [folder, ...names]] = optionsOf('export', all, {});
		if (!folder) throw new Refused(HELP.export);
		const ours = ourNodes();
		const stored = await server(environment).workflows();
		for (const name of names) {
			if (!stored.some((workflow) => workflow.name === name)) {
				throw new Refused(
					`n8n has no workflow named "${name}". It has: ${stored.map((workflow) => workflow.name).join(', ') || 'none'}.`,
				);
			}
		}
		const wanted = stored.filter((workflow) => !names.length || names.includes(workflow.name));
		// A workflow that has a file keeps it, whatever the file is called.
		const known = new Map(filesOf([folder]).map((file) => [read(file).name, file]));
		const fileOf = ({ name }) => known.get(name) ?? join(folder, fileName(name));
		const files = new Map();
		for (const workflow of wanted) {
			const file = fileOf(workflow);
			if (files.has(file)) {
				throw new Refused(
					`"${workflow.name}" and "${files.get(file)}" would be the same file ${file}. Rename one in n8n.`,
				);
			}
			files.set(file, workflow.name);
		}
		for (const workflow of wanted) {
			const file = fileOf(workflow);
			writeFileSync(file, format(workflow, ours));
			say(`${workflow.name}: ${file}`);
		}
		return 0;
	},
};

/** Runs a command; answers the exit status: 0 well, 1 something found, 2 it cannot be done. */
export async function run([command, ...words], say, complain, environment) {
	try {
		if (['--help', '-h', 'help'].includes(command)) {
			say(USAGE);
			return 0;
		}
		if (!Object.hasOwn(commands, command ?? '')) throw new Refused(USAGE);
		if (words.includes('--help') || words.includes('-h')) {
			say(HELP[command]);
			return 0;
		}
		return await commands[command](words, say, environment);
	} catch (error) {
		if (!(error instanceof Refused) && error.code !== 'ENOENT') throw error;
		complain(error.message);
		return 2;
	}
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
	process.exitCode = await run(process.argv.slice(2), console.log, console.error, process.env);
}
