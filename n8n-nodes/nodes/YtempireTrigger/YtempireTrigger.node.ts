import type {
	IDataObject,
	IHookFunctions,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { NodeConnectionTypes, NodeOperationError } from 'n8n-workflow';
import { EVENTS } from '../shared/choices';
import type {
	Event,
	Subscription,
	SubscriptionCreate,
	SubscriptionCreated,
} from '../shared/contract';
import { userIdIn } from '../shared/ids';
import { pickerMethods, userPicker } from '../shared/pickers';
import { ask, nodeError, problemIn } from '../shared/sidecar';
import { distrust } from '../shared/signature';

/** What the subscription of a workflow is remembered by, over restarts of n8n. */
interface StoredSubscription {
	subscriptionId?: string;
	secret?: string;
}

const EVENT_NAMES = JSON.stringify(
	Object.fromEntries(EVENTS.map(({ name, value }) => [value, name])),
);

/** Below the node in the editor: New Video, Quota Low. */
const subtitle = `={{ [$parameter["events"]].flat().map((event) => (${EVENT_NAMES})[event] || event).join(", ") }}`;

export class YtempireTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'YTEMPIRE Trigger',
		name: 'ytempireTrigger',
		icon: {
			light: 'file:../../icons/ytempireTrigger.svg',
			dark: 'file:../../icons/ytempireTrigger.dark.svg',
		},
		group: ['trigger'],
		version: [1],
		defaultVersion: 1,
		subtitle,
		description: 'Starts the workflow when something happens to a user or a channel',
		eventTriggerDescription: 'Waiting for something to happen; a sample comes at once',
		activationMessage: 'The workflow now starts when one of the chosen events happens.',
		defaults: { name: 'YTEMPIRE Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'ytempireApi', required: true }],
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				responseMode: 'onReceived',
				responseData: '',
				path: 'webhook',
			},
		],
		properties: [
			{
				displayName: 'Events',
				name: 'events',
				type: 'multiOptions',
				default: ['new-video'],
				required: true,
				description:
					'What starts the workflow, one item each time. The field "kind" says which it was. An event may come twice, then with the same "eventId": a Remove Duplicates node on that field makes sure of once.',
				options: EVENTS,
			},
			{
				displayName: 'Users',
				name: 'users',
				type: 'options',
				noDataExpression: true,
				default: 'all',
				description: 'Whose events start the workflow',
				options: [
					{ name: 'All Users', value: 'all', description: 'Events of every user' },
					{ name: 'Single User', value: 'one', description: 'Events of the user chosen below' },
				],
			},
			userPicker('The user whose events start the workflow', { show: { users: ['one'] } }),
		],
	};

	methods = pickerMethods;

	webhookMethods = {
		default: {
			/**
			 * At each start n8n asks: a subscription that the sidecar has lost, or that wants other events, is made
			 * anew; one that is there is resumed, so that what happened while n8n was unavailable comes at once.
			 */
			async checkExists(this: IHookFunctions): Promise<boolean> {
				const remembered = this.getWorkflowStaticData('node') as StoredSubscription;
				if (!remembered.subscriptionId || !remembered.secret) return false;
				const wanted = await subscriptionOf(this);
				try {
					const found = await ask<Subscription>(this, {
						method: 'POST',
						path: `/v1/subscriptions/${remembered.subscriptionId}/resume`,
					});
					if (
						found.url === wanted.url &&
						(found.userId ?? undefined) === wanted.userId &&
						[...found.events].sort().join() === [...wanted.events].sort().join()
					) {
						return true;
					}
				} catch (error) {
					if (!isUnknown(error)) throw nodeError(this, error);
				}
				await unsubscribe(this);
				return false;
			},

			async create(this: IHookFunctions): Promise<boolean> {
				const { secret, subscription } = await ask<SubscriptionCreated>(this, {
					method: 'POST',
					path: '/v1/subscriptions',
					// Somebody listens in the editor, and wants to see what comes.
					body: {
						...(await subscriptionOf(this)),
						...(this.getMode() === 'manual' ? { sendSample: true } : {}),
					},
				});
				const remembered = this.getWorkflowStaticData('node') as StoredSubscription;
				remembered.subscriptionId = subscription.subscriptionId;
				remembered.secret = secret;
				return true;
			},

			async delete(this: IHookFunctions): Promise<boolean> {
				return await unsubscribe(this);
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		const headers = this.getHeaderData() as IDataObject;
		const { secret } = this.getWorkflowStaticData('node') as StoredSubscription;
		const delivery = {
			id: headers['webhook-id'],
			timestamp: headers['webhook-timestamp'],
			signature: headers['webhook-signature'],
			body: this.getRequestObject().rawBody,
		};
		const why = distrust(delivery, secret, new Date());
		if (why) {
			this.getResponseObject().status(401).json({ message: why });
			return { noWebhookResponse: true };
		}
		const event = this.getBodyData() as unknown as Event;
		return {
			workflowData: [this.helpers.returnJsonArray([{ ...event }])],
			webhookResponse: { accepted: true },
		};
	}
}

/** The events that this node subscribes to, and the address that receives them. */
async function subscriptionOf(context: IHookFunctions): Promise<SubscriptionCreate> {
	const events = context.getNodeParameter('events') as SubscriptionCreate['events'];
	if (!events.length) {
		throw new NodeOperationError(context.getNode(), 'No event is chosen', {
			description: 'Choose at least one under Events.',
		});
	}
	const userId =
		context.getNodeParameter('users') === 'one'
			? (context.getNodeParameter('userId', '', { extractValue: true }) as string)
			: undefined;
	if (userId === '') {
		throw new NodeOperationError(context.getNode(), 'User is empty', {
			description: 'Choose the user, or All Users under Users.',
		});
	}
	const { n8nUrl } = await context.getCredentials<{ n8nUrl?: string }>('ytempireApi');
	const url = new URL(String(context.getNodeWebhookUrl('default')));
	return {
		// The way round is another inside a network of containers than it is for a browser.
		url: n8nUrl?.trim() ? n8nUrl.trim().replace(/\/+$/, '') + url.pathname : url.href,
		events,
		...(userId ? { userId: userIdIn(context, userId.trim()) } : {}),
	};
}

const isUnknown = (error: unknown) => problemIn(error)?.type === '/problems/unknown-subscription';

/** Ends the subscription, if there still is one. */
async function unsubscribe(context: IHookFunctions): Promise<boolean> {
	const remembered = context.getWorkflowStaticData('node') as StoredSubscription;
	if (remembered.subscriptionId) {
		try {
			await ask(context, {
				method: 'DELETE',
				path: `/v1/subscriptions/${remembered.subscriptionId}`,
			});
		} catch (error) {
			if (!isUnknown(error)) throw nodeError(context, error);
		}
	}
	delete remembered.subscriptionId;
	delete remembered.secret;
	return true;
}
