import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { userIdOf } from '../../../shared/ids';
import { userPicker } from '../../../shared/pickers';

/** The user whose dashboards they are. */
export const user = userPicker('The user whose dashboards they are');

/** That the password comes once. */
export const passwordNotice: INodeProperties = {
	displayName:
		'A new password is shown this once, and is in the data of this execution. Pass it on at once, and set the workflow to save no successful executions.',
	name: 'passwordNotice',
	type: 'notice',
	default: '',
};

/** The address of the item's user in the API. */
export const userPath = (context: IExecuteFunctions, item: number) =>
	`/v1/users/${userIdOf(context, item)}`;

/** Settings as the node emits them: money as a number, which Sum, Sort and Filter understand. */
export const asSettings = (userId: string, settings: IDataObject): IDataObject => ({
	userId,
	...settings,
	targetRevenueUsd: Number(settings.targetRevenueUsd),
});
