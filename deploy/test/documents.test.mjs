// Tests that the documentation names are tests that there are.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const under = (folder, ending) =>
	readdirSync(join(root, folder), { recursive: true })
		.filter((file) => file.endsWith(ending) && !/(^|\/)(node_modules|target)\//.test(file))
		.map((file) => join(root, folder, file));

test('every test of Java that a page names exists', () => {
	const classes = new Map();
	for (const file of under('sidecar', 'Test.java')) {
		const name = file.split('/').at(-1).replace('.java', '');
		classes.set(name, (classes.get(name) ?? '') + readFileSync(file, 'utf8'));
	}
	let named = 0;
	for (const page of under('docs', '.md'))
		for (const [whole, name, method] of readFileSync(page, 'utf8').matchAll(
			/`(?:\w+\/)?([A-Z]\w+Test)\.([a-z]\w+)`/g,
		)) {
			named++;
			assert.ok(classes.has(name), `${page} names ${whole}, and there is no such class`);
			assert.match(
				classes.get(name),
				new RegExp(`void ${method}\\(`),
				`${page} names ${whole}, and there is no such test`,
			);
		}
	assert.ok(named > 50, `${named} tests are named`);
});
