import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { nodeError, type Asker } from './sidecar';

/**
 * The result of an item that failed, for Continue and for the error output of n8n.
 *
 * @throws what was caught, where the node stops at an error
 */
export function failedItem(
	context: IExecuteFunctions,
	caught: unknown,
	item: number,
): INodeExecutionData {
	if (!context.continueOnFail()) throw nodeError(context, caught);
	return { json: { error: (caught as Error).message }, pairedItem: { item } };
}

/** Whether an AI agent runs the node: n8n gives such a node a type of its own, and hands on its first output only. */
export const isTool = (context: Asker) => context.getNode().type.endsWith('Tool');
