import type { INodeProperties } from 'n8n-workflow';
import { TIERS } from '../shared/choices';

const showOnlyForUsers = { resource: ['user'] };

/** What can be done with users. */
export const userOperations: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	default: 'getAll',
	displayOptions: { show: showOnlyForUsers },
	options: [
		{ name: 'Create', value: 'create', action: 'Create a user', description: 'Create a user' },
		{
			name: 'Deactivate',
			value: 'deactivate',
			action: 'Deactivate a user',
			description: 'Keep a user and its data, but sync it no longer',
		},
		{
			name: 'Erase',
			value: 'erase',
			action: 'Erase a user',
			description:
				'Erase everything of a user, in every table, at Google and in the executions of n8n, for good. Asks for the email as confirmation.',
		},
		{
			name: 'Export',
			value: 'export',
			action: 'Export a user',
			description: 'Get everything that is stored of a user, as a ZIP of CSV files',
		},
		{ name: 'Get', value: 'get', action: 'Get a user', description: 'Get a user' },
		{
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many users',
			description: 'Get many users, in order of email',
		},
		{
			name: 'Get Notices',
			value: 'getNotices',
			action: 'Get notices of a user',
			description: 'Get what the user should know, such as a channel that must be connected again',
		},
		{ name: 'Update', value: 'update', action: 'Update a user', description: 'Change a user' },
	],
};

/** Fields of users. */
export const userFields: INodeProperties[] = [
	{
		displayName: 'Email',
		name: 'email',
		type: 'string',
		placeholder: 'e.g. name@email.com',
		default: '',
		required: true,
		description: 'Where reports are mailed; unique among users',
		displayOptions: { show: { ...showOnlyForUsers, operation: ['create'] } },
	},
	{
		displayName: 'Name',
		name: 'displayName',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. Ada Lovelace',
		description: 'How the user is named in reports',
		displayOptions: { show: { ...showOnlyForUsers, operation: ['create'] } },
	},
	{
		displayName:
			'This cannot be undone: rows, history, logins, tokens and grants of the user go for good. <b>Export</b> the user first.',
		name: 'eraseNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { ...showOnlyForUsers, operation: ['erase'] } },
	},
	{
		displayName: 'Email, to Confirm',
		name: 'confirm',
		type: 'string',
		placeholder: 'e.g. name@email.com',
		default: '',
		required: true,
		description:
			'Type the email of the user who is to be erased, so that nobody is erased by a slip',
		displayOptions: { show: { ...showOnlyForUsers, operation: ['erase'] } },
	},
	{
		displayName: 'Additional Fields',
		name: 'fields',
		type: 'collection',
		placeholder: 'Add field',
		default: {},
		displayOptions: { show: { ...showOnlyForUsers, operation: ['create', 'update'] } },
		options: [
			{
				displayName: 'Active',
				name: 'isActive',
				type: 'boolean',
				default: true,
				description: 'Whether the user is synced',
				displayOptions: { show: { '/operation': ['update'] } },
			},
			{
				displayName: 'Name',
				name: 'displayName',
				type: 'string',
				default: '',
				description: 'How the user is named in reports',
				displayOptions: { show: { '/operation': ['update'] } },
			},
			{
				displayName: 'Revenue Goal (USD a Month)',
				name: 'targetRevenueUsd',
				type: 'string',
				default: '10000.00',
				description: 'A decimal, e.g. 10000.00',
			},
			{
				displayName: 'Subscription Tier',
				name: 'subscriptionTier',
				type: 'options',
				default: 'starter',
				description: 'Decides the share of calls to Google that the user gets when there is a queue',
				options: TIERS.map(({ name, value }) => ({ name, value })),
			},
			{
				displayName: 'Time Zone',
				name: 'timeZone',
				type: 'string',
				default: 'America/Los_Angeles',
				placeholder: 'e.g. Europe/Berlin',
				description: 'For the times of mailed reports',
			},
		],
	},
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: true,
		description: 'Whether to return all results or only up to a given limit',
		displayOptions: { show: { ...showOnlyForUsers, operation: ['getAll'] } },
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		description: 'Max number of results to return',
		displayOptions: { show: { ...showOnlyForUsers, operation: ['getAll'], returnAll: [false] } },
	},
];
