import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { additionalFields, type Operation } from '../../../shared/operation';
import { timeZone } from '../../../shared/settings';
import { asSettings, SETTINGS, user } from './fields';

const settings: INodeProperties[] = [
	{
		displayName: 'Currency Format',
		name: 'currencyFormat',
		type: 'options',
		default: 'symbol',
		description: 'How amounts in USD are written',
		options: [
			{ name: 'Code (1.23 K USD)', value: 'code' },
			{ name: 'Symbol ($1.23K)', value: 'symbol' },
		],
	},
	{
		displayName: 'Default Period',
		name: 'defaultPeriod',
		type: 'options',
		default: 'standard',
		description: 'What a dashboard shows when it is opened',
		options: [
			{ name: 'As Each Dashboard Has It', value: 'standard' },
			{ name: 'Last 180 Days', value: '180d' },
			{ name: 'Last 28 Days', value: '28d' },
			{ name: 'Last 7 Days', value: '7d' },
			{ name: 'Last 90 Days', value: '90d' },
			{ name: 'Last Year', value: '1y' },
		],
	},
	{
		displayName: 'Hidden Panels',
		name: 'hiddenPanels',
		type: 'string',
		default: '',
		placeholder: 'e.g. cost-analysis/break-even',
		description: 'Panels to leave out, with commas between. Empty: none is hidden.',
	},
	{
		displayName: 'Revenue Goal (USD a Month)',
		name: 'targetRevenueUsd',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 2 },
		default: 10000,
		description: 'The target that the dashboards measure against',
	},
	timeZone("For the hours at which videos are uploaded; days stay YouTube's"),
];

/** The settings of the item, as the contract takes them: money as text, panels as a list. */
function settingsOf(context: IExecuteFunctions, item: number): IDataObject {
	const { targetRevenueUsd, hiddenPanels, ...rest } = context.getNodeParameter(
		'fields',
		item,
		{},
	) as IDataObject;
	const body: IDataObject = { ...rest };
	if (typeof targetRevenueUsd === 'number') body.targetRevenueUsd = targetRevenueUsd.toFixed(2);
	if (typeof hiddenPanels === 'string') {
		body.hiddenPanels = hiddenPanels.split(/[\s,;]+/).filter((name) => name !== '');
	}
	return body;
}

export const updateSettings: Operation = {
	option: {
		name: 'Update Settings',
		value: 'updateSettings',
		action: 'Update the dashboard settings of a user',
		description: 'Change what the dashboards of a user show and how',
	},
	fields: [user, additionalFields(settings)],
	request: { method: 'PATCH', path: SETTINGS, fields: settingsOf, result: asSettings },
};
