import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { userPicker } from '../../../shared/pickers';
import type { Ids } from '../../../shared/request';
import { ofUser } from '../../../shared/settings';

/** The user whose dashboards they are. */
export const user = userPicker(
	'The user whose dashboards they are. By ID takes the ID or the email.',
);

/** That the password comes once. */
export const passwordNotice: INodeProperties = {
	displayName:
		'A new password is shown this once, and is in the data of this execution. Pass it on at once, and set the workflow to save no successful executions.',
	name: 'passwordNotice',
	type: 'notice',
	default: '',
};

/** The path of a user's dashboards in the API. */
export const DASHBOARDS = '/v1/users/{userId}/dashboards';

/** The path of their settings. */
export const SETTINGS = '/v1/users/{userId}/dashboard-settings';

/** Settings as the node emits them: money as a number, which Sum, Sort and Filter understand. */
export const asSettings = (settings: IDataObject, ids: Ids): IDataObject => ({
	...ofUser(settings, ids),
	targetRevenueUsd: Number(settings.targetRevenueUsd),
});
