// Just enough of n8n around a node to run it: parameters with simple expressions, items, and a sidecar that answers from a table.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
export const { NodeApiError, NodeOperationError } = require('n8n-workflow');
export const { mapperFields } = require('../dist/nodes/StoreMetrics/columns.js');
export const {
	REPORTS,
	REPORT_TRAITS,
	ROW_KINDS: KINDS,
} = require('../dist/nodes/shared/choices.js');
export const { daysOf, lengthOf, PERIODS, youTubeDay } = require('../dist/nodes/shared/period.js');

export const { YtempireApi } = require('../dist/credentials/YtempireApi.credentials.js');

export const nodeTypes = Object.fromEntries(
	['CheckQuota', 'FetchMetrics', 'StoreMetrics', 'Ytempire', 'YtempireTrigger'].map((name) => [
		name,
		new (require(`../dist/nodes/${name}/${name}.node.js`)[name])(),
	]),
);

/** The value that a parameter of the description has when nobody touched it. */
function standard(description, name, parameters) {
	const candidates = description.properties.filter((property) => property.name === name);
	const shown = candidates.find(({ displayOptions }) =>
		Object.entries(displayOptions?.show ?? {}).every(([other, values]) =>
			values.includes(parameters[other] ?? standard(description, other, parameters)),
		),
	);
	return (shown ?? candidates[0])?.default;
}

/** Runs a node; `sidecar(request)` answers or throws, and every request is kept in `requests`, and expressions that were evaluated are counted. */
export async function run(
	type,
	{
		parameters = {},
		items = [{}],
		sidecar,
		continueOnFail = false,
		mode = 'trigger',
		isTool = false,
		baseUrl = 'http://sidecar.test/',
	},
) {
	// As nearly every workflow has it: from the item.
	parameters = {
		userId: '={{ $json.userId }}',
		channelId: '={{ $json.channelId }}',
		...parameters,
	};
	const requests = [];
	const hints = [];
	const logged = [];
	let evaluations = 0;
	const node = {
		id: '1',
		name: type.description.displayName,
		type: `n8n-nodes-ytempire.${type.description.name}${isTool ? 'Tool' : ''}`,
		typeVersion: 1,
		position: [0, 0],
		parameters,
	};
	const evaluate = (value, item) => {
		// A resource locator, as its value.
		if (value && typeof value === 'object' && 'mode' in value) return evaluate(value.value, item);
		// The columns of a mapper, each by itself.
		if (value && typeof value === 'object' && 'mappingMode' in value) {
			const columns = Object.entries(value.value ?? {}).map(([name, each]) => [
				name,
				evaluate(each, item),
			]);
			return { ...value, value: value.value && Object.fromEntries(columns) };
		}
		if (typeof value !== 'string' || !value.startsWith('=')) return value;
		evaluations++;
		const path = /^=\{\{ \$json((?:\.\w+)*) \}\}$/.exec(value);
		if (!path) throw new Error(`the engine of the tests does not know the expression ${value}`);
		return path[1]
			.split('.')
			.slice(1)
			.reduce((found, name) => found?.[name], items[item]);
	};
	const context = {
		getNode: () => node,
		getInputData: () => items.map((json) => ({ json })),
		getNodeParameter: (name, item, fallback) =>
			evaluate(parameters[name] ?? standard(type.description, name, parameters) ?? fallback, item),
		getCredentials: async () => ({ baseUrl, token: 'secret' }),
		getWorkflow: () => ({ id: 'wf1' }),
		getExecutionId: () => '7',
		getMode: () => mode,
		continueOnFail: () => continueOnFail,
		logger: { info: (line) => logged.push(line), warn: (line) => logged.push(line) },
		addExecutionHints: (...more) => hints.push(...more),
		helpers: {
			prepareBinaryData: async (bytes, fileName, mimeType) => ({
				data: String(bytes),
				fileName,
				mimeType,
			}),
			async httpRequestWithAuthentication(credential, options) {
				if (credential !== 'ytempireApi') throw new Error(credential);
				requests.push(options);
				return await sidecar(options);
			},
		},
	};
	const outputs = await type.execute.call(context);
	return { outputs, requests, evaluations, hints, logged };
}
