import type { Operation } from '../../../shared/operation';
import { CREATE, passwordNotice, tokenNotice, user } from './fields';

export const create: Operation = {
	option: {
		name: 'Create',
		value: 'create',
		action: 'Create a database login',
		description: 'Create a PostgreSQL login that sees the rows of one user, who may have two',
	},
	fields: [user, tokenNotice, passwordNotice],
	request: CREATE,
};
