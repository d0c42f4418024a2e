import { BUCKETS } from '../../shared/choices';
import type { Resource } from '../../shared/operation';
import { check } from './check';
import { estimate } from './estimate';
import { reserve } from './reserve';
import { settle } from './settle';
import { shares } from './shares';
import { status } from './status';

export const quota: Resource = {
	operations: [check, shares, status, estimate, reserve, settle],
	defaultOperation: 'check',
};

const names = (choices: ReadonlyArray<{ name: string; value: unknown }>) =>
	JSON.stringify(Object.fromEntries(choices.map(({ name, value }) => [value, name])));

const OPERATIONS = names(quota.operations.map(({ option }) => option));

/** Below the node in the editor: Reserve · Data API. */
export const subtitle = `={{ [(${OPERATIONS})[$parameter["operation"]], (${names(BUCKETS)})[$parameter["operation"] === "shares" ? $parameter["dayBucket"] : $parameter["bucket"]]].filter((part, index) => part && (index === 0 || ["check", "reserve", "shares"].includes($parameter["operation"]))).join(" · ") }}`;
