import type { Operation } from '../../../shared/operation';
import { ofUser } from '../../../shared/settings';
import { SETTINGS, user } from './fields';

export const get: Operation = {
	option: {
		name: 'Get',
		value: 'get',
		action: 'Get the notification settings of a user',
		description: 'Get which reports are mailed to a user, when, and to which addresses',
	},
	fields: [user],
	request: { method: 'GET', path: SETTINGS, result: ofUser },
};
