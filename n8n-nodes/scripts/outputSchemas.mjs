// What each node emits, as the editor shows it before anything has run: made from ../schemas, written by `npm run contract`.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const schemas = join(dirname(fileURLToPath(import.meta.url)), '../../schemas');
const read = (name) => JSON.parse(readFileSync(join(schemas, `${name}.json`), 'utf8'));

/** n8n shows one type of a field, and wants no references. */
function shown(schema) {
	if (schema.$ref) return shown(read(schema.$ref.replace('.json', '')));
	if (schema.oneOf) return merged(schema.oneOf);
	const type =
		[schema.type].flat().find((each) => each && each !== 'null') ??
		typeOf(schema.const ?? schema.enum?.[0]);
	// The nodes emit money as numbers.
	const out = { type: schema.pattern?.startsWith('^-?[0-9]') ? 'number' : type };
	if (type === 'object' && schema.properties) {
		out.properties = Object.fromEntries(
			Object.entries(schema.properties).map(([name, property]) => [name, shown(property)]),
		);
	}
	if (type === 'array') out.items = shown(schema.items ?? { type: 'string' });
	return out;
}

const typeOf = (value) => (value === undefined ? 'string' : typeof value);

/** Fields of all kinds in one: an item has those of its kind. */
const merged = (parts) => ({
	type: 'object',
	properties: Object.assign({}, ...parts.map((part) => shown(part).properties)),
});

const of = (name) => shown(read(name));
const fields = (properties) => ({ type: 'object', properties });
const part = (name, path) => path.reduce((at, key) => at[key], read(name));
const text = { type: 'string' };

/** The row of a report. */
export const rowOf = (report) => of(schemaOf(report));

/** A row of a report as Fetch Metrics emits it for a period. */
const withDataThrough = (report) => {
	const row = rowOf(report);
	return read('report')['x-values'][report].maxDays
		? { ...row, properties: { ...row.properties, dataThrough: text } }
		: row;
};

/** The schema of a report's rows, by its name in ../schemas. */
export const schemaOf = (report) => read('report')['x-values'][report].kind;

/** What a schema says, of a user. */
const ofUser = (name) => fields({ userId: text, ...of(name).properties });

/** The fields of a view, after those that say whose and of which days it is. */
const analytics = (view) => {
	const number = (name) => !/^(channel|channelId|url|state)$/.test(name);
	const columns = read('analytics-view')['x-values'][view].columns;
	return fields({
		...Object.fromEntries(['userId', 'asOf', 'from', 'to'].map((name) => [name, text])),
		...Object.fromEntries(columns.map((name) => [name, number(name) ? { type: 'number' } : text])),
	});
};

/** Schemas by file below nodes/, as n8n finds them: version, resource, operation. */
export function outputSchemas() {
	const { bucket, ...reservation } = of('quota-reservation').properties;
	const { bucket: _, ...settled } = of('quota-settled').properties;
	const { row, ...outcome } = shown(
		part('store-result', ['properties', 'rows', 'items']),
	).properties;
	const { reference, ...referenceOutcome } = shown(
		part('store-result', ['properties', 'references', 'items']),
	).properties;
	void [bucket, _, row, reference];
	const standing = of('quota-bucket').properties;
	const users = ['create', 'get', 'getAll', 'update', 'deactivate'];
	const channels = [...users, 'disconnect'];
	return Object.fromEntries(
		[
			[
				'FetchMetrics/v1.0.0/many',
				fields({
					...of('fetched-row').properties,
					dataThrough: text,
					...of('batch-reference').properties,
				}),
			],
			...read('report').enum.map((report) => [
				`FetchMetrics/v1.0.0/${report}`,
				withDataThrough(report),
			]),
			...['store', 'validate'].map((operation) => [
				`StoreMetrics/v1.0.0/${operation}`,
				fields({
					...of('metric-row').properties,
					...of('batch-reference').properties,
					...outcome,
					...referenceOutcome,
					dryRun: { type: 'boolean' },
				}),
			]),
			['YtempireTrigger/v1.0.0', of('event')],
			[
				'CheckQuota/v1.0.0/check',
				fields({
					quota: fields({ ...standing, available: { type: 'integer' } }),
					waitUntil: text,
				}),
			],
			[
				'CheckQuota/v1.0.0/reserve',
				fields({ quota: fields({ ...standing, ...reservation }), waitUntil: text }),
			],
			[
				'CheckQuota/v1.0.0/settle',
				fields({ quota: fields({ ...standing, reservationId: text, ...settled }) }),
			],
			[
				'CheckQuota/v1.0.0/estimate',
				fields({
					estimate: {
						type: 'array',
						items: fields({
							bucket: text,
							units: { type: 'integer' },
							available: { type: 'integer' },
							enough: { type: 'boolean' },
							waitUntil: text,
						}),
					},
					waitUntil: text,
				}),
			],
			['CheckQuota/v1.0.0/status', of('quota-bucket')],
			['CheckQuota/v1.0.0/shares', of('quota-share')],
			...users.map((operation) => [`Ytempire/v1.0.0/user/${operation}`, of('user')]),
			[
				'Ytempire/v1.0.0/user/upsert',
				fields({ ...of('user').properties, created: { type: 'boolean' } }),
			],
			[
				'Ytempire/v1.0.0/channel/delete',
				fields({ userId: text, channelId: text, deleted: { type: 'boolean' } }),
			],
			['Ytempire/v1.0.0/channel/findByHandle', of('youtube-channel')],
			['Ytempire/v1.0.0/metrics/getAll', of('metric-row')],
			[
				'Ytempire/v1.0.0/metrics/getBreaks',
				shown(part('metric-breaks', ['properties', 'breaks', 'items'])),
			],
			[
				'Ytempire/v1.0.0/metrics/getPlan',
				fields({
					userId: text,
					channelId: text,
					uploadsBy: text,
					...shown(
						part('fetch-plan', [
							'properties',
							'channels',
							'items',
							'properties',
							'reports',
							'items',
						]),
					).properties,
				}),
			],
			[
				'Ytempire/v1.0.0/metrics/sync',
				fields({
					...shown(part('sync-result', ['properties', 'channels', 'items'])).properties,
					dataThrough: text,
					notFetched: {
						type: 'array',
						items: fields(
							Object.fromEntries(
								Object.entries(
									shown(part('sync-result', ['properties', 'notFetched', 'items'])).properties,
								).filter(([name]) => !['userId', 'channelId'].includes(name)),
							),
						),
					},
				}),
			],
			[
				'Ytempire/v1.0.0/subscription/create',
				fields({ ...of('subscription').properties, secret: text }),
			],
			['Ytempire/v1.0.0/subscription/getAll', of('subscription')],
			[
				'Ytempire/v1.0.0/subscription/delete',
				fields({ subscriptionId: text, deleted: { type: 'boolean' } }),
			],
			['Ytempire/v1.0.0/user/getNotices', of('notice')],
			['Ytempire/v1.0.0/quality/getIncidents', of('incident')],
			['Ytempire/v1.0.0/quality/getResults', ofUser('quality-result')],
			['Ytempire/v1.0.0/quality/getSuccess', of('success')],
			[
				'Ytempire/v1.0.0/event/getCounts',
				shown(part('event-count-page', ['properties', 'counts', 'items'])),
			],
			[
				'Ytempire/v1.0.0/event/record',
				fields({ userId: text, ...of('recorded-event').properties, outcome: text }),
			],
			['Ytempire/v1.0.0/dashboard/getLink', ofUser('dashboards')],
			...['provision', 'resetPassword'].map((operation) => [
				`Ytempire/v1.0.0/dashboard/${operation}`,
				ofUser('dashboards-provisioned'),
			]),
			...['getSettings', 'updateSettings'].map((operation) => [
				`Ytempire/v1.0.0/dashboard/${operation}`,
				fields({
					...ofUser('dashboard-settings').properties,
					targetRevenueUsd: { type: 'number' },
				}),
			]),
			[
				'Ytempire/v1.0.0/cost/record',
				fields({
					userId: text,
					externalId: text,
					outcome: text,
					costId: text,
					amountUsd: { type: 'number' },
					message: text,
				}),
			],
			[
				'Ytempire/v1.0.0/cost/getAll',
				fields({
					userId: text,
					...of('cost').properties,
					quantity: { type: 'number' },
					amountUsd: { type: 'number' },
				}),
			],
			['Ytempire/v1.0.0/cost/getSummary', ofUser('cost-summary')],
			[
				'Ytempire/v1.0.0/cost/compare',
				fields({
					...of('provider-total').properties,
					total: { type: 'number' },
					ledger: { type: 'number' },
				}),
			],
			['Ytempire/v1.0.0/insight/get', ofUser('insight')],
			['Ytempire/v1.0.0/insight/create', ofUser('insight-created')],
			['Ytempire/v1.0.0/insight/getFacts', ofUser('insight-facts')],
			[
				'Ytempire/v1.0.0/report/getDue',
				shown(part('reports-due', ['properties', 'reports', 'items'])),
			],
			['Ytempire/v1.0.0/report/send', of('report-sent')],
			...['get', 'update'].map((operation) => [
				`Ytempire/v1.0.0/notificationSettings/${operation}`,
				ofUser('notification-settings'),
			]),
			['Ytempire/v1.0.0/analytics/get', analytics('totals')],
			['Ytempire/v1.0.0/analytics/getAll', analytics('channel-comparison')],
			[
				'Ytempire/v1.0.0/user/erase',
				fields({ erased: { type: 'boolean' }, email: text, n8nExecutions: text }),
			],
			['Ytempire/v1.0.0/databaseLogin/getAll', fields({ userId: text, login: text })],
			[
				'Ytempire/v1.0.0/databaseLogin/create',
				fields({ userId: text, ...of('database-login').properties }),
			],
			[
				'Ytempire/v1.0.0/databaseLogin/rotate',
				fields({ userId: text, ...of('database-login').properties, revokedLogin: text }),
			],
			[
				'Ytempire/v1.0.0/databaseLogin/revoke',
				fields({ userId: text, login: text, revoked: { type: 'boolean' } }),
			],
			['Ytempire/v1.0.0/user/export', fields({ userId: text })],
			...channels.map((operation) => [`Ytempire/v1.0.0/channel/${operation}`, of('channel')]),
			...['startBackfill', 'getBackfill'].map((operation) => [
				`Ytempire/v1.0.0/channel/${operation}`,
				of('backfill'),
			]),
			[
				'Ytempire/v1.0.0/channel/connectLink',
				fields({ channelId: text, ...of('connect-link').properties }),
			],
		].map(([path, schema]) => [
			`${path.replace('/', '/__schema__/')}.json`,
			`${JSON.stringify({ ...schema, version: 1 }, null, '\t')}\n`,
		]),
	);
}
