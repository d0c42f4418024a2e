import type { Operation } from '../../../shared/operation';
import { asUser, user, USER } from './fields';

export const deactivate: Operation = {
	option: {
		name: 'Deactivate',
		value: 'deactivate',
		action: 'Deactivate a user',
		description: 'Keep a user and its data, but sync it no longer',
	},
	fields: [user],
	request: { method: 'PATCH', path: USER, constants: { isActive: false }, result: asUser },
};
