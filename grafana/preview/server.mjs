// The page with fresh figures at an address of this machine, for the demo.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { dashboards, html, pageData } from './page.mjs';

const TYPES = { 'page.js': 'text/javascript', 'page.css': 'text/css' };

/** A page that asked the database less than this ago is given again, in milliseconds. */
const FRESH = 10_000;
const MOST_PAGES = 50;

/**
 * Starts the server on the loopback address.
 *
 * @param bundle the folder with the page's script and styles
 * @returns once it listens
 */
export async function serve({ port, bundle, database, user, clock = Date.now }) {
	const names = Object.keys(dashboards());
	const pages = new Map();

	/** One at a time for each address, however many ask. */
	function page(search) {
		const chosen = Object.fromEntries(
			[...new Set(search.keys())].map((name) => [name, search.getAll(name)]),
		);
		const only = names.includes(search.get('dashboard')) ? search.get('dashboard') : names[0];
		const key = search.toString();
		const known = pages.get(key);
		if (known && clock() - known.at < FRESH) return known.page;
		const made = pageData({ database, user, now: clock(), only, chosen, isLive: true }).then(html);
		made.catch(() => pages.delete(key));
		pages.set(key, { at: clock(), page: made });
		if (pages.size > MOST_PAGES) pages.delete(pages.keys().next().value);
		return made;
	}

	const server = createServer(async (request, response) => {
		const answer = (status, type, body) => {
			response.writeHead(status, {
				'Content-Type': `${type}; charset=utf-8`,
				'Cache-Control': 'no-store',
				'X-Content-Type-Options': 'nosniff',
			});
			response.end(body);
		};
		// A page of another site, whose name was made to mean this machine, reads nothing here.
		if (!['127.0.0.1', 'localhost'].includes((request.headers.host ?? '').split(':')[0]))
			return answer(421, 'text/plain', 'not a name of this server\n');
		const { pathname, searchParams } = new URL(request.url, 'http://127.0.0.1');
		const file = pathname.slice(1);
		if (request.method !== 'GET') return answer(405, 'text/plain', 'only GET\n');
		if (Object.hasOwn(TYPES, file))
			return answer(200, TYPES[file], readFileSync(join(bundle, file)));
		if (pathname === '/health') return answer(200, 'text/plain', 'ok\n');
		if (pathname !== '/') return answer(404, 'text/plain', 'no such page\n');
		try {
			return answer(200, 'text/html', await page(searchParams));
		} catch (error) {
			console.error(`${pathname}: ${error.message}`);
			return answer(
				503,
				'text/plain',
				`The database did not answer: ${error.message}. Try again.\n`,
			);
		}
	});
	await new Promise((resolve, reject) =>
		server.once('error', reject).listen(port, '127.0.0.1', resolve),
	);
	return server;
}
