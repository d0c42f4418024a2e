import type {
	IAuthenticateGeneric,
	Icon,
	ICredentialTestRequest,
	ICredentialType,
	INodeProperties,
} from 'n8n-workflow';

/** Address and token of a YTEMPIRE sidecar. A service token lets workflows act for every user; each act is audited. */
export class YtempireApi implements ICredentialType {
	name = 'ytempireApi';

	displayName = 'YTEMPIRE API';

	icon: Icon = { light: 'file:../icons/ytempire.svg', dark: 'file:../icons/ytempire.dark.svg' };

	documentationUrl =
		'https://github.com/ytempire/ytempire-data/blob/main/docs/nodes/credentials.md';

	properties: INodeProperties[] = [
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. http://sidecar:8080',
			description: 'Base URL of the sidecar, as n8n reaches it',
		},
		{
			displayName: 'API Token',
			name: 'token',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description:
				'A service token with the scopes that the workflows need: Read and Sync for the sync, Administer to create and connect, Erase to erase users',
		},
		{
			displayName: 'n8n Base URL',
			name: 'n8nUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. http://n8n:5678',
			description:
				'Base URL of n8n, as the sidecar reaches it; for the YTEMPIRE Trigger. Empty: the address that n8n shows for its webhooks.',
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: { headers: { Authorization: '=Bearer {{$credentials.token}}' } },
	};

	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{$credentials.baseUrl.trim().replace(new RegExp("/+$"), "")}}',
			url: '/v1/quota',
		},
		rules: [
			{
				type: 'responseSuccessBody',
				properties: {
					key: 'buckets',
					// Another server, or a page of a proxy, answers without them.
					value: undefined,
					message:
						'Something answers at the Base URL, but it is not a YTEMPIRE sidecar. Use the address of the sidecar, such as http://sidecar:8080, without a path.',
				},
			},
		],
	};
}
