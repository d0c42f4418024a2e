// A failed connection is reported as a sentence with its address, and a page of another server is no answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeTypes, run } from './engine.mjs';

const status = (sidecar, baseUrl = ' http://sidecar:8080/ ') =>
	run(nodeTypes.CheckQuota, { parameters: { operation: 'status' }, sidecar, baseUrl });
const failing = (error) =>
	status(async () => {
		throw error;
	}).then(
		() => assert.fail('nothing failed'),
		(caught) => `${caught.message} | ${caught.description}`,
	);
const coded = (code) => Object.assign(new Error(`connect ${code} 127.0.0.1:8080`), { code });

test('a failed connection is reported as a sentence with its address', async () => {
	for (const [error, words] of [
		[
			coded('ECONNREFUSED'),
			/^Nothing answers at http:\/\/sidecar:8080: the connection was refused\./,
		],
		[coded('ENOTFOUND'), /^There is no host of the name in http:\/\/sidecar:8080\./],
		[coded('ETIMEDOUT'), /did not answer in time\./],
		[coded('ECONNRESET'), /^The connection to .* was closed/],
		[Object.assign(new Error('x'), { cause: coded('CERT_HAS_EXPIRED') }), /^No secure connection/],
		[new TypeError('Invalid URL'), /is no address\./],
		[Object.assign(new Error('502'), { httpCode: '502' }), /proxy at .* answered 502/],
		[new Error('who knows'), /gave no answer\./],
	]) {
		assert.match(await failing(error), words);
		assert.match(await failing(error), /Correct the Base URL in the credential.*without a path/);
	}
});

test('a page of another server is not taken for an answer', async () => {
	await assert.rejects(
		status(async () => '<html>It works!</html>'),
		/Something answers at http:\/\/sidecar:8080, but it is not a YTEMPIRE sidecar/,
	);
});
