// Generates from ../schemas: nodes/shared/contract.ts, the types of everything that travels between the nodes and the sidecar;
// nodes/shared/choices.ts, the option lists of the editor; nodes/shared/rowFields.ts, the columns of each kind of row; and
// nodes/*/__schema__, the output of each operation.
// `node scripts/contract.mjs --check` writes nothing and exits with 1 when the file is stale.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';
import { format as prettier, resolveConfig } from 'prettier';
import { outputSchemas, schemaOf } from './outputSchemas.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const schemas = join(here, '../../schemas');
const target = join(here, '../nodes/shared/contract.ts');

export async function contract() {
	const documents = readdirSync(schemas)
		.filter((file) => file.endsWith('.json'))
		.map((file) => [
			file.replace('.json', ''),
			JSON.parse(readFileSync(join(schemas, file), 'utf8')),
		]);
	// One document, so that what several schemas share becomes one type.
	const definitions = Object.fromEntries(
		documents.map(([name, schema]) => [name, inlined(schema)]),
	);
	const root = {
		title: 'Contract',
		description: 'Everything in the contract.',
		type: 'object',
		additionalProperties: false,
		properties: Object.fromEntries(documents.map(([name]) => [name, { $ref: `#/$defs/${name}` }])),
		$defs: definitions,
	};
	return await compile(root, 'Contract', {
		bannerComment:
			'// Generated from schemas/ by `npm run contract`. Do not edit: change the schema and run it again.',
		// n8n's lists come at run time: their length is the sidecar's to check.
		ignoreMinAndMaxItems: true,
		style: { singleQuote: true, useTabs: true, printWidth: 100 },
	});
}

/** What a person may fill in, by a kind of row, as n8n's mapper of columns takes it. */
export function rowFields() {
	const read = (name) => JSON.parse(readFileSync(join(schemas, name), 'utf8'));
	const fields = Object.fromEntries(
		read('metric-row.json').oneOf.map(({ $ref }) => {
			const { properties, required } = read($ref);
			const columns = Object.entries(properties)
				.filter(([name]) => name !== 'kind')
				.map(([name, property]) => ({
					name,
					type: kindOf(property),
					required: required.includes(name),
				}));
			return [properties.kind.const, columns];
		}),
	);
	return [
		'// Generated from schemas/ by `npm run contract`. Do not edit: change the schema and run it again.',
		"import type { MetricRow } from './contract';",
		'',
		'/** How a column of a row is written. ratio: 0 to 1. money: USD; a decimal as text in the contract, a number in n8n. */',
		"export type FieldType = 'integer' | 'number' | 'ratio' | 'boolean' | 'text' | 'money' | 'day' | 'moment' | 'list';",
		'',
		'/** A column of a kind of row. */',
		'export interface Field {',
		'\tname: string;',
		'\ttype: FieldType;',
		'\trequired: boolean;',
		'}',
		'',
		'/** The columns of each kind of row, in the order of the contract. */',
		`export const ROW_FIELDS: Record<MetricRow['kind'], Field[]> = ${JSON.stringify(fields, null, '\t')};`,
		'',
		'/** Fields of money in any row that can be fetched. USD; a decimal as text in the contract, a number in n8n. */',
		`export const MONEY_FIELDS: string[] = ${JSON.stringify(moneyFields(read))};`,
		'',
	].join('\n');
}

/** Schemas of choices that the editor shows, by the name of their list. */
const CHOICES = {
	ANALYTICS_VIEWS: 'analytics-view',
	BUCKETS: 'bucket',
	COST_CATEGORIES: 'cost-category',
	EVENTS: 'event-kind',
	METRICS: 'metric',
	QUALITY_CHECK_NAMES: 'quality-check-name',
	REPORTS: 'report',
	ROW_KINDS: 'row-kind',
	TIERS: 'tier',
};

/** The option lists of the editor, in order of name, and what the contract says of each choice. */
export function choices() {
	const read = (name) => JSON.parse(readFileSync(join(schemas, `${name}.json`), 'utf8'));
	const lists = Object.entries(CHOICES).map(([list, name]) => {
		const { title, description, 'x-values': values } = read(name);
		const options = Object.entries(values)
			.map(([value, each]) => ({ name: each.title, value, description: each.description }))
			.sort((a, b) => a.name.localeCompare(b.name, 'en'));
		const traits = Object.entries(values).map(([value, { title: _, description: __, ...rest }]) => {
			void [_, __];
			return [value, rest];
		});
		const hasTraits = traits.some(([, rest]) => Object.keys(rest).length);
		return [
			`/** ${description} */`,
			`export const ${list}: Array<Choice<${title}>> = ${JSON.stringify(options)};`,
			...(hasTraits
				? [
						'',
						`/** The properties of each choice of {@link ${list}}. */`,
						`export const ${list.replace(/S$/, '')}_TRAITS = ${JSON.stringify(Object.fromEntries(traits))} as const satisfies Record<${title}, object>;`,
					]
				: []),
			'',
		].join('\n');
	});
	return [
		'// Generated from schemas/ by `npm run contract`. Do not edit: change the schema and run it again.',
		`import type { ${Object.values(CHOICES)
			.map((name) => read(name).title)
			.join(', ')} } from './contract';`,
		'',
		'/** An option of a list in the editor. */',
		'export interface Choice<T extends string> {',
		'\tname: string;',
		'\tvalue: T;',
		'\tdescription: string;',
		'}',
		'',
		...lists,
	].join('\n');
}

/** The page with the columns of every report, for people: docs/nodes/reports.md. */
export function reportsPage() {
	const read = (name) => JSON.parse(readFileSync(join(schemas, `${name}.json`), 'utf8'));
	const values = read('report')['x-values'];
	const titles = Object.keys(values).sort((a, b) =>
		values[a].title.localeCompare(values[b].title, 'en'),
	);
	const section = (report) => {
		const { title, description, incremental, storable, delayDays, maxDays } = values[report];
		const facts = [
			incremental ? 'Part of *New and Changed*.' : 'Not part of *New and Changed*.',
			storable ? 'Can be stored.' : 'To read, not to store.',
			...(delayDays ? [`Complete after ${delayDays} days.`] : []),
			...(maxDays
				? [
						maxDays < 366
							? `Longer periods are fetched in parts of ${maxDays} days.`
							: `At most ${maxDays} days at once.`,
					]
				: []),
		];
		const name = schemaOf(report);
		const { properties } = read(name);
		const columns = [
			'| column | type | meaning |',
			'|---|---|---|',
			...Object.entries(properties).map(
				([column, property]) =>
					`| \`${column}\` | ${(properties.currency && kindOf(property) === 'money' ? 'money' : NAMES[kindOf(property)]) ?? kindOf(property) ?? 'text'} | ${meaning(property)} |`,
			),
		];
		if (properties.dimension) {
			columns.unshift(
				'A row for each value of the dimension. Columns that YouTube does not give with it are left out.',
				'',
			);
		}
		return [
			`## ${title}`,
			'',
			`\`${report}\`: ${description} ${facts.join(' ')}`,
			'',
			...columns,
			'',
		];
	};
	return [
		'<!-- Generated from schemas/ by `npm run contract`. Do not edit: change the schema and run it again. -->',
		'',
		'# Reports and their columns',
		'',
		'What *YTEMPIRE Fetch Metrics* returns for each report. Money is a number, in USD where nothing else is said, or text with *Money as Exact Text*. *Include Names* adds `channelName`, `channelUrl`, `videoTitle` and `videoUrl`. With a period, `dataThrough` is the newest day of it whose numbers are complete.',
		'',
		...titles.flatMap(section),
	].join('\n');
}

const NAMES = {
	day: 'day, YYYY-MM-DD',
	moment: 'time, RFC 3339',
	money: 'money, USD',
	ratio: 'ratio, usually 0 to 1',
	list: 'list of text',
};

const meaning = ({ description = '', const: only, $ref }) =>
	(description || (only ? `Always ${only}.` : ($ref ?? ''))).replaceAll('|', '\\|');

function moneyFields(read) {
	const names = read('fetched-row.json').oneOf.flatMap(({ $ref }) =>
		Object.entries(flat(read, $ref))
			.filter(([, property]) => kindOf(property) === 'money')
			.map(([name]) => name),
	);
	return [...new Set(names)].sort();
}

/** The properties of a row, or of all rows that a schema offers. */
function flat(read, file) {
	const { properties, oneOf = [] } = read(file);
	return properties ?? Object.assign({}, ...oneOf.map(({ $ref }) => flat(read, $ref)));
}

function kindOf({ type, format, pattern, minimum, maximum }) {
	const name = [type].flat()[0];
	if (name === 'array') return 'list';
	if (name === 'number' && minimum === 0 && maximum <= 2) return 'ratio';
	if (name !== 'string') return name;
	if (format === 'date') return 'day';
	if (format === 'date-time') return 'moment';
	return pattern?.startsWith('^-?[0-9]') ? 'money' : 'text';
}

function inlined(schema) {
	// A description or default beside a reference would make another type of it.
	const text = JSON.stringify(schema, (_, value) =>
		typeof value?.$ref === 'string'
			? { $ref: value.$ref.replace(/^([a-z-]+)\.json$/, '#/$defs/$1') }
			: value,
	);
	const {
		$id,
		$schema,
		if: condition,
		then,
		else: otherwise,
		anyOf,
		'x-values': values,
		...rest
	} = JSON.parse(text);
	// Which fields go together is the sidecar's to check.
	void [$id, $schema, condition, then, otherwise, anyOf, values];
	return rest;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const options = { ...(await resolveConfig(target)), parser: 'typescript' };
	const files = [
		[target, await contract()],
		[join(here, '../nodes/shared/rowFields.ts'), await prettier(rowFields(), options)],
		[join(here, '../nodes/shared/choices.ts'), await prettier(choices(), options)],
		[join(here, '../../docs/nodes/reports.md'), reportsPage()],
		...Object.entries(outputSchemas()).map(([file, schema]) => [
			join(here, '../nodes', file),
			schema,
		]),
	];
	for (const [file, fresh] of files) {
		if (!process.argv.includes('--check')) {
			mkdirSync(dirname(file), { recursive: true });
			writeFileSync(file, fresh);
		} else if (readFileSync(file, 'utf8') !== fresh) {
			console.error(`${file} is stale: run \`npm run contract\` and commit what it writes.`);
			process.exit(1);
		}
	}
}
