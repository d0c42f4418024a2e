// What ended after a moment is ended again in a copy of the database as it was then.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { SET, migrated } from './pglite.mjs';

const NOW = '2026-11-25T18:00:00Z';
let database;
const rows = async (sql, ...values) => (await database.query(sql, values)).rows;
const one = async (sql, ...values) =>
	Object.values((await rows(sql, ...values))[0] ?? { none: null })[0];

/** Adds a user with a connected channel, a token and a database login; returns their ids. */
async function addUser(letter) {
	const channel = `UC${letter.repeat(22)}`;
	await database.exec('set session authorization ytempire_app');
	const user = await one(
		"select app.create_user($1, 'A', 'starter', 10000, 'UTC', '2026-01-01')",
		`${letter}@example.com`,
	);
	await database.exec(SET);
	await database.query(
		'insert into core.channels (user_id, channel_id, channel_name, connection, slot) values ($1, $2, $2, $3, 1)',
		[user, channel, 'connected'],
	);
	await database.query(
		"insert into core.oauth_grants (user_id, channel_id, refresh_token_encrypted, scopes, connected_at, verified_at) values ($1, $2, '\\x01', '{}', now() - interval '1 day', now())",
		[user, channel],
	);
	await database.query('update core.oauth_grants set stored_at = connected_at where user_id = $1', [
		user,
	]);
	const token = await one(
		"insert into core.api_tokens (kind, user_id, name, token_hash, created_at) values ('user', $1, 't', sha256(convert_to($2, 'UTF8')), $3) returning token_id",
		user,
		letter,
		NOW,
	);
	const login = `tenant_${letter.repeat(32)}`;
	await database.query(
		"insert into sec.login_role (role_name, kind, user_id) values ($1, 'tenant', $2)",
		[login, user],
	);
	return { user, channel, token, login };
}

/** Runs statements, reads the list, and takes everything back: the database is the older copy again. */
async function endedLater(...statements) {
	await database.exec('begin');
	for (const [sql, ...values] of statements) await database.query(sql, values);
	const list = await one('select core.list_revocations()');
	await database.exec('rollback');
	return JSON.stringify(list);
}

const replay = async (list) =>
	Object.fromEntries(
		(await rows('select * from core.replay_revocations($1::jsonb, $2)', list, NOW)).map((row) => [
			row.kind,
			Number(row.replayed),
		]),
	);

before(async () => {
	database = await migrated();
});

test('a user erased after the moment of a restore is erased again', async () => {
	const { user, channel } = await addUser('a');
	const list = await endedLater(['delete from core.users where user_id = $1', user]);
	assert.doesNotMatch(list, new RegExp(`${user}|${channel}`), 'the list names nobody');
	assert.equal((await replay(list)).user, 1);
	assert.deepEqual(await rows('select 1 from core.users where user_id = $1', user), []);
	assert.deepEqual(await rows('select 1 from core.channels where user_id = $1', user), []);
	assert.equal(
		await one('select count(*)::int from core.pending_revocations where user_id = $1', user),
		1,
	);
	assert.deepEqual(await one('select terms from core.execution_erasures'), [
		user,
		'a@example.com',
		channel,
	]);
});

test('a channel disconnected after the moment has no grant again', async () => {
	const { channel } = await addUser('b');
	const list = await endedLater([
		"update core.channels set connection = 'not-connected', is_hidden = true, erase_after = '2026-12-01' where channel_id = $1",
		channel,
	]);
	assert.equal((await replay(list)).channel, 1);
	assert.deepEqual(
		await rows('select 1 from core.oauth_grants where channel_id = $1', channel),
		[],
	);
	assert.deepEqual(
		await rows(
			'select connection, is_hidden, erase_after::date::text from core.channels where channel_id = $1',
			channel,
		),
		[{ connection: 'not-connected', is_hidden: true, erase_after: '2026-12-01' }],
	);
});

/** Stores a day of figures of a channel. */
async function storeDay(user, channel) {
	await database.query(
		"insert into core.channel_days (user_id, channel_id, day, views, created_at, updated_at) values ($1, $2, '2026-11-01', 7, $3, $3)",
		[user, channel, NOW],
	);
}

/** Runs a function of the tenant, as the sidecar does. */
async function endedByTenant(user, sql, ...values) {
	await database.exec('begin');
	await database.query("select set_config('app.tenant_id', sec.prove_tenant($1), true)", [user]);
	await database.exec('set local session authorization ytempire_operator');
	await database.query(sql, values);
	await database.exec(SET);
	const list = await one('select core.list_revocations()');
	await database.exec('rollback');
	return JSON.stringify(list);
}

test('a channel deleted after the moment is deleted again with its data', async () => {
	const { user, channel } = await addUser('h');
	await storeDay(user, channel);
	const list = await endedByTenant(user, 'select app.delete_channel($1)', channel);
	assert.equal((await replay(list))['channel-deleted'], 1);
	assert.deepEqual(
		await rows('select 1 from core.channel_days where channel_id = $1', channel),
		[],
	);
	assert.deepEqual(await rows('select 1 from core.channels where channel_id = $1', channel), []);
	assert.deepEqual(
		await rows('select 1 from core.oauth_grants where channel_id = $1', channel),
		[],
	);
});

test('data of a channel erased after the moment are erased again', async () => {
	const { user, channel } = await addUser('i');
	await database.query(
		"update core.channels set connection = 'not-connected' where channel_id = $1",
		[channel],
	);
	await storeDay(user, channel);
	const list = await endedByTenant(user, 'select app.erase_channel_data($1)', channel);
	assert.equal((await replay(list))['channel-erased'], 1);
	assert.deepEqual(
		await rows('select 1 from core.channel_days where channel_id = $1', channel),
		[],
	);
	assert.equal(
		await one('select count(*)::int from core.channels where channel_id = $1', channel),
		1,
	);
});

test('a deactivated user, a deleted subscription, a shortened token end again', async () => {
	const { user, token } = await addUser('j');
	const subscription = await one(
		"insert into core.webhook_subscriptions (user_id, url, events, secret, created_at) values ($1, 'https://example.com', '{new-video}', 's', $2) returning subscription_id",
		user,
		NOW,
	);
	const list = await endedLater(
		['update core.users set is_active = false where user_id = $1', user],
		['delete from core.webhook_subscriptions where subscription_id = $1', subscription],
		['update core.api_tokens set expires_at = $2 where token_id = $1', token, NOW],
	);
	const replayed = await replay(list);
	assert.deepEqual(
		[replayed.activation, replayed.subscription, replayed['token-expiry']],
		[1, 1, 1],
	);
	assert.equal(await one('select is_active from core.users where user_id = $1', user), false);
	assert.deepEqual(
		await rows('select 1 from core.webhook_subscriptions where subscription_id = $1', subscription),
		[],
	);
	assert.notEqual(
		await one('select expires_at from core.api_tokens where token_id = $1', token),
		null,
	);
});

test('a list that lacks what the restored database knows is refused', async () => {
	const { token } = await addUser('k');
	await database.query('update core.api_tokens set revoked_at = $2 where token_id = $1', [
		token,
		NOW,
	]);
	const require = (list, at) =>
		database.query('select core.require_revocations($1::jsonb, $2)', [list, at]);
	const later = '2999-01-01T00:00:00Z';
	await assert.rejects(require('[]', later), /not whole/);
	const list = JSON.stringify(await one('select core.list_revocations()'));
	await require(list, later);
	await assert.rejects(
		require(JSON.stringify(JSON.parse(list).slice(1)), later),
		/lacks 1 entries/,
	);
	// What was recorded just before the moment may not have been copied.
	await require('[]', '2000-01-01T00:00:00Z');
});

test('a grant that Google ended is not used again', async () => {
	const { channel } = await addUser('c');
	const list = await endedLater([
		"update core.channels set connection = 'reconnect-needed', connection_reason = 'grant-ended', erase_after = '2026-12-20' where channel_id = $1",
		channel,
	]);
	assert.equal((await replay(list)).channel, 1);
	assert.equal(
		await one('select connection from core.channels where channel_id = $1', channel),
		'reconnect-needed',
	);
});

test('a revoked token and a revoked database login end again', async () => {
	const { token, login } = await addUser('d');
	const list = await endedLater(
		['update core.api_tokens set revoked_at = $2 where token_id = $1', token, NOW],
		['insert into sec.retired_login (role_name) values ($1)', login],
	);
	const replayed = await replay(list);
	assert.deepEqual([replayed.token, replayed.login], [1, 1]);
	assert.notEqual(
		await one('select revoked_at from core.api_tokens where token_id = $1', token),
		null,
	);
	assert.deepEqual(await rows('select 1 from sec.login_role where role_name = $1', login), []);
	assert.equal(
		await one('select count(*)::int from sec.retired_login where role_name = $1', login),
		1,
	);
});

test('what ended before the moment and was begun again stays', async () => {
	const { channel } = await addUser('e');
	await database.query(
		"update core.channels set connection = 'not-connected' where channel_id = $1",
		[channel],
	);
	await database.query("update core.channels set connection = 'connected' where channel_id = $1", [
		channel,
	]);
	const list = JSON.stringify(await one('select core.list_revocations()'));
	assert.equal((await replay(list)).channel, 0);
	assert.equal(
		await one('select connection from core.channels where channel_id = $1', channel),
		'connected',
	);
});

test('copies of the list that overlap are replayed once, and again without effect', async () => {
	const { token } = await addUser('f');
	const list = await endedLater([
		'update core.api_tokens set revoked_at = $2 where token_id = $1',
		token,
		NOW,
	]);
	assert.equal((await replay(JSON.stringify([...JSON.parse(list), ...JSON.parse(list)]))).token, 1);
	assert.equal((await replay(list)).token, 0);
});

test('an entry of an old copy that is older than any backup is not replayed', async () => {
	const { user, channel } = await addUser('7');
	await storeDay(user, channel);
	const days = 'select count(*)::int from core.channel_days where channel_id = $1';
	const kept = await one(days, channel);
	const ended = await endedLater(
		["update core.channels set connection = 'not-connected' where channel_id = $1", channel],
		['delete from core.channels where channel_id = $1', channel],
	);
	const recorded = (age) =>
		JSON.stringify(
			JSON.parse(ended)
				.filter((entry) => entry.kind.startsWith('channel'))
				.map((entry) => ({
					...entry,
					recorded_at: new Date(Date.parse(NOW) - age * 86_400_000).toISOString(),
				})),
		);
	// The database has forgotten them, and the channel was added and connected again since.
	const old = await replay(recorded(40));
	assert.equal(old.channel + old['channel-deleted'], 0);
	assert.equal(await one(days, channel), kept);
	assert.ok(kept > 0);
	assert.equal((await replay(recorded(20)))['channel-deleted'], 1);
});

test('an entry that is older than any backup ends again what cannot begin again', async () => {
	const { user } = await addUser('8');
	const entry = JSON.parse(
		await endedLater(['delete from core.users where user_id = $1', user]),
	).findLast((each) => each.kind === 'user');
	entry.recorded_at = new Date(Date.parse(NOW) - 40 * 86_400_000).toISOString();
	await database.exec('begin');
	assert.equal((await replay(JSON.stringify([entry]))).user, 1);
	await database.exec('rollback');
});

test('a list that has forgotten what is older than any backup is whole', async () => {
	const recorded = (age) =>
		database.query(
			"insert into core.revocations (kind, subject, recorded_at) values ('token', repeat('1', 64), clock_timestamp() - $1::interval)",
			[age],
		);
	const require = () =>
		database.query(
			"select core.require_revocations((select jsonb_agg(to_jsonb(r)) from core.revocations r where r.subject <> repeat('1', 64)), clock_timestamp())",
		);
	await database.exec('begin');
	await recorded('0');
	await database.exec(
		"update core.revocations set subject = repeat('2', 64) where subject = repeat('1', 64)",
	);
	await recorded('36 days');
	await require();
	await recorded('34 days');
	await assert.rejects(require, /lacks 1 entries/);
	await database.exec('rollback');
});

test('the list forgets what is older than any backup', async () => {
	await database.exec(
		"insert into core.revocations (kind, subject, recorded_at) values ('token', repeat('0', 64), now() - interval '36 days')",
	);
	const { token } = await addUser('g');
	await database.query('update core.api_tokens set revoked_at = $2 where token_id = $1', [
		token,
		NOW,
	]);
	assert.equal(
		await one("select count(*)::int from core.revocations where subject = repeat('0', 64)"),
		0,
	);
});

test('a clock that is ahead does not empty the list at once', async () => {
	await database.exec('begin; delete from core.revocations');
	// Seen from a clock 36 days ahead, these were recorded within the last week.
	await database.exec(
		"insert into core.revocations (kind, subject, recorded_at) select 'token', repeat('0', 64), now() - interval '36 days' - day * interval '1 day' from generate_series(0, 6) day",
	);
	await database.exec("select core.record_revocation('token', 'x', '{}')");
	assert.equal(
		await one("select count(*)::int from core.revocations where subject = repeat('0', 64)"),
		6,
	);
	await database.exec('rollback');
});

test("after a restore today's units count as used, tomorrow's do not", async () => {
	await database.exec(
		"select * from app.quota_lock('data.general', '2026-11-25T08:00:00Z', '2026-11-26T08:00:00Z', 10000)",
	);
	assert.equal(Number(await one('select core.close_quota_day($1)', NOW)), 6);
	for (const [bucket, day, expected] of [
		['data.general', 25, true],
		// The restored ledger had no window of this one yet.
		['analytics.day', 25, true],
		['data.general', 26, false],
	]) {
		await database.exec(`select * from app.quota_lock('${bucket}', '2026-11-${day}T08:00:00Z', '2026-11-${day + 1}T08:00:00Z', 100);
			select app.quota_allot('${bucket}', '2026-11-${day}T08:00:00Z', '{common}', '{100}')`);
		const left = Number(
			await one(
				'select units_left from app.quota_left($1, $2, $3)',
				bucket,
				`2026-11-${day}T08:00:00Z`,
				['common'],
			),
		);
		assert.equal(left === 0, expected, `${bucket} on ${day} November has ${left} left`);
	}
});

test('a database on another timeline is refused until it was replayed', async () => {
	await database.exec('select core.require_opened_timeline()');
	await database.exec('update sec.opened_timeline set timeline_id = timeline_id + 1');
	await assert.rejects(database.exec('select core.require_opened_timeline()'), /was restored/);
	await database.exec('select core.open_timeline(); select core.require_opened_timeline()');
});

/** Adds a verified address of reports; returns its id. */
const addRecipient = (user, email) =>
	one(
		'insert into core.report_recipients (user_id, email, created_at, verified_at) values ($1, $2, $3, $3) returning recipient_id',
		user,
		email,
		NOW,
	);

test('an address removed after the moment receives no report again', async () => {
	const { user } = await addUser('m');
	const removed = await addRecipient(user, 'removed@example.com');
	await addRecipient(user, 'kept@example.com');
	const list = await endedLater([
		'delete from core.report_recipients where recipient_id = $1',
		removed,
	]);
	assert.doesNotMatch(list, /@example\.com/, 'the list names nobody');
	assert.equal((await replay(list)).recipient, 1);
	assert.deepEqual(
		await rows('select email from core.report_recipients where user_id = $1', user),
		[{ email: 'kept@example.com' }],
	);
});

test('who unsubscribed after the moment is unsubscribed again, and who came back is not', async () => {
	const { user } = await addUser('n');
	const gone = await addRecipient(user, 'gone@example.com');
	const back = await addRecipient(user, 'back@example.com');
	await database.query(
		'update core.report_recipients set verified_at = null, verification_due_at = $2 where recipient_id = $1',
		[gone, NOW],
	);
	const set = 'update core.report_recipients set unsubscribed_kinds = $2 where recipient_id = $1';
	const list = await endedLater(
		[set, gone, ['weekly']],
		[set, gone, ['weekly', 'daily']],
		[set, back, ['monthly']],
		[set, back, []],
	);
	assert.equal((await replay(list)).unsubscription, 2);
	assert.deepEqual(
		await rows(
			'select email, unsubscribed_kinds, verification_due_at from core.report_recipients where user_id = $1 order by email',
			user,
		),
		[
			{ email: 'back@example.com', unsubscribed_kinds: [], verification_due_at: null },
			{
				email: 'gone@example.com',
				unsubscribed_kinds: ['weekly', 'daily'],
				verification_due_at: null,
			},
		],
	);
});

test('who changes their mind a hundred times is on the list once, as the last time', async () => {
	const { user } = await addUser('s');
	const recipient = await addRecipient(user, 'fickle@example.com');
	const set = 'update core.report_recipients set unsubscribed_kinds = $2 where recipient_id = $1';
	const settings = (enabled) =>
		database.query(
			`insert into core.user_dashboard_config (user_id, notification_settings, updated_at) values ($1, $2::jsonb, '${NOW}')
			on conflict (user_id) do update set notification_settings = excluded.notification_settings`,
			[user, JSON.stringify({ daily: { enabled } })],
		);
	const entries = () =>
		rows(
			`select kind, details from core.revocations where subject in (core.revocation_subject('unsubscription', $1), core.revocation_subject('reports', $2))
			order by kind`,
			recipient,
			user,
		);
	for (let change = 0; change < 50; change++) {
		await database.query(set, [recipient, ['daily']]);
		await database.query(set, [recipient, []]);
		await settings(change % 2 === 0);
	}
	await database.query(set, [recipient, ['daily', 'weekly']]);
	assert.deepEqual(await entries(), [
		{ kind: 'reports', details: { daily: false, weekly: null, monthly: null } },
		{ kind: 'unsubscription', details: { unsubscribed_kinds: ['daily', 'weekly'] } },
	]);
	const id = () =>
		one(
			"select revocation_id from core.revocations where subject = core.revocation_subject('unsubscription', $1)",
			recipient,
		);
	const before = await id();
	await database.query(set, [recipient, ['weekly', 'daily', 'weekly']]);
	assert.equal(await id(), before, 'the same kinds in another order are no change');
});

test('a channel that is disconnected again and again is on the list once, and its grant goes', async () => {
	const { user, channel } = await addUser('u');
	const connection = (value) => [
		'update core.channels set connection = $2 where channel_id = $1',
		channel,
		value,
	];
	const changes = Array.from({ length: 50 }, () => [
		connection('not-connected'),
		connection('connected'),
	]).flat();
	const list = await endedLater(...changes, connection('reconnect-needed'));
	const subject = await one("select core.revocation_subject('channel', $1)", `${user} ${channel}`);
	assert.deepEqual(
		JSON.parse(list)
			.filter((entry) => entry.subject === subject)
			.map(({ details }) => [details.connection, details.given_up_at !== null]),
		[['reconnect-needed', true]],
	);
	assert.equal((await replay(list)).channel, 1);
	assert.deepEqual(await rows('select 1 from core.oauth_grants where user_id = $1', user), []);
	assert.equal(
		await one('select connection from core.channels where channel_id = $1', channel),
		'reconnect-needed',
	);
});

test('a channel whose grant Google ended, and nobody gave up, keeps what is stored of it', async () => {
	const { user, channel } = await addUser('v');
	const list = await endedLater([
		"update core.channels set connection = 'reconnect-needed' where channel_id = $1",
		channel,
	]);
	assert.equal((await replay(list)).channel, 1);
	assert.equal(
		await one('select count(*)::int from core.oauth_grants where user_id = $1', user),
		1,
	);
});

const grants = (user) =>
	one('select count(*)::int from core.oauth_grants where user_id = $1', user);

test('a grant given up before a last entry of the version before goes', async () => {
	const { user, channel } = await addUser('x');
	const entry = (minutes, connection) => ({
		revocation_id: crypto.randomUUID(),
		kind: 'channel',
		recorded_at: new Date(Date.now() - minutes * 60_000).toISOString(),
		details: { connection, connection_reason: null, is_hidden: false, erase_after: null },
	});
	const subject = await one("select core.revocation_subject('channel', $1)", `${user} ${channel}`);
	const list = JSON.stringify(
		[entry(60, 'not-connected'), entry(30, 'reconnect-needed')].map((each) => ({
			...each,
			subject,
		})),
	);
	assert.equal((await replay(list)).channel, 1);
	assert.equal(await grants(user), 0);
	assert.equal((await replay(list)).channel, 0, 'a second replay finds nothing');
});

for (const [letter, shape] of [
	['y', 'this version'],
	['z', 'the version before'],
]) {
	test(`a grant made after one was given up stays when Google ends it, in entries of ${shape}`, async () => {
		const { user, channel } = await addUser(letter);
		const connection = (value) => [
			'update core.channels set connection = $2 where channel_id = $1',
			[channel, value],
		];
		for (const value of ['not-connected', 'connected']) await database.query(...connection(value));
		await database.query(
			'update core.oauth_grants set connected_at = clock_timestamp() where user_id = $1',
			[user],
		);
		const entries = JSON.parse(await endedLater([...connection('reconnect-needed')].flat()));
		if (shape !== 'this version') for (const { details } of entries) delete details.given_up_at;
		const list = JSON.stringify(entries);
		assert.equal((await replay(list)).channel, 1);
		assert.equal(await grants(user), 1);
		assert.equal(
			await one('select connection from core.channels where channel_id = $1', channel),
			'reconnect-needed',
		);
	});
}

for (const [letter, minutes] of [
	['l', -10],
	['p', 10],
]) {
	const clock = `a sidecar's clock is ${Math.abs(minutes)} minutes ${minutes < 0 ? 'behind' : 'ahead'}`;
	test(`while ${clock}, a grant that was given up goes, and one made since stays`, async () => {
		const { user, channel } = await addUser(letter);
		const connect = [
			'update core.oauth_grants set connected_at = clock_timestamp() + make_interval(mins => $2) where user_id = $1',
			[user, minutes],
		];
		await database.query(...connect);
		const list = await endedLater(
			...['not-connected', 'connected', 'reconnect-needed'].map((value) => [
				'update core.channels set connection = $2 where channel_id = $1',
				channel,
				value,
			]),
		);
		await database.exec('begin');
		assert.equal((await replay(list)).channel, 1);
		assert.equal(await grants(user), 0, 'given up');
		await database.exec('rollback');
		await database.query(...connect);
		assert.equal((await replay(list)).channel, 1);
		assert.equal(await grants(user), 1, 'made since');
	});
}

test('a grant of the version before goes when it was given up, though its sidecar was 14 minutes ahead', async () => {
	const { user, channel } = await addUser('4');
	const connectedAhead = (minutes) => [
		'update core.oauth_grants set connected_at = clock_timestamp() + make_interval(mins => $2) where user_id = $1',
		user,
		minutes,
	];
	const endedBefore = async (minutes) => {
		const [sql, ...values] = connectedAhead(minutes);
		await database.query(sql, values);
		// As there was no clock of PostgreSQL's then.
		await database.query('update core.oauth_grants set stored_at = null where user_id = $1', [
			user,
		]);
		return await endedLater(
			...['not-connected', 'reconnect-needed'].map((value) => [
				'update core.channels set connection = $2 where channel_id = $1',
				channel,
				value,
			]),
		);
	};
	const replayed = async (list) => {
		await database.exec('begin');
		assert.equal((await replay(list)).channel, 1);
		const left = await grants(user);
		await database.exec('rollback');
		return left;
	};
	assert.equal(await replayed(await endedBefore(14)), 0, 'given up');
	assert.equal(await replayed(await endedBefore(16)), 1, 'connected since, by any clock');
});

test('a user that is deactivated again and again is on the list once', async () => {
	const { user } = await addUser('w');
	const set = 'update core.users set is_active = $2 where user_id = $1';
	for (let change = 0; change < 50; change++) await database.query(set, [user, change % 2 === 1]);
	await database.query(set, [user, false]);
	assert.deepEqual(
		await rows(
			"select details from core.revocations where subject = core.revocation_subject('activation', $1)",
			user,
		),
		[{ details: { is_active: false } }],
	);
});

test('of copies of the list the last entry of an address counts, and stands for those before', async () => {
	const { user } = await addUser('t');
	const recipient = await addRecipient(user, 'late@example.com');
	const set = 'update core.report_recipients set unsubscribed_kinds = $2 where recipient_id = $1';
	const entry = `select to_jsonb(r) from core.revocations r where r.subject = core.revocation_subject('unsubscription', '${recipient}')`;
	const kinds = () =>
		one('select unsubscribed_kinds from core.report_recipients where recipient_id = $1', recipient);
	await database.query(set, [recipient, ['daily']]);
	const first = await one(entry);
	await database.query(set, [recipient, ['weekly']]);
	const second = await one(entry);
	// The database knows the second, and an older copy of the list the first.
	assert.equal((await replay(JSON.stringify([first]))).unsubscription, 0);
	assert.deepEqual(await kinds(), ['weekly']);
	await database.exec('begin');
	await database.query(set, [recipient, ['monthly']]);
	const third = await one(entry);
	await database.exec('rollback');
	const known = await one('select core.list_revocations()');
	const others = known.filter((each) => each.revocation_id !== second.revocation_id);
	const require = (list) =>
		database.query(
			"select core.require_revocations($1::jsonb, clock_timestamp() + interval '2 hours')",
			[JSON.stringify(list)],
		);
	await assert.rejects(require([...others, first]), /lacks 1 entries/);
	await require([...others, first, third]);
	const copies = JSON.stringify([first, third, second, first]);
	assert.equal((await replay(copies)).unsubscription, 1);
	assert.deepEqual(await kinds(), ['monthly']);
	assert.deepEqual(await one(entry), third);
	assert.equal((await replay(copies)).unsubscription, 0, 'a second replay finds nothing');
});

test('a report that a user turned off after the moment is off again, at its old time', async () => {
	const { user } = await addUser('o');
	const settings = (value) => [
		`insert into core.user_dashboard_config (user_id, notification_settings, updated_at) values ($1, $2::jsonb, '${NOW}')
		on conflict (user_id) do update set notification_settings = excluded.notification_settings`,
		user,
		JSON.stringify(value),
	];
	const [sql, ...values] = settings({ weekly: { time: '09:00' }, numberLanguage: 'de' });
	await database.query(sql, values);
	const list = await endedLater(settings({ weekly: { time: '10:00', enabled: false } }));
	assert.equal((await replay(list)).reports, 1);
	assert.deepEqual(
		await one(
			'select notification_settings from core.user_dashboard_config where user_id = $1',
			user,
		),
		{
			numberLanguage: 'de',
			daily: { enabled: null },
			weekly: { time: '09:00', enabled: false },
			monthly: { enabled: null },
		},
	);
	// Of a user who had nothing set at the moment.
	const { user: other } = await addUser('q');
	const first = settings({ daily: { enabled: false } });
	first[1] = other;
	assert.equal((await replay(await endedLater(first))).reports, 1);
	assert.equal(
		await one(
			"select notification_settings #>> '{daily,enabled}' from core.user_dashboard_config where user_id = $1",
			other,
		),
		'false',
	);
});

test('what a restore leaves to the migration is ended by it, once', async () => {
	const { user } = await addUser('r');
	const removed = await addRecipient(user, 'later@example.com');
	const list = await endedLater([
		'delete from core.report_recipients where recipient_id = $1',
		removed,
	]);
	await database.query(
		'insert into sec.postponed_revocations select value from jsonb_array_elements($1::jsonb)',
		[list],
	);
	const replayPostponed = () => one('select core.replay_postponed_revocations($1)::int', NOW);
	assert.ok((await replayPostponed()) > 0);
	assert.deepEqual(await rows('select 1 from core.report_recipients where user_id = $1', user), []);
	assert.equal(await replayPostponed(), 0);
});
