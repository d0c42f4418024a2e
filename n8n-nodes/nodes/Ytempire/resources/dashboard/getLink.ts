import type { Operation } from '../../../shared/operation';
import { ofUser } from '../../../shared/settings';
import { DASHBOARDS, user } from './fields';

export const getLink: Operation = {
	option: {
		name: 'Get Link',
		value: 'getLink',
		action: 'Get the link to the dashboards of a user',
		description:
			"Get the address of a user's dashboards, their state and the account that sees them",
	},
	fields: [user],
	request: { method: 'GET', path: DASHBOARDS, result: ofUser },
};
