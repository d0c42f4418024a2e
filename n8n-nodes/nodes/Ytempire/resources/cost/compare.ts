import type { INodeProperties } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import type { Operation } from '../../../shared/operation';
import { month, withAmountsAsNumbers } from './fields';

const provider: INodeProperties = {
	displayName: 'Provider',
	name: 'provider',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. openai',
	description: 'The provider, as its costs are booked',
};

const unit: INodeProperties = {
	displayName: 'Unit',
	name: 'unit',
	type: 'string',
	default: 'usd',
	required: true,
	placeholder: 'e.g. usd',
	description: 'What the total counts: usd, or a unit of booked quantities such as character',
};

const total: INodeProperties = {
	displayName: 'Total',
	name: 'total',
	type: 'number',
	typeOptions: { minValue: 0, numberPrecision: 6 },
	default: 0,
	required: true,
	description: 'What the provider itself says of the whole month',
};

export const compare: Operation = {
	option: {
		name: 'Compare with Provider',
		value: 'compare',
		action: 'Compare costs with the total of a provider',
		description:
			"Compare a provider's own total of a month with the booked costs of all users, and keep the comparison",
	},
	fields: [provider, month(true, 'The calendar month in UTC, YYYY-MM'), unit, total],
	request: {
		method: 'POST',
		path: '/v1/provider-totals',
		required: { provider: 'Provider', month: 'Month', unit: 'Unit' },
		fields: (context, item) => {
			const value = context.getNodeParameter('total', item) as unknown;
			if (typeof value !== 'number' || !Number.isFinite(value)) {
				throw new NodeOperationError(context.getNode(), `Total: '${String(value)}' is no number`, {
					itemIndex: item,
					description: 'Correct the expression that computes the total.',
				});
			}
			return { total: value.toFixed(6) };
		},
		result: withAmountsAsNumbers,
	},
};
