#!/usr/bin/env node
// ./ytempire workflows: for operators who keep workflows in git.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diff } from './diff.mjs';
import { format } from './format.mjs';
import { lint } from './lint.mjs';
import { knownNodes, ourNodes } from './nodes.mjs';
import { Refused, Server } from './server.mjs';

export const USAGE = `./ytempire workflows lint [FILE|FOLDER ...]
    What is wrong: file, node, field and cure. Exit 1 when there is an error. As a git hook:
    git diff --cached --name-only --diff-filter=d -- '*workflows/*.json' | xargs -r ./ytempire workflows lint
./ytempire workflows format [--check] [FILE|FOLDER ...]
    Writes files in one way, without what belongs to an installation or a run
./ytempire workflows diff FILE [OTHER-FILE|REVISION]
    What changed, in words: against another file, or a revision of git (HEAD)
./ytempire workflows import [--credential ID] FILE ...
    Into a running n8n: over the workflow of the same name, whose credentials stay, or as a new one
./ytempire workflows export FOLDER [NAME ...]
    All workflows of a running n8n, or those named, formatted, a file each
Without FILE: n8n-nodes/workflows. A running n8n: YTEMPIRE_N8N_URL, and YTEMPIRE_N8N_API_KEY or _FILE.
`;

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
		throw new Refused(`${file} is not JSON: ${error.message}. Mend it, or export it again.`);
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
	lint(words, say) {
		const known = { ours: ourNodes(), known: knownNodes() };
		const files = filesOf(words);
		const findings = files.flatMap((file) => lint(file, readFileSync(file, 'utf8'), known));
		for (const { level, file, node, field, message, cure } of findings) {
			const place = [file, node && `node "${node}"`, field].filter(Boolean).join(', ');
			say(`${level}: ${place}: ${message}\n    ${cure.replaceAll('FILE', file)}`);
		}
		const errors = findings.filter(({ level }) => level === 'error').length;
		say(`${files.length} workflows, ${errors} errors, ${findings.length - errors} warnings`);
		return errors ? 1 : 0;
	},
	format(words, say) {
		const check = words[0] === '--check';
		const ours = ourNodes();
		let changed = 0;
		for (const file of filesOf(check ? words.slice(1) : words)) {
			const before = readFileSync(file, 'utf8');
			const after = format(parsed(file, before), ours);
			if (after === before) continue;
			changed++;
			say(`${check ? 'would change' : 'changed'}: ${file}`);
			if (!check) writeFileSync(file, after);
		}
		return check && changed ? 1 : 0;
	},
	diff([file, other = 'HEAD', ...more], say) {
		if (!file || more.length) throw new Refused(USAGE);
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
		const lines = diff(before, read(file), ourNodes());
		lines.forEach((line) => say(line));
		if (!lines.length) say('nothing has changed');
		return 0;
	},
	async import(words, say, environment) {
		let credential;
		if (words[0] === '--credential') {
			credential = words[1];
			words = words.slice(2);
		}
		if (!words.length) throw new Refused(USAGE);
		const n8n = server(environment);
		const known = { ours: ourNodes(), known: knownNodes() };
		const files = filesOf(words);
		const errors = files.flatMap((file) =>
			lint(file, readFileSync(file, 'utf8'), known).filter(({ level }) => level === 'error'),
		);
		if (errors.length) {
			throw new Refused(
				`Nothing was imported: ./ytempire workflows lint finds ${errors.length} errors, the first in ${errors[0].file}: ${errors[0].message}.`,
			);
		}
		for (const file of files) {
			const { isNew, id, missing } = await n8n.import(read(file), known.ours, credential);
			say(`${isNew ? 'new' : 'updated'}: ${file} is workflow ${id}`);
			if (missing.length) {
				say(
					`    choose the YTEMPIRE credential in: ${missing.join(', ')} (or import with --credential ID)`,
				);
			}
		}
		return 0;
	},
	async export([folder, ...names], say, environment) {
		if (!folder) throw new Refused(USAGE);
		const ours = ourNodes();
		const all = await server(environment).workflows();
		for (const name of names) {
			if (!all.some((workflow) => workflow.name === name)) {
				throw new Refused(
					`n8n has no workflow named "${name}". It has: ${all.map((workflow) => workflow.name).join(', ') || 'none'}.`,
				);
			}
		}
		const wanted = all.filter((workflow) => !names.length || names.includes(workflow.name));
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
		if (!Object.hasOwn(commands, command ?? '')) throw new Refused(USAGE);
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
