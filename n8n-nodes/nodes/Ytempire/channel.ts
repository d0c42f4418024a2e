import type { INodeProperties } from 'n8n-workflow';
import { channelPicker } from '../shared/pickers';

const showOnlyForChannels = { resource: ['channel'] };

/** What can be done with channels. */
export const channelOperations: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	default: 'getAll',
	displayOptions: { show: showOnlyForChannels },
	options: [
		{
			name: 'Create',
			value: 'create',
			action: 'Create a channel',
			description: 'Add a YouTube channel to a user, who may have five active ones',
		},
		{
			name: 'Deactivate',
			value: 'deactivate',
			action: 'Deactivate a channel',
			description: 'Keep a channel and its data, but sync it no longer',
		},
		{
			name: 'Disconnect',
			value: 'disconnect',
			action: 'Disconnect a channel',
			description: "Revoke the owner's grant at Google and delete it",
		},
		{
			name: 'Get',
			value: 'get',
			action: 'Get a channel',
			description: 'Get a channel, with whether it is connected',
		},
		{
			name: 'Get Connect Link',
			value: 'connectLink',
			action: 'Get a connect link',
			description: "Get the address at which the channel's owner grants access; it works for a day",
		},
		{
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many channels',
			description: 'Get many channels',
		},
		{
			name: 'Update',
			value: 'update',
			action: 'Update a channel',
			description: 'Change a channel',
		},
	],
};

/** Fields of channels. */
export const channelFields: INodeProperties[] = [
	channelPicker("YouTube's ID of the channel", {
		show: showOnlyForChannels,
		hide: { operation: ['getAll', 'create'] },
	}),
	{
		displayName: 'Channel ID',
		name: 'channelId',
		type: 'string',
		default: '={{ $json.channelId }}',
		required: true,
		placeholder: 'e.g. UCabcdefghijklmnopqrstuv',
		description: "YouTube's ID of the channel to add",
		displayOptions: { show: { ...showOnlyForChannels, operation: ['create'] } },
	},
	{
		displayName: 'Offer Revenue',
		name: 'revenue',
		type: 'boolean',
		default: true,
		description:
			"Whether the link's page offers to show the channel's revenue as well. Its owner decides.",
		displayOptions: { show: { ...showOnlyForChannels, operation: ['connectLink'] } },
	},
	{
		displayName: 'Name',
		name: 'channelName',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. Cooking with Ada',
		description: "The channel's title",
		displayOptions: { show: { ...showOnlyForChannels, operation: ['create'] } },
	},
	{
		displayName: 'Additional Fields',
		name: 'fields',
		type: 'collection',
		placeholder: 'Add field',
		default: {},
		displayOptions: { show: { ...showOnlyForChannels, operation: ['create', 'update'] } },
		options: [
			{
				displayName: 'Active',
				name: 'isActive',
				type: 'boolean',
				default: true,
				description: 'Whether the channel is synced',
				displayOptions: { show: { '/operation': ['update'] } },
			},
			{
				displayName: 'Name',
				name: 'channelName',
				type: 'string',
				default: '',
				description: "The channel's title",
				displayOptions: { show: { '/operation': ['update'] } },
			},
			{
				displayName: 'Niche',
				name: 'niche',
				type: 'string',
				default: '',
				placeholder: 'e.g. Cooking',
				description: 'What the channel is about',
			},
		],
	},
	{
		displayName: 'Active Only',
		name: 'activeOnly',
		type: 'boolean',
		default: true,
		description: 'Whether to leave out channels that are not active',
		displayOptions: { show: { ...showOnlyForChannels, operation: ['getAll'] } },
	},
];
