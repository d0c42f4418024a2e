import type { IDataObject } from 'n8n-workflow';
import { userIdOf } from '../../../shared/ids';
import type { Operation } from '../../../shared/operation';
import { ask } from '../../../shared/sidecar';
import { passwordNotice, user, userPath } from './fields';

export const provision: Operation = {
	option: {
		name: 'Provision',
		value: 'provision',
		action: 'Provision the dashboards of a user',
		description:
			"Set up or repair a user's dashboards in Grafana now. The password is there only when the account is new.",
	},
	fields: [user, passwordNotice],
	async executeItem(context, item) {
		const path = `${userPath(context, item)}/dashboards`;
		const answer = await ask<IDataObject>(context, { method: 'POST', path, itemIndex: item });
		return [{ userId: userIdOf(context, item), ...answer }];
	},
};
