import type { IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { required, type Asker } from './sidecar';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const CHANNEL = /^UC[0-9A-Za-z_-]{22}$/;
const VIDEO = /^[0-9A-Za-z_-]{11}$/;

/** The address of a channel's page that has its ID. */
const CHANNEL_ADDRESS =
	/^(?:https?:\/\/)?(?:www\.|m\.|studio\.)?youtube\.com\/channel\/(UC[0-9A-Za-z_-]{22})(?:[/?#].*)?$/i;

/** A handle with its @, alone or in the address of a channel's page. */
const HANDLE =
	/^(?:(?:https?:\/\/)?(?:www\.|m\.)?youtube\.com\/)?(@[\p{L}\p{M}\p{Nd}_.·-]{3,30})(?:[/?#].*)?$/iu;

/** The handle that a text names; undefined: it names none. */
export const handleIn = (text: string): string | undefined => HANDLE.exec(text)?.[1];

/** The addresses of a video's page. */
const VIDEO_ADDRESS =
	/^(?:https?:\/\/)?(?:(?:www\.|m\.)?youtube\.com\/(?:watch\?(?:[^#]*&)?v=|shorts\/|live\/|embed\/)|youtu\.be\/)([0-9A-Za-z_-]{11})(?:[?&/#].*)?$/i;

/** Whether a value is a UUID, as ids of users and batches are. */
export const isUuid = (value: unknown) => typeof value === 'string' && UUID.test(value);

/** The longest part of a refused value that a message repeats. Characters. */
const MAX_REPEATED = 40;

/** The start of a value, such as a whole row that an expression put where an ID belongs. */
function shortened(value: string): string {
	const characters = [...value];
	return characters.length > MAX_REPEATED
		? `${characters.slice(0, MAX_REPEATED).join('')}…`
		: value;
}

const refused = (context: Asker, item: number | undefined, message: string, description: string) =>
	new NodeOperationError(context.getNode(), message, { itemIndex: item, description });

/**
 * The id of the item's user, in lower case as the sidecar returns it.
 *
 * @throws NodeOperationError when it is empty or no id, and says what to do
 */
export const userIdOf = (context: IExecuteFunctions, item: number): string =>
	userIdIn(context, required(context, 'userId', 'User', item), item);

/**
 * The id of a user that a text is, in lower case as the sidecar returns it.
 *
 * @param item left out: it is of no item
 * @throws NodeOperationError when it is none, and says what to do
 */
export function userIdIn(context: Asker, id: string, item?: number): string {
	if (isUuid(id)) return id.toLowerCase();
	const what = id.includes('@') ? ', but looks like an email' : '';
	throw refused(
		context,
		item,
		`'${shortened(id)}' is not a user ID${what}. Choose the user from the list.`,
		'With an expression: Get Many of the YTEMPIRE node has the ID of each user in the field userId.',
	);
}

/**
 * The id of the item's channel, also from the address of its page.
 *
 * @throws NodeOperationError when it is empty or no id, and says what to do
 */
export const channelIdOf = (context: IExecuteFunctions, item: number): string =>
	channelIdIn(
		context,
		required(context, 'channelId', 'Channel', item),
		item,
		'Choose it from the list.',
	);

/**
 * The channel that a text names: its id, or the address of its page.
 *
 * @param advice where the id is to be found, as a sentence
 * @throws NodeOperationError when it names none
 */
export function channelIdIn(
	context: IExecuteFunctions,
	text: string,
	item: number,
	advice = 'Get Many of channels has the ID of each in the field channelId.',
): string {
	const id = CHANNEL.test(text) ? text : CHANNEL_ADDRESS.exec(text)?.[1];
	if (id) return id;
	throw refused(
		context,
		item,
		`'${shortened(text)}' is not a channel ID (UC…). ${advice}`,
		"YouTube Studio shows a channel's ID under Settings > Channel > Advanced settings; a handle or an email does not name one.",
	);
}

/** The channels of a text with commas, spaces or line breaks between. */
export const channelIdsOf = (context: IExecuteFunctions, text: string, item: number): string[] => [
	...new Set(wordsOf(text).map((word) => channelIdIn(context, word, item))),
];

/**
 * The video that a text names: its id, or the address of its page.
 *
 * @throws NodeOperationError when it names none
 */
export function videoIdIn(context: IExecuteFunctions, text: string, item: number): string {
	const id = VIDEO.test(text) ? text : VIDEO_ADDRESS.exec(text)?.[1];
	if (id) return id;
	throw refused(
		context,
		item,
		`'${shortened(text)}' is not a video ID (11 characters)`,
		'Use the part of the address after "watch?v=", or the whole address, with commas between several.',
	);
}

/** The videos of a text with commas, spaces or line breaks between. */
export const videoIdsOf = (context: IExecuteFunctions, text: string, item: number): string[] => [
	...new Set(wordsOf(text).map((word) => videoIdIn(context, word, item))),
];

const wordsOf = (text: string) => text.split(/[\s,;]+/).filter((word) => word !== '');
