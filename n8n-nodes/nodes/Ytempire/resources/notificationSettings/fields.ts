import { userPicker } from '../../../shared/pickers';

/** The user whose reports they are. */
export const user = userPicker('The user whose reports they are. By ID takes the ID or the email.');

/** The path of a user's notification settings in the API. */
export const SETTINGS = '/v1/users/{userId}/notification-settings';
