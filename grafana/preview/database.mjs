// Queries as a user's database login, by node-postgres, with values as PostgreSQL writes them, which frames.mjs turns into Grafana's.
import pg from 'pg';

/** As many connections as a user's data source in Grafana may open. */
const CONNECTIONS = 3;

/** A query waits for so long at most, in milliseconds. */
const PATIENCE = 30_000;

const asText = { getTypeParser: () => (text) => text };

/**
 * Opens a database: a function of a statement, as frames.mjs wants it, with close().
 *
 * @param settings node-postgres's { host, port, database, user, password, connectionString }; what is left out comes from PGHOST, PGUSER and so on
 */
export function open(settings) {
	const pool = new pg.Pool({
		...settings,
		types: asText,
		max: CONNECTIONS,
		connectionTimeoutMillis: PATIENCE,
		query_timeout: PATIENCE,
		options: '-c TimeZone=UTC -c default_transaction_read_only=on',
	});
	// A connection that is lost while nobody uses it; the next query opens another.
	pool.on('error', () => {});
	const query = (sql) => pool.query(sql);
	query.close = () => pool.end();
	return query;
}
