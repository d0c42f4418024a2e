import type { INodeProperties } from 'n8n-workflow';
import { ROW_KINDS } from '../shared/choices';

const mapped = { show: { source: ['mapped'] } };

/** The panel of Store Metrics. */
export const properties: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		default: 'store',
		options: [
			{
				name: 'Store',
				value: 'store',
				action: 'Store metrics',
				description: 'Store rows or references, each under its user',
			},
			{
				name: 'Validate',
				value: 'validate',
				action: 'Validate metrics without storing them',
				description: 'Return what would become of each row; nothing is stored',
			},
		],
	},
	{
		displayName: 'Rows',
		name: 'source',
		type: 'options',
		noDataExpression: true,
		default: 'fetched',
		description: 'Where the rows come from',
		options: [
			{
				name: 'From Fetch Metrics',
				value: 'fetched',
				description: 'Rows or references, as they are',
			},
			{
				name: 'Map Columns',
				value: 'mapped',
				description:
					'Rows of a sheet, a form or another API: map their columns to the fields of the row',
			},
		],
	},
	{
		displayName: 'Kind of Row',
		name: 'kind',
		type: 'options',
		noDataExpression: true,
		default: 'channel-day',
		description: 'What each item is',
		options: ROW_KINDS,
		displayOptions: mapped,
	},
	{
		displayName: 'Columns',
		name: 'columns',
		type: 'resourceMapper',
		noDataExpression: true,
		default: { mappingMode: 'defineBelow', value: null },
		required: true,
		description: 'What is left empty keeps what is stored',
		typeOptions: {
			loadOptionsDependsOn: ['kind'],
			resourceMapper: {
				resourceMapperMethod: 'getColumns',
				mode: 'add',
				fieldWords: { singular: 'column', plural: 'columns' },
				addAllFields: false,
				multiKeyMatch: false,
				supportAutoMap: true,
			},
		},
		displayOptions: mapped,
	},
	{
		displayName: 'Row',
		name: 'row',
		type: 'json',
		default: '={{ $json }}',
		required: true,
		description:
			'The row or reference to store. What comes from Fetch Metrics goes in as it is; money may be a number or text.',
		displayOptions: { show: { source: ['fetched'] } },
	},
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		noDataExpression: true,
		default: 'rows',
		description: 'What leaves on the output Stored',
		options: [
			{
				name: 'Each Row',
				value: 'rows',
				description:
					'Each row with its outcome: created, updated or unchanged; each reference with counts',
			},
			{
				name: 'One Summary',
				value: 'summary',
				description: 'One item with the counts; faster for many rows',
			},
		],
	},
	{
		displayName: 'Dry Run',
		name: 'dryRun',
		type: 'boolean',
		default: false,
		description:
			'Whether only to return what would become of each row: nothing is stored, and nothing is changed',
		displayOptions: { show: { operation: ['store'] } },
	},
];
