// The units of systemd: what they say, and what systemd says of them where it is installed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const folder = new URL('../systemd', import.meta.url).pathname;
const units = readdirSync(folder).filter((name) => name.endsWith('.service'));
const text = (name) => readFileSync(join(folder, name), 'utf8');
const settings = readFileSync(join(folder, '../../docs/operations/settings.md'), 'utf8');

const [, version] =
	/systemd (\d+)/.exec(spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' }).stdout) ??
	[];
const skip = !version
	? 'because systemd-analyze is not installed'
	: Number(version) < 250
		? 'because systemd is older than 250'
		: false;
if (skip) console.log(`Skipped: the check of systemd's units, ${skip}`);

/** The units with a JVM that is there: systemd looks for the program. */
function copied(t, change = (each) => each) {
	const place = mkdtempSync(join(tmpdir(), 'units-'));
	t.after(() => rmSync(place, { recursive: true }));
	for (const name of units)
		writeFileSync(
			join(place, name),
			change(text(name)).replace('ExecStart=/usr/bin/java', 'ExecStart=/bin/sh'),
		);
	return units.map((name) => join(place, name.replace('@.', '@8080.')));
}

/** What systemd says of a unit, of its own units aside. */
function verify(t, change) {
	const place = copied(t, change);
	for (const file of place)
		if (file.includes('@8080'))
			writeFileSync(file, readFileSync(file.replace('@8080.', '@.'), 'utf8'));
	const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...place], {
		encoding: 'utf8',
	});
	return stderr.split('\n').filter((line) => /ytempire/.test(line));
}

test('systemd accepts each unit', { skip }, (t) => {
	assert.deepEqual(verify(t), []);
	assert.notDeepEqual(
		verify(t, (unit) => unit.replace('DynamicUser=', 'DynamicUsers=')),
		[],
	);
});

test('systemd calls the exposure of each unit low', { skip }, (t) => {
	for (const file of copied(t)) {
		const unit = file.replace('@8080.', '@.');
		const { stdout } = spawnSync(
			'systemd-analyze',
			['security', '--offline=true', '--no-pager', unit],
			{ encoding: 'utf8' },
		);
		const [, exposure] = /exposure level for .*: ([\d.]+)/.exec(stdout) ?? [];
		assert.ok(Number(exposure) < 2, `${unit}: ${exposure}`);
	}
});

test('each setting of the units exists, and each secret is a credential', () => {
	for (const name of [...units, 'sidecar.env'])
		for (const [, setting, value] of text(name).matchAll(/\b(YTEMPIRE_\w+)=(\S+)/g)) {
			assert.ok(settings.includes(`\`${setting.replace(/_FILE$/, '')}\``), setting);
			if (!/_FILE$/.test(setting)) continue;
			const [, credential] = /^%d\/(\w+)$/.exec(value);
			assert.match(
				text(name),
				new RegExp(`^LoadCredential=${credential}:/etc/ytempire/secrets/${credential}$`, 'm'),
			);
		}
});

test("the administrator's password is the migration's alone", () => {
	for (const name of units)
		assert.equal(/postgres_password/.test(text(name)), name === 'ytempire-migrate.service', name);
});
