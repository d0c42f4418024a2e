import type { IExecuteFunctions } from 'n8n-workflow';

/** The limit on the results of an item, from its fields Return All and Limit. */
export const maxResults = (context: IExecuteFunctions, item: number): number =>
	context.getNodeParameter('returnAll', item, true)
		? Number.POSITIVE_INFINITY
		: (context.getNodeParameter('limit', item, 50) as number);
