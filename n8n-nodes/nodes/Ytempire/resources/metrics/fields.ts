import type { INodeProperties } from 'n8n-workflow';
import { userPicker } from '../../../shared/pickers';

/** The user whose metrics they are. */
export const user = userPicker('The user whose metrics they are. By ID takes the ID or the email.');

/** A day that may be left out. */
export const optionalDay = (
	displayName: string,
	name: string,
	description: string,
): INodeProperties => ({
	displayName,
	name,
	type: 'dateTime',
	typeOptions: { dateOnly: true },
	default: '',
	description,
});
