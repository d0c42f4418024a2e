import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { addHint } from './hints';
import { failedItem, isTool } from './errors';
import { WithFile, type Operation } from './operation';
import { runRequest } from './request';

/** Runs an operation for all items; with Continue On Fail, a failure becomes the item's own result. */
export async function runOperation(
	context: IExecuteFunctions,
	operation: Operation,
): Promise<INodeExecutionData[][]> {
	if (operation.executeAll) return await operation.executeAll(context);
	const out: INodeExecutionData[] = [];
	let found = 0;
	let without = 0;
	for (let item = 0; item < context.getInputData().length; item++) {
		try {
			const pairedItem = { item };
			const results = operation.request
				? await runRequest(context, operation.request, item)
				: ((await operation.executeItem?.(context, item)) ?? []);
			if (results.length) found++;
			else without++;
			for (const result of results) {
				out.push(
					result instanceof WithFile
						? { json: result.json, binary: result.binary, pairedItem }
						: { json: result, pairedItem },
				);
			}
		} catch (error) {
			out.push(failedItem(context, error, item));
		}
	}
	if (!without) return [out];
	const message = emptyMessage(operation, without, found);
	addHint(context, message, 'info');
	// An agent sees no hint, and without an item nothing at all.
	if (isTool(context) && !out.length) out.push({ json: { message }, pairedItem: { item: 0 } });
	return [out];
}

const NOTHING_FITS = 'Look at what is chosen in the panel: the user, the days and the filters.';

/** Says that nothing was found, and why. */
function emptyMessage({ empty = NOTHING_FITS }: Operation, without: number, found: number): string {
	const all = without + found;
	const whom = all > 1 ? ` for ${without} of ${all} items` : '';
	return `Nothing was found${whom}. ${empty}`;
}
