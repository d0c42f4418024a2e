#!/usr/bin/env node
// ./ytempire setup
import { SetupFaults } from './answers.mjs';
import { realMachine } from './machine.mjs';
import { questions } from './questions.mjs';
import { setup } from './setup.mjs';

const USAGE = `./ytempire setup [--answers FILE] [--no-start]
    Makes secrets/ and .env, checks the machine, builds the images and starts the stack. A second
    run asks and changes nothing that is there; after an update it replaces one sidecar after the other.
    --answers FILE  lines NAME=value instead of questions; docs/operations/production.md lists them
    --no-start      everything but the start
`;

/** Status 0: it runs; 1: the engine failed; 2: something has to be repaired first. */
async function main(words) {
	let answers;
	let start = true;
	for (let index = 0; index < words.length; index++) {
		if (words[index] === '--answers' && words[index + 1]) answers = words[++index];
		else if (words[index] === '--no-start') start = false;
		else if (words[index] === '--help') {
			process.stdout.write(USAGE);
			return 0;
		} else {
			process.stderr.write(`${USAGE}ytempire: setup does not take "${words[index]}".\n`);
			return 2;
		}
	}
	const isInteractive = process.stdin.isTTY && answers === undefined;
	const ask = isInteractive ? questions(process.stdin, process.stdout) : null;
	const root = new URL('../..', import.meta.url).pathname;
	try {
		await setup({
			root,
			machine: realMachine(root),
			answers,
			ask,
			say: (line) => console.log(line),
			start,
		});
		return 0;
	} catch (error) {
		if (!(error instanceof SetupFaults)) throw error;
		for (const fault of error.faults) process.stderr.write(`ytempire: ${fault}\n`);
		return 2;
	} finally {
		ask?.close();
	}
}

process.exitCode = await main(process.argv.slice(2));
