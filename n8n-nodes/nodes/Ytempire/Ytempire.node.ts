import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { propertiesOf } from '../shared/operation';
import { pickerMethods } from '../shared/pickers';
import { runOperation } from '../shared/run';
import { analytics } from './resources/analytics';
import { channel } from './resources/channel';
import { cost } from './resources/cost';
import { dashboard } from './resources/dashboard';
import { databaseLogin } from './resources/databaseLogin';
import { insight } from './resources/insight';
import { event } from './resources/event';
import { metrics } from './resources/metrics';
import { quality } from './resources/quality';
import { notificationSettings } from './resources/notificationSettings';
import { report } from './resources/report';
import { subscription } from './resources/subscription';
import { user } from './resources/user';

/** In the order of the panel's list. */
const RESOURCES = [
	analytics,
	channel,
	cost,
	dashboard,
	databaseLogin,
	event,
	insight,
	metrics,
	notificationSettings,
	quality,
	report,
	subscription,
	user,
];

export class Ytempire implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'YTEMPIRE',
		name: 'ytempire',
		icon: { light: 'file:../../icons/ytempire.svg', dark: 'file:../../icons/ytempire.dark.svg' },
		group: ['transform'],
		version: [1],
		defaultVersion: 1,
		// Get Many · User: the labels, of which these differ from the names in words. A literal, as n8n's lint wants it where
		// there are resources.
		subtitle:
			'={{ [$parameter["operation"], $parameter["resource"]].map((name) => ({ getAll: "Get Many", connectLink: "Get Connect Link", findByHandle: "Find by Handle", compare: "Compare with Provider", getBreaks: "Get Metric Breaks", getSuccess: "Get Success Metrics", upsert: "Create or Update", notificationSettings: "Notification Setting" })[name] || name.replace(/([A-Z])/g, " $1").replace(/^./, (letter) => letter.toUpperCase())).join(" · ") }}',
		description:
			'Sync and read metrics and analytics; record costs; check data quality; manage users, their YouTube channels, dashboards, database logins, events and subscriptions',
		defaults: { name: 'YTEMPIRE' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'ytempireApi', required: true }],
		properties: [
			{
				displayName: 'Resource',
				name: 'resource',
				type: 'options',
				noDataExpression: true,
				default: 'user',
				options: RESOURCES.map(({ option }) => option!),
			},
			...RESOURCES.flatMap(propertiesOf),
		],
	};

	methods = pickerMethods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const resource = this.getNodeParameter('resource', 0);
		const name = this.getNodeParameter('operation', 0);
		const operation = RESOURCES.find(({ option }) => option?.value === resource)?.operations.find(
			({ option }) => option.value === name,
		);
		return await runOperation(this, operation!);
	}
}
