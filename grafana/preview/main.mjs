// ./ytempire dashboards preview: draws the dashboards from a running database with Grafana's own components, as a page and as pictures. Exits with
// 1 when a panel is empty or fails, and with 2 when it is not usable so.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findChromium, NO_CHROMIUM } from '../../n8n-nodes/scripts/chromium.mjs';
import { bundle } from './bundle.mjs';
import { open } from './database.mjs';
import { dashboards, faultsOf, html, pageData } from './page.mjs';
import { photograph } from './pictures.mjs';
import { serve } from './server.mjs';

const HELP = `./ytempire dashboards preview [--user EMAIL] [--database URL] [--out FOLDER] [--no-pictures]
    Draws every panel of every dashboard with Grafana's own components, from a running
    database and as a user's own database login: a page, and pictures of it by Chromium,
    light and dark, as wide as a desktop and as a phone.
    --user EMAIL     another user of the running demo
    --database URL   another database, as a user's login: postgresql://LOGIN@HOST:PORT/NAME,
                     with the password in PGPASSWORD
    --out FOLDER     where page and pictures go (.ytempire/preview)
    --no-pictures    the page alone
`;

class Unusable extends Error {}

const state = process.env.YTEMPIRE_STATE ?? join(import.meta.dirname, '../../.ytempire');
const bundled = join(state, 'preview-bundle');

function options() {
	try {
		const { values, positionals } = parseArgs({
			allowPositionals: true,
			options: {
				user: { type: 'string' },
				database: { type: 'string' },
				out: { type: 'string' },
				'no-pictures': { type: 'boolean', default: false },
				serve: { type: 'string' },
				help: { type: 'boolean', short: 'h', default: false },
			},
		});
		if (positionals.length > 1 || (positionals[0] ?? 'preview') !== 'preview')
			throw new Unusable(
				`dashboards has the command preview alone, not '${positionals.join(' ')}'.`,
			);
		return values;
	} catch (error) {
		throw error instanceof Unusable ? error : new Unusable(error.message);
	}
}

/** What the running demo left for this: { sidecar, token, host, port, database, user, login, password }. */
function demo() {
	const file = join(state, 'demo/preview.json');
	if (!existsSync(file)) {
		throw new Unusable(
			'no demo runs here. Start ./ytempire demo, or name a database with --database postgresql://LOGIN@HOST:PORT/NAME.',
		);
	}
	return JSON.parse(readFileSync(file, 'utf8'));
}

async function api({ sidecar, token }, method, path) {
	const response = await fetch(sidecar + path, {
		method,
		headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
		body: method === 'POST' ? '{}' : undefined,
	}).catch((error) => {
		throw new Unusable(
			`the demo's sidecar does not answer at ${sidecar} (${error.cause?.code ?? error.message}): the demo has ended. Start ./ytempire demo again.`,
		);
	});
	if (!response.ok)
		throw new Unusable(
			`${method} ${path} answers ${response.status}: ${(await response.json().catch(() => ({}))).detail ?? 'no reason'}`,
		);
	return response.status === 204 ? undefined : response.json();
}

/** A login of another user of the demo, revoked when it is no longer needed. */
async function borrowed(running, email) {
	const { users } = await api(running, 'GET', '/v1/users?limit=500');
	const user = users.find((each) => each.email === email);
	if (!user)
		throw new Unusable(
			`the demo has no user ${email}; for instance ${users
				.slice(0, 3)
				.map((each) => each.email)
				.join(', ')}.`,
		);
	const { login, password } = await api(running, 'POST', `/v1/users/${user.userId}/database-login`);
	return {
		login,
		password,
		revoke: () => api(running, 'DELETE', `/v1/users/${user.userId}/database-logins/${login}`),
	};
}

/** Refuses what is no address of a database, and a password in it, which every user of this machine would see in the list of processes. */
function requireAddress(database) {
	if (/^\w+:\/\/[^@/?]*:[^@]*@|[?&]password=/.test(database))
		throw new Unusable(
			'--database takes no password. Set PGPASSWORD to it, and name the database as postgresql://LOGIN@HOST:PORT/NAME.',
		);
	if (!/^postgres(ql)?:\/\//.test(database))
		throw new Unusable('--database takes postgresql://LOGIN@HOST:PORT/NAME.');
}

async function source({ user, database }) {
	if (database !== undefined) {
		if (user !== undefined)
			throw new Unusable(
				'--user is for the demo: with --database the login says whose rows are drawn.',
			);
		requireAddress(database);
		return { settings: { connectionString: database }, revoke: async () => {} };
	}
	const running = demo();
	const settings = { host: running.host, port: running.port, database: running.database };
	if (user === undefined || user === running.user) {
		return {
			settings: { ...settings, user: running.login, password: running.password },
			revoke: async () => {},
		};
	}
	const { login, password, revoke } = await borrowed(running, user);
	return { settings: { ...settings, user: login, password }, revoke };
}

/** Who the login is, as the database says. */
async function whoseRows(database) {
	const { rows } = await database('select email from analytics.users').catch((error) => {
		throw new Unusable(`the database does not answer: ${error.message}`);
	});
	if (rows.length !== 1)
		throw new Unusable(
			`the login sees ${rows.length} users: it is no user's own. Make one with POST /v1/users/{userId}/database-login.`,
		);
	return rows[0].email;
}

async function draw(database, { out, 'no-pictures': noPictures }) {
	const folder = resolve(out ?? join(state, 'preview'));
	const user = await whoseRows(database);
	const data = await pageData({ database, user, now: Date.now() });
	mkdirSync(folder, { recursive: true });
	for (const file of ['page.js', 'page.css']) copyFileSync(join(bundled, file), join(folder, file));
	const page = join(folder, 'index.html');
	writeFileSync(page, html(data));
	const names = Object.keys(data.dashboards);
	const panels = Object.values(data.dashboards).reduce(
		(sum, dashboard) => sum + dashboard.panels.length,
		0,
	);
	const shown = (path) => relative(process.cwd(), path) || path;
	console.log(
		`${panels} panels of ${names.length} dashboards, with the rows of ${user}: ${shown(page)}`,
	);
	const faults = faultsOf(data);
	const executablePath = findChromium();
	if (noPictures) {
		// As asked.
	} else if (executablePath === undefined) {
		console.log(`Skipped: pictures, because ${NO_CHROMIUM}.`);
	} else {
		const pictures = join(folder, 'pictures');
		rmSync(pictures, { recursive: true, force: true });
		faults.push(...(await photograph({ executablePath, page, names, folder: pictures })));
		console.log(`Pictures, light and dark, desktop and phone: ${shown(pictures)}`);
	}
	faults.forEach((fault) => console.error(`FAULT ${fault}`));
	return faults.length === 0 ? 0 : 1;
}

async function run() {
	const asked = options();
	if (asked.help) {
		process.stdout.write(HELP);
		return 0;
	}
	if (asked.serve !== undefined) {
		// The demo: the login comes in PGUSER and PGPASSWORD.
		await bundle(bundled);
		const database = open({});
		await serve({
			port: Number(asked.serve),
			bundle: bundled,
			database,
			user: await whoseRows(database),
		});
		return undefined;
	}
	const { settings, revoke } = await source(asked);
	const database = open(settings);
	try {
		await bundle(bundled);
		return await draw(database, asked);
	} finally {
		await database.close();
		await revoke();
	}
}

run().then(
	(status) => (process.exitCode = status),
	(error) => {
		console.error(error instanceof Unusable ? `ytempire: ${error.message}` : error);
		process.exitCode = error instanceof Unusable ? 2 : 1;
	},
);
