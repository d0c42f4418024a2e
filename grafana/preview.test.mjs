// The preview without a browser and a database: its server, its command line.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { bundle } from './preview/bundle.mjs';
import { serve } from './preview/server.mjs';

const folder = mkdtempSync(join(tmpdir(), 'preview'));
const asked = [];
let fails = false;
let now = Date.UTC(2026, 2, 10);

/** One row of figures, whatever is asked. */
const database = async (sql) => {
	asked.push(sql);
	if (fails) throw new Error('the server is starting up');
	return {
		fields: [
			{ name: 'time', dataTypeID: 1082 },
			{ name: '__text', dataTypeID: 25 },
			{ name: '__value', dataTypeID: 25 },
		],
		rows: [{ time: '2026-03-01', __text: 'A', __value: 'UC1' }],
	};
};

let server;
before(async () => {
	writeFileSync(join(folder, 'page.js'), 'script');
	writeFileSync(join(folder, 'page.css'), 'styles');
	server = await serve({
		port: 0,
		bundle: folder,
		database,
		user: 'g@example.com',
		clock: () => now,
	});
});
after(() => {
	server.close();
	rmSync(folder, { recursive: true });
});

const get = (path, { method = 'GET', host } = {}) =>
	new Promise((resolve, reject) => {
		const { port } = server.address();
		request(
			{ host: '127.0.0.1', port, path, method, headers: { host: host ?? `127.0.0.1:${port}` } },
			async (response) => {
				let body = '';
				for await (const part of response) body += part;
				resolve({ status: response.statusCode, type: response.headers['content-type'], body });
			},
		)
			.on('error', reject)
			.end();
	});

test('the server gives the page, its script and its styles, and nothing else', async () => {
	assert.match((await get('/')).body, /<script src="page\.js">/);
	assert.deepEqual((await get('/page.js')).body, 'script');
	assert.match((await get('/page.css')).type, /^text\/css/);
	for (const path of ['/../package.json', '/main.mjs', '/page.js/', '/version'])
		assert.equal((await get(path)).status, 404, path);
	assert.equal((await get('/', { method: 'POST' })).status, 405);
	assert.equal((await get('/', { host: 'evil.example' })).status, 421);
});

test('an address asks for its dashboard once in ten seconds, with the values that are options', async () => {
	now += 60_000;
	asked.length = 0;
	const path = "/?dashboard=cost_analysis&channel=UC1&channel=x');--";
	await Promise.all([get(encodeURI(path)), get(encodeURI(path))]);
	const once = asked.length;
	assert.ok(once > 5);
	assert.equal(asked.filter((sql) => sql.includes('cost_per_video')).length, 1);
	assert.ok(
		asked.every((sql) => !sql.includes("x')") && !sql.includes("x'')")),
		'a value that is no option is asked for',
	);
	await get(encodeURI(path));
	assert.equal(asked.length, once);
	now += 11_000;
	await get(encodeURI(path));
	assert.equal(asked.length, 2 * once);
});

test('a database that does not answer is said, and asked again', async () => {
	now += 60_000;
	fails = true;
	const { status, body } = await get('/?dashboard=channel_analytics');
	assert.equal(status, 503);
	assert.match(body, /did not answer: the server is starting up/);
	fails = false;
	assert.equal((await get('/?dashboard=channel_analytics')).status, 200);
});

test('the bundle is built once, and again when it is not whole or of other sources', async () => {
	const kept = join(folder, 'bundle');
	let built = 0;
	const build = async ({ outdir, entryPoints }) => {
		built++;
		mkdirSync(outdir, { recursive: true });
		for (const type of ['js', 'css'])
			writeFileSync(join(outdir, `${Object.keys(entryPoints)[0]}.${type}`), `of build ${built}`);
	};
	assert.equal(await bundle(kept, build), true);
	assert.equal(await bundle(kept, build), false, 'a later start');
	assert.equal(built, 1);
	rmSync(join(kept, 'page.css'));
	assert.equal(await bundle(kept, build), true, 'a file was lost');
	writeFileSync(join(kept, 'version'), 'of other sources');
	assert.equal(await bundle(kept, build), true, 'its sources changed');
	// A build that fails leaves no bundle that counts.
	writeFileSync(join(kept, 'version'), 'of other sources');
	await assert.rejects(() => bundle(kept, () => Promise.reject(new Error('the disk is full'))));
	assert.equal(await bundle(kept, build), true, 'the last build failed');
	assert.equal(built, 4);
});

const INSTALLED = existsSync(join(import.meta.dirname, 'preview/node_modules/.installed'));

test(
	'what cannot be drawn is explained',
	{
		skip: INSTALLED
			? false
			: 'grafana/preview is not installed: ./ytempire dashboards preview installs it',
	},
	async () => {
		const run = (...words) =>
			new Promise((resolve) =>
				execFile(
					process.execPath,
					[join(import.meta.dirname, 'preview/main.mjs'), ...words],
					{ env: { PATH: process.env.PATH, YTEMPIRE_STATE: folder } },
					(error, out, text) => resolve({ status: error?.code ?? 0, text: text + out }),
				),
			);
		for (const [words, status, text] of [
			[['preview'], 2, /no demo runs here\. Start \.\/ytempire demo, or name a database/],
			[
				['preview', '--user', 'a@example.com', '--database', 'postgresql://x'],
				2,
				/--user is for the demo/,
			],
			[
				['preview', '--database', 'mysql://x'],
				2,
				/--database takes postgresql:\/\/LOGIN@HOST:PORT\/NAME\./,
			],
			[
				['preview', '--database', 'postgresql://x:secret@127.0.0.1:1/y'],
				2,
				/takes no password\. Set PGPASSWORD/,
			],
			[
				['preview', '--database', 'postgresql://x@127.0.0.1:1/y?password=secret'],
				2,
				/takes no password\. Set PGPASSWORD/,
			],
			[['preview', '--fast'], 2, /--fast/],
			[['show'], 2, /dashboards has the command preview alone, not 'show'/],
			[
				['preview', '--database', 'postgresql://x@127.0.0.1:1/y'],
				2,
				/the database does not answer: .*ECONNREFUSED/,
			],
			[['--help'], 0, /--no-pictures/],
		]) {
			const answer = await run(...words);
			assert.equal(answer.status, status, answer.text);
			assert.match(answer.text, text);
			assert.doesNotMatch(answer.text, /^ +at |secret/m);
		}
	},
);
