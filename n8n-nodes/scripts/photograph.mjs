// Opens the editor of a running n8n in headless Chromium, photographs the panel of each of our nodes, as it comes in the dark
// too, and the main workflow after a run, and exits with 1 when one of them does not show what it should.
//   node scripts/photograph.mjs URL EMAIL PASSWORD CHROMIUM FOLDER
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { ourNodes } from './workflows/nodes.mjs';

const [url, email, password, executablePath, folder] = process.argv.slice(2);
if (!folder) {
	console.error('photograph.mjs URL EMAIL PASSWORD CHROMIUM FOLDER');
	process.exit(2);
}
mkdirSync(folder, { recursive: true });

/** What to open each node with: as it comes, and what shows more of it. */
const SHOWN = {
	fetchMetrics: [
		['', {}],
		['reports', {}, async () => await open('Reports', 'Channel Revenue by Day')],
		[
			'user-list',
			{ userId: { __rl: true, mode: 'list', value: '' } },
			async () => await open('User', /@/),
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
		['reserve', { operation: 'reserve', options: { leaseMinutes: 15 } }],
	],
	ytempire: [
		['', {}],
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

const faults = [];
const browser = await chromium.launch({
	executablePath,
	headless: true,
	args: [
		'--no-sandbox',
		'--disable-gpu',
		'--disable-background-networking',
		'--disable-component-update',
		'--disable-sync',
	],
});
const page = await (
	await browser.newContext({ viewport: { width: 1440, height: 900 }, deviceScaleFactor: 1 })
).newPage();
page.on('pageerror', (error) => faults.push(`the page failed: ${error.message}`));

try {
	await page.goto(`${url}/signin`);
	await page
		.locator('input[type=email], input[autocomplete="email"], input[name="emailOrLdapLoginId"]')
		.first()
		.fill(email);
	await page.locator('input[type=password]').fill(password);
	await page.getByRole('button', { name: /sign in/i }).click();
	await page.waitForURL((at) => !at.pathname.startsWith('/signin'));
	const credential = (await rest('GET', '/rest/credentials')).find(
		({ type }) => type === 'ytempireApi',
	);
	for (const [type, description] of Object.entries(ourNodes())) {
		if (type.endsWith('Tool')) continue;
		for (const [suffix, parameters, then] of SHOWN[description.name] ?? [['', {}]]) {
			await panel(type, description, parameters, credential, suffix);
			if (then) await then();
			await photograph([description.name, suffix].filter(Boolean).join('-'));
			if (suffix) continue;
			// n8n follows the system's theme.
			await page.emulateMedia({ colorScheme: 'dark' });
			await photograph(`${description.name}-dark`);
			await page.emulateMedia({ colorScheme: 'light' });
		}
	}
	await afterRun('multi-user-sync', 'Store Metrics');
	await afterRun('weekly-top-videos', 'Top 3 Videos');
} finally {
	await browser.close();
}
faults.forEach((fault) => console.error(fault));
process.exitCode = faults.length ? 1 : 0;

/** n8n's own interface, as the page that is signed in. */
async function rest(method, path, body) {
	return await page.evaluate(
		async ([how, where, what]) => {
			const answer = await fetch(where, {
				method: how,
				headers: {
					'Content-Type': 'application/json',
					'browser-id': localStorage.getItem('n8n-browserId') ?? '',
				},
				body: what && JSON.stringify(what),
			});
			if (!answer.ok) throw new Error(`${how} ${where}: ${answer.status} ${await answer.text()}`);
			return (await answer.json()).data;
		},
		[method, path, body],
	);
}

async function panel(type, description, parameters, credential, suffix) {
	const name = description.defaults.name;
	const { id } = await rest('POST', '/rest/workflows', {
		name: `Photographed: ${name} ${suffix}`,
		settings: { executionOrder: 'v1' },
		connections: {},
		nodes: [
			{
				id: crypto.randomUUID(),
				name,
				type,
				typeVersion: 1,
				position: [0, 0],
				parameters,
				...(description.webhooks ? { webhookId: crypto.randomUUID() } : {}),
				credentials: credential && { ytempireApi: { id: credential.id, name: credential.name } },
			},
		],
	});
	await page.goto(`${url}/workflow/${id}`);
	const node = page.locator('.vue-flow__node', { hasText: name }).last();
	await node.waitFor();
	await node.dblclick();
	const shown = page.locator('[data-test-id="parameter-input"]');
	await shown.first().waitFor();
	const first = description.properties.find(({ type: kind }) => kind !== 'hidden').displayName;
	if (!(await page.getByText(first, { exact: true }).count()))
		faults.push(`${name} ${suffix}: no ${first} in its panel`);
	if (await page.getByText(/unrecognized|unknown node|install this node/i).count())
		faults.push(`${name}: n8n does not know the node`);
	// Lists and columns come from the sidecar.
	await page.waitForLoadState('networkidle');
	await page.getByText('Fetching columns').waitFor({ state: 'detached' });
	console.log(`${name}${suffix && `, ${suffix}`}: ${await shown.count()} parameters shown`);
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

/** A workflow of ours as it stands after its newest run, without the editor around it. */
async function afterRun(file, node) {
	const { name } = JSON.parse(
		readFileSync(new URL(`../workflows/${file}.json`, import.meta.url), 'utf8'),
	);
	const run = await newestRun(name);
	if (!run) return;
	// Higher than the workflow is at this width, so that the editor's header and buttons lie beside it.
	await page.setViewportSize({ width: 1900, height: 1150 });
	await page.goto(`${url}/workflow/${run.workflow}/executions/${run.execution}`);
	await page.locator('.vue-flow__node', { hasText: node }).last().waitFor();
	await page.waitForLoadState('networkidle');
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

async function photograph(name) {
	// Lists fade in.
	await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}

/** Opens a list of the panel, and waits for something that must stand in it. */
async function open(label, entry) {
	const input = page.locator('[data-test-id="parameter-item"]', { hasText: label }).first();
	const field = input.locator('.el-select, input').last();
	// What is chosen already covers the middle of the field.
	const { width } = await field.boundingBox();
	await field.click({ force: true, position: { x: width - 16, y: 12 } });
	await page.getByText(entry).last().waitFor();
}
