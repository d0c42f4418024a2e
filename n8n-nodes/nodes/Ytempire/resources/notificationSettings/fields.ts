import type { IDataObject } from 'n8n-workflow';
import { userPicker } from '../../../shared/pickers';
import type { Ids } from '../../../shared/request';

/** The user whose reports they are. */
export const user = userPicker('The user whose reports they are. By ID takes the ID or the email.');

/** The path of a user's notification settings in the API. */
export const SETTINGS = '/v1/users/{userId}/notification-settings';

/** An answer with the user whom it is about. */
export const ofUser = (answer: IDataObject, { userId }: Ids): IDataObject => ({
	userId,
	...answer,
});
