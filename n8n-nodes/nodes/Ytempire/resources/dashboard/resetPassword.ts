import type { Operation } from '../../../shared/operation';
import { ofUser } from '../../../shared/settings';
import { DASHBOARDS, passwordNotice, user } from './fields';

export const resetPassword: Operation = {
	option: {
		name: 'Reset Password',
		value: 'resetPassword',
		action: 'Reset the password of a dashboard account',
		description: "Set another password of the account that sees a user's dashboards",
	},
	fields: [user, passwordNotice],
	request: { method: 'POST', path: `${DASHBOARDS}/password`, result: ofUser },
};
