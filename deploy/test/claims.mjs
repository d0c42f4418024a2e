/**
 * Claims of a test that takes minutes, each of which is printed when it has been checked.
 *
 * @returns `claim` runs a check and says whether it holds: what rests on it goes on only if it does; `faults` are the claims that
 *   do not hold; `seconds` is the time since this was called
 */
export function claims() {
	const began = Date.now();
	const seconds = () => Math.round((Date.now() - began) / 1000);
	const faults = [];
	const print = (outcome, text) =>
		console.log(`  ${String(seconds()).padStart(4)} s  ${outcome.padEnd(6)}  ${text}`);
	async function claim(sentence, check) {
		try {
			const found = await check();
			print('ok', `${sentence}${found ? `: ${found}` : ''}`);
			return true;
		} catch (error) {
			faults.push(sentence);
			print('FAILED', `${sentence}\n${error.message.replace(/^/gm, '            ')}`);
			return false;
		}
	}
	return { claim, faults, seconds };
}
