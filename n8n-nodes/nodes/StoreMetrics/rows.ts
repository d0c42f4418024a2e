import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { isUuid } from '../shared/ids';
import { withMoneyAsText } from '../shared/money';
import { ADDED_FIELDS } from '../shared/names';
import { parametersOf } from '../shared/sidecar';
import { rowOf, type Kind } from './columns';

/** The whole item, which is what nearly every workflow stores: evaluating that for each of 100,000 items takes n8n minutes. */
const WHOLE_ITEM = /^=\{\{\s*\$json\s*\}\}$/;

/** Whether an item stands for rows that the sidecar holds. */
export const isReference = (json: IDataObject) => 'batchId' in json && !('kind' in json);

/** Whether the rows of all items are of columns that a person maps. */
export const isMapped = (context: IExecuteFunctions): boolean =>
	context.getNodeParameter('source', 0, 'fetched') === 'mapped';

/**
 * The row or reference of an item, as the contract writes it.
 *
 * @param mapped as {@link isMapped} answers for all items
 * @throws NodeOperationError when it is neither or has a number that is none, and says what to do
 */
export function rowToStore(context: IExecuteFunctions, item: number, mapped: boolean): IDataObject {
	const row = mapped ? mappedRow(context, item) : fetchedRow(context, item);
	refuseNaN(context, row, item);
	if (!isReference(row)) return withoutNames(withMoneyAsText(row));
	for (const name of ['userId', 'batchId']) {
		if (!isUuid(row[name])) {
			throw new NodeOperationError(
				context.getNode(),
				`'${String(row[name])}' is not the ${name} of a reference`,
				{
					itemIndex: item,
					description:
						'Store references as they come from Fetch Metrics, without changing their fields.',
				},
			);
		}
	}
	return row;
}

/** The row without what Include Names of Fetch Metrics has added for people. */
function withoutNames(row: IDataObject): IDataObject {
	if (!ADDED_FIELDS.some((name) => name in row)) return row;
	return Object.fromEntries(Object.entries(row).filter(([name]) => !ADDED_FIELDS.includes(name)));
}

/** JSON has no NaN and no Infinity: they would become null, which empties a field. */
function refuseNaN(context: IExecuteFunctions, row: IDataObject, item: number): void {
	for (const name in row) {
		if (typeof row[name] !== 'number' || Number.isFinite(row[name])) continue;
		throw new NodeOperationError(context.getNode(), `${name} is ${row[name]}, which is no number`, {
			itemIndex: item,
			description: `Correct the expression that computes ${name}, or leave the field out.`,
		});
	}
}

/** A row from the columns that the mapper names, or from those of the input that have the same names. */
function mappedRow(context: IExecuteFunctions, item: number): IDataObject {
	const kind = context.getNodeParameter('kind', 0) as Kind;
	const { mappingMode, value } = context.getNodeParameter('columns', item) as {
		mappingMode: 'autoMapInputData' | 'defineBelow';
		value: IDataObject | null;
	};
	return rowOf(
		kind,
		mappingMode === 'autoMapInputData' ? context.getInputData()[item]!.json : (value ?? {}),
	);
}

function fetchedRow(context: IExecuteFunctions, item: number): IDataObject {
	const raw = parametersOf(context).row;
	if (typeof raw === 'string' && WHOLE_ITEM.test(raw)) return context.getInputData()[item]!.json;
	const row = context.getNodeParameter('row', item) as unknown;
	const value = typeof row === 'string' ? parsed(row) : row;
	if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
		return value as IDataObject;
	}
	throw new NodeOperationError(context.getNode(), 'Row is not a JSON object', {
		itemIndex: item,
		description: 'Use the expression {{ $json }} to store the item as it is.',
	});
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
