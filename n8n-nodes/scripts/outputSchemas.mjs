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
				'FetchMetrics/v1.0.0',
				fields({ ...of('fetched-row').properties, ...of('batch-reference').properties }),
			],
			[
				'StoreMetrics/v1.0.0',
				fields({
					...of('metric-row').properties,
					...of('batch-reference').properties,
					...outcome,
					...referenceOutcome,
				}),
			],
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
			['CheckQuota/v1.0.0/status', of('quota-bucket')],
			['CheckQuota/v1.0.0/shares', of('quota-share')],
			...users.map((operation) => [`Ytempire/v1.0.0/user/${operation}`, of('user')]),
			['Ytempire/v1.0.0/user/getNotices', of('notice')],
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
