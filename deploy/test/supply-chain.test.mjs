// What is published, by whom it may be, and from what: the workflows of GitHub Actions, Renovate, and the SBOM of the node pack.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Ajv from 'ajv';
import { parse, parseDocument } from 'yaml';

const top = new URL('../..', import.meta.url).pathname;
const read = (file) => readFileSync(join(top, file), 'utf8');
const schema = (name) => JSON.parse(read(`deploy/test/schemas/${name}.json`));

const files = readdirSync(join(top, '.github/workflows'));
const workflows = Object.fromEntries(
	files.map((name) => [name, parse(read(`.github/workflows/${name}`))]),
);
const jobs = Object.entries(workflows).flatMap(([file, workflow]) =>
	Object.entries(workflow.jobs).map(([name, job]) => ({ name: `${file}: ${name}`, job })),
);
const steps = jobs.flatMap(({ name, job }) => (job.steps ?? []).map((step) => ({ name, step })));

/** What a schema says of a document; empty when it holds. */
function faults(name, document) {
	// The schemas name formats and words that only people and editors use.
	const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, logger: false });
	const text = JSON.stringify(schema(name)).replaceAll(
		'"http://json-schema.org/draft-07/schema"',
		'"http://json-schema.org/draft-07/schema#"',
	);
	const validate = ajv.compile(JSON.parse(text));
	return validate(document)
		? []
		: validate.errors.map((error) => `${error.instancePath} ${error.message}`);
}

test('each workflow is one by the published schema', () => {
	assert.ok(files.length >= 2);
	for (const [name, workflow] of Object.entries(workflows)) {
		assert.deepEqual(parseDocument(read(`.github/workflows/${name}`)).errors, []);
		assert.deepEqual(faults('github-workflow', workflow), [], name);
	}
	assert.notDeepEqual(faults('github-workflow', { on: 'push', jobs: { a: { step: [] } } }), []);
});

test("Renovate's settings are some by the published schema", () => {
	assert.deepEqual(faults('renovate', JSON.parse(read('renovate.json'))), []);
	assert.notDeepEqual(faults('renovate', { prConcurrentLimit: 'five' }), []);
});

test('Renovate finds the versions that only the launcher and Compose name', () => {
	for (const { managerFilePatterns, matchStrings } of JSON.parse(read('renovate.json'))
		.customManagers) {
		const [, file] = /^\/\^(.*)\$\/$/.exec(managerFilePatterns[0]);
		for (const pattern of matchStrings)
			assert.match(
				new RegExp(pattern).exec(read(file.replaceAll('\\', '')))?.groups.currentValue,
				/^\d/,
			);
	}
});

test('each action is pinned to a commit whose release is named', () => {
	for (const file of files)
		for (const [, used] of read(`.github/workflows/${file}`).matchAll(/^ *(?:- )?uses: (.*)$/gm))
			assert.match(
				used,
				/^(\.\/\.github\/workflows\/\w+\.yml|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/,
				file,
			);
});

test('a job has the permissions that it needs, and no workflow gives any', () => {
	for (const [name, workflow] of Object.entries(workflows))
		assert.deepEqual(workflow.permissions, {}, name);
	const writes = {};
	for (const { name, job } of jobs) {
		assert.equal(job.permissions?.contents !== undefined, true, `${name} says nothing`);
		for (const [what, level] of Object.entries(job.permissions))
			if (level !== 'read') (writes[what] ??= []).push(name);
	}
	assert.deepEqual(writes, {
		packages: ['release.yml: images'],
		'id-token': ['release.yml: images', 'release.yml: pack'],
		contents: ['release.yml: release'],
	});
});

test('no step keeps the token of the checkout, and no job runs without end', () => {
	for (const { name, step } of steps)
		if (/^actions\/checkout@/.test(step.uses ?? ''))
			assert.equal(step.with['persist-credentials'], false, name);
	for (const { name, job } of jobs) assert.ok(job.uses || job['timeout-minutes'] <= 90, name);
});

test('no text of a stranger becomes a command or runs with secrets', () => {
	for (const workflow of Object.values(workflows))
		for (const event of ['pull_request_target', 'workflow_run', 'issue_comment'])
			assert.ok(!(event in workflow.on), event);
	for (const { name, step } of steps)
		assert.doesNotMatch(step.run ?? '', /\$\{\{/, `${name}: an expression within a command`);
	for (const file of files) assert.doesNotMatch(read(`.github/workflows/${file}`), /\bsecrets\./);
});

test('nothing is published before everything is tested', () => {
	const runs = Object.values(workflows['test.yml'].jobs).flatMap((job) =>
		job.steps.map((step) => step.run),
	);
	for (const command of ['.ci/run', './ytempire test --reproducible'])
		assert.ok(runs.includes(command), command);
	const { jobs: release } = workflows['release.yml'];
	assert.equal(release.test.uses, './.github/workflows/test.yml');
	for (const job of ['images', 'pack']) assert.equal(release[job].needs, 'test', job);
	assert.deepEqual(release.release.needs, ['images', 'pack']);
});

test('images are signed by digest, with provenance and the list of their components', () => {
	const { steps: built } = workflows['release.yml'].jobs.images;
	const build = built.find((step) => step.id === 'build');
	assert.equal(build.with.sbom, true);
	assert.equal(build.with.provenance, 'mode=max');
	const sign = built.find((step) => /^cosign sign/.test(step.run ?? ''));
	assert.match(sign.env.IMAGE, /@\$\{\{ steps\.build\.outputs\.digest \}\}$/);
	for (const { file } of workflows['release.yml'].jobs.images.strategy.matrix.include)
		assert.match(read(file), /^FROM /m);
});

test('the node pack is published with provenance and depends on nothing at run time', () => {
	const commands = workflows['release.yml'].jobs.pack.steps.map((step) => step.run).join('\n');
	assert.match(commands, /^npm publish --provenance --access public -w n8n-nodes-ytempire$/m);
	assert.match(commands, /^npm ci --ignore-scripts$/m);
	const words = '--sbom-format cyclonedx --package-lock-only --omit dev -w n8n-nodes-ytempire';
	const { stdout, stderr } = spawnSync('npm', ['sbom', ...words.split(' ')], {
		cwd: top,
		encoding: 'utf8',
	});
	assert.equal(stderr, '');
	const { bomFormat, components } = JSON.parse(stdout);
	assert.equal(bomFormat, 'CycloneDX');
	const { version } = JSON.parse(read('n8n-nodes/package.json'));
	assert.deepEqual(
		components.map((each) => each.purl),
		[`pkg:npm/n8n-nodes-ytempire@${version}`],
	);
});
