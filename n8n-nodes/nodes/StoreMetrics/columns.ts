import type { IDataObject, ResourceMapperField } from 'n8n-workflow';
import { dayTextOf } from '../shared/dates';
import { inWords } from '../shared/labels';
import { moneyText } from '../shared/money';
import { ROW_FIELDS, type Field, type FieldType } from '../shared/rowFields';

export type Kind = keyof typeof ROW_FIELDS;

const IN_MAPPER: Record<FieldType, ResourceMapperField['type']> = {
	integer: 'number',
	number: 'number',
	ratio: 'number',
	boolean: 'boolean',
	text: 'string',
	money: 'string',
	day: 'string',
	moment: 'string',
	list: 'string',
};

/** The columns of a kind of row, for n8n's mapper. */
export function mapperFields(kind: Kind): ResourceMapperField[] {
	return ROW_FIELDS[kind].map(({ name, type, required }) => ({
		id: name,
		displayName: inWords(name),
		required,
		defaultMatch: false,
		display: true,
		type: IN_MAPPER[type],
		canBeUsedToMatch: false,
	}));
}

/** A row from columns of elsewhere, such as a sheet's; empty ones are left out, so that they keep what is stored. */
export function rowOf(kind: Kind, columns: IDataObject): IDataObject {
	const row: IDataObject = { kind };
	for (const field of ROW_FIELDS[kind]) {
		const value = written(field, columns[field.name]);
		if (value !== undefined) row[field.name] = value;
	}
	return row;
}

/** 1,234,567.89 or 1 234 567.89, and a currency before it. */
const GROUPED = /^\s*[$]?\s*(-?\d{1,3}(?:[, ]\d{3})+|-?\d+)(\.\d+)?\s*%?\s*$/;

/** A sheet's day as a number: days since 1899-12-30. */
const SHEET_EPOCH = Date.UTC(1899, 11, 30);
const DAY = 86_400_000;

/** A value as the contract writes it. What cannot be read stays as it is: the sidecar says what is wrong with it. */
function written(field: Field, value: unknown): IDataObject[string] | undefined {
	if (value === undefined || value === null || value === '') return undefined;
	const text = textOf(field, value);
	switch (field.type) {
		case 'integer':
		case 'number':
			return typeof text === 'string' && GROUPED.test(text) ? numberIn(text) : (text as number);
		case 'ratio':
			if (typeof text !== 'string' || !GROUPED.test(text)) return text as number;
			// By its decimals: 4.1 / 100 is 0.040999999999999995.
			return text.endsWith('%') ? Number(`${numberIn(text)}e-2`) : numberIn(text);
		case 'money':
			// NaN stays a number, which rowToStore refuses.
			if (typeof text === 'number') return Number.isFinite(text) ? moneyText(text) : text;
			return typeof text === 'string' && GROUPED.test(text)
				? text.replace(/[$,\s]/g, '')
				: (text as string);
		case 'boolean':
			return text === 'true' || text === 'TRUE'
				? true
				: text === 'false' || text === 'FALSE'
					? false
					: (text as boolean);
		case 'day':
			if (typeof text === 'number' && Number.isFinite(text)) {
				return new Date(SHEET_EPOCH + Math.floor(text) * DAY).toISOString().slice(0, 10);
			}
			return typeof text === 'string'
				? text.replace(/^(\d{4}-\d{2}-\d{2})[T ].*$/, '$1')
				: String(text);
		case 'list':
			return typeof text === 'string'
				? text
						.split(',')
						.map((each) => each.trim())
						.filter((each) => each !== '')
				: (text as string[]);
		default:
			return typeof text === 'number' ? String(text) : (text as string);
	}
}

const numberIn = (text: string) => Number(text.replace(/[$,%\s]/g, ''));

/** The text of a string, of a Date, or of a DateTime as n8n's expressions have it; another value as it is. */
function textOf({ type }: Field, value: unknown): unknown {
	if (typeof value === 'string') return value.trim();
	if (value instanceof Date) {
		const isMoment = type !== 'day' && !Number.isNaN(value.getTime());
		return isMoment ? value.toISOString() : dayTextOf(value);
	}
	const moment = value as { toISO?: unknown };
	return typeof moment.toISO === 'function'
		? String((value as { toISO(): string }).toISO())
		: value;
}
