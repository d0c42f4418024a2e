#!/usr/bin/env node
// ./ytempire test --restore: a stack with backups on a drive and in S3 is lost with its volumes, images and folder, and made again on a new
// machine from what docs/operations/backups.md says to keep, by the commands of that page. Once with both repositories, once with S3 alone.
import { spawnSync } from 'node:child_process';
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	readFileSync,
	readdirSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cache, fetchPgBackRest } from './backup.mjs';
import { claims } from './claims.mjs';
import { until } from './engine.mjs';
import {
	compose,
	docker,
	home,
	imageNames,
	prepareProject,
	project,
	runSetup,
	sql,
	testStack,
} from './production.mjs';
import {
	BUCKET,
	CREDENTIAL,
	IDENTITY,
	JVM,
	fetchS3Proxy,
	isFetched,
	makeKeys,
	settings,
} from './s3.mjs';

const USERS = 3;
const CHANNELS = 1;
const PROJECT = 'ytempire-test';
const S3_HOST = 's3.example.test';
const OWNER = { emailOrLdapLoginId: 'owner@example.com', password: 'Ytempire-demo-1' };

/** What is kept elsewhere than on the machine: the drive, the bucket, the project's repository, and the paper with the key of age. */
const kept = join(home, 'kept');
const folder = join(kept, 'backup');
const drive = join(folder, 'drive');
const bucket = join(kept, 'bucket');
const origin = join(kept, 'origin.git');
const paper = join(kept, 'paper');

const made = claims();
const { claim } = made;

const must = (command, ...words) => {
	const done = spawnSync(command, words, { encoding: 'utf8' });
	if (done.status !== 0) throw new Error(`${command} ${words.join(' ')}: ${done.stderr}`);
	return done.stdout;
};

/** The commands of a section of the page, a block each. */
function commands(title) {
	const page = readFileSync(new URL('../../docs/operations/backups.md', import.meta.url), 'utf8');
	const section = page.split(/^## /m).find((part) => part.startsWith(`${title}\n`));
	return [...section.matchAll(/```sh\n([^]*?)```/g)].map(([, block]) => block);
}

/** Runs lines of the page in the folder of the project, as a person types them; returns what they say. */
function type(lines) {
	const done = spawnSync('bash', ['-eo', 'pipefail', '-c', lines], {
		cwd: project,
		encoding: 'utf8',
	});
	const said = `${done.stdout}${done.stderr}`.trim();
	if (done.status !== 0) throw new Error(`${lines}\nsays:\n${said.slice(-3000)}`);
	return done.stdout.trim();
}

const backup = (...words) => type(`node deploy/backup/main.mjs ${words.join(' ')}`);

/** A request from within the stack, by n8n's Node.js. */
function ask(method, url, { token, body, cookie } = {}) {
	const script = `const { method, url, headers, body } = JSON.parse(process.argv[1]);
		fetch(url, { method, headers, body }).then(async (answer) => console.log(JSON.stringify(
			{ status: answer.status, body: await answer.text(), cookie: answer.headers.get('set-cookie')?.split(';')[0] })))`;
	const headers = { 'content-type': 'application/json' };
	if (token) headers.authorization = `Bearer ${token}`;
	if (cookie) headers.cookie = cookie;
	const words = JSON.stringify({ method, url, headers, body: body && JSON.stringify(body) });
	const answer = JSON.parse(compose('exec', '-T', 'n8n', 'node', '-e', script, words));
	return { ...answer, body: answer.body ? JSON.parse(answer.body) : null };
}

const operatorToken = () => readFileSync(join(project, 'secrets/operator_token'), 'utf8').trim();

/** A request to the API, which must be answered with a status, or with success; returns the body. */
function api(method, path, { token = operatorToken(), body, status } = {}) {
	const answer = ask(method, `http://sidecar:8080${path}`, { token, body });
	if (status ? answer.status !== status : answer.status >= 300)
		throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
	return answer.body;
}

/** All that is stored of channels and their grants: the number of rows and a sum of them, by table. */
const stored = () =>
	['users', 'channels', 'oauth_grants', 'channel_statistics', 'channel_days', 'video_days']
		.map((table) =>
			sql(
				// When something was last looked at changes by itself.
				`select '${table} ' || count(*) || ' ' || md5(coalesce(string_agg(line, ',' order by line), ''))
				   from (select (to_jsonb(t) - '{updated_at,verified_at,last_seen_at,identity_checked_at}'::text[])::text as line from core.${table} t
				          where user_id <> '${lost.erased.user_id}') r`,
			),
		)
		.join('\n');

/** What a customer and the operator hold of the lost stack. */
const lost = {};

const git = (...words) =>
	must(
		'git',
		...['-C', project, '-c', 'user.name=Test', '-c', 'user.email=test@example.org', ...words],
	);

/** What somebody changed of the release that runs. */
const CHANGE = ['GENERIC_TIMEZONE: America/Los_Angeles', 'GENERIC_TIMEZONE: Europe/Berlin'];

const composeFile = () => readFileSync(join(project, 'compose.yml'), 'utf8');

/** Makes a release of the project, which is changed here, and a newer one, which does not run. */
function release() {
	must('git', 'init', '--quiet', '--bare', origin);
	git('init', '--quiet');
	git('add', 'compose.yml', 'deploy');
	git('commit', '--quiet', '--message', 'Release');
	lost.release = git('rev-parse', 'HEAD').trim();
	writeFileSync(join(project, 'deploy/newer'), '');
	git('add', 'deploy/newer');
	git('commit', '--quiet', '--message', 'Newer release');
	git('push', '--quiet', origin, 'HEAD:main');
	git('checkout', '--quiet', lost.release);
	const changed = composeFile().replace(...CHANGE);
	if (changed === composeFile()) throw new Error('there is nothing of that');
	writeFileSync(join(project, 'compose.yml'), changed);
}

/** The newest release of the project on a new machine, with nothing of the lost one. */
function clone(isStandIn, name) {
	prepareProject(isStandIn, { ...OPTIONS, more: elsewhere(), name });
	rmSync(join(project, 'answers'));
	git('init', '--quiet');
	git('fetch', '--quiet', origin, 'main');
	git('checkout', '--quiet', '--force', 'FETCH_HEAD');
	if (!existsSync(join(project, 'deploy/newer'))) throw new Error('it is not the newest release');
}

/** A server of S3 on a network of its own, which stays when the stack is lost. */
function startS3(jdk) {
	mkdirSync(join(bucket, BUCKET), { recursive: true });
	makeKeys(jdk, kept, S3_HOST, must);
	writeFileSync(
		join(kept, 's3proxy.conf'),
		settings({ endpoint: 'https://0.0.0.0:443', keys: '/s3/keys.p12', folder: '/s3/bucket' }),
	);
	copyFileSync(fetchS3Proxy(jdk, cache), join(kept, 's3proxy.jar'));
	must('docker', 'network', 'create', '--internal', `${PROJECT}-elsewhere`);
	must(
		'docker',
		...['run', '--detach', '--name', `${PROJECT}-s3`, '--network', `${PROJECT}-elsewhere`],
		...['--network-alias', S3_HOST, '--volume', `${kept}:/s3`, '--entrypoint', 'java'],
		...[imageNames().jre, ...JVM, '-jar', '/s3/s3proxy.jar', '--properties', '/s3/s3proxy.conf'],
	);
}

/** What stands in check.json beside the rest, so that the stack finds the S3 of the test. */
const elsewhere = () => {
	const pgBackRest = {
		environment: {
			PGBACKREST_REPO2_S3_URI_STYLE: 'path',
			PGBACKREST_REPO2_STORAGE_CA_FILE: '/run/s3-ca.pem',
		},
		volumes: [`${join(kept, 'ca.pem')}:/run/s3-ca.pem:ro`],
		networks: ['elsewhere'],
	};
	return {
		services: { postgres: pgBackRest, backup: pgBackRest },
		networks: { elsewhere: { external: true, name: `${PROJECT}-elsewhere` } },
	};
};

const OPTIONS = {
	users: USERS,
	channels: CHANNELS,
	answers: [
		'COMPOSE_PROFILES=backup',
		'STACK_POSTGRES_MEMORY=1g',
		`STACK_BACKUP_FOLDER=${folder}`,
		`STACK_BACKUP_S3_BUCKET=${BUCKET}`,
		`STACK_BACKUP_S3_ENDPOINT=${S3_HOST}`,
		'STACK_BACKUP_S3_REGION=us-east-1',
		`BACKUP_S3_KEY=${IDENTITY}`,
		`BACKUP_S3_KEY_SECRET=${CREDENTIAL}`,
	],
};

/** Waits until all of the WAL so far is in both repositories. */
async function archived() {
	sql('select pg_switch_wal()');
	await until(
		() =>
			sql("select not exists (select from pg_ls_archive_statusdir() where name like '%.ready')") ===
			't',
		120,
		() => `the WAL is not archived: ${compose('logs', '--tail=10', 'postgres')}`,
	);
}

/** A moment after all that was committed and before what comes, in whole seconds. */
async function moment() {
	const found = Math.ceil(Number(sql('select extract(epoch from clock_timestamp())'))) + 1;
	await until(
		() => Number(sql('select extract(epoch from clock_timestamp())')) > found + 1,
		20,
		() => 'the clock stands',
	);
	return new Date(found * 1000).toISOString().replace('.000', '');
}

/** The stack of before: three users with rows, their tokens and logins, an n8n with a workflow, and what ended before it was lost. */
async function live() {
	compose('--profile', 'youtube', 'up', '-d', '--wait', 'youtube');
	await claim(`n8n syncs ${USERS} users of the simulated YouTube`, async () => {
		const credential = compose(
			...['run', '--rm', '--no-deps', 'check', 'sync', String(USERS), String(CHANNELS)],
			...['/run/secrets/operator_token', '/workflows/multi-user-sync.json'],
		);
		if (!/^OK/m.test(credential)) throw new Error(credential);
		const rows = () =>
			sql(
				'select count(distinct s.user_id) from core.channel_statistics s join core.channel_days d using (user_id) join core.video_days v using (user_id)',
			);
		await until(
			() => rows() === String(USERS),
			600,
			() => `${rows()} of ${USERS} users have rows; ${compose('logs', '--tail=5', 'n8n')}`,
		);
		// What ended well is not kept: it is marked as deleted, with the status that it had, until the hour is over.
		const running = () =>
			sql(
				`select count(*) from execution_entity where status in ('new', 'running', 'waiting') and "deletedAt" is null`,
				'n8n',
			);
		await until(
			() => running() === '0',
			600,
			() => `${running()} executions have not ended`,
		);
	});
	const [user, erased, other] = JSON.parse(
		sql(
			"select jsonb_agg(jsonb_build_object('user_id', user_id, 'email', email) order by email) from core.users",
		),
	);
	Object.assign(lost, { user, erased });
	const token = (holder) =>
		api('POST', '/v1/tokens', {
			body: { kind: 'user', userId: holder.user_id, name: 'of the test' },
		});
	lost.token = token(user).token;
	const revoked = token(other);
	lost.revoked = revoked.token;
	lost.login = api('POST', `/v1/users/${user.user_id}/database-login`, { body: {} });
	await claim('a full backup goes to both, and so do the secrets', () => {
		const said = backup('now', 'full');
		for (const line of [/^drive: full/m, /^s3: full/m, /^drive: secrets-/m, /^s3: secrets-/m])
			if (!line.test(said)) throw new Error(said);
		return said.replaceAll('\n', ', ');
	});
	activate();
	// The schedule of the workflow may store something meanwhile.
	do {
		lost.stored = stored();
		lost.moment = await moment();
	} while (stored() !== lost.stored);
	lost.views = views();
	api('DELETE', `/v1/users/${erased.user_id}?confirm=${encodeURIComponent(erased.email)}`);
	api('DELETE', `/v1/tokens/${revoked.details.tokenId}`);
	api('POST', '/v1/users', { body: { email: 'newest@example.org', displayName: 'Newest' } });
	await archived();
	// It does so every minute.
	compose('exec', '-T', 'backup', 'ytempire-pgbackrest', 'copy-revocations');
}

/** The cookie of n8n's owner. */
function signIn() {
	const { status, cookie } = ask('POST', 'http://n8n:5678/rest/login', { body: OWNER });
	if (status !== 200) throw new Error(`n8n's login answers ${status}`);
	return cookie;
}

/** The workflow and the credential of n8n, the latter with its data. */
function inN8n(cookie) {
	const data = (path) => ask('GET', `http://n8n:5678/rest/${path}`, { cookie }).body.data;
	const [{ id }] = data('credentials');
	return {
		workflow: data('workflows')[0],
		credential: data(`credentials/${id}?includeData=true`),
	};
}

/** Activates n8n's workflow, as in its editor. */
function activate() {
	const cookie = signIn();
	const { id } = inN8n(cookie).workflow;
	const { versionId } = ask('GET', `http://n8n:5678/rest/workflows/${id}`, { cookie }).body.data;
	const answer = ask('POST', `http://n8n:5678/rest/workflows/${id}/activate`, {
		cookie,
		body: { versionId },
	});
	if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
}

/** What a customer's database login sees. */
const views = () =>
	compose(
		...['exec', '-T', '--env', `PGPASSWORD=${lost.login.password}`, 'postgres', 'psql', '-XAtq'],
		...['-h', 'postgres', '-U', lost.login.login, '-d', 'ytempire', '-c'],
		'select u.email, (select count(*) from analytics.youtube_metrics) from analytics.users u',
	);

/** The machine goes, with all that the engine keeps of the stack; what was kept elsewhere stays. */
function lose() {
	compose('--profile', '*', 'down', '--volumes', '--timeout', '5');
	for (const image of ['postgres', 'sidecar', 'caddy']) docker('rmi', `${PROJECT}-${image}`);
	const volumes = docker('volume', 'ls', '--quiet', '--filter', `name=^${PROJECT}_`);
	if (volumes) throw new Error(`volumes are left: ${volumes}`);
	rmSync(project, { recursive: true });
}

/** Steps 2 and 3 of the page: the newest secrets, and the release that they are of. */
function bringSecrets(from) {
	const names = readdirSync(from).filter((name) => /^secrets-\d{8}\.tar\.age$/.test(name));
	const newest = names.toSorted().at(-1);
	copyFileSync(join(from, newest), join(project, newest));
	const [unpack, apply] = commands('Restore on a new machine');
	const shown = type(unpack.replace('secrets-DATE.tar.age', newest).replace('KEYFILE', paper));
	if (!shown.startsWith(lost.release) || !shown.includes(CHANGE[1])) throw new Error(shown);
	type(apply);
	if (existsSync(join(project, 'deploy/newer')) || !composeFile().includes(CHANGE[1]))
		throw new Error('it is not the release that ran, as it was changed');
	return newest;
}

/** The commands of step 5, with other words for what is to be restored. */
const restore = (words) =>
	commands('Restore on a new machine')[2].replace('restore --latest', `restore ${words}`);

/** The looks of step 9, and what a customer and the operator see. */
async function look() {
	await claim('every row of that moment is there, and the newest that came after it is not', () => {
		const found = stored();
		if (found !== lost.stored) throw new Error(`${found}\nwas:\n${lost.stored}`);
		return found.replaceAll(/ [0-9a-f]{32}/g, '').replaceAll('\n', ', ');
	});
	await claim('the erased user stays erased, and the revoked token revoked', () => {
		const left = sql(
			`select count(*) from core.users where user_id = '${lost.erased.user_id}' or email = '${lost.erased.email}'`,
		);
		if (left !== '0') throw new Error('the user is back');
		api('GET', `/v1/users/${lost.erased.user_id}`, { status: 404 });
		api('GET', '/v1/quota', { token: lost.revoked, status: 401 });
	});
	await claim("a customer's token and database login work as before", () => {
		api('GET', `/v1/users/${lost.user.user_id}`, { token: lost.token });
		const seen = views();
		if (seen !== lost.views) throw new Error(`${seen}, was ${lost.views}`);
		return seen;
	});
	await claim("n8n's owner logs in, and its workflow is active and has its credential", () => {
		const { workflow, credential } = inN8n(signIn());
		// Without the key that it was encrypted with n8n answers no data.
		if (!workflow.active || !credential.data?.baseUrl)
			throw new Error(JSON.stringify({ workflow, credential }));
		return workflow.name;
	});
	await claim('the quota of the day of the restore counts as used', () => {
		const closed = JSON.parse(
			sql(
				'select jsonb_agg(distinct jsonb_build_array(bucket, extract(epoch from starts_at))) from core.quota_windows where closed_at is not null',
			),
		).map(String);
		const { buckets } = api('GET', '/v1/quota');
		// Not that of the day after, when midnight in California has passed since.
		const left = buckets.filter(
			({ bucket, remaining, windowStartedAt }) =>
				remaining > 0 && closed.includes(`${bucket},${Date.parse(windowStartedAt) / 1000}`),
		);
		if (closed.length !== 6 || left.length) throw new Error(JSON.stringify({ closed, buckets }));
		return buckets.map(({ bucket, remaining }) => `${bucket} ${remaining}`).join(', ');
	});
	await claim('no fault of isolation is found, and both sidecars are ready', () => {
		const [psql] = /docker compose exec postgres psql [^`]*/.exec(
			readFileSync(new URL('../../docs/operations/backups.md', import.meta.url), 'utf8'),
		);
		const said = type(psql.replace('exec postgres', 'exec -T postgres'));
		if (!/\(0 rows\)/.test(said)) throw new Error(said);
		for (const sidecar of ['sidecar-a', 'sidecar-b']) {
			const { status } = ask('GET', `http://${sidecar}:8080/health/ready`);
			if (status !== 200) throw new Error(`${sidecar}: ${status}`);
		}
	});
}

async function check(isStandIn, jdk) {
	startS3(jdk);
	release();
	const isUp = await claim('./ytempire setup starts a stack with backups', async () => {
		const said = await runSetup(join(project, 'answers'));
		return said.find((line) => /^Backups/.test(line));
	});
	if (!isUp) return;
	await live();
	if (made.faults.length) return;

	lose();
	clone(isStandIn, 'new-machine');
	await claim('the secrets and the release come back from the drive, by the paper', () =>
		bringSecrets(drive),
	);
	await claim('a new machine is restored to the newest moment', () => {
		const said = type(restore('--latest'));
		if (!/^Restored to \S+ from \w+ in \d+ s\.$/m.test(said)) throw new Error(said);
		return said.split('\n').at(-1);
	});
	const isRestored = await claim('and, when that was the wrong one, to another', () => {
		const said = type(restore(`--to ${lost.moment}`));
		if (!/^Ended again: .*\btoken 1\b.*\buser 1\b/m.test(said) || !/^Restored to /m.test(said))
			throw new Error(said);
		return said.split('\n').slice(-4).join('; ');
	});
	if (!isRestored) return;
	await claim('./ytempire setup starts it, and asks nothing', async () => {
		const said = await runSetup(undefined);
		return said.at(-3);
	});
	await look();
	await claim('backups go on, in both repositories', () => {
		backup('now', 'full');
		const listed = backup('list');
		return `${listed.match(/full backup/g).length} full ones`;
	});

	compose('stop', 'n8n', 'sidecar-a', 'sidecar-b');
	lost.stored = stored();
	await archived();
	lose();
	for (const name of readdirSync(drive)) rmSync(join(drive, name), { recursive: true });
	clone(isStandIn, 'another-machine');
	await claim('without the drive, they come back from the bucket', () =>
		bringSecrets(join(bucket, BUCKET, 'ytempire')),
	);
	await claim('without the drive, a restore names what it lacks, and changes nothing', () => {
		try {
			type(restore('--latest'));
		} catch ({ message }) {
			const line = /^To go on with those of the other repository: --one-repository\.$/m;
			if (!line.test(message) || !/nothing was changed/.test(message)) throw new Error(message);
			return message.split('\n').at(-1);
		}
		throw new Error('it went on');
	});
	await claim('a new machine is restored from S3 alone', () => {
		const said = type(restore('--latest --from s3 --one-repository'));
		return said.split('\n').at(-1);
	});
	await claim('./ytempire setup starts it, and says that the drive is new', async () => {
		try {
			await runSetup(undefined);
		} catch ({ message }) {
			if (!/the backups could not be begun.*\.\/ytempire backup init drive/s.test(message))
				throw new Error(message);
			return message;
		}
		throw new Error('it does not say so');
	});
	await look();
	await claim('backups begin on the new drive', () => {
		backup('init', 'drive');
		const said = backup('now', 'full');
		if (!/^drive: full/m.test(said)) throw new Error(said);
		backup('list');
		return backup('verify').replaceAll('\n', ', ');
	});
	if (isStandIn)
		console.log(
			"  not seen: TimescaleDB, Grafana, the DNS and the entrypoints of the official images; Debian's PostgreSQL 15 stood in, and S3Proxy for S3",
		);
}

/** Why this cannot run here; null when it can. */
function obstacle() {
	if (process.getuid() !== 0) return 'only root can mount a drive';
	const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
	if (!isFetched(cache) && !has('mvn')) return 'there is no Maven to fetch S3Proxy';
	return null;
}

/** Status 0: all holds, or skipped; 1: not so. */
async function main(jdk) {
	const reason = obstacle();
	if (reason) {
		console.log(`Skipped: a restore on a new machine, because ${reason}`);
		return 0;
	}
	spawnSync('umount', [drive]);
	rmSync(kept, { recursive: true, force: true });
	for (const each of [cache, drive]) mkdirSync(each, { recursive: true });
	// Before the engine starts, which sees what is mounted then.
	must('mount', '-t', 'tmpfs', '-o', 'size=1g', 'tmpfs', drive);
	process.once('exit', () => {
		spawnSync('docker', ['rm', '--force', `${PROJECT}-s3`]);
		spawnSync('docker', ['network', 'rm', `${PROJECT}-elsewhere`]);
		spawnSync('umount', [drive]);
		if (existsSync(kept)) rmSync(kept, { recursive: true, force: true });
	});
	process.env.PATH = [fetchPgBackRest(), process.env.PATH].filter(Boolean).join(':');
	const key = must('age-keygen');
	writeFileSync(paper, /^AGE-SECRET-KEY-.*$/m.exec(key)[0], { mode: 0o600 });
	OPTIONS.answers.push(`STACK_BACKUP_AGE_RECIPIENT=${/public key: (age1\w+)/.exec(key)[1]}`);
	return await testStack({
		title: 'Restore',
		what: 'a restore on a new machine',
		jdk,
		options: { ...OPTIONS, more: elsewhere() },
		claims: made,
		check: (isStandIn) => check(isStandIn, jdk),
	});
}

if (process.argv[1] === fileURLToPath(import.meta.url))
	process.exitCode = await main(process.argv[2]);
