import type { INodeProperties } from 'n8n-workflow';
import { QUALITY_CHECK_NAMES } from '../../../shared/choices';
import { userPicker } from '../../../shared/pickers';

/** The user whose data is checked. */
export const user = userPicker('The user whose results to get. By ID takes the ID or the email.');

/** Whose incidents. */
export const whose: INodeProperties = {
	displayName: 'Users',
	name: 'whose',
	type: 'options',
	default: 'all',
	description: 'Whose incidents to get',
	options: [
		{ name: 'All Active Users', value: 'all' },
		{ name: 'Single User', value: 'single' },
	],
};

/** The user of a list of one user's incidents. */
export const singleUser = userPicker(
	'The user whose incidents to get. By ID takes the ID or the email.',
	{ show: { whose: ['single'] } },
);

/** Which incidents. */
export const state: INodeProperties = {
	displayName: 'State',
	name: 'state',
	type: 'options',
	default: 'open',
	description: 'Which incidents to get',
	options: [
		{ name: 'Closed', value: 'closed', description: 'The check is well again' },
		{ name: 'Open', value: 'open', description: 'The check is not well' },
		{ name: 'Open and Closed', value: 'any' },
	],
};

/** How far back closed incidents are listed. */
export const closedDays: INodeProperties = {
	displayName: 'Closed Within (Days)',
	name: 'days',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 400 },
	default: 7,
	description: 'How many days back to list closed incidents',
	displayOptions: { show: { state: ['closed', 'any'] } },
};

/** Which check. */
export const check: INodeProperties = {
	displayName: 'Check',
	name: 'check',
	type: 'options',
	default: 'all',
	description: 'Which check to get the results of',
	options: [{ name: 'All Checks', value: 'all' }, ...QUALITY_CHECK_NAMES],
};

/** How many days of results. */
export const resultDays: INodeProperties = {
	displayName: 'Days',
	name: 'days',
	type: 'number',
	typeOptions: { minValue: 0, maxValue: 90 },
	default: 0,
	description: 'How many days of results to get; 0 gets the newest of each check and channel',
};
