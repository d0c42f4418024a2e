import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { failedItem, isTool } from '../shared/errors';
import { pickerMethods } from '../shared/pickers';
import { propertiesOf } from '../shared/operation';
import { runOperation } from '../shared/run';

import { quota, subtitle } from './operations';

export class CheckQuota implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'YTEMPIRE Check Quota',
		name: 'checkQuota',
		icon: {
			light: 'file:../../icons/checkQuota.svg',
			dark: 'file:../../icons/checkQuota.dark.svg',
		},
		group: ['transform'],
		version: [1],
		defaultVersion: 1,
		subtitle,
		description:
			"Check what is available of Google's quota before fetching, reserve units for calls of your own, and branch when they are exhausted. Costs no units. A tool gets {enough, available, waitUntil} from Check and {enough, quota, waitUntil} from Reserve: when enough is false, wait until waitUntil.",
		defaults: { name: 'Check Quota' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Available', 'Exhausted'],
		credentials: [{ name: 'ytempireApi', required: true }],
		properties: propertiesOf(quota),
	};

	methods = pickerMethods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const name = this.getNodeParameter('operation', 0);
		const operation = quota.operations.find(({ option }) => option.value === name);
		try {
			const outputs = await runOperation(this, operation!);
			// An agent gets the first output only.
			return isTool(this) ? [outputs.flat(), []] : outputs;
		} catch (error) {
			// Never on Available: a check that failed has said nothing about the quota.
			const failed = this.getInputData().map((_, item) => failedItem(this, error, item));
			return isTool(this) ? [failed, []] : [[], failed];
		}
	}
}
