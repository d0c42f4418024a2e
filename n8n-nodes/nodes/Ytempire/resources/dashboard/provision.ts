import type { Operation } from '../../../shared/operation';
import { ofUser } from '../../../shared/settings';
import { DASHBOARDS, passwordNotice, user } from './fields';

export const provision: Operation = {
	option: {
		name: 'Provision',
		value: 'provision',
		action: 'Provision the dashboards of a user',
		description:
			"Set up or repair a user's dashboards in Grafana now. The password is there only when the account is new.",
	},
	fields: [user, passwordNotice],
	request: { method: 'POST', path: DASHBOARDS, result: ofUser },
};
