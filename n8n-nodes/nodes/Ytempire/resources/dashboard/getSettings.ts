import type { Operation } from '../../../shared/operation';
import { asSettings, SETTINGS, user } from './fields';

export const getSettings: Operation = {
	option: {
		name: 'Get Settings',
		value: 'getSettings',
		action: 'Get the dashboard settings of a user',
		description: 'Get target, time zone, currency format, default period and hidden panels',
	},
	fields: [user],
	request: { method: 'GET', path: SETTINGS, result: asSettings },
};
