import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	INodePropertyOptions,
} from 'n8n-workflow';
import type { Request } from './request';

/**
 * An operation of a node: its entry in the list of operations, its fields in the order of the panel, and what it runs, either
 * for each item or once for all. A field that several operations share is one object, declared once.
 */
export interface Operation {
	option: INodePropertyOptions & { value: string };
	fields?: INodeProperties[];
	/** Why it may find nothing, and what to do about it, as sentences; left out: the choices of the panel are to blame. */
	empty?: string;
	/** The request that it sends for each item, where that is all it does. */
	request?: Request;
	/** Runs for one item; what it returns is paired to that item. */
	executeItem?(context: IExecuteFunctions, item: number): Promise<Result[]>;
	/** Runs once for all items. */
	executeAll?(context: IExecuteFunctions): Promise<INodeExecutionData[][]>;
}

/** One result: its JSON alone, or with a file. */
export type Result = IDataObject | WithFile;

/** A result with a file. */
export class WithFile {
	constructor(
		readonly json: IDataObject,
		readonly binary: INodeExecutionData['binary'],
	) {}
}

/** Operations of one resource; of a node without resources, all. */
export interface Resource {
	option?: INodePropertyOptions & { value: string };
	operations: Operation[];
	defaultOperation: string;
}

/** The list of operations and the fields of each, every field once. */
export function propertiesOf({
	option,
	operations,
	defaultOperation,
}: Resource): INodeProperties[] {
	const resource = option ? { resource: [option.value] } : {};
	const shownFor = new Map<INodeProperties, string[]>();
	for (const {
		option: { value },
		fields = [],
	} of operations) {
		for (const field of fields) shownFor.set(field, [...(shownFor.get(field) ?? []), value]);
	}
	return [
		{
			displayName: 'Operation',
			name: 'operation',
			type: 'options',
			noDataExpression: true,
			default: defaultOperation,
			...(option ? { displayOptions: { show: resource } } : {}),
			options: operations.map((operation) => operation.option),
		},
		...fieldsInOrder(operations).map((field) => ({
			...field,
			displayOptions: {
				...field.displayOptions,
				show: {
					...resource,
					operation: shownFor.get(field)!,
					...field.displayOptions?.show,
				},
			},
		})),
	];
}

/** The fields of all operations, each once, in an order that is that of every operation. */
function fieldsInOrder(operations: Operation[]): INodeProperties[] {
	const left = new Set(operations.flatMap(({ fields = [] }) => fields));
	const ordered: INodeProperties[] = [];
	const isNext = (field: INodeProperties) =>
		operations.every(({ fields = [] }) =>
			fields.slice(0, Math.max(0, fields.indexOf(field))).every((before) => !left.has(before)),
		);
	while (left.size) {
		const [first] = left;
		const next = [...left].find(isNext) ?? first!;
		left.delete(next);
		ordered.push(next);
	}
	return ordered;
}

/** A collection of optional fields. */
export const additionalFields = (options: INodeProperties[]): INodeProperties => ({
	displayName: 'Additional Fields',
	name: 'fields',
	type: 'collection',
	placeholder: 'Add field',
	default: {},
	options,
});

/** Whether to return everything; the standard is what lists returned before they had a limit. */
export const returnAll: INodeProperties = {
	displayName: 'Return All',
	name: 'returnAll',
	type: 'boolean',
	default: true,
	description: 'Whether to return all results or only up to a given limit',
};

/** The limit on the results to return. */
export const limit: INodeProperties = {
	displayName: 'Limit',
	name: 'limit',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 50,
	description: 'Max number of results to return',
	displayOptions: { show: { returnAll: [false] } },
};
