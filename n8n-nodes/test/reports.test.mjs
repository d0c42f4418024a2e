// Mailed reports and their settings in the node YTEMPIRE: what it asks of the API, and what becomes of the answer.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { nodeTypes, run } from './engine.mjs';

const ada = { userId: '3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d' };
const act = async (resource, operation, answer, parameters) => {
	const { outputs, requests } = await run(nodeTypes.Ytempire, {
		items: [{ ...ada, kind: 'weekly' }],
		parameters: { resource, operation, ...parameters },
		sidecar: async () => answer,
	});
	const [{ method, url, body }] = requests;
	return { items: outputs[0].map(({ json }) => json), request: { method, url, body } };
};
const schema = (name) =>
	JSON.parse(readFileSync(new URL(`../../schemas/${name}.json`, import.meta.url), 'utf8'));

test('due reports become an item each', async () => {
	const due = [
		{ ...ada, kind: 'daily', period: '2026-11-27' },
		{ ...ada, kind: 'weekly', period: '2026-11-23' },
	];
	const { items, request } = await act('report', 'getDue', { reports: due });
	assert.equal(request.method, 'GET');
	assert.match(request.url, /^\/v1\/reports\/due/);
	assert.deepEqual(items, due);
});

test('a report is sent by its kind, and the state is given out', async () => {
	const { items, request } = await act(
		'report',
		'send',
		{ ...ada, state: 'sent', sent: 1 },
		{ kind: 'weekly' },
	);
	assert.deepEqual(request, {
		method: 'POST',
		url: `/v1/users/${ada.userId}/reports/send`,
		body: { kind: 'weekly' },
	});
	assert.equal(items[0].state, 'sent');
});

test('settings are sent as the contract takes them, and only those that are set', async () => {
	const { request } = await act(
		'notificationSettings',
		'update',
		{},
		{
			fields: {
				dailyTime: '07:30',
				weeklyEnabled: false,
				recipients: 'ada@example.com; office@example.com,',
			},
		},
	);
	assert.deepEqual(request, {
		method: 'PATCH',
		url: `/v1/users/${ada.userId}/notification-settings`,
		body: {
			daily: { time: '07:30' },
			weekly: { enabled: false },
			recipients: ['ada@example.com', 'office@example.com'],
		},
	});
	const cleared = await act('notificationSettings', 'update', {}, { fields: { recipients: '' } });
	assert.deepEqual(cleared.request.body, { recipients: [] });
});

test('settings are read for their user', async () => {
	const { items, request } = await act('notificationSettings', 'get', {
		timeZone: 'Europe/Berlin',
	});
	assert.equal(request.method, 'GET');
	assert.deepEqual(items, [{ ...ada, timeZone: 'Europe/Berlin' }]);
});

test('kinds and languages are those of the contract', () => {
	const { properties } = nodeTypes.Ytempire.description;
	const values = (options) => options.map(({ value }) => value).sort();
	const kind = properties.find(
		({ name, displayOptions }) =>
			name === 'kind' && displayOptions.show.resource?.includes('report'),
	);
	assert.deepEqual(values(kind.options), [...schema('report-kind').enum].sort());
	const { options } = properties.find(
		({ name, displayOptions }) =>
			name === 'fields' && displayOptions.show.resource.includes('notificationSettings'),
	);
	const language = options.find(({ name }) => name === 'numberLanguage');
	assert.deepEqual(values(language.options), [...schema('number-language').enum].sort());
});
