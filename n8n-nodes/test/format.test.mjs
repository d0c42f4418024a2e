// The format of scripts, which `./ytempire format` sets.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runPrettier } from '../scripts/format.mjs';

test('every script of nodes, deployment, dashboards and SQL is formatted', () => {
	const { status, files } = runPrettier('--list-different');
	assert.deepEqual(files, [], 'run ./ytempire format');
	assert.equal(status, 0);
});
