import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { TIERS } from '../../../shared/choices';
import { userPicker } from '../../../shared/pickers';
import { timeZone } from '../../../shared/settings';

/** The user of an operation. */
export const user = userPicker('The user to act on. By ID takes the ID or the email.');

/** The path of a user in the API. */
export const USER = '/v1/users/{userId}';

/** The address of a user. */
export const email: INodeProperties = {
	displayName: 'Email',
	name: 'email',
	type: 'string',
	placeholder: 'e.g. name@email.com',
	default: '',
	required: true,
	description: 'Where reports are mailed; unique among users',
};

/** The name of a user. */
export const displayName: INodeProperties = {
	displayName: 'Name',
	name: 'displayName',
	type: 'string',
	default: '',
	placeholder: 'e.g. Ada Lovelace',
	description: 'How the user is named in reports',
};

/** What can be set of a user at any time. */
export const settings: INodeProperties[] = [
	{
		displayName: 'Revenue Goal (USD a Month)',
		name: 'targetRevenueUsd',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 2 },
		default: 10000,
		description: 'How much the channels of the user should earn in a month',
	},
	{
		displayName: 'Subscription Tier',
		name: 'subscriptionTier',
		type: 'options',
		default: 'starter',
		description: "Decides the user's share of Google's quota when it is scarce",
		options: TIERS.map(({ name, value }) => ({ name, value })),
	},
	timeZone('For the times of mailed reports'),
];

/** The optional fields of the item, as the contract takes them: money as text. */
export function settingsOf(context: IExecuteFunctions, item: number): IDataObject {
	const fields = context.getNodeParameter('fields', item, {}) as IDataObject;
	const goal = fields.targetRevenueUsd;
	return typeof goal === 'number' ? { ...fields, targetRevenueUsd: goal.toFixed(2) } : fields;
}

/** A user as the node emits it: money as a number, which Sum, Sort and Filter understand. */
export const asUser = (user: IDataObject): IDataObject =>
	typeof user.targetRevenueUsd === 'string'
		? { ...user, targetRevenueUsd: Number(user.targetRevenueUsd) }
		: user;
