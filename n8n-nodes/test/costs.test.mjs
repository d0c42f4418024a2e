// Costs and insights of the node YTEMPIRE: what it asks of the API, and what becomes of the answer.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { NodeOperationError, nodeTypes, run } from './engine.mjs';

const ada = { userId: '3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d' };
const schemas = new URL('../../schemas/', import.meta.url);
const read = (name) => JSON.parse(readFileSync(new URL(`${name}.json`, schemas), 'utf8'));
const ajv = addFormats(new Ajv({ strict: false, schemas: [read('cost-category')] }));
const fits = (name, value) => {
	const schema = read(name);
	const check = ajv.getSchema(schema.$id) ?? ajv.compile(schema);
	assert.ok(check(value), JSON.stringify(check.errors));
};
const operate = (resource, operation, parameters, more = {}) =>
	run(nodeTypes.Ytempire, {
		items: [ada],
		sidecar: async () => ({}),
		...more,
		parameters: { resource, operation, ...parameters },
	});
const quantity = {
	externalId: 'resp_1/input',
	provider: 'openai',
	quantity: 1200,
	unit: 'input-token',
};
const booked = ({ body }) => ({
	rows: body.rows.map((_, row) => ({
		row,
		outcome: row === 0 ? 'booked' : 'rejected',
		costId: row === 0 ? ada.userId : null,
		amountUsd: row === 0 ? '0.001200' : null,
		message: null,
		faults:
			row === 0 ? [] : [{ pointer: '/videoId', message: 'names no stored video of this user' }],
	})),
});

test('costs of one user go in one request, and a refused one fails its own item', async () => {
	const parameters = {
		...quantity,
		fields: { videoId: 'dQw4w9WgXcQ', model: '', at: '2026-11-20' },
	};
	const { outputs, requests } = await operate('cost', 'record', parameters, {
		items: [ada, ada],
		sidecar: async (request) => booked(request),
		continueOnFail: true,
	});
	assert.equal(requests.length, 1);
	requests[0].body.rows.forEach((row) => fits('cost-booking', row));
	assert.deepEqual(requests[0].body.rows[0], {
		videoId: 'dQw4w9WgXcQ',
		externalId: 'resp_1/input',
		provider: 'openai',
		category: 'text',
		at: '2026-11-20T00:00:00.000Z',
		quantity: 1200,
		unit: 'input-token',
	});
	assert.equal(outputs[0][0].json.amountUsd, 0.0012);
	assert.match(outputs[0][1].json.error, /not booked: Video ID: names no stored video/);
});

test('an amount is sent as decimal text', async () => {
	const { requests } = await operate(
		'cost',
		'record',
		{ externalId: 'a', provider: 'renderer', book: 'amount', amountUsd: 0.1 },
		{ sidecar: async (request) => booked(request) },
	);
	assert.equal(requests[0].body.rows[0].amountUsd, '0.100000');
	fits('cost-booking', requests[0].body.rows[0]);
});

test('a quantity that is no number is refused with its field', async () => {
	await assert.rejects(
		operate('cost', 'record', { ...quantity, quantity: 'many' }),
		(error) =>
			error instanceof NodeOperationError && /Quantity: 'many' is no number/.test(error.message),
	);
});

test('a summary has its amounts as numbers, at any depth', async () => {
	const { outputs, requests } = await operate(
		'cost',
		'getSummary',
		{ month: '2026-11' },
		{ sidecar: async () => ({ bookedUsd: '1.5', groups: [{ costUsd: null, limitUsd: '0.65' }] }) },
	);
	assert.deepEqual(requests[0].qs, { month: '2026-11' });
	assert.deepEqual(outputs[0][0].json, {
		...ada,
		bookedUsd: 1.5,
		groups: [{ costUsd: null, limitUsd: 0.65 }],
	});
});

test("a provider's total is sent as decimal text", async () => {
	const { requests } = await operate('cost', 'compare', {
		provider: 'openai',
		month: '2026-10',
		unit: 'usd',
		total: 1.5,
	});
	fits('provider-total-record', requests[0].body);
});

const response = (text) => ({
	id: 'resp_1',
	model: 'gpt-5.4-mini',
	output: [{ type: 'reasoning' }, { type: 'message', content: [{ type: 'output_text', text }] }],
	usage: { input_tokens: 900, output_tokens: 80, input_tokens_details: { cached_tokens: 100 } },
});

test("a model's response is sent as its answer and its usage", async () => {
	const answer = { sentences: ['Your channels earned {{revenue}}.'] };
	const { requests } = await operate('insight', 'create', { answer: response(answer) });
	assert.deepEqual(requests[0].body, {
		usage: {
			responseId: 'resp_1',
			model: 'gpt-5.4-mini',
			inputTokens: 900,
			outputTokens: 80,
			cachedInputTokens: 100,
		},
		answer,
	});
	fits('insight-create', requests[0].body);
});

for (const [name, answer, sent] of [
	['nothing', '', ''],
	['HTML', '<html>502</html>', '<html>502</html>'],
	['a response without text', { output: [] }, null],
	['an error of the node before, which is no answer,', { error: 'It is overloaded' }, null],
	['what has sentences and an error', { sentences: [], error: 'x' }, { sentences: [], error: 'x' }],
]) {
	test(`${name} is sent for the sidecar to judge`, async () => {
		const { requests } = await operate('insight', 'create', { answer });
		assert.deepEqual(requests[0].body.answer, sent);
		fits('insight-create', requests[0].body);
	});
}

test('an answer of ten megabytes is cut before it is sent', async () => {
	const { requests } = await operate('insight', 'create', {
		answer: response('a'.repeat(10_000_000)),
	});
	assert.ok(JSON.stringify(requests[0].body).length < 50_000);
	assert.equal(requests[0].body.usage.outputTokens, 80);
});

test('facts are asked for a model, and the budget is a number', async () => {
	const fact = { id: 'revenue', label: 'Revenue', value: '14.000000' };
	const { outputs, requests } = await operate(
		'insight',
		'getFacts',
		{ model: 'gpt-5.4-mini' },
		{ sidecar: async () => ({ facts: [fact], budgetUsd: '1.00', spentUsd: '0' }) },
	);
	assert.deepEqual(requests[0].qs, { model: 'gpt-5.4-mini' });
	assert.deepEqual(outputs[0][0].json, {
		...ada,
		facts: [fact],
		budgetUsd: 1,
		spentUsd: 0,
	});
});
