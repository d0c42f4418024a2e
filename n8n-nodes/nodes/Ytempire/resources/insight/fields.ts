import type { INodeProperties } from 'n8n-workflow';
import { userPicker } from '../../../shared/pickers';

/** The user whose days they are. */
export const user = userPicker('The user whose days they are. By ID takes the ID or the email.');

/** The path of a user's insights in the API. */
export const INSIGHTS = '/v1/users/{userId}/insights';

/** The first of the seven days. */
export const week: INodeProperties = {
	displayName: 'First Day',
	name: 'week',
	type: 'dateTime',
	typeOptions: { dateOnly: true },
	default: '',
	description:
		'The first of seven days. Left empty: the newest seven days that YouTube has reported.',
};
