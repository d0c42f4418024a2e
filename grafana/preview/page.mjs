// The page's HTML, with its data in it, and what it is made of.
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { dataOf } from '../frames.mjs';

const folder = join(import.meta.dirname, '../dashboards');

/** The order in which a customer reads them; others follow. */
const ORDER = ['revenue_tracker', 'channel_analytics', 'cost_analysis'];

/** The customers' dashboards by name: those that ask a user's database. */
export function dashboards() {
	const all = readdirSync(folder)
		.filter((file) => file.endsWith('.json'))
		.map((file) => [basename(file, '.json'), JSON.parse(readFileSync(join(folder, file), 'utf8'))])
		.filter(([, { panels }]) => panels.every(({ datasource }) => datasource.uid === 'ytempire'));
	const place = ([name]) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
	return Object.fromEntries(all.sort((a, b) => place(a) - place(b)));
}

/**
 * The data of a page.
 *
 * @param only the name of the one dashboard to ask for; the others have their title; undefined: all
 * @param chosen values of variables by name
 */
export async function pageData({ database, user, now, only, chosen, isLive = false }) {
	const found = {};
	for (const [name, dashboard] of Object.entries(dashboards())) {
		found[name] =
			only === undefined || only === name
				? await dataOf(dashboard, database, now, chosen)
				: { title: dashboard.title };
	}
	return { user, at: now, isLive, dashboards: found };
}

/** One page. Its data stand in an element that is not run, where no text can end it. Nothing is loaded but the script and styles beside it. */
export function html(data) {
	const json = JSON.stringify(data).replaceAll('<', '\\u003c');
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="connect-src 'none'; img-src data:; font-src data:; form-action 'none'; base-uri 'none'">
<title>Dashboards</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page.css">
</head>
<body>
<div id="root"></div>
<script type="application/json" id="data">${json}</script>
<script src="page.js"></script>
</body>
</html>
`;
}

/** Every fault of every panel: "dashboard: panel: what". */
export const faultsOf = ({ dashboards: found }) =>
	Object.entries(found).flatMap(([name, { panels = [] }]) =>
		panels.flatMap(({ title, faults }) => faults.map((fault) => `${name}: ${title}: ${fault}`)),
	);
