import { limit, returnAll, type Operation } from '../../../shared/operation';
import { user, USER } from './fields';

export const getNotices: Operation = {
	option: {
		name: 'Get Notices',
		value: 'getNotices',
		action: 'Get notices of a user',
		description: 'Get what the user should know, such as a channel that must be connected again',
	},
	empty: 'There is nothing that the user should know.',
	fields: [user, returnAll, limit],
	request: { method: 'GET', path: `${USER}/notices`, list: 'notices' },
};
