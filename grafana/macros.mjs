// What Grafana's PostgreSQL data source makes of a panel's SQL: variables first, then macros. Its macros take no closing parenthesis in an
// argument; an unknown macro or variable is an error here, as an unknown macro is there.
const UNITS = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };
const quoted = (instant) => `'${new Date(instant).toISOString()}'`;

function seconds(interval) {
	const [, count, unit] = /^(\d+)([smhdw])$/.exec(interval.replaceAll("'", '')) ?? [];
	if (!unit) throw new Error(`not an interval: ${interval}`);
	return count * UNITS[unit];
}

const macros = (range) => ({
	__time: ([column]) => `${column} AS "time"`,
	__timeFilter: ([column]) => `${column} BETWEEN ${quoted(range.from)} AND ${quoted(range.to)}`,
	__timeFrom: () => quoted(range.from),
	__timeTo: () => quoted(range.to),
	__timeGroup: ([column, step]) =>
		`floor(extract(epoch from ${column})/${seconds(step)})*${seconds(step)}`,
});

/**
 * Expands a panel's SQL for a time range.
 *
 * @param range { from, to }: instants
 * @param variables { name: value or list of values }
 */
export function expand(sql, { range, variables = {} }) {
	const known = macros(range);
	return sql
		.replace(/\$\{(\w+)(?::(\w+))?\}/g, (whole, name, format) => {
			if (!(name in variables)) throw new Error(`unknown variable ${whole}`);
			const values = [variables[name]].flat();
			return format === 'sqlstring'
				? values.map((value) => `'${String(value).replaceAll("'", "''")}'`).join(',')
				: values.join(',');
		})
		.replace(/\$(__\w+)\(([^)]*)\)/g, (whole, name, args) => {
			if (!known[name]) throw new Error(`unknown macro ${whole}`);
			return known[name](args.split(',').map((argument) => argument.trim()));
		});
}
