// Opens the editor of a running n8n in headless Chromium, photographs the panel of each of our nodes and the main workflow
// after a run, and exits with 1 when one of them does not show what it should.
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
		[
			'one-period',
			{
				channels: 'all',
				period: 'custom',
				options: { metrics: ['views', 'likes'], maxAgeMinutes: 10, waitSeconds: 300 },
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
	await page.locator('form button').first().click();
	await page.waitForURL((at) => !at.pathname.startsWith('/signin'));
	const credential = (await rest('GET', '/rest/credentials')).find(
		({ type }) => type === 'ytempireApi',
	);
	for (const [type, description] of Object.entries(ourNodes())) {
		if (type.endsWith('Tool')) continue;
		for (const [suffix, parameters] of SHOWN[description.name] ?? [['', {}]]) {
			await panel(type, description, parameters, credential, suffix);
		}
	}
	await mainWorkflow();
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
	await page.screenshot({
		path: join(folder, `${[description.name, suffix].filter(Boolean).join('-')}.png`),
	});
	console.log(`${name}${suffix && `, ${suffix}`}: ${await shown.count()} parameters shown`);
}

/** The sync as it stands after its newest run, without the editor around it. */
async function mainWorkflow() {
	const { name } = JSON.parse(
		readFileSync(new URL('../workflows/multi-user-sync.json', import.meta.url), 'utf8'),
	);
	const found = (await rest('GET', '/rest/workflows')).find((each) => each.name === name);
	if (!found) return;
	const { results } = await rest(
		'GET',
		`/rest/executions?limit=1&filter=${encodeURIComponent(JSON.stringify({ workflowId: found.id }))}`,
	);
	if (!results.length) return;
	await page.setViewportSize({ width: 1500, height: 900 });
	await page.goto(`${url}/workflow/${found.id}/executions/${results[0].id}`);
	const frame = page.frameLocator('iframe');
	const node = frame.locator('.vue-flow__node', { hasText: 'Store Metrics' }).last();
	await node.waitFor();
	await page.waitForLoadState('networkidle');
	await page.locator('iframe').screenshot({ path: join(folder, 'multi-user-sync.png') });
}
