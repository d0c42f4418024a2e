import type { Resource } from '../../../shared/operation';
import { getIncidents } from './getIncidents';
import { getResults } from './getResults';
import { getSuccess } from './getSuccess';

export const quality: Resource = {
	option: { name: 'Quality', value: 'quality' },
	operations: [getIncidents, getResults, getSuccess],
	defaultOperation: 'getIncidents',
};
