import type { IExecuteFunctions } from 'n8n-workflow';

/** n8n shows a hint as HTML. */
const asHtml = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

/** Says something above a node's output, as plain text: what it repeats may be anybody's. */
export const addHint = (
	context: IExecuteFunctions,
	message: string,
	type: 'info' | 'warning' = 'warning',
) => context.addExecutionHints({ type, location: 'outputPane', message: asHtml(message) });
