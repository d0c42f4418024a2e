import type { IDataObject, INodeProperties } from 'n8n-workflow';
import type { Ids } from './request';

/** An answer with the user whom it is about. */
export const ofUser = (answer: IDataObject, { userId }: Ids): IDataObject => ({
	userId,
	...answer,
});

/**
 * The time zone among a user's settings.
 *
 * @param description what it is used for
 */
export const timeZone = (description: string): INodeProperties => ({
	displayName: 'Time Zone',
	name: 'timeZone',
	type: 'string',
	default: 'America/Los_Angeles',
	placeholder: 'e.g. Europe/Berlin',
	description,
});
