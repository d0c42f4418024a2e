// Prints the statements of every panel as Grafana sends them, for programs that run them and are not written in JavaScript.
//   node statements.mjs '[{"channel":["UC…"],"video":"…"}, …]'
// Answers [[{ dashboard, panel, sql }, …], …]: a list for each set of variables; what a set leaves out has the value that the dashboard opens with.
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { rangeOf } from './frames.mjs';
import { expand } from './macros.mjs';

const folder = join(import.meta.dirname, 'dashboards');

/** The statements of the dashboards that ask a user's database. */
export function statements(variables, now) {
	return readdirSync(folder)
		.filter((file) => file.endsWith('.json'))
		.sort()
		.map((file) => [basename(file, '.json'), JSON.parse(readFileSync(join(folder, file), 'utf8'))])
		.flatMap(([name, dashboard]) => {
			const standards = Object.fromEntries(
				dashboard.templating.list
					.filter(({ type }) => type === 'custom')
					.map((each) => [each.name, each.current.value]),
			);
			return dashboard.panels
				.filter(({ datasource }) => datasource.uid === 'ytempire')
				.flatMap(({ title, targets }) =>
					targets.map(({ rawSql }) => ({
						dashboard: name,
						panel: title,
						sql: expand(rawSql, {
							range: rangeOf(dashboard, now),
							variables: { ...standards, ...variables },
						}),
					})),
				);
		});
}

if (process.argv[1] === import.meta.filename) {
	const sets = JSON.parse(process.argv[2] ?? '[]');
	console.log(JSON.stringify(sets.map((variables) => statements(variables, Date.now()))));
}
