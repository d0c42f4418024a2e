import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { userPicker } from '../../../shared/pickers';
import type { Ids } from '../../../shared/request';

/** The user whose costs they are. */
export const user = userPicker('The user whose costs they are. By ID takes the ID or the email.');

/** The path of a user's costs in the API. */
export const COSTS = '/v1/users/{userId}/costs';

/** Most rows of one request. */
export const ROWS_A_REQUEST = 1000;

/** The month of a summary or of a provider's total. */
export const month = (required: boolean, description: string): INodeProperties => ({
	displayName: 'Month',
	name: 'month',
	type: 'string',
	default: '',
	required,
	placeholder: 'e.g. 2026-11',
	description,
});

/** An amount of the contract as a number, which Sum, Sort and Filter understand; null stays null. */
const asNumber = (value: unknown) => (typeof value === 'string' ? Number(value) : value);

/** The object with every amount in it, at any depth, as a number. */
export function withAmountsAsNumbers(value: IDataObject): IDataObject {
	return Object.fromEntries(
		Object.entries(value).map(([name, each]) => [
			name,
			Array.isArray(each)
				? each.map((one) => withAmountsAsNumbers(one as IDataObject))
				: /Usd$|^(quantity|total|ledger)$/.test(name)
					? asNumber(each)
					: each,
		]),
	) as IDataObject;
}

/** An answer of a user with amounts as numbers. */
export const ofUser = (answer: IDataObject, { userId }: Ids): IDataObject => ({
	userId,
	...withAmountsAsNumbers(answer),
});
