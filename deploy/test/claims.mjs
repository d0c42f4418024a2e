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

/**
 * Runs a test of claims, ends what it has started however it ends, and prints the outcome.
 *
 * @param made the claims, as {@link claims} returns them
 * @param title the first word of the outcome
 * @param check runs the claims; what it throws is a fault
 * @param end ends what was started, also when a signal ends the test
 * @param holds what is printed when every claim holds
 * @returns the exit status: 0 when every claim holds
 */
export async function conclude(
	{ faults, seconds },
	{ title, check, end, holds = () => 'all holds' },
) {
	for (const signal of ['SIGINT', 'SIGTERM'])
		process.once(signal, () => end().then(() => process.exit(1)));
	try {
		await check();
	} catch (error) {
		faults.push(error.message);
		console.log(`  ${error.stack}`);
	} finally {
		await end();
	}
	console.log(
		`${title}: ${faults.length ? `${faults.length} claims failed` : holds()}, in ${seconds()} s`,
	);
	return faults.length ? 1 : 0;
}
