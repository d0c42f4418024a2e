// n8n's own scanner of community packages, on the sources and on what npm would publish.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
	analyzePackage,
	SOURCE_FILE_PATTERNS,
} from '@n8n/scan-community-package/scanner/scanner.mjs';

const home = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = mkdtempSync(join(tmpdir(), 'ytempire-scan-'));
after(() => rmSync(folder, { recursive: true }));

const published = () => {
	const [{ filename }] = JSON.parse(
		execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
			cwd: home,
			encoding: 'utf8',
			stdio: ['ignore', 'pipe', 'ignore'],
		}),
	);
	execFileSync('tar', ['xzf', join(folder, filename), '-C', folder]);
	return join(folder, 'package');
};

test("n8n's community scanner passes the sources and the published package without a warning", async () => {
	const source = await analyzePackage(home, SOURCE_FILE_PATTERNS);
	assert.ok(source.passed, JSON.stringify(source));
	const pack = published();
	const whole = await analyzePackage(pack, ['**/*.js', 'package.json']);
	assert.ok(whole.passed, JSON.stringify(whole));
	assert.equal(source.details ?? whole.details, undefined);
	const { dependencies, n8n } = JSON.parse(readFileSync(join(pack, 'package.json'), 'utf8'));
	assert.equal(dependencies, undefined, 'a verified node has no runtime dependencies');
	for (const file of [...n8n.nodes, ...n8n.credentials]) readFileSync(join(pack, file));
});

test('the scanner does find what is wrong', async () => {
	const pack = published();
	writeFileSync(join(pack, 'dist/bad.js'), "setTimeout(() => eval('1'), process.env.X);\n");
	const result = await analyzePackage(pack, ['**/*.js', 'package.json']);
	assert.equal(result.passed, false);
});
