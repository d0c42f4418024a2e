// The files in secrets/: made, and checked before Compose mounts them.
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Secrets that are random. bound: the data in the volumes cannot be used with another one. */
export const RANDOM = {
	postgres_password: { bound: true },
	sidecar_database_password: { bound: false },
	n8n_database_password: { bound: true },
	grafana_database_password: { bound: true },
	exporter_database_password: { bound: true },
	// Of a standby, where there is one.
	replication_password: { bound: false },
	redis_password: { bound: false },
	n8n_encryption_key: { bound: true },
	operator_token: { bound: false },
	grafana_password: { bound: true },
	grafana_secret_key: { bound: true },
	// Each encrypts the backups of one place.
	backup_drive_pass: { bound: false },
	backup_s3_pass: { bound: false },
	// It signs the list of revocations beside the backups.
	backup_revocations_key: { bound: false },
};

/** The keyset that encrypts the channels' grants; the sidecar makes it. */
export const KEYSET = 'grant_keyset';

/** Those that a person brings. */
export const GIVEN = ['google_client_secret', 'alert_webhook'];

/** Those that a person may bring; empty otherwise, because Compose mounts no file that is not there. */
export const OPTIONAL = [
	'google_api_key',
	'backup_s3_key',
	'backup_s3_key_secret',
	'alert_smtp_password',
	'alert_heartbeat',
];

const octal = (mode) => (mode & 0o777).toString(8).padStart(3, '0');

/** The secret's text without white space around it; null when there is none. */
export function readSecret(folder, name) {
	const file = join(folder, name);
	return existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
}

/** Writes a secret that containers of any user can read; the folder keeps everybody else out. */
export function writeSecret(folder, name, value) {
	const file = join(folder, name);
	writeFileSync(file, value, { mode: 0o644 });
	// Against the umask.
	chmodSync(file, 0o644);
}

export function makeFolder(folder) {
	if (existsSync(folder)) return;
	mkdirSync(folder, { mode: 0o700 });
	chmodSync(folder, 0o700);
}

/** The ids of a Tink keyset's keys, which are no secrets; throws with what is wrong. */
export function keyIds(text) {
	let keyset;
	try {
		keyset = JSON.parse(text);
	} catch {
		throw new Error('is not JSON');
	}
	const keys = Array.isArray(keyset?.key) ? keyset.key : [];
	if (!keys.length) throw new Error('has no key');
	const primary = keys.find((key) => key.keyId === keyset.primaryKeyId);
	if (!primary) throw new Error('has no primary key');
	if (primary.status !== 'ENABLED') throw new Error('has a primary key that is not enabled');
	if (
		keys.some(
			(key) => !/^[\w.]+\/google\.crypto\.tink\.[A-Za-z]+Key$/.test(key.keyData?.typeUrl ?? ''),
		)
	) {
		throw new Error('has a key of another program');
	}
	return keys.map((key) => String(key.keyId)).sort();
}

/**
 * What is wrong with secrets/, a sentence each.
 *
 * hasData: whether there is a volume with data, for which lost secrets cannot be made anew; knownKeys: ids of keys that the grants may be
 * encrypted with.
 */
export function checkSecrets(folder, { hasData, knownKeys }) {
	const faults = [];
	if (!existsSync(folder)) {
		return hasData
			? [
					`The folder ${folder} is missing, and there is a volume with data that it belongs to. Put it back from its backup.`,
				]
			: [];
	}
	const own = statSync(folder);
	if ((own.mode & 0o077) !== 0) {
		faults.push(
			`${folder} can be read by others than its owner (mode ${octal(own.mode)}). Run: chmod 700 ${folder}`,
		);
	}
	for (const name of [...Object.keys(RANDOM), KEYSET, ...GIVEN, ...OPTIONAL]) {
		const file = join(folder, name);
		if (!existsSync(file)) {
			if (hasData && (RANDOM[name]?.bound || name === KEYSET)) {
				faults.push(
					`${file} is missing, and there is a volume with data that cannot be used without it. Put it back from its backup.`,
				);
			}
			continue;
		}
		const status = statSync(file);
		if (!status.isFile()) {
			faults.push(
				`${file} is not a file; Docker makes a folder of a file that was missing. Remove it and run this again.`,
			);
			continue;
		}
		if ((status.mode & 0o022) !== 0) {
			faults.push(
				`${file} can be changed by others than its owner (mode ${octal(status.mode)}). Run: chmod 644 ${file}`,
			);
		} else if ((status.mode & 0o044) !== 0o044) {
			faults.push(
				`${file} cannot be read by the users of the containers (mode ${octal(status.mode)}); the folder's mode 700 keeps others out. Run: chmod 644 ${file}`,
			);
		}
		const text = readSecret(folder, name);
		if (text === '' && !OPTIONAL.includes(name)) {
			faults.push(
				`${file} is empty. ${hasData ? 'Put it back from its backup.' : 'Remove it and run this again.'}`,
			);
		} else if (name === KEYSET) {
			faults.push(...keysetFaults(file, text, knownKeys));
		} else if (name === 'operator_token' && text.length < 32) {
			faults.push(`${file} has ${text.length} characters; an operator token has 32 at least.`);
		}
	}
	return faults;
}

function keysetFaults(file, text, knownKeys) {
	try {
		const ids = keyIds(text);
		if (knownKeys.length && !ids.some((id) => knownKeys.includes(id))) {
			return [
				`${file} is another keyset than before: it has none of the keys ${knownKeys.join(', ')}. With it no channel's grant can be decrypted. Put the old one back; ./ytempire keyset add and promote change a key.`,
			];
		}
		return [];
	} catch (error) {
		return [
			`${file} is no keyset: it ${error.message}. ./ytempire keyset new makes one, for an installation without channels.`,
		];
	}
}

/** Makes the random secrets that are missing; returns their names. */
export function makeSecrets(folder) {
	makeFolder(folder);
	const made = Object.keys(RANDOM).filter((name) => !existsSync(join(folder, name)));
	for (const name of made) writeSecret(folder, name, randomBytes(32).toString('hex'));
	return made;
}
