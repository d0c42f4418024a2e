// Data frames of a dashboard's panels, made of a database's rows as Grafana's PostgreSQL data source makes them.
//
// A database here is a function (sql) => Promise<{ fields: [{ name, dataTypeID }], rows: [{ column: value }] }>, as node-postgres and PGlite answer.
import { expand } from './macros.mjs';

/** PostgreSQL's types by their object identifiers. */
const NUMBERS = [20, 21, 23, 700, 701, 1700];
const TIMES = [1082, 1114, 1184];
const BOOLEAN = 16;

const kindOf = ({ dataTypeID }) =>
	NUMBERS.includes(dataTypeID)
		? 'number'
		: TIMES.includes(dataTypeID)
			? 'time'
			: dataTypeID === BOOLEAN
				? 'boolean'
				: 'string';

/** A value as Grafana has it: numbers as numbers, times as milliseconds since 1970; a day is its midnight in UTC. */
function valueOf(kind, value) {
	if (value === null || value === undefined) return null;
	if (kind === 'number') return Number(value);
	if (kind === 'time')
		return value instanceof Date
			? value.getTime()
			: Date.parse(/^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00Z` : value);
	return value;
}

const MILLISECONDS = {
	m: 60_000,
	h: 3_600_000,
	d: 86_400_000,
	w: 7 * 86_400_000,
	M: 30 * 86_400_000,
	y: 365 * 86_400_000,
};

/** The range that a dashboard opens with, as instants: `now-90d` is 90 days before `now`. */
export function rangeOf(dashboard, now) {
	const instant = (text) => {
		const [, count, unit] = /^now(?:-(\d+)([mhdwMy]))?$/.exec(text) ?? [];
		if (text !== 'now' && !unit) throw new Error(`not a time that the preview knows: ${text}`);
		return now - (unit ? count * MILLISECONDS[unit] : 0);
	};
	return { from: instant(dashboard.time.from), to: instant(dashboard.time.to) };
}

/**
 * The variables of a dashboard: { name: { label, options: [{ text, value }], value } }, with the values that it opens with.
 *
 * @param chosen values by name, which take the place of those; values that are no option are ignored
 */
export async function variablesOf(dashboard, database, range, chosen = {}) {
	const variables = {};
	for (const { name, label, type, query, options, multi, current } of dashboard.templating.list) {
		const values = Object.fromEntries(
			Object.entries(variables).map(([key, { value }]) => [key, value]),
		);
		const offered =
			type === 'query'
				? (await database(expand(query, { range, variables: values }))).rows.map((row) => ({
						text: row.__text,
						value: row.__value,
					}))
				: options.map(({ text, value }) => ({ text, value }));
		const known = [chosen[name] ?? []]
			.flat()
			.filter((value) => offered.some((option) => option.value === value));
		const standard = multi
			? offered.map(({ value }) => value)
			: (current?.value ?? offered[0]?.value ?? '');
		variables[name] = {
			label: label ?? name,
			options: offered,
			multi: multi === true,
			value: known.length === 0 ? standard : multi ? known : known[0],
		};
	}
	return variables;
}

const valuesOf = (variables) =>
	Object.fromEntries(Object.entries(variables).map(([name, { value }]) => [name, value]));

/** Rows of time, metric and value become a field for each metric; other rows a field for each column. */
function frameOf(target, { fields, rows }) {
	const columns = fields.map((field) => ({ name: field.name, type: kindOf(field) }));
	const has = (name) => columns.some((column) => column.name === name);
	if (target.format !== 'time_series' || !has('metric')) {
		return {
			fields: columns.map((column) => ({
				...column,
				values: rows.map((row) => valueOf(column.type, row[column.name])),
			})),
		};
	}
	const points = rows.map((row) => ({
		time: valueOf('time', row.time),
		metric: row.metric,
		value: valueOf('number', row.value),
	}));
	const times = [...new Set(points.map(({ time }) => time))].sort((a, b) => a - b);
	return {
		fields: [
			{ name: 'time', type: 'time', values: times },
			...[...new Set(points.map(({ metric }) => metric))].sort().map((metric) => {
				const values = new Map(
					points.filter((point) => point.metric === metric).map(({ time, value }) => [time, value]),
				);
				return {
					name: metric,
					type: 'number',
					values: times.map((time) => values.get(time) ?? null),
				};
			}),
		],
	};
}

/** One frame with the times of all, as Grafana joins the queries of a time series. */
function joined(frames) {
	const times = [...new Set(frames.flatMap(({ fields }) => fields[0].values))].sort(
		(a, b) => a - b,
	);
	return {
		fields: [
			{ name: 'time', type: 'time', values: times },
			...frames.flatMap(({ fields: [time, ...others] }) =>
				others.map((field) => {
					const values = new Map(time.values.map((each, row) => [each, field.values[row]]));
					return { ...field, values: times.map((each) => values.get(each) ?? null) };
				}),
			),
		],
	};
}

/** The frames of a panel, one for each query; a time series has one. */
export async function framesOf(panel, database, range, variables) {
	const frames = [];
	for (const target of panel.targets) {
		frames.push(
			frameOf(
				target,
				await database(expand(target.rawSql, { range, variables: valuesOf(variables) })),
			),
		);
	}
	return panel.type === 'timeseries' && frames.length > 1 ? [joined(frames)] : frames;
}

/** The annotations of a dashboard: [{ time, text, color }]. */
export async function annotationsOf(dashboard, database, range, variables) {
	const found = [];
	for (const { target, iconColor } of dashboard.annotations.list.filter(
		({ target }) => target?.rawSql,
	)) {
		const { rows } = await database(
			expand(target.rawSql, { range, variables: valuesOf(variables) }),
		);
		found.push(
			...rows.map((row) => ({ time: valueOf('time', row.time), text: row.text, color: iconColor })),
		);
	}
	return found;
}

/** What keeps a panel from being drawn as it is meant; empty: nothing. An empty panel is a fault too. */
export function panelFaults(panel, frames) {
	const faults = [];
	for (const { fields } of frames) {
		const has = (type) => fields.some((field) => field.type === type);
		// Without a row a series has no column of values either.
		if (fields.every(({ values }) => values.length === 0)) {
			faults.push('it has no data');
			continue;
		}
		if (panel.type === 'timeseries' && fields[0]?.type !== 'time')
			faults.push('its first column is no time');
		if (['timeseries', 'trend', 'bargauge'].includes(panel.type) && !has('number'))
			faults.push('it has no column of numbers');
		if (panel.type === 'trend') {
			const x = fields.find(({ name }) => name === panel.options.xField);
			if (x?.type !== 'number') faults.push(`its column ${panel.options.xField} is no number`);
			else if (
				x.values.some((value, row) => value === null || (row > 0 && value <= x.values[row - 1]))
			) {
				faults.push(`its column ${panel.options.xField} does not ascend`);
			}
		}
		const figures = fields.filter(
			({ type, name }) => type === 'number' && name !== panel.options?.xField,
		);
		const measured = figures.length > 0 ? figures : fields;
		if (!measured.some(({ values }) => values.some((value) => value !== null && value !== '')))
			faults.push('it has no data');
	}
	return faults;
}

/** A dashboard with all its panels' frames, as the preview draws it. A query that fails is the panel's error, and a fault. */
export async function dataOf(dashboard, database, now, chosen = {}) {
	const range = rangeOf(dashboard, now);
	const variables = await variablesOf(dashboard, database, range, chosen);
	const panels = [];
	for (const panel of dashboard.panels) {
		try {
			const frames = await framesOf(panel, database, range, variables);
			const times = frames.flatMap(({ fields }) =>
				fields.filter(({ type }) => type === 'time').flatMap(({ values }) => values),
			);
			panels.push({
				...panel,
				frames,
				from: range.from,
				to: Math.max(range.to, ...times),
				faults: panelFaults(panel, frames),
			});
		} catch (error) {
			panels.push({
				...panel,
				frames: [],
				from: range.from,
				to: range.to,
				error: error.message,
				faults: [`its query failed: ${error.message}`],
			});
		}
	}
	const { title, description, uid, timezone } = dashboard;
	return {
		title,
		description,
		uid,
		timezone,
		range,
		variables,
		panels,
		annotations: await annotationsOf(dashboard, database, range, variables),
	};
}
