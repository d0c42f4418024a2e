// What only a person knows, and the settings of the stack: read from an answers file and .env, checked, and written to .env.
import { existsSync, readFileSync, writeFileSync, chmodSync } from 'node:fs';

/** Faults that a person can repair, a sentence each. */
export class SetupFaults extends Error {
	constructor(faults) {
		super([faults].flat().join('\n'));
		this.faults = [faults].flat();
	}
}

const DOMAIN = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

const domain = (value) =>
	DOMAIN.test(value) ? null : 'must be a domain in lower case, such as api.example.org';
const size = (value) =>
	/^[1-9][0-9]*(m|g)$/.test(value) ? null : 'must be a size such as 512m or 4g';
const bytes = (value) =>
	/^[1-9][0-9]*(MB|GB)$/.test(value) ? null : 'must be a size such as 512MB or 8GB';
const redisBytes = (value) =>
	/^[1-9][0-9]*(mb|gb)$/.test(value) ? null : 'must be a size such as 256mb or 6gb';
const port = (value) =>
	/^[1-9][0-9]{0,4}$/.test(value) && Number(value) < 65536 ? null : 'must be a port, 1 to 65535';
const web = (value) =>
	value === '' || (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol))
		? null
		: 'must be an address that begins with https:// or http://';
const PROFILES = ['queue', 'monitoring', 'backup'];
const hasProfile = (name) => (values) => (values.COMPOSE_PROFILES ?? '').split(',').includes(name);
const hasMail = (values) => hasProfile('monitoring')(values) && Boolean(values.STACK_ALERT_MAIL_TO);
const EMAIL = /^[^@\s{}"|&\\]+@[^@\s{}"|&\\]+$/;
const email = (value) => (EMAIL.test(value) ? null : 'must be an email address');
const word = (value) => (/^\S+$/.test(value) ? null : 'must be one word');

/**
 * Every setting that may be answered, by its name.
 *
 * question: asked when it has no value; fallback: what an empty answer means; file: the secret that holds it instead of .env;
 * optional: the secret may be empty.
 */
export const SETTINGS = {
	STACK_API_DOMAIN: { question: 'Domain of the API, such as api.example.org', check: domain },
	STACK_DASHBOARDS_DOMAIN: {
		question: 'Domain of the dashboards, such as dashboards.example.org',
		check: domain,
	},
	STACK_TLS: {
		question: 'Email address for Let\'s Encrypt; "internal" for certificates of a local authority',
		check: (value) =>
			value === 'internal' || EMAIL.test(value) ? null : 'must be an email address, or "internal"',
	},
	YTEMPIRE_GOOGLE_CLIENT_ID: {
		question: 'Client id of your Google Cloud project (docs/google-setup.md)',
		check: (value) =>
			/^[\w.-]+\.apps\.googleusercontent\.com$/.test(value)
				? null
				: 'must be a client id, which ends in .apps.googleusercontent.com',
	},
	GOOGLE_CLIENT_SECRET: {
		question: 'Its client secret',
		file: 'google_client_secret',
		check: (value) => (/^\S+$/.test(value) ? null : 'must be one word'),
	},
	YTEMPIRE_PRIVACY_POLICY_URL: {
		question: 'Address of your privacy policy (YouTube demands one)',
		check: web,
	},
	YTEMPIRE_CONTACT: {
		question: 'How the owner of a channel reaches you (YouTube demands it)',
		check: (value) =>
			/^[^\n$"'\\]+$/.test(value) ? null : 'must be one line without $ and quotes',
	},
	COMPOSE_PROFILES: {
		question: 'Profiles beside the base: queue, monitoring, backup, with commas, or none',
		fallback: '',
		check: (value) =>
			value.split(',').every((name) => name === '' || PROFILES.includes(name))
				? null
				: `must be of: ${PROFILES.join(', ')}; separated by commas`,
	},
	ALERT_WEBHOOK: {
		question: 'Address that alerts are posted to',
		file: 'alert_webhook',
		needed: hasProfile('monitoring'),
		check: (value) => (value === '' ? 'is missing' : web(value)),
	},
	STACK_ALERT_MAIL_TO: {
		question: 'Email address for alerts beside that, or none',
		needed: hasProfile('monitoring'),
		fallback: '',
		check: (value) => (value === '' ? null : email(value)),
	},
	STACK_ALERT_MAIL_FROM: {
		question: 'Email address that alerts come from',
		needed: hasMail,
		check: (value) => (value === '' ? null : email(value)),
	},
	STACK_ALERT_SMTP: {
		question: 'Mail server for it, such as mail.example.org:587',
		needed: hasMail,
		check: (value) => (/^([a-z0-9.-]+:[1-9][0-9]{0,4})?$/.test(value) ? null : 'must be HOST:PORT'),
	},
	STACK_ALERT_SMTP_USER: {
		question: 'User name at the mail server',
		needed: hasMail,
		check: (value) => (/^[\w.@+-]*$/.test(value) ? null : 'must be a user name'),
	},
	ALERT_SMTP_PASSWORD: {
		question: 'Its password',
		file: 'alert_smtp_password',
		optional: true,
		needed: hasMail,
		check: word,
	},
	ALERT_HEARTBEAT: {
		file: 'alert_heartbeat',
		optional: true,
		check: web,
	},
	STACK_BACKUP_FOLDER: {
		question: 'Folder in which the backup drive is mounted as "drive", such as /srv/backup',
		needed: hasProfile('backup'),
		check: (value) =>
			/^\/[\w./-]*[\w-]$/.test(value) ? null : 'must be a folder such as /srv/backup',
	},
	STACK_BACKUP_S3_BUCKET: {
		question: 'Bucket of S3 for the second backup',
		needed: hasProfile('backup'),
		check: (value) =>
			/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(value) ? null : 'must be the name of a bucket',
	},
	STACK_BACKUP_S3_ENDPOINT: {
		question: 'Endpoint of S3, such as s3.eu-central-1.amazonaws.com',
		needed: hasProfile('backup'),
		check: domain,
	},
	STACK_BACKUP_S3_REGION: {
		question: 'Region of S3, such as eu-central-1',
		needed: hasProfile('backup'),
		check: word,
	},
	BACKUP_S3_KEY: {
		question: 'Access key of S3',
		file: 'backup_s3_key',
		optional: true,
		needed: hasProfile('backup'),
		check: word,
	},
	BACKUP_S3_KEY_SECRET: {
		question: 'Its secret access key',
		file: 'backup_s3_key_secret',
		optional: true,
		needed: hasProfile('backup'),
		check: word,
	},
	STACK_BACKUP_AGE_RECIPIENT: {
		question:
			'Public key of age that secrets/ is encrypted for (age-keygen makes one; keep the other half on paper)',
		needed: hasProfile('backup'),
		check: (value) =>
			/^age1[a-z0-9]{58}$/.test(value)
				? null
				: 'must be a public key of age, which begins with age1',
	},
	STACK_BACKUP_HOUR: {
		check: (value) =>
			/^([0-9]|1[0-9]|2[0-3])$/.test(value) ? null : 'must be an hour of UTC, 0 to 23',
	},
	COMPOSE_PROJECT_NAME: {
		check: (value) => (/^[a-z0-9][a-z0-9_-]*$/.test(value) ? null : 'must be of a-z, 0-9, _ and -'),
	},
	STACK_HTTP_PORT: { check: port },
	STACK_HTTPS_PORT: { check: port },
	STACK_N8N_PORT: { check: port },
	STACK_N8N_MODE: {
		check: (value) => (['regular', 'queue'].includes(value) ? null : 'must be regular or queue'),
	},
	STACK_WORKERS: {
		check: (value) => (/^[1-9][0-9]?$/.test(value) ? null : 'must be a number, 1 to 99'),
	},
	STACK_PROXY_SUBNET: {
		check: (value) =>
			/^\d+\.\d+\.\d+\.\d+\/\d+$/.test(value)
				? null
				: 'must be a network such as 10.255.255.240/28',
	},
	STACK_POSTGRES_MEMORY: { check: size },
	STACK_POSTGRES_SHARED_BUFFERS: { check: bytes },
	STACK_POSTGRES_CACHE: { check: bytes },
	STACK_REDIS_MEMORY: { check: size },
	STACK_REDIS_MAXMEMORY: { check: redisBytes },
	STACK_SIDECAR_MEMORY: { check: size },
	STACK_N8N_MEMORY: { check: size },
	STACK_WORKER_MEMORY: { check: size },
	STACK_GRAFANA_MEMORY: { check: size },
	STACK_CADDY_MEMORY: { check: size },
	STACK_PROMETHEUS_MEMORY: { check: size },
	STACK_BACKUP_MEMORY: { check: size },
	STACK_PROMETHEUS_DISK: { check: bytes },
	YTEMPIRE_PUBLIC_URL: { check: web },
	YTEMPIRE_PUBLIC_STATISTICS: {
		check: (value) =>
			['by-owner', 'pooled'].includes(value) ? null : 'must be by-owner or pooled',
	},
	YTEMPIRE_GOOGLE_API_KEY: {
		file: 'google_api_key',
		optional: true,
		check: (value) => (/^\S*$/.test(value) ? null : 'must be one word'),
	},
};

/** Reads NAME=value lines; # begins a comment. */
export function parseLines(text, file) {
	const values = {};
	const faults = [];
	for (const [index, raw] of text.split('\n').entries()) {
		const line = raw.trim();
		if (line === '' || line.startsWith('#')) continue;
		const match = /^([A-Z][A-Z0-9_]*)\s*=(.*)$/.exec(line);
		if (!match) faults.push(`${file}, line ${index + 1} is not NAME=value.`);
		else values[match[1]] = match[2].trim().replace(/^(["'])(.*)\1$/, '$2');
	}
	if (faults.length) throw new SetupFaults(faults);
	return values;
}

/** Reads an answers file, all of whose names must be known. */
export function readAnswers(file) {
	if (!existsSync(file)) throw new SetupFaults(`There is no file ${file} to read answers from.`);
	const values = parseLines(readFileSync(file, 'utf8'), file);
	const unknown = Object.keys(values).filter((name) => !(name in SETTINGS));
	if (unknown.length) {
		throw new SetupFaults(
			unknown.map(
				(name) => `${file}: ${name} is not a setting; docs/operations/production.md lists them.`,
			),
		);
	}
	return values;
}

/** What is wrong with the value of a setting; null when nothing is. */
const faultOf = (name, value) =>
	// .env holds values in single quotes, a line each.
	/['\r\n]/.test(value)
		? "must be one line without single quotes (')"
		: SETTINGS[name].check(value);

/** What is wrong with these values, a sentence each. */
export function checkAnswers(values) {
	return Object.entries(values)
		.filter(([name]) => SETTINGS[name]?.check)
		.map(([name, value]) => [name, faultOf(name, value)])
		.filter(([, fault]) => fault)
		.map(
			([name, fault]) => `${name} ${fault}${SETTINGS[name].file ? '' : `, not "${values[name]}"`}.`,
		);
}

/**
 * Adds the answers that are missing, by asking.
 *
 * ask: a function of a question, or null where nobody can be asked; then what is missing is a fault. has: whether a secret is there.
 */
export async function askForMissing(values, ask, has) {
	const complete = { ...values };
	const missing = [];
	for (const [name, setting] of Object.entries(SETTINGS)) {
		if (!setting.question || complete[name] !== undefined) continue;
		if (setting.file && has(setting.file)) continue;
		if (setting.needed && !setting.needed(complete)) continue;
		if (!ask) {
			if (setting.fallback === undefined) missing.push(name);
			else complete[name] = setting.fallback;
			continue;
		}
		for (;;) {
			const answer = (await ask(`${setting.question}: `, Boolean(setting.file))).trim();
			const fault = faultOf(name, answer);
			if (!fault && (answer !== '' || setting.fallback !== undefined)) {
				complete[name] = answer;
				break;
			}
			await ask.say?.(`  That ${fault ?? 'is missing'}.`);
		}
	}
	if (missing.length) {
		throw new SetupFaults(
			missing.map(
				(name) => `${name} is missing: ${SETTINGS[name].question}. Write it into the answers file.`,
			),
		);
	}
	return complete;
}

/** Sizes for a machine: the allocation of a 128 GB server, or what the defaults of compose.yml leave to it. */
export function sizesFor(totalBytes) {
	const gigabytes = totalBytes / 2 ** 30;
	if (gigabytes >= 100) {
		return {
			STACK_POSTGRES_MEMORY: '32g',
			STACK_POSTGRES_SHARED_BUFFERS: '8GB',
			STACK_POSTGRES_CACHE: '24GB',
			STACK_REDIS_MEMORY: '8g',
			STACK_REDIS_MAXMEMORY: '6gb',
			STACK_PROMETHEUS_MEMORY: '2g',
		};
	}
	if (gigabytes >= 24) {
		return {
			STACK_POSTGRES_MEMORY: '8g',
			STACK_POSTGRES_SHARED_BUFFERS: '2GB',
			STACK_POSTGRES_CACHE: '6GB',
			STACK_REDIS_MEMORY: '1g',
			STACK_REDIS_MAXMEMORY: '512mb',
		};
	}
	return {};
}

/** The name that a line of .env gives a value to; undefined when it is none. */
const nameOf = (line) => /^\s*([A-Z][A-Z0-9_]*)\s*=/.exec(line)?.[1];

/** Reads .env; empty when there is none. */
export function readEnvironment(file) {
	return existsSync(file) ? parseLines(readFileSync(file, 'utf8'), file) : {};
}

/**
 * Writes values into .env, each in its old line or at the end, and takes the lines of removed names out; other lines stay. Only its
 * owner can read the file afterwards. Returns whether its text changed.
 */
export function writeEnvironment(file, values, removed = []) {
	const before = existsSync(file)
		? readFileSync(file, 'utf8')
		: '# Made by ./ytempire setup; read by Docker Compose.\n';
	const left = new Map(Object.entries(values));
	const lines = before
		.replace(/\n$/, '')
		.split('\n')
		.filter((line) => !removed.includes(nameOf(line)))
		.map((line) => {
			const name = nameOf(line);
			if (name === undefined || !left.has(name)) return line;
			const value = left.get(name);
			left.delete(name);
			return parseLines(line, file)[name] === value ? line : `${name}='${value}'`;
		});
	for (const [name, value] of left) lines.push(`${name}='${value}'`);
	const after = `${lines.join('\n')}\n`;
	const isChanged = !existsSync(file) || after !== before;
	if (isChanged) writeFileSync(file, after, { mode: 0o600 });
	chmodSync(file, 0o600);
	return isChanged;
}
