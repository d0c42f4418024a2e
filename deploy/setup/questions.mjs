// Questions to the person at the terminal.
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/**
 * A function that asks a question and returns the answer, with `say`, which prints a line, and `close`.
 *
 * hidden: what is typed is not shown. No answer can be recalled by the arrow keys.
 */
export function questions(input, output) {
	let isHidden = false;
	const shown = new Writable({
		write(chunk, encoding, done) {
			if (!isHidden) output.write(chunk, encoding);
			done();
		},
	});
	const lines = createInterface({ input, output: shown, terminal: true, historySize: 0 });
	const ask = async (question, hidden = false) => {
		if (!hidden) return await lines.question(question);
		output.write(question);
		isHidden = true;
		try {
			return await lines.question('');
		} finally {
			isHidden = false;
			output.write('\n');
		}
	};
	ask.say = (text) => output.write(`${text}\n`);
	ask.close = () => lines.close();
	return ask;
}
