import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import type { Operation } from '../../../shared/operation';
import { userPicker } from '../../../shared/pickers';

const kind: INodeProperties = {
	displayName: 'Kind',
	name: 'kind',
	type: 'options',
	default: 'daily',
	description: 'Which report to mail. After Get Due, drag its field kind here.',
	options: [
		{ name: 'Daily', value: 'daily' },
		{ name: 'Monthly', value: 'monthly' },
		{ name: 'Weekly', value: 'weekly' },
	],
};

const hint: INodeProperties = {
	displayName:
		'A report is mailed once: sending it again changes nothing. While the mail server is unavailable, the state is postponed, and Get Due lists it again for 6 hours.',
	name: 'onceNotice',
	type: 'notice',
	default: '',
};

const bodyOf = (context: IExecuteFunctions, item: number): IDataObject => ({
	kind: context.getNodeParameter('kind', item),
});

export const send: Operation = {
	option: {
		name: 'Send',
		value: 'send',
		action: 'Send a report',
		description: 'Mail a report that is due to the verified recipients of a user',
	},
	fields: [userPicker('The user whose report it is. By ID takes the ID or the email.'), kind, hint],
	request: { method: 'POST', path: '/v1/users/{userId}/reports/send', fields: bodyOf },
};
