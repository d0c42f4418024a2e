function counted(words: string[]): Array<[string, number]> {
	const counts = new Map<string, number>();
	words.forEach((word) => counts.set(word, (counts.get(word) ?? 0) + 1));
	return [...counts];
}

/** How often each word comes, such as "busy: 2, refused: 1". */
export const tally = (words: string[]) =>
	counted(words)
		.map(([word, count]) => `${word}: ${count}`)
		.join(', ');

/** The word that comes most often; empty for no words. */
export const commonest = (words: string[]) =>
	counted(words).sort(([, a], [, b]) => b - a)[0]?.[0] ?? '';

/** Names that a hint lists before it leaves the rest out. */
const MAX_NAMED = 5;

/** The first names of a list, for a hint. */
export const firstOf = (names: string[]) =>
	names.slice(0, MAX_NAMED).join(', ') + (names.length > MAX_NAMED ? ', …' : '');
