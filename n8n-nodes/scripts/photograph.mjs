// Opens the editor of a running n8n in headless Chromium, photographs the panel of each of our nodes, as it comes in the dark
// too, those of the documentation alone and in both, and the main workflow after a run. Says what it does before it does it, and each fault in a line of its own; exits with
// 1 when there are any.
//   node scripts/photograph.mjs URL EMAIL PASSWORD FOLDER
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { findChromium, launchOptions, NO_CHROMIUM } from './chromium.mjs';
import { ourNodes } from './workflows/nodes.mjs';

/** How long one step may take, in milliseconds: all processors may be busy. */
const STEP_TIMEOUT = 120_000;

/** Nodes in a row of the workflow, and the distances between them. */
const COLUMNS = 6;
const SPACING = { x: 240, y: 200 };

const [url, email, password, folder] = process.argv.slice(2);
if (!folder) {
	console.error('photograph.mjs URL EMAIL PASSWORD FOLDER');
	process.exit(2);
}
mkdirSync(folder, { recursive: true });

/** How the channels of one user did. */
const ANALYTICS = {
	resource: 'analytics',
	operation: 'getAll',
	userId: { __rl: true, mode: 'id', value: '={{ $json.userId }}' },
	options: { compare: true },
};

/** What to open each node with: as it comes, and what shows more of it. */
const SHOWN = {
	fetchMetrics: [
		['', {}],
		['reports', {}, async (page) => await open(page, 'Reports', 'Channel Revenue by Day')],
		[
			'user-list',
			{ userId: { __rl: true, mode: 'list', value: '' } },
			async (page) => await open(page, 'User', /@/),
		],
		[
			'one-period',
			{
				channels: 'all',
				period: 'custom',
				options: { metrics: ['views', 'likes'], maxAgeMinutes: 10, waitSeconds: 300 },
			},
		],
		[
			'top-videos',
			{
				operation: 'top-videos',
				channels: 'all',
				userId: { __rl: true, mode: 'id', value: '={{ $json.userId }}' },
				period: 'last7',
				limit: 3,
				options: { includeNames: true },
			},
		],
	],
	storeMetrics: [
		['', {}],
		[
			'mapped',
			{
				source: 'mapped',
				kind: 'channel-day',
				columns: { mappingMode: 'defineBelow', value: null },
			},
		],
	],
	checkQuota: [
		['', {}],
		['estimate', { operation: 'estimate', channelCount: 5, options: { interactive: true } }],
		['reserve', { operation: 'reserve', options: { leaseMinutes: 15 } }],
	],
	ytempire: [
		['', {}],
		['analytics', { ...ANALYTICS, period: 'last-week' }],
		[
			'sort',
			{ ...ANALYTICS, sort: 'revenueUsd' },
			async (page) => await open(page, 'Sort By', 'Watch Hours'),
		],
		['create-user', { operation: 'create', fields: { timeZone: 'Europe/Berlin' } }],
		['erase', { operation: 'erase' }],
		['connect-link', { resource: 'channel', operation: 'connectLink' }],
		['create-channel', { resource: 'channel', operation: 'create', channelId: '@woodwork' }],
		['sync', { resource: 'metrics', operation: 'sync' }],
		['stored', { resource: 'metrics', operation: 'getAll' }],
	],
	ytempireTrigger: [
		['', {}],
		['one-user', { users: 'one', events: ['reconnect-needed', 'quota-low'] }],
	],
};

/** Panels that the documentation shows, by the names of their pictures in docs/pictures. */
const DOCUMENTED = {
	'fetchMetrics-top-videos': 'node-fetch-metrics',
	storeMetrics: 'node-store-metrics',
	checkQuota: 'node-check-quota',
	ytempire: 'node-ytempire',
	'ytempire-sync': 'node-ytempire-sync',
	'ytempire-analytics': 'node-ytempire-analytics',
	ytempireTrigger: 'node-ytempire-trigger',
};

const faults = [];
const executablePath = findChromium();
if (executablePath === undefined) {
	console.log(`Skipped: the panels in the editor, because ${NO_CHROMIUM}`);
	process.exit(0);
}
const browser = await chromium.launch(launchOptions(executablePath));
const context = await browser.newContext({
	viewport: { width: 1440, height: 900 },
	deviceScaleFactor: 1,
	reducedMotion: 'reduce',
});
context.setDefaultTimeout(STEP_TIMEOUT);
// n8n takes a session only from the browser that signed in.
const browserId = crypto.randomUUID();
await context.addInitScript((id) => localStorage.setItem('n8n-browserId', id), browserId);

try {
	console.log('signing in');
	await rest('POST', '/rest/login', { emailOrLdapLoginId: email, password });
	const panels = Object.entries(ourNodes())
		.filter(([type]) => !type.endsWith('Tool'))
		.flatMap(([type, description]) =>
			(SHOWN[description.name] ?? [['', {}]]).map(([suffix, parameters, then]) => ({
				name: [description.defaults.name, suffix].filter(Boolean).join(', '),
				picture: [description.name, suffix].filter(Boolean).join('-'),
				isDefault: suffix === '',
				type,
				description,
				parameters,
				then,
			})),
		);
	const workflow = await createWorkflow(panels);
	console.log('opening the editor');
	const page = await openPage(`/workflow/${workflow}`);
	for (const each of panels) {
		await openPanel(page, each);
		if (each.then) await each.then(page);
		await photograph(page, each.picture);
		const documented = DOCUMENTED[each.picture];
		if (documented) await photographPanel(page, documented);
		if (each.isDefault || documented) {
			// n8n follows the system's theme.
			await page.emulateMedia({ colorScheme: 'dark' });
			await photograph(page, `${each.picture}-dark`);
			if (documented) await photographPanel(page, `${documented}-dark`);
			await page.emulateMedia({ colorScheme: 'light' });
		}
		await closePanel(page);
	}
	// Higher than the workflows are at this width, so that the editor's header and buttons lie beside them.
	await page.setViewportSize({ width: 1900, height: 1150 });
	await afterRun(page, 'multi-user-sync', 'Store Metrics');
	await afterRun(page, 'weekly-top-videos', 'Top 3 Videos');
} finally {
	await browser.close();
}
faults.forEach((fault) => console.log(`FAULT ${fault}`));
process.exitCode = faults.length ? 1 : 0;

/** Calls n8n's own interface as the user who is signed in. */
async function rest(method, path, data) {
	const answer = await context.request.fetch(url + path, {
		method,
		data,
		headers: { 'browser-id': browserId },
	});
	if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`);
	return (await answer.json()).data;
}

/** Creates one workflow with a node for each panel, so that the editor is loaded once; returns its id. */
async function createWorkflow(panels) {
	const credential = (await rest('GET', '/rest/credentials')).find(
		({ type }) => type === 'ytempireApi',
	);
	const { id } = await rest('POST', '/rest/workflows', {
		name: 'Photographed panels',
		settings: { executionOrder: 'v1' },
		connections: {},
		nodes: panels.map(({ name, type, description, parameters }, index) => ({
			id: crypto.randomUUID(),
			name,
			type,
			typeVersion: 1,
			position: [(index % COLUMNS) * SPACING.x, Math.floor(index / COLUMNS) * SPACING.y],
			parameters,
			...(description.webhooks ? { webhookId: crypto.randomUUID() } : {}),
			credentials: credential && { ytempireApi: { id: credential.id, name: credential.name } },
		})),
	});
	return id;
}

/** Opens a page of the editor that notes what fails in it, and which requests to n8n are on their way. */
async function openPage(path) {
	const page = await context.newPage();
	page.on('pageerror', (error) => faults.push(`the page failed: ${error.message}`));
	page.pending = new Set();
	page.on('request', (request) => request.url().includes('/rest/') && page.pending.add(request));
	page.on('requestfinished', (request) => page.pending.delete(request));
	page.on('requestfailed', (request) => page.pending.delete(request));
	await page.goto(url + path);
	return page;
}

/** Waits until n8n has answered all that the page asked for, and the page has drawn it. */
async function settled(page) {
	do {
		await page.evaluate(
			() =>
				new Promise((drawn) =>
					requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn))),
				),
		);
	} while (page.pending.size);
}

async function openPanel(page, { name, description }) {
	console.log(`opening the panel of ${name}`);
	await page.locator(`.vue-flow__node:has([data-node-name="${name}"])`).dblclick();
	const panel = page.locator('[data-test-id="ndv"]');
	const shown = panel.locator('[data-test-id="parameter-input"]');
	await shown.first().waitFor();
	const first = description.properties.find(({ type: kind }) => kind !== 'hidden').displayName;
	if (!(await panel.getByText(first, { exact: true }).count()))
		faults.push(`${name}: no ${first} in its panel`);
	if (await page.getByText(/unrecognized|unknown node|install this node/i).count())
		faults.push(`${name}: n8n does not know the node`);
	// Lists and columns come from the sidecar.
	await settled(page);
	await page.getByText('Fetching columns').waitFor({ state: 'detached' });
	console.log(`${await shown.count()} parameters shown`);
}

async function closePanel(page) {
	await page.locator('[data-test-id="ndv-close-button"]').click();
	await page.locator('[data-test-id="ndv"]').waitFor({ state: 'detached' });
}

/** The newest execution of a workflow, which may have been imported more than once. */
async function newestRun(name) {
	for (const { id } of (await rest('GET', '/rest/workflows')).filter(
		(each) => each.name === name,
	)) {
		const { results } = await rest(
			'GET',
			`/rest/executions?limit=1&filter=${encodeURIComponent(JSON.stringify({ workflowId: id }))}`,
		);
		if (results.length) return { workflow: id, execution: results[0].id };
	}
	return undefined;
}

/** Photographs a workflow of ours as it stands after its newest run, without the editor around it. */
async function afterRun(page, file, node) {
	const { name } = JSON.parse(
		readFileSync(new URL(`../workflows/${file}.json`, import.meta.url), 'utf8'),
	);
	const run = await newestRun(name);
	if (!run) return;
	console.log(`opening the newest run of ${name}`);
	// A page load: while the editor goes from the canvas to an execution by itself, its panel looks for a workflow at times that
	// is gone already, and that is an error of the page.
	await page.goto(`${url}/workflow/${run.workflow}/executions/${run.execution}`);
	await page.locator('.vue-flow__node', { hasText: node }).last().waitFor();
	await settled(page);
	const checklist = page.getByText('Production Checklist');
	if (await checklist.count()) await page.keyboard.press('Escape');
	const boxes = await Promise.all(
		(await page.locator('.vue-flow__node').all()).map((node) => node.boundingBox()),
	);
	// Triggers have a mark before them.
	const left = Math.min(...boxes.map((box) => box.x)) - 32;
	const top = Math.min(...boxes.map((box) => box.y)) - 12;
	await page.screenshot({
		path: join(folder, `${file}.png`),
		clip: {
			x: left,
			y: top,
			width: Math.max(...boxes.map((box) => box.x + box.width)) + 20 - left,
			height: Math.max(...boxes.map((box) => box.y + box.height)) + 28 - top,
		},
	});
}

async function photograph(page, name) {
	// Lists fade in.
	await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}

/** Photographs the column of the parameters alone, down to the last of them. */
async function photographPanel(page, name) {
	// What the mouse points at has buttons.
	await page.mouse.move(0, 0);
	const settings = page.locator('[data-test-id="ndv"] .node-settings');
	const column = await settings.boundingBox();
	const parts = settings.locator(
		'[data-test-id="parameter-item"], [data-test-id^="collection-parameter-add"]',
	);
	const ends = await Promise.all((await parts.all()).map((part) => part.boundingBox()));
	const bottom = Math.max(...ends.filter(Boolean).map((box) => box.y + box.height));
	await page.screenshot({
		path: join(folder, `${name}.png`),
		animations: 'disabled',
		clip: { x: column.x, y: column.y, width: column.width, height: bottom + 20 - column.y },
	});
}

/** Opens a list of the panel, and waits for something that must stand in it. */
async function open(page, label, entry) {
	const input = page.locator('[data-test-id="parameter-item"]', { hasText: label }).first();
	const field = input.locator('.el-select, input').last();
	// What is chosen already covers the middle of the field.
	const { width } = await field.boundingBox();
	await field.click({ force: true, position: { x: width - 16, y: 12 } });
	await page.getByText(entry).last().waitFor();
}
