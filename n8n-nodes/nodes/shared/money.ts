import type { IDataObject } from 'n8n-workflow';
import { MONEY_FIELDS } from './rowFields';

/** Decimals of money in the contract (a decimal string in USD). */
const DECIMALS = 4;

/** An amount as the contract writes it: at most four decimals, none that are zero at the end. */
export const moneyText = (amount: number) =>
	amount
		.toFixed(DECIMALS)
		.replace(/\.?0+$/, '')
		.replace(/^-0$/, '0');

/** The row with its money as numbers, which Sum, Sort and Filter of n8n understand. */
export function withMoneyAsNumbers(row: IDataObject): IDataObject {
	let out = row;
	for (const name of MONEY_FIELDS) {
		const amount = row[name];
		if (typeof amount !== 'string') continue;
		if (out === row) out = { ...row };
		out[name] = Number(amount);
	}
	return out;
}

/** The row with its money as the contract's decimal strings. */
export function withMoneyAsText(row: IDataObject): IDataObject {
	let out = row;
	for (const name of MONEY_FIELDS) {
		const amount = row[name];
		if (typeof amount !== 'number' || !Number.isFinite(amount)) continue;
		if (out === row) out = { ...row };
		out[name] = moneyText(amount);
	}
	return out;
}
