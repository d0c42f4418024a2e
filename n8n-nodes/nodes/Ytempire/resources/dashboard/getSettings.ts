import type { IDataObject } from 'n8n-workflow';
import { userIdOf } from '../../../shared/ids';
import type { Operation } from '../../../shared/operation';
import { ask } from '../../../shared/sidecar';
import { asSettings, user, userPath } from './fields';

export const getSettings: Operation = {
	option: {
		name: 'Get Settings',
		value: 'getSettings',
		action: 'Get the dashboard settings of a user',
		description: 'Get target, time zone, currency format, default period and hidden panels',
	},
	fields: [user],
	async executeItem(context, item) {
		const path = `${userPath(context, item)}/dashboard-settings`;
		const answer = await ask<IDataObject>(context, { method: 'GET', path, itemIndex: item });
		return [asSettings(userIdOf(context, item), answer)];
	},
};
