// Dashboards of the node YTEMPIRE: what it asks of the API, and what becomes of the answer.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { nodeTypes, run } from './engine.mjs';

const ada = { userId: '3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d' };
const act = async (operation, answer, fields) => {
	const { outputs, requests } = await run(nodeTypes.Ytempire, {
		items: [ada],
		parameters: { resource: 'dashboard', operation, ...(fields ? { fields } : {}) },
		sidecar: async () => answer,
	});
	const [{ method, url, body }] = requests;
	return { json: outputs[0][0].json, request: { method, url, body } };
};

test('link, provisioning and password are asked of their addresses', async () => {
	for (const [operation, method, path] of [
		['getLink', 'GET', 'dashboards'],
		['provision', 'POST', 'dashboards'],
		['resetPassword', 'POST', 'dashboards/password'],
	]) {
		const { json, request } = await act(operation, { url: 'https://x' });
		assert.deepEqual(request, { method, url: `/v1/users/${ada.userId}/${path}`, body: undefined });
		assert.deepEqual(json, { ...ada, url: 'https://x' });
	}
});

test('settings are sent as the contract takes them, and only those that are set', async () => {
	const answer = { targetRevenueUsd: '12000.00', hiddenPanels: [] };
	const { json, request } = await act('updateSettings', answer, {
		targetRevenueUsd: 12000,
		hiddenPanels: 'cost-analysis/break-even, revenue-tracker/projection',
	});
	assert.deepEqual(request.body, {
		targetRevenueUsd: '12000.00',
		hiddenPanels: ['cost-analysis/break-even', 'revenue-tracker/projection'],
	});
	assert.equal(json.targetRevenueUsd, 12000);
	const cleared = await act('updateSettings', answer, { hiddenPanels: '' });
	assert.deepEqual(cleared.request.body, { hiddenPanels: [] });
});

test('settings offer what the contract takes', () => {
	const read = (name) =>
		JSON.parse(readFileSync(new URL(`../../schemas/${name}`, import.meta.url), 'utf8'));
	const schema = read('dashboard-settings-update.json');
	const valuesOf = ({ $ref, enum: values }) => ($ref ? read($ref).enum : values);
	const { options } = nodeTypes.Ytempire.description.properties.find(
		({ name, displayOptions }) =>
			name === 'fields' && displayOptions.show.resource.includes('dashboard'),
	);
	assert.deepEqual(options.map(({ name }) => name).sort(), Object.keys(schema.properties).sort());
	for (const { name, options: choices } of options.filter((each) => each.options)) {
		assert.deepEqual(
			choices.map(({ value }) => value).sort(),
			[...valuesOf(schema.properties[name])].sort(),
		);
	}
});
