import type { Resource } from '../../../shared/operation';
import { getDue } from './getDue';
import { send } from './send';

export const report: Resource = {
	option: { name: 'Report', value: 'report' },
	operations: [getDue, send],
	defaultOperation: 'getDue',
};
