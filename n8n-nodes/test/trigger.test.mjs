// The trigger's life: it subscribes, finds its subscription again, believes nobody but the sidecar, and leaves nothing behind.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { nodeTypes } from './engine.mjs';

const trigger = nodeTypes.YtempireTrigger;
const hooks = trigger.webhookMethods.default;
const SECRET = `whsec_${Buffer.from('a key of the tests, 32 bytes long').toString('base64')}`;
const USER = '3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d';
const URL = 'http://n8n.test:5678/webhook/1/webhook';

/** n8n around the trigger: what it remembers, and a sidecar that keeps subscriptions. */
function world({ parameters = {}, mode = 'trigger', credentials = {} } = {}) {
	const remembered = {};
	const subscriptions = new Map();
	const requests = [];
	const refused = (status, type) =>
		Object.assign(new Error(String(status)), {
			httpCode: String(status),
			response: { data: { type, title: 'T', status, detail: 'd' } },
		});
	const all = { events: ['new-video', 'sync-finished'], users: 'all', userId: '', ...parameters };
	const hook = {
		getNode: () => ({
			name: 'YTEMPIRE Trigger',
			type: 'ytempireTrigger',
			typeVersion: 1,
			parameters: {},
		}),
		getNodeParameter: (name) => all[name],
		getNodeWebhookUrl: () => URL,
		getMode: () => mode,
		getWorkflow: () => ({ id: 'wf1' }),
		getWorkflowStaticData: () => remembered,
		getCredentials: async () => ({
			baseUrl: 'http://sidecar.test/',
			token: 'secret',
			...credentials,
		}),
		helpers: {
			async httpRequestWithAuthentication(credential, options) {
				requests.push(options);
				const id = options.url.split('/')[3];
				if (options.method === 'POST' && id === undefined) {
					const subscription = {
						subscriptionId: `s${subscriptions.size + 1}`,
						userId: null,
						...options.body,
					};
					subscriptions.set(subscription.subscriptionId, subscription);
					return { secret: SECRET, subscription };
				}
				if (!subscriptions.has(id)) throw refused(404, '/problems/unknown-subscription');
				if (options.method === 'DELETE') return void subscriptions.delete(id);
				return subscriptions.get(id);
			},
		},
	};
	return { hook, remembered, subscriptions, requests, parameters: all };
}

test('it subscribes once, and resumes its subscription after a restart of n8n', async () => {
	const { hook, subscriptions, requests } = world();
	assert.equal(await hooks.checkExists.call(hook), false);
	assert.equal(await hooks.create.call(hook), true);
	assert.deepEqual(requests.at(-1).body, { url: URL, events: ['new-video', 'sync-finished'] });
	assert.equal(await hooks.checkExists.call(hook), true);
	assert.deepEqual(
		[requests.at(-1).method, requests.at(-1).url],
		['POST', '/v1/subscriptions/s1/resume'],
	);
	assert.equal(subscriptions.size, 1);
});

test('a subscription that the sidecar has lost is made anew', async () => {
	const { hook, remembered, subscriptions } = world();
	await hooks.create.call(hook);
	subscriptions.clear();
	assert.equal(await hooks.checkExists.call(hook), false);
	assert.deepEqual(remembered, {});
	await hooks.create.call(hook);
	assert.equal(await hooks.checkExists.call(hook), true);
});

test('one that wants other events, another user or another address is replaced, and none is left behind', async () => {
	for (const change of [
		({ parameters }) => (parameters.events = ['quota-low']),
		({ parameters }) => Object.assign(parameters, { users: 'one', userId: USER }),
		({ hook }) => (hook.getNodeWebhookUrl = () => 'http://moved.test/webhook/1/webhook'),
	]) {
		const around = world();
		await hooks.create.call(around.hook);
		change(around);
		assert.equal(await hooks.checkExists.call(around.hook), false);
		assert.equal(around.subscriptions.size, 0);
	}
});

test('it ends its subscription, and does not mind that it has ended already', async () => {
	const { hook, remembered, subscriptions } = world();
	await hooks.create.call(hook);
	assert.equal(await hooks.delete.call(hook), true);
	assert.equal(subscriptions.size, 0);
	assert.equal(await hooks.delete.call(hook), true);
	assert.deepEqual(remembered, {});
});

test('a sidecar that does not answer is reported as what it is, not as a lost subscription', async () => {
	const { hook, remembered } = world();
	await hooks.create.call(hook);
	hook.helpers.httpRequestWithAuthentication = async () => {
		throw new Error('connect ECONNREFUSED');
	};
	await assert.rejects(hooks.checkExists.call(hook), (error) => {
		assert.equal(error.failure.cause, 'temporarily-unavailable');
		return /gave no answer/.test(error.description);
	});
	assert.equal(remembered.subscriptionId, 's1');
});

test('in the editor it asks for a sample, for one user it says which, and by another way round if there is one', async () => {
	const { hook, requests } = world({
		mode: 'manual',
		parameters: { users: 'one', userId: USER, events: ['quota-low'] },
		credentials: { n8nUrl: 'http://n8n:5678/' },
	});
	await hooks.create.call(hook);
	assert.deepEqual(requests[0].body, {
		url: 'http://n8n:5678/webhook/1/webhook',
		events: ['quota-low'],
		userId: USER,
		sendSample: true,
	});
	await assert.rejects(
		hooks.create.call(world({ parameters: { events: [] } }).hook),
		/No event is chosen/,
	);
	await assert.rejects(
		hooks.create.call(world({ parameters: { users: 'one' } }).hook),
		/User is empty/,
	);
});

/** A delivery, as the sidecar signs it. */
async function deliver({
	secret = SECRET,
	known = SECRET,
	age = 0,
	change = (body) => body,
	header,
} = {}) {
	const event = { kind: 'new-video', eventId: 'e1', userId: USER, title: 'ä' };
	const body = JSON.stringify(event);
	const timestamp = String(Math.floor(Date.now() / 1000) - age);
	const signed = createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
		.update(`e1.${timestamp}.${body}`)
		.digest('base64');
	const answer = {};
	const response = {
		status: (code) => Object.assign(answer, { code }) && response,
		json: (json) => Object.assign(answer, { json }),
	};
	const result = await trigger.webhook.call({
		getHeaderData: () => ({
			'webhook-id': 'e1',
			'webhook-timestamp': timestamp,
			'webhook-signature': header ?? `v1,AAAA v1,${signed}`,
		}),
		getWorkflowStaticData: () => ({ secret: known }),
		getRequestObject: () => ({ rawBody: Buffer.from(change(body)) }),
		getBodyData: () => event,
		getResponseObject: () => response,
		helpers: { returnJsonArray: (list) => list.map((json) => ({ json })) },
	});
	return { result, answer, event };
}

test('a signed delivery starts the workflow with the event as its item', async () => {
	const { result, event } = await deliver();
	assert.deepEqual(result.workflowData, [[{ json: event }]]);
});

test('what is not signed with the secret, was changed, or is old starts nothing', async () => {
	for (const [what, why] of [
		[{ secret: `whsec_${Buffer.from('another key').toString('base64')}` }, /signature/],
		[{ change: (body) => body.replace('new', 'old') }, /signature/],
		[{ header: 'v1,' }, /signature/],
		[{ header: '' }, /signature/],
		[{ age: 301 }, /time/],
		[{ age: -301 }, /time/],
		[{ age: Number.NaN }, /time/],
		[{ known: undefined }, /not known/],
		[{ known: '' }, /not known/],
	]) {
		if ('known' in what) what.known ??= null;
		const { result, answer } = await deliver(what);
		assert.deepEqual(result, { noWebhookResponse: true }, JSON.stringify(what));
		assert.equal(answer.code, 401);
		assert.match(answer.json.message, why);
	}
});
