// ./ytempire setup on machines that are made up, in a folder of its own.
import assert from 'node:assert/strict';
import {
	chmodSync,
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	readdirSync,
	realpathSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { createServer as createWebServer } from 'node:http';
import { createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SETTINGS, SetupFaults, parseLines, sizesFor } from '../setup/answers.mjs';
import { clockOffset, isPortFree, memoryOf } from '../setup/machine.mjs';
import { questions } from '../setup/questions.mjs';
import { RANDOM } from '../setup/secrets.mjs';
import { addresses, setup } from '../setup/setup.mjs';

const top = new URL('../..', import.meta.url).pathname;

const key = (id, status = 'ENABLED') => ({
	keyId: id,
	status,
	outputPrefixType: 'TINK',
	keyData: {
		typeUrl: 'type.googleapis.com/google.crypto.tink.AesGcmKey',
		keyMaterialType: 'SYMMETRIC',
		value: 'x',
	},
});
const keyset = (...ids) => JSON.stringify({ primaryKeyId: ids[0], key: ids.map((id) => key(id)) });

const ANSWERS = {
	STACK_API_DOMAIN: 'api.example.org',
	STACK_DASHBOARDS_DOMAIN: 'dashboards.example.org',
	STACK_TLS: 'operator@example.org',
	YTEMPIRE_GOOGLE_CLIENT_ID: '1-a.apps.googleusercontent.com',
	GOOGLE_CLIENT_SECRET: 'the-client-secret',
	YTEMPIRE_PRIVACY_POLICY_URL: 'https://example.org/privacy',
	YTEMPIRE_CONTACT: 'data@example.org',
};

/** A copy of the project's top level, as far as setup looks at it. */
function place(t, answers = ANSWERS) {
	const root = realpathSync(mkdtempSync(join(tmpdir(), 'setup-')));
	t.after(() => rmSync(root, { recursive: true }));
	copyFileSync(join(top, 'compose.yml'), join(root, 'compose.yml'));
	mkdirSync(join(root, 'n8n-nodes/dist'), { recursive: true });
	mkdirSync(join(root, 'deploy/backup'), { recursive: true });
	copyFileSync(join(top, 'deploy/backup/Dockerfile'), join(root, 'deploy/backup/Dockerfile'));
	writeFileSync(
		join(root, 'answers'),
		Object.entries(answers)
			.map(([name, value]) => `${name}=${value}\n`)
			.join(''),
	);
	return root;
}

/** A machine on which all is well, but for what is put in its place; volume: the release that made it. */
function machine({ volume = null, running = [], workingDirectory = null, ...others } = {}) {
	const calls = [];
	return {
		calls,
		totalMemory: 16 * 2 ** 30,
		isPortFree: async () => true,
		disk: () => ({ free: 200 * 2 ** 30, size: 400 * 2 ** 30 }),
		resolve: async () => ['192.0.2.1'],
		isMounted: () => true,
		clockOffset: async () => 0.4,
		docker(words) {
			const line = words.join(' ');
			calls.push(line);
			const answer = (stdout, status = 0) => ({ status, stdout, stderr: '' });
			if (line.startsWith('version')) return answer('28.5.2\n');
			if (line === 'compose version --short') return answer('2.40.3\n');
			if (line.startsWith('info')) return answer('/var/lib/docker\n');
			if (line.startsWith('ps --all'))
				return answer(workingDirectory ? `${workingDirectory}\n` : '');
			if (line.startsWith('ps ')) return answer(running.join('\n'));
			if (line.startsWith('volume inspect')) return answer('', volume ? 0 : 1);
			if (line.endsWith('/data/PG_VERSION')) return answer(`${volume}\n`);
			if (line.endsWith('keyset new')) return answer(`${keyset(7)}\n`);
			return answer('');
		},
		...others,
	};
}

async function run(root, on = machine(), more = {}) {
	const said = [];
	await setup({
		root,
		machine: on,
		answers: join(root, 'answers'),
		ask: null,
		say: (line) => said.push(line),
		...more,
	});
	return said;
}

async function faults(root, on, more) {
	const before = snapshot(root);
	let found = [];
	await assert.rejects(run(root, on, more), (error) => {
		assert.ok(error instanceof SetupFaults, error.stack);
		found = error.faults;
		return true;
	});
	assert.deepEqual(snapshot(root), before, 'a setup that is refused writes nothing');
	return found;
}

/** Every file with its content and mode. */
function snapshot(root) {
	return readdirSync(root, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name))
		.sort()
		.map((file) => [file, statSync(file).mode & 0o777, readFileSync(file, 'utf8')]);
}

const secret = (root, name, text, mode = 0o644) => {
	const folder = join(root, 'secrets');
	if (!existsSync(folder)) {
		mkdirSync(folder);
		chmodSync(folder, 0o700);
	}
	writeFileSync(join(folder, name), text);
	chmodSync(join(folder, name), mode);
};

test('a first setup makes every secret that compose.yml names, and starts', async (t) => {
	const root = place(t);
	const on = machine();
	const said = await run(root, on);
	const named = [
		...['compose.yml', 'deploy/standby/compose.yml']
			.map((file) => readFileSync(join(top, file), 'utf8'))
			.join('\n')
			.matchAll(/^ {2}(\w+): \{file: secrets\/\w+\}$/gm),
	].map((match) => match[1]);
	assert.deepEqual(
		readdirSync(join(root, 'secrets')).sort(),
		named.filter((name) => name !== 'alert_webhook').sort(),
	);
	assert.equal(statSync(join(root, 'secrets')).mode & 0o777, 0o700);
	for (const name of readdirSync(join(root, 'secrets'))) {
		assert.equal(statSync(join(root, 'secrets', name)).mode & 0o777, 0o644, name);
	}
	assert.equal(statSync(join(root, '.env')).mode & 0o777, 0o600);
	assert.match(on.calls.at(-1), /^compose .* up -d --wait$/);
	assert.ok(said.some((line) => line.includes('https://api.example.org/docs')));
	assert.ok(said.some((line) => line.includes('http://127.0.0.1:5678/')));
	const written = readFileSync(join(root, '.env'), 'utf8') + said.join('\n');
	for (const name of [...Object.keys(RANDOM), 'google_client_secret']) {
		assert.ok(
			!written.includes(readFileSync(join(root, 'secrets', name), 'utf8')),
			`${name} is in .env or on the screen`,
		);
	}
});

test('under umask 077 the containers can read the secrets', async (t) => {
	const root = place(t);
	const before = process.umask(0o077);
	try {
		await run(root);
	} finally {
		process.umask(before);
	}
	for (const name of readdirSync(join(root, 'secrets'))) {
		assert.equal(statSync(join(root, 'secrets', name)).mode & 0o777, 0o644, name);
	}
});

test('a second setup changes nothing and asks nothing', async (t) => {
	const root = place(t);
	await run(root);
	const before = snapshot(root);
	const said = await run(root, machine({ volume: '15' }), { answers: undefined });
	assert.deepEqual(snapshot(root), before);
	assert.ok(
		!said.some((line) => line.endsWith('made') || line.endsWith('written')),
		said.join('\n'),
	);
});

test('a setup over a running stack replaces the sidecars one by one', async (t) => {
	const root = place(t);
	await run(root);
	const on = machine({
		volume: '15',
		running: ['postgres', 'sidecar-a', 'sidecar-b'],
		isPortFree: async () => false,
	});
	await run(root, on);
	const steps = on.calls
		.filter((line) => / (run --rm migrate|up -d .*)$/.test(line))
		.map((line) => line.replace(/^.* (run|up) /, '$1 '));
	assert.deepEqual(steps, [
		'run --rm migrate',
		'up -d --wait --no-deps sidecar-a',
		'up -d --wait --no-deps sidecar-b',
		'up -d --wait',
	]);
});

test('every answer that is missing is named', async (t) => {
	const found = await faults(place(t, {}), machine());
	const asked = Object.entries(SETTINGS).filter(
		([name, setting]) =>
			setting.question && setting.fallback === undefined && (setting.needed?.({}) ?? true),
	);
	assert.deepEqual(
		found.map((fault) => fault.split(' ')[0]).sort(),
		asked.map(([name]) => name).sort(),
	);
});

test('answers that are asked of a person are checked and asked again', async (t) => {
	const root = place(t);
	const queue = {
		...ANSWERS,
		COMPOSE_PROFILES: 'monitoring',
		ALERT_WEBHOOK: 'https://alerts.example.org/x',
		STACK_ALERT_MAIL_TO: 'oncall@example.org',
		STACK_ALERT_MAIL_FROM: 'alerts@example.org',
		STACK_ALERT_SMTP: 'mail.example.org:587',
		STACK_ALERT_SMTP_USER: 'alerts',
		ALERT_SMTP_PASSWORD: 'the-password',
	};
	const asked = [];
	const ask = async (question) => {
		const [name] = Object.entries(SETTINGS).find(
			([, setting]) => question === `${setting.question}: `,
		);
		asked.push(name);
		return name === 'STACK_API_DOMAIN' && asked.filter((each) => each === name).length === 1
			? 'No Domain'
			: queue[name];
	};
	await run(root, machine(), { answers: undefined, ask });
	assert.deepEqual(asked, ['STACK_API_DOMAIN', ...Object.keys(queue)]);
	assert.equal(
		readFileSync(join(root, 'secrets/alert_webhook'), 'utf8'),
		'https://alerts.example.org/x',
	);
	assert.equal(readFileSync(join(root, 'secrets/alert_smtp_password'), 'utf8'), 'the-password');
	assert.doesNotMatch(readFileSync(join(root, '.env'), 'utf8'), /the-password/);
});

test('answers of a wrong form are named with their value, secrets without', async (t) => {
	const found = await faults(
		place(t, {
			...ANSWERS,
			STACK_API_DOMAIN: 'https://api',
			STACK_HTTPS_PORT: '99999',
			GOOGLE_CLIENT_SECRET: 'two words',
		}),
		machine(),
	);
	assert.equal(found.length, 3);
	assert.match(found.join('\n'), /STACK_API_DOMAIN must be a domain .*not "https:\/\/api"/);
	assert.match(found.join('\n'), /STACK_HTTPS_PORT must be a port/);
	assert.match(found.join('\n'), /GOOGLE_CLIENT_SECRET must be one word\./);
	assert.ok(!found.join('\n').includes('two words'));
});

test('a name that is no setting is refused', async (t) => {
	const found = await faults(place(t, { ...ANSWERS, STACK_APIDOMAIN: 'x' }), machine());
	assert.match(found[0], /STACK_APIDOMAIN is not a setting/);
});

test('a line that is no answer is named by its number alone', () => {
	assert.throws(
		() => parseLines('A=1\n\nsecret word', 'f'),
		/^Error: f, line 3 is not NAME=value\.$/,
	);
});

test('an empty secret is refused', async (t) => {
	const root = place(t);
	secret(root, 'redis_password', ' \n');
	assert.match(
		(await faults(root, machine())).join('\n'),
		/secrets\/redis_password is empty\. Remove it and run this again/,
	);
});

test('a folder of secrets that others can read is refused', async (t) => {
	const root = place(t);
	secret(root, 'redis_password', 'x'.repeat(32));
	chmodSync(join(root, 'secrets'), 0o755);
	assert.match(
		(await faults(root, machine())).join('\n'),
		/can be read by others .*\(mode 755\)\. Run: chmod 700/,
	);
});

test('a secret that the containers cannot read is refused', async (t) => {
	const root = place(t);
	secret(root, 'redis_password', 'x'.repeat(32), 0o600);
	assert.match(
		(await faults(root, machine())).join('\n'),
		/cannot be read by the users of the containers \(mode 600\).*chmod 644/,
	);
});

test('a secret that others can change is refused', async (t) => {
	const root = place(t);
	secret(root, 'redis_password', 'x'.repeat(32), 0o666);
	assert.match((await faults(root, machine())).join('\n'), /can be changed by others/);
});

test('a folder that Docker made where a secret was missing is named', async (t) => {
	const root = place(t);
	secret(root, 'redis_password', 'x'.repeat(32));
	mkdirSync(join(root, 'secrets/operator_token'));
	assert.match(
		(await faults(root, machine())).join('\n'),
		/operator_token is not a file; Docker makes a folder/,
	);
});

test('a secret that belongs to data is not made anew', async (t) => {
	const root = place(t);
	await run(root);
	for (const name of ['postgres_password', 'n8n_encryption_key', 'grant_keyset'])
		rmSync(join(root, 'secrets', name));
	const found = await faults(root, machine({ volume: '15' }));
	assert.equal(found.length, 3);
	for (const fault of found)
		assert.match(fault, /is missing, and there is a volume with data.*Put it back from its backup/);
	rmSync(join(root, 'secrets'), { recursive: true });
	assert.match(
		(await faults(root, machine({ volume: '15' })))[0],
		/The folder .*secrets is missing, and there is a volume with data/,
	);
});

test('a keyset of another installation is refused', async (t) => {
	const root = place(t);
	await run(root);
	secret(root, 'grant_keyset', keyset(8));
	assert.match(
		(await faults(root, machine({ volume: '15' }))).join('\n'),
		/grant_keyset is another keyset than before: it has none of the keys 7\./,
	);
});

test('a keyset with a key more than before is taken', async (t) => {
	const root = place(t);
	await run(root);
	secret(root, 'grant_keyset', keyset(8, 7));
	await run(root, machine({ volume: '15' }));
	assert.match(readFileSync(join(root, '.env'), 'utf8'), /STACK_GRANT_KEYS='7,8'/);
});

for (const [what, text, sentence] of [
	['text', 'not a keyset', 'is not JSON'],
	['a keyset without keys', '{"primaryKeyId":1,"key":[]}', 'has no key'],
	[
		'a keyset without its primary key',
		JSON.stringify({ primaryKeyId: 2, key: [key(1)] }),
		'has no primary key',
	],
	[
		'a keyset whose primary key is off',
		JSON.stringify({ primaryKeyId: 1, key: [key(1, 'DISABLED')] }),
		'is not enabled',
	],
]) {
	test(`${what} is no keyset`, async (t) => {
		const root = place(t);
		secret(root, 'grant_keyset', text);
		const found = (await faults(root, machine())).join('\n');
		assert.ok(found.includes('grant_keyset is no keyset') && found.includes(sentence), found);
		assert.ok(!found.includes('not a keyset'));
	});
}

test('ports that are taken are named with their setting', async (t) => {
	const server = createServer();
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	t.after(() => server.close());
	const port = server.address().port;
	const root = place(t, { ...ANSWERS, STACK_N8N_PORT: String(port) });
	const found = await faults(
		root,
		machine({ isPortFree: (asked, host) => (asked === port ? isPortFree(asked, host) : true) }),
	);
	assert.deepEqual(found, [
		`Port ${port}, which n8n needs, is taken by another program. Stop it, or set STACK_N8N_PORT to another port.`,
	]);
});

test('a volume of another release of PostgreSQL is left alone', async (t) => {
	const root = place(t);
	const on = machine({ volume: '16' });
	assert.match(
		(await faults(root, on)).join('\n'),
		/ytempire_postgres was made by PostgreSQL 16, and .*pg15 is PostgreSQL 15, which cannot read it/,
	);
	assert.ok(!on.calls.some((line) => / (up|build)/.test(line)));
});

test('a disk that is 95 % full is refused', async (t) => {
	const disk = () => ({ free: 5 * 2 ** 30, size: 100 * 2 ** 30 });
	assert.match(
		(await faults(place(t), machine({ disk })))[0],
		/is 95 % full \(5\.0 of 100\.0 GB are free\)/,
	);
});

test('a disk without room for the images is refused', async (t) => {
	const disk = () => ({ free: 9 * 2 ** 30, size: 20 * 2 ** 30 });
	assert.match(
		(await faults(place(t), machine({ disk })))[0],
		/has 9\.0 GB free; the images and a first month need 10\.0 GB/,
	);
});

test('a clock that is ten minutes off is refused, ahead and behind', async (t) => {
	const root = place(t);
	assert.match(
		(await faults(root, machine({ clockOffset: async () => 600 })))[0],
		/^The clock is 10 minutes ahead of the servers of Google: .*timedatectl/,
	);
	assert.match(
		(await faults(root, machine({ clockOffset: async () => -600 })))[0],
		/^The clock is 10 minutes behind the servers of Google/,
	);
});

test('a clock that nobody can be asked about is said, and does not hold the setup up', async (t) => {
	const said = await run(place(t), machine({ clockOffset: async () => null }));
	assert.ok(said.some((line) => /^The clock was not checked: .*timedatectl/.test(line)));
});

test('the clock is compared with the Date of servers that agree', async (t) => {
	const at = Date.parse('2026-11-25T18:00:00Z');
	const server = async (date) => {
		const web = createWebServer((_, response) => {
			response.setHeader('date', new Date(date).toUTCString());
			response.end();
		});
		await new Promise((resolve) => web.listen(0, '127.0.0.1', resolve));
		t.after(() => web.close());
		return `http://127.0.0.1:${web.address().port}/`;
	};
	const [right, other] = [await server(at), await server(at + 3_600_000)];
	const now = () => at + 600_000;
	assert.equal(await clockOffset([right, 'http://127.0.0.1:1/'], { now }), 600);
	assert.equal(await clockOffset([right, other], { now }), null, 'they disagree');
	assert.equal(await clockOffset(['http://127.0.0.1:1/'], { now }), null, 'none answers');
});

test('limits beyond the memory are refused', async (t) => {
	const found = await faults(place(t), machine({ totalMemory: 4 * 2 ** 30 }));
	assert.match(found[0], /limits add up to 6\.8 GB, and the machine has 4\.0 GB/);
});

test('a domain without an address is refused', async (t) => {
	const found = await faults(
		place(t),
		machine({ resolve: async (name) => (name.startsWith('api') ? [] : ['192.0.2.1']) }),
	);
	assert.match(found[0], /^api\.example\.org \(STACK_API_DOMAIN\) is not in the DNS/);
	await run(place(t, { ...ANSWERS, STACK_TLS: 'internal' }), machine({ resolve: async () => [] }));
});

test('an engine that is missing, away or old is named', async (t) => {
	const engine = (answer) => machine({ docker: (words) => answer(words.join(' ')) });
	const missing = engine(() => ({ status: 127, stdout: '', stderr: '' }));
	assert.match((await faults(place(t), missing))[0], /Docker is not installed/);
	const away = engine(() => ({ status: 1, stdout: '', stderr: 'warning\npermission denied' }));
	assert.match((await faults(place(t), away))[0], /does not answer: permission denied/);
	const old = engine((line) => ({
		status: 0,
		stdout: line.startsWith('version') ? '20.10.24' : '2.26.1',
		stderr: '',
	}));
	assert.deepEqual(await faults(place(t), old), [
		'Docker Engine is 20.10.24; this needs 25.0 or newer.',
	]);
});

test('a second stack of the same name on the machine is refused', async (t) => {
	const found = await faults(place(t), machine({ workingDirectory: '/srv/other' }));
	assert.match(
		found[0],
		/The stack "ytempire" on this machine belongs to \/srv\/other; .*COMPOSE_PROJECT_NAME/,
	);
	const root = place(t);
	await run(root, machine({ workingDirectory: root }));
});

test('two setups of one folder at the same time are refused', async (t) => {
	const root = place(t);
	let second;
	const on = machine();
	on.resolve = async () => {
		second ??= faults(root, machine());
		await second;
		return ['192.0.2.1'];
	};
	await run(root, on);
	assert.match((await second)[0], /Another setup of .* is under way \(process \d+\)/);
	writeFileSync(join(root, '.setup.lock'), '999999999');
	await run(root, machine({ volume: '15' }));
	assert.ok(!existsSync(join(root, '.setup.lock')));
});

test('a large machine gets the allocation of a large machine', async (t) => {
	const root = place(t);
	await run(root, machine({ totalMemory: 128 * 2 ** 30 }));
	assert.match(readFileSync(join(root, '.env'), 'utf8'), /STACK_POSTGRES_MEMORY='32g'/);
	for (const bytes of [12, 24, 64, 100, 128].map((gigabytes) => gigabytes * 2 ** 30)) {
		assert.ok(memoryOf({ ...sizesFor(bytes), COMPOSE_PROFILES: 'queue,monitoring' }) < bytes);
	}
});

test("an operator's own lines of .env stay", async (t) => {
	const root = place(t);
	writeFileSync(join(root, '.env'), '# ours\nOTHER=1\nSTACK_API_DOMAIN=old.example.org\n');
	await run(root);
	assert.match(
		readFileSync(join(root, '.env'), 'utf8'),
		/^# ours\nOTHER=1\nSTACK_API_DOMAIN='api\.example\.org'\n/,
	);
});

test('an image that cannot be built is said, and the lock is gone', async (t) => {
	const root = place(t);
	const on = machine();
	const docker = on.docker;
	on.docker = (words) =>
		words.at(-1) === 'build' ? { status: 1, stdout: '', stderr: '' } : docker(words);
	await assert.rejects(run(root, on), /The images could not be built\./);
	assert.ok(!existsSync(join(root, '.setup.lock')));
});

test('the memory of a standby, its sidecar and its proxy is added up, too', () => {
	const overlay = readFileSync(join(top, 'deploy/standby/compose.yml'), 'utf8');
	assert.match(overlay, /memory: 256m, pids: 64/);
	assert.equal(
		memoryOf({ COMPOSE_FILE: 'compose.yml:deploy/standby/compose.yml' }) - memoryOf({}),
		(2 * 1024 + 1024 + 256) * 2 ** 20,
	);
});

test('every limit that setup adds up has the default of compose.yml', () => {
	const text = readFileSync(join(top, 'compose.yml'), 'utf8');
	const defaults = Object.fromEntries(
		[...text.matchAll(/\$\{(STACK_\w+):-([^}]*)\}/g)].map((match) => [match[1], match[2]]),
	);
	assert.equal(
		memoryOf({ COMPOSE_PROFILES: 'queue,monitoring,backup' }),
		memoryOf({ ...defaults, COMPOSE_PROFILES: 'queue,monitoring,backup' }),
	);
	// Setup itself answers these, by the profile.
	for (const name of ['STACK_BACKUP', 'STACK_BACKUP_ISOLATED', 'STACK_BACKUP_PROPAGATION'])
		delete defaults[name];
	for (const name of Object.keys(defaults))
		assert.ok(name in SETTINGS, `${name} cannot be answered`);
	for (const name of Object.keys(SETTINGS)) {
		// ./ytempire backup reads this one.
		if (name === 'STACK_BACKUP_AGE_RECIPIENT') continue;
		if (/^(STACK|YTEMPIRE)_/.test(name) && !SETTINGS[name].file)
			assert.ok(text.includes(`\${${name}:`), `${name} is in no line of compose.yml`);
	}
});

test('addresses name the port where it is another', () => {
	assert.match(
		addresses({ STACK_API_DOMAIN: 'a', STACK_DASHBOARDS_DOMAIN: 'b', STACK_HTTPS_PORT: '8443' })[0],
		/https:\/\/a:8443\/docs/,
	);
});

test('the engine records nothing of the container that prints the keyset', async (t) => {
	const on = machine();
	await run(place(t), on);
	assert.match(
		on.calls.find((line) => line.endsWith('keyset new')),
		/^run --rm --log-driver none .* ytempire-sidecar keyset new$/,
	);
});

test('a second stack has images of its own', async (t) => {
	const root = place(t, { ...ANSWERS, COMPOSE_PROJECT_NAME: 'second' });
	const on = machine();
	await run(root, on);
	assert.match(
		on.calls.find((line) => line.endsWith('keyset new')),
		/ second-sidecar keyset new$/,
	);
	const built = readFileSync(join(top, 'compose.yml'), 'utf8').matchAll(
		/image: (\S*(?:sidecar|caddy))$/gm,
	);
	for (const [, image] of built) assert.match(image, /^\$\{COMPOSE_PROJECT_NAME:-ytempire\}-/);
});

test('a secret that a person types is not shown', async () => {
	const input = new PassThrough();
	const output = new PassThrough({ encoding: 'utf8' });
	const ask = questions(input, output);
	const typed = async (question, hidden, text) => {
		const answer = ask(question, hidden);
		input.write(`${text}\r`);
		return await answer;
	};
	assert.equal(await typed('Its client secret: ', true, 'GOCSPX-x'), 'GOCSPX-x');
	assert.equal(await typed('Domain: ', false, 'api.example.org'), 'api.example.org');
	ask.close();
	const seen = output.read();
	assert.ok(seen.includes('Its client secret: ') && !seen.includes('GOCSPX'), seen);
	assert.ok(seen.includes('Domain: ') && seen.includes('api.example.org'), seen);
});

test('a .env that others can read is closed, changed or not', async (t) => {
	const root = place(t);
	await run(root);
	chmodSync(join(root, '.env'), 0o644);
	await run(root, machine({ volume: '15' }), { answers: undefined });
	assert.equal(statSync(join(root, '.env')).mode & 0o777, 0o600);
});

test('the API key is a secret, and leaves an older .env', async (t) => {
	const root = place(t);
	writeFileSync(join(root, '.env'), "YTEMPIRE_GOOGLE_API_KEY='AIzaKey'\n");
	await run(root);
	const environment = () => readFileSync(join(root, '.env'), 'utf8');
	assert.ok(!environment().includes('AIzaKey'));
	assert.match(environment(), /^YTEMPIRE_GOOGLE_API_KEY_FILE='\/run\/secrets\/google_api_key'$/m);
	assert.equal(readFileSync(join(root, 'secrets/google_api_key'), 'utf8'), 'AIzaKey');
	writeFileSync(join(root, 'answers'), 'YTEMPIRE_GOOGLE_API_KEY=\n');
	await run(root, machine({ volume: '15' }));
	assert.match(environment(), /^YTEMPIRE_GOOGLE_API_KEY_FILE=''$/m);
	assert.equal(readFileSync(join(root, 'secrets/google_api_key'), 'utf8'), '');
});

test('an answer with a single quote is refused, which would end the value in .env', async (t) => {
	const found = await faults(
		place(t, { ...ANSWERS, YTEMPIRE_PRIVACY_POLICY_URL: "https://example.org/'x" }),
		machine(),
	);
	assert.deepEqual(found, [
		`YTEMPIRE_PRIVACY_POLICY_URL must be one line without single quotes ('), not "https://example.org/'x".`,
	]);
});

const BACKUP_ANSWERS = {
	...ANSWERS,
	COMPOSE_PROFILES: 'backup',
	STACK_BACKUP_FOLDER: '/srv/backup',
	STACK_BACKUP_S3_BUCKET: 'ytempire-backups',
	STACK_BACKUP_S3_ENDPOINT: 's3.eu-central-1.amazonaws.com',
	STACK_BACKUP_S3_REGION: 'eu-central-1',
	BACKUP_S3_KEY: 'the-access-key',
	BACKUP_S3_KEY_SECRET: 'the-secret-access-key',
	STACK_BACKUP_AGE_RECIPIENT: `age1${'q'.repeat(58)}`,
};

test('with backups WAL is archived, and repositories are begun', async (t) => {
	const root = place(t, BACKUP_ANSWERS);
	const on = machine();
	await run(root, on);
	const env = readFileSync(join(root, '.env'), 'utf8');
	assert.match(env, /^STACK_BACKUP='on'$/m);
	assert.match(env, /^STACK_BACKUP_PROPAGATION='rslave'$/m);
	assert.match(env, /^STACK_BACKUP_ISOLATED='false'$/m);
	assert.doesNotMatch(env, /the-access-key|the-secret-access-key/);
	const passes = ['backup_drive_pass', 'backup_s3_pass'].map((name) =>
		readFileSync(join(root, 'secrets', name), 'utf8'),
	);
	assert.notEqual(passes[0], passes[1]);
	const at = (pattern) => on.calls.findIndex((call) => pattern.test(call));
	assert.ok(at(/ chown ytempire-postgres postgres: \/drive$/) < at(/ up -d --wait$/));
	assert.ok(at(/ up -d --wait$/) < at(/ exec -T backup ytempire-pgbackrest init$/));
});

test('without backups nothing is archived, and PostgreSQL reaches no other machine', async (t) => {
	const root = place(t);
	await run(root);
	const env = readFileSync(join(root, '.env'), 'utf8');
	assert.match(env, /^STACK_BACKUP='off'$/m);
	assert.match(env, /^STACK_BACKUP_PROPAGATION='rprivate'$/m);
	assert.match(env, /^STACK_BACKUP_ISOLATED='true'$/m);
});

test('a drive that is not mounted is refused before anything is written', async (t) => {
	const root = place(t, BACKUP_ANSWERS);
	assert.match(
		(await faults(root, machine({ isMounted: () => false }))).join(),
		/No drive is mounted at \/srv\/backup\/drive/,
	);
	assert.match(
		(await faults(root, machine({ isMounted: () => null }))).join(),
		/There is no folder \/srv\/backup\/drive/,
	);
});

test('backups without a bucket or a key for the secrets are refused', async (t) => {
	const {
		STACK_BACKUP_S3_BUCKET: bucket,
		STACK_BACKUP_AGE_RECIPIENT: key,
		...others
	} = BACKUP_ANSWERS;
	const found = (await faults(place(t, others))).join();
	assert.match(found, /STACK_BACKUP_S3_BUCKET is missing/);
	assert.match(found, /STACK_BACKUP_AGE_RECIPIENT is missing/);
	assert.match(
		(
			await faults(place(t, { ...BACKUP_ANSWERS, STACK_BACKUP_AGE_RECIPIENT: 'AGE-SECRET-KEY-1' }))
		).join(),
		/public key of age/,
	);
	assert.ok(bucket && key);
});
