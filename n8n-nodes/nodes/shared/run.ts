import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { failedItem } from './errors';
import { WithFile, type Operation } from './operation';
import { runRequest } from './request';

/** Runs an operation for all items; with Continue On Fail, a failure becomes the item's own result. */
export async function runOperation(
	context: IExecuteFunctions,
	operation: Operation,
): Promise<INodeExecutionData[][]> {
	if (operation.executeAll) return await operation.executeAll(context);
	const out: INodeExecutionData[] = [];
	for (let item = 0; item < context.getInputData().length; item++) {
		try {
			const pairedItem = { item };
			const results = operation.request
				? await runRequest(context, operation.request, item)
				: ((await operation.executeItem?.(context, item)) ?? []);
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
	return [out];
}
