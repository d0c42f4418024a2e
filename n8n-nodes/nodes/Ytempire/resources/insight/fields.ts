import type { INodeProperties } from 'n8n-workflow';
import { userPicker } from '../../../shared/pickers';

/** The user whose week it is. */
export const user = userPicker('The user whose week it is. By ID takes the ID or the email.');

/** The path of a user's insights in the API. */
export const INSIGHTS = '/v1/users/{userId}/insights';

/** A day of the week. */
export const week: INodeProperties = {
	displayName: 'Week',
	name: 'week',
	type: 'dateTime',
	default: '',
	description: 'A day of the week. Left empty: the latest week that YouTube has completed.',
};
