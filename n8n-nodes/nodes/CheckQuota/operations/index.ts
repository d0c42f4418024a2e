import type { Resource } from '../../shared/operation';
import { check } from './check';
import { reserve } from './reserve';
import { settle } from './settle';
import { shares } from './shares';
import { status } from './status';

export const quota: Resource = {
	operations: [check, shares, status, reserve, settle],
	defaultOperation: 'check',
};
