import { limit, returnAll, type Operation } from '../../../shared/operation';
import { tokenNotice, user } from './fields';

export const getAll: Operation = {
	option: {
		name: 'Get Many',
		value: 'getAll',
		action: 'Get many database logins',
		description: "Get a user's PostgreSQL logins, without their passwords",
	},
	empty: 'The user has no database login. Create makes one.',
	fields: [user, tokenNotice, returnAll, limit],
	request: {
		method: 'GET',
		path: '/v1/users/{userId}/database-logins',
		list: 'logins',
		result: ({ login }, { userId }) => ({ userId, login }),
	},
};
