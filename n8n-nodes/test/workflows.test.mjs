// The workflows that we ship: whole, ours, and free of secrets and of SQL.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fileName } from '../scripts/workflows/main.mjs';
import { ourNodes } from '../scripts/workflows/nodes.mjs';

const { Workflow } = createRequire(import.meta.url)('n8n-workflow');

const folder = join(dirname(fileURLToPath(import.meta.url)), '../workflows');
const ours = ourNodes();
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

test('every workflow of the library is there, and README.md describes each', () => {
	const readme = readFileSync(join(folder, '../README.md'), 'utf8');
	assert.ok(files.length >= 9 && files.includes('multi-user-sync.json'));
	for (const file of files) assert.ok(readme.includes(`\`${file}\``), file);
});

test("README.md names every node's outputs as the editor does", () => {
	const rows = readFileSync(join(folder, '../README.md'), 'utf8').split('\n');
	const branching = Object.values(ours).filter(({ outputNames }) => outputNames?.length > 1);
	assert.equal(new Set(branching.map(({ displayName }) => displayName)).size, 3);
	for (const { displayName, outputNames } of branching) {
		const outputs = rows
			.find((row) => row.startsWith(`| **${displayName.replace(/ Tool$/, '')}** `))
			.split('|')
			.at(-2);
		assert.deepEqual(
			outputs.split('·').map((output) => output.trim().split(',')[0]),
			outputNames,
			displayName,
		);
	}
});

for (const file of files) {
	const text = readFileSync(join(folder, file), 'utf8');
	const workflow = JSON.parse(text);

	test(`${file}: every connection leads from a node to a node, and only notes stand alone`, () => {
		const names = new Set(workflow.nodes.map((node) => node.name));
		const connected = new Set();
		for (const [from, kinds] of Object.entries(workflow.connections)) {
			assert.ok(names.has(from), from);
			connected.add(from);
			for (const { node } of Object.values(kinds).flat(2)) {
				assert.ok(names.has(node), node);
				connected.add(node);
			}
		}
		const alone = workflow.nodes.filter(
			(node) => !connected.has(node.name) && !node.type.endsWith('.stickyNote'),
		);
		assert.deepEqual(
			alone.map((node) => node.name),
			[],
		);
	});

	test(`${file}: our nodes exist in that version, with parameters that they have, and both of their outputs are used`, () => {
		const nodes = workflow.nodes.filter((node) => node.type.startsWith('n8n-nodes-ytempire.'));
		// The error workflow is started by n8n, and needs none of ours.
		assert.ok(nodes.length >= 1 || file === 'report-errors.json');
		for (const node of nodes) {
			const description = ours[node.type];
			assert.ok(description, node.type);
			assert.ok([description.version].flat().includes(node.typeVersion));
			const known = new Set(description.properties.map((property) => property.name));
			for (const parameter of Object.keys(node.parameters))
				assert.ok(known.has(parameter), `${node.name}: ${parameter}`);
		}
		for (const branching of ['Check Quota', 'Reserve', 'Fetch Metrics']) {
			if (workflow.connections[branching])
				assert.equal(
					workflow.connections[branching].main.filter((output) => output.length).length,
					2,
					branching,
				);
		}
	});

	test(`${file}: n8n keeps no data of runs that went well`, () => {
		assert.equal(workflow.settings.saveDataSuccessExecution, 'none');
		assert.equal(workflow.settings.saveDataErrorExecution, 'all');
	});

	test(`${file}: a note explains it, and says how to set it up or what comes of it`, () => {
		const notes = workflow.nodes.filter((node) => node.type.endsWith('.stickyNote'));
		assert.ok(notes.length >= 2);
		assert.ok(notes.every((node) => node.parameters.content.startsWith('##')));
	});

	test(`${file}: no secret, no credential of an installation, no SQL`, () => {
		assert.doesNotMatch(text, /"credentials"/);
		assert.doesNotMatch(text, /bearer |yte_(operator|service|user)_|password|api[_-]?key/i);
		assert.doesNotMatch(text, /\b(select|insert|update|delete)\b[^"]*\b(from|into|set|where)\b/i);
		assert.doesNotMatch(text, /nodes-base\.(postgres|executeCommand)/);
		// A provider's own total is the one thing that is asked of another service, for which there is no node.
		if (!['openai-costs.json', 'elevenlabs-usage.json'].includes(file)) {
			assert.doesNotMatch(text, /nodes-base\.httpRequest/);
		}
	});
}

test('a ledger that differs from its provider fails the execution, with both figures', () => {
	for (const file of ['openai-costs.json', 'elevenlabs-usage.json']) {
		const { nodes, connections } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
		const [{ node: check }] = connections['Compare with the Ledger'].main[0];
		const [condition] = nodes.find(({ name }) => name === check).parameters.conditions.conditions;
		assert.equal(condition.leftValue, '={{ $json.isWithinLimit }}', file);
		assert.equal(condition.operator.operation, 'false', file);
		const [{ node: last }] = connections[check].main[0];
		const { type, parameters } = nodes.find(({ name }) => name === last);
		assert.equal(type, 'n8n-nodes-base.stopAndError', file);
		assert.match(parameters.errorMessage, /\$json\.total .*\$json\.ledger /, file);
	}
});

test('the sync and the backfill store by reference, so that no figure passes through n8n', () => {
	for (const file of ['multi-user-sync.json', 'backfill-new-channels.json']) {
		const { nodes } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
		const fetches = nodes.filter((node) => node.type.endsWith('.fetchMetrics'));
		assert.ok(fetches.length >= 1, file);
		assert.ok(
			fetches.every(({ parameters }) => parameters.output === 'references'),
			file,
		);
	}
});

test('the backfill ends with the latest day whose revenue is complete', () => {
	const { nodes } = JSON.parse(readFileSync(join(folder, 'backfill-new-channels.json'), 'utf8'));
	const { parameters } = nodes.find(({ type }) => type.endsWith('.fetchMetrics'));
	assert.ok(parameters.reports.includes('channel-revenue-day'));
	// A named period ends where all of its reports are complete; days of one's own end where they say.
	assert.equal(parameters.period, 'last90');
	assert.equal(parameters.endDate, undefined);
});

test('what was fetched by reference and not stored is stored again, then fails the run', () => {
	for (const file of ['multi-user-sync.json', 'backfill-new-channels.json']) {
		const { nodes, connections } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
		const store = nodes.find(({ type }) => type.endsWith('.storeMetrics')).name;
		const next = (name, output) => (connections[name].main[output] ?? []).map(({ node }) => node);
		assert.deepEqual(next(store, 1), ['Store Again?'], file);
		assert.deepEqual(next('Store Again?', 0), ['Wait to Store'], file);
		assert.deepEqual(next('Wait to Store', 0), [store], file);
		assert.equal(next('Store Again?', 1).length, 1, file);
		assert.ok(
			nodes.some(({ type }) => type.endsWith('.stopAndError')),
			file,
		);
	}
});

test('a wait for a retry stays below the 65 seconds after which n8n writes an execution to its database', () => {
	const found = { 'multi-user-sync.json': 2, 'backfill-new-channels.json': 1 };
	for (const [file, count] of Object.entries(found)) {
		const { nodes } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
		const waits = nodes.filter((node) => node.type === 'n8n-nodes-base.wait');
		assert.equal(waits.length, count, file);
		for (const { name, parameters } of waits) {
			assert.equal(parameters.unit ?? 'seconds', 'seconds', name);
			if (typeof parameters.amount === 'number') assert.ok(parameters.amount <= 60, name);
			else assert.match(parameters.amount, /Math\.min\(60, /);
		}
	}
});

test('a file has the name of its workflow, and every name the same capitals', () => {
	for (const file of files) {
		const { name } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
		assert.equal(fileName(name), file);
		for (const word of name.split(/[ -]/)) {
			assert.ok(/^([A-Z0-9]|as$|from$|to$|of$)/.test(word), `${name}: ${word}`);
		}
	}
});

test('workflows that use the metrics are short, and none has a Code node', () => {
	const most = {
		'weekly-top-videos.json': 4,
		'top-videos-to-slack.json': 6,
		'new-video-after-48-hours.json': 6,
		'backfill-one-user.json': 5,
	};
	for (const file of files) {
		const { nodes } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
		const count = nodes.filter(({ type }) => !type.endsWith('.stickyNote')).length;
		assert.ok(count <= (most[file] ?? 100), `${file}: ${count}`);
		assert.ok(!nodes.some(({ type }) => /\.(code|function|functionItem)$/.test(type)), file);
	}
	assert.ok(Object.keys(most).every((file) => files.includes(file)));
});

test('every workflow has the tag of the platform and one of its subject', () => {
	for (const file of files) {
		const { tags } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
		assert.equal(tags.length, 2, file);
		assert.ok(
			tags.some(({ name }) => name === 'YTEMPIRE'),
			file,
		);
	}
});

test('notes are whole sentences', () => {
	for (const file of files) {
		const { nodes } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
		for (const { type, parameters } of nodes) {
			if (!type.endsWith('.stickyNote')) continue;
			const [, ...paragraphs] = parameters.content.trim().split(/\n+/);
			assert.ok(paragraphs.length, `${file}: ${parameters.content}`);
			for (const each of paragraphs) assert.match(each, /[.:)`]\*?\*?$/, `${file}: ${each}`);
		}
	}
});

test('a sheet or CSV file takes no title for a formula', () => {
	const nodeOf = (file, name) =>
		JSON.parse(readFileSync(join(folder, file), 'utf8')).nodes.find((node) => node.name === name);
	const { options } = nodeOf('metrics-to-sheet.json', 'Add to the Sheet').parameters;
	assert.equal(options.cellFormat, 'RAW');
	const { value } = nodeOf(
		'new-video-after-48-hours.json',
		'One Table',
	).parameters.assignments.assignments.find(({ name }) => name === 'videoTitle');
	const [, expression] = /^=\{\{(.*)\}\}$/.exec(value);
	const written = (title) =>
		new Function('$', `return ${expression}`)(() => ({ first: () => ({ json: { title } }) }));
	for (const begin of ['=IMAGE("x")', '+1', '-1', '@a', '\t=1', '\r=1'])
		assert.equal(written(begin), `'${begin}`);
	assert.equal(written('How to = win'), 'How to = win');
	assert.equal(written(undefined), '');
});

/** The text that a node of a shipped workflow sends for items, of which it is evaluated for the first, by n8n. */
const sent = (file, node, items, users = [], field = 'text') => {
	const { nodes, connections } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
	const workflow = new Workflow({
		nodes: nodes.map((each) => ({ ...each, parameters: {} })),
		connections,
		active: false,
		nodeTypes: { getByNameAndVersion: () => ({ description: { properties: [] } }) },
	});
	const itemsOf = (all) => all.map((json, item) => ({ json, pairedItem: { item } }));
	const output = (all) => [{ source: [], data: { main: [itemsOf(all)] } }];
	const from = Object.keys(connections).find((name) =>
		connections[name].main.flat().some((each) => each.node === node),
	);
	return workflow.expression.resolveSimpleParameterValue(
		nodes.find(({ name }) => name === node).parameters[field],
		{},
		{ resultData: { runData: { 'Active Users': output(users), [from]: output(items) } } },
		0,
		0,
		node,
		itemsOf(items),
		'manual',
		{},
		{
			node: workflow.getNode(node),
			data: { main: [itemsOf(items)] },
			source: { main: [{ previousNode: from }] },
		},
	);
};

const USERS = [
	{ userId: 'u1', email: 'ada@example.com', displayName: 'Ada & Co <!here>' },
	{ userId: 'u2', email: 'bob@example.com', displayName: '' },
];

const topVideos = (userId) => ({
	userId,
	appended_channelName: ['Wood & Work', null, '> *A* https://b.example'],
	appended_channelUrl: ['a', 'b', 'c'].map((id) => `https://www.youtube.com/channel/${id}`),
	appended_rank: [1, 2, 1],
	appended_videoTitle: [
		'<!channel> <https://evil.example|free> evil.example me@evil.example bücher.über 3.',
		null,
		'*bold* _slanted_ ~struck~ `code` HTTPS://evil.example/_a',
	],
	appended_views: [3, 2, 1],
	appended_videoUrl: ['a', 'b', '_c'].map((id) => `https://www.youtube.com/watch?v=${id}`),
});

test('a message to Slack mentions nobody, links to nothing and formats nothing that a title or name says', () => {
	const file = 'top-videos-to-slack.json';
	assert.equal(
		sent(file, 'Send the Message', [topVideos('u1')], USERS),
		[
			'*Top videos of Ada &amp; Co &lt;!here^&gt; in the last seven days*',
			'Wood &amp; Work, number 1: &lt;!channel^&gt; &lt;https://^evil.^example|free^&gt; evil.^example me@^evil.^example bücher.^über 3. (3 views) https://www.youtube.com/watch?v=a',
			'https://www.youtube.com/channel/b, number 2: https://www.youtube.com/watch?v=b (2 views) https://www.youtube.com/watch?v=b',
			'^&gt; ^*A^* https://^b.^example, number 1: ^*bold^* ^_slanted^_ ^~struck^~ ^`code^` HTTPS://^evil.^example/^_a (1 views) https://www.youtube.com/watch?v=_c',
		]
			.join('\n')
			.replaceAll('^', '\u200b'),
	);
	assert.equal(
		sent(file, 'Send What Is Missing', [
			{ message: '<!here> *a* https://evil.example me@evil.example' },
			{ error: 'b & c.' },
			{},
		]),
		[
			'Not fetched: &lt;!here^&gt; ^*a^* https://^evil.^example me@^evil.^example',
			'Not fetched: b &amp; c.',
			'Not fetched: no reason is known',
		]
			.join('\n')
			.replaceAll('^', '\u200b'),
	);
});

test('each message to Slack names its user, by email or ID where there is no name', () => {
	const heading = (userId) =>
		sent('top-videos-to-slack.json', 'Send the Message', [topVideos(userId)], USERS).split('\n')[0];
	assert.equal(heading('u2'), '*Top videos of bob@\u200bexample.\u200bcom in the last seven days*');
	assert.equal(heading('u3'), '*Top videos of u3 in the last seven days*');
});

test('a mail about channels names the user, and a channel without a name by its address or ID', () => {
	const row = { channelUrl: 'https://www.youtube.com/channel/a', rank: 1, views: 3 };
	const videoUrl = 'https://www.youtube.com/watch?v=a';
	assert.equal(
		sent(
			'weekly-top-videos.json',
			'Send the List',
			[
				{ ...row, userId: 'u1', channelName: 'Wood', videoTitle: 'Oak', videoUrl },
				{ ...row, userId: 'u2', channelName: null, videoTitle: null, videoUrl },
				{ userId: 'u2', error: 'busy' },
			],
			USERS,
		),
		[
			`Ada & Co <!here>, Wood, number 1: Oak (3 views) ${videoUrl}`,
			`bob@example.com, ${row.channelUrl}, number 1: title not known (3 views) ${videoUrl}`,
			'Not fetched: busy',
		].join('\n'),
	);
	const fallen = (userId, name) => [
		{
			userId,
			channelId: 'UCa',
			appended_channelName: [name, name],
			appended_estimatedRevenue: [1, 2],
			appended_views: [3, 4],
		},
	];
	const alert = (field, items) =>
		sent('revenue-fall-alert.json', 'Send the Alert', items, USERS, field);
	assert.match(alert('text', fallen('u1', 'Wood')), /^Wood of Ada & Co <!here> earned 3\.00 USD /);
	assert.match(alert('text', fallen('u2', null)), /^UCa of bob@example\.com earned /);
	assert.equal(alert('subject', fallen('u2', null)), 'UCa has fallen');
});

test('no mail and no form has a line of n8n of its own below it', () => {
	let found = 0;
	for (const file of files) {
		const { nodes } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
		for (const { name, type, parameters } of nodes) {
			// Both add the line unless they are told not to.
			if (type.endsWith('.slack')) {
				assert.equal(parameters.otherOptions.includeLinkToWorkflow, false, `${file}: ${name}`);
			}
			if (!/\.(emailSend|formTrigger|gmail|telegram)$/.test(type)) continue;
			assert.equal(parameters.options.appendAttribution, false, `${file}: ${name}`);
			found++;
		}
	}
	assert.ok(found >= 7, String(found));
});

test('an AI agent can name no user, and learns no email', () => {
	const { nodes, connections } = JSON.parse(
		readFileSync(join(folder, 'sync-as-ai-tool.json'), 'utf8'),
	);
	const settings = nodes.find(({ name }) => name === 'Settings').parameters;
	assert.equal(settings.assignments.assignments[0].name, 'userId');
	const chosen = "={{ $('Settings').params.assignments.assignments[0].value }}";
	const tools = nodes.filter(({ name }) => connections[name]?.ai_tool);
	assert.equal(tools.length, 5);
	for (const { name, type, parameters } of tools) {
		assert.doesNotMatch(JSON.stringify(parameters), /fromAI|email/i, name);
		const { userId } = parameters.workflowInputs?.value ?? parameters;
		if (userId) assert.equal(userId.value ?? userId, chosen, name);
		// Get Many of users is what the YTEMPIRE node does by default.
		if (type.endsWith('.ytempireTool')) assert.equal(parameters.resource, 'channel', name);
	}
});

test('what an agent asks about channels with changes nothing', () => {
	const { nodes } = JSON.parse(readFileSync(join(folder, 'ask-about-channels.json'), 'utf8'));
	const sent = nodes
		.filter(({ type }) => type.startsWith('n8n-nodes-ytempire.'))
		.map(({ type, parameters }) => {
			const { properties } = ours[type];
			const operation =
				parameters.operation ??
				properties.find(
					({ name, displayOptions }) =>
						name === 'operation' &&
						(displayOptions?.show?.resource ?? [undefined]).includes(parameters.resource),
				)?.default;
			return `${type.split('.')[1]} ${parameters.resource ?? ''} ${operation}`;
		});
	assert.deepEqual(sent.sort(), [
		'fetchMetrics  many',
		'fetchMetricsTool  top-videos',
		'ytempire metrics getAll',
		'ytempireTool channel getAll',
	]);
});

test('an agent gets the sums of two channels of one name apart', () => {
	const { nodes } = JSON.parse(readFileSync(join(folder, 'ask-about-channels.json'), 'utf8'));
	const parametersOf = (wanted) => nodes.find(({ name }) => name === wanted).parameters;
	assert.equal(parametersOf('Sums by Channel').fieldsToSplitBy, 'channelId');
	const rows = [
		{ channelId: 'UCa', channelName: 'News', day: '2026-11-16' },
		{ channelId: 'UCb', channelName: 'News', day: '2026-11-17', estimatedRevenue: 1 },
	].map((json) => ({ json }));
	const answers = [
		{ channelId: 'UCa', sum_estimatedRevenue: 0 },
		{ channelId: 'UCb', sum_estimatedRevenue: 1.005 },
	].map((sums) =>
		Object.fromEntries(
			parametersOf('In Short').assignments.assignments.map(({ name, value }) => [
				name,
				new Function('$', '$json', `return ${value.replace(/^=\{\{|\}\}$/g, '')}`)(
					() => ({ all: () => rows }),
					sums,
				),
			]),
		),
	);
	assert.deepEqual(
		answers.map(({ channelId, channelName, revenueUsd }) => [channelId, channelName, revenueUsd]),
		[
			['UCa', 'News', null],
			['UCb', 'News', 1],
		],
	);
});

test('a channel whose owner must reconnect is not missing from a sync', () => {
	const workflow = JSON.parse(readFileSync(join(folder, 'multi-user-sync.json'), 'utf8'));
	const { value } = workflow.nodes.find(({ name }) => name === 'Missing').parameters.assignments
		.assignments[0];
	const passes = [
		[
			{ channelId: 'UCa', reason: 'refused' },
			{ channelId: 'UCb', reason: 'refused' },
		],
		[{ channelId: 'UCa', reason: 'reconnect-needed' }],
	].map((items, pass) => items.map((json) => ({ json: { ...json, pass } })));
	const $ = (name) => ({
		isExecuted: name === 'Not Fetched',
		last: () => passes.at(-1).at(-1),
		all: (_, pass) => passes[pass],
	});
	const missing = new Function('$', `return ${value.replace(/^=\{\{|\}\}$/g, '')}`);
	assert.deepEqual(missing($), ['UCb refused']);
});

test('a sync of which more channels are missing than its setting allows fails', () => {
	const { nodes, connections } = JSON.parse(
		readFileSync(join(folder, 'multi-user-sync.json'), 'utf8'),
	);
	const { parameters } = nodes.find(({ name }) => name === 'Too Many Missing?');
	const [{ leftValue, rightValue, operator }] = parameters.conditions.conditions;
	const [allowed] = nodes
		.find(({ name }) => name === 'Settings')
		.parameters.assignments.assignments.filter(
			({ name }) => name === 'failedChannelsAllowedPercent',
		);
	const expression = (text) => `(${text.replace(/^=\{\{|\}\}$/g, '')})`;
	assert.equal(operator.operation, 'gt');
	const fails = new Function(
		'$json',
		'$',
		`return ${expression(leftValue)} > ${expression(rightValue)}`,
	);
	const settings = () => ({
		first: () => ({ json: { failedChannelsAllowedPercent: allowed.value } }),
	});
	for (const [channelsMissing, expected] of [
		[101, true],
		[11, true],
		[10, false],
		[0, false],
	])
		assert.equal(fails({ channelsMissing, channels: 101 }, settings), expected, channelsMissing);
	const [next] = connections['Too Many Missing?'].main[0];
	assert.equal(nodes.find(({ name }) => name === next.node).type, 'n8n-nodes-base.stopAndError');
});

test('a day without a figure neither stops the revenue alert nor sets it off', () => {
	const filter = JSON.parse(
		readFileSync(join(folder, 'revenue-fall-alert.json'), 'utf8'),
	).nodes.find(({ name }) => name === 'Has Fallen');
	const { conditions } = filter.parameters.conditions;
	const workflow = new Workflow({
		nodes: [{ ...filter, parameters: {} }],
		connections: {},
		active: false,
		nodeTypes: { getByNameAndVersion: () => ({ description: { properties: [] } }) },
	});
	const hasFallen = (revenue, views) =>
		conditions.some(({ leftValue, rightValue }) => {
			const [left, right] = [leftValue, rightValue].map((expression) =>
				workflow.expression.resolveSimpleParameterValue(
					expression,
					{},
					null,
					0,
					0,
					filter.name,
					[{ json: { appended_estimatedRevenue: revenue, appended_views: views } }],
					'manual',
					{},
				),
			);
			return left < right;
		});
	const days = (before, week) => [...Array(21).fill(before), ...week];
	const steady = days(100, Array(7).fill(100));
	assert.equal(hasFallen(days(10, [10, null, 10, 10, null, null, 10]), steady), false);
	assert.equal(hasFallen(days(10, Array(7).fill(null)), steady), false);
	assert.equal(hasFallen(days(null, Array(7).fill(10)), steady), false);
	assert.equal(hasFallen(days(10, [6, 6, null, 6, 6, 6, 6]), steady), true);
	assert.equal(hasFallen(steady, days(100, [60, 60, 60, null, 60, 60, 60])), true);
});

test('a user whose report or text fails holds up nobody, and the operator is told', () => {
	const found = {
		'scheduled-reports.json': { Send: 'Tell the Operator', Facts: 'Send' },
		'weekly-insight.json': {
			Facts: 'Tell the Operator',
			'Keep the Text': 'Tell the Operator',
			'Keep the Rules': 'Tell the Operator',
		},
	};
	for (const [file, expected] of Object.entries(found)) {
		const { nodes, connections } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
		for (const [name, next] of Object.entries(expected)) {
			const node = nodes.find((each) => each.name === name);
			assert.equal(node.onError, 'continueErrorOutput', `${file}: ${name}`);
			assert.deepEqual(
				connections[name].main[1].map((each) => each.node),
				[next],
				`${file}: ${name}`,
			);
		}
	}
});

test('a weekly report goes through the sentences of its week, and every way leads to its mail', () => {
	const { nodes, connections } = JSON.parse(
		readFileSync(join(folder, 'scheduled-reports.json'), 'utf8'),
	);
	const ends = (name, passed = []) =>
		name === 'Send'
			? [[...passed, name]]
			: connections[name].main.flatMap((output) =>
					output.flatMap(({ node }) => ends(node, [...passed, name])),
				);
	const ways = ends('Get Due');
	assert.equal(ways.length, 4);
	assert.ok(ways.some((way) => way.includes('Keep the Text')));
	// As shipped no model is asked: the deactivated If sends every item to its first output.
	for (const name of ['Is Not Weekly?', 'Write Sentences']) {
		assert.equal(nodes.find((each) => each.name === name).disabled, true, name);
	}
	assert.equal(connections['Is Not Weekly?'].main[0][0].node, 'Send');
});

test('the facts are asked for the model that writes', () => {
	for (const file of ['scheduled-reports.json', 'weekly-insight.json']) {
		const { nodes } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
		const parameters = (named) => nodes.find(({ name }) => name === named).parameters;
		assert.equal(parameters('Facts').model, parameters('Write Sentences').modelId.value, file);
	}
});
