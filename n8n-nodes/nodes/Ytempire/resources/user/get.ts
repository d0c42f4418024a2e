import type { Operation } from '../../../shared/operation';
import { asUser, user, USER } from './fields';

export const get: Operation = {
	option: {
		name: 'Get',
		value: 'get',
		action: 'Get a user by ID or email',
		description: 'Get a user by ID or email',
	},
	fields: [user],
	request: { method: 'GET', path: USER, result: asUser },
};
