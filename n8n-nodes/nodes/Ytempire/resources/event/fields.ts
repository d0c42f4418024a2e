import { userPicker } from '../../../shared/pickers';

/** The user of an operation. */
export const user = userPicker('The user whose event it is. By ID takes the ID or the email.');
