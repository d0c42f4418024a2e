import { additionalFields, type Operation } from '../../../shared/operation';
import { asUser, displayName, email, settings, settingsOf } from './fields';

export const create: Operation = {
	option: {
		name: 'Create',
		value: 'create',
		action: 'Create a user',
		description: 'Create a user',
	},
	fields: [email, { ...displayName, required: true }, additionalFields(settings)],
	request: {
		method: 'POST',
		path: '/v1/users',
		required: { email: 'Email', displayName: 'Name' },
		fields: settingsOf,
		result: asUser,
	},
};
