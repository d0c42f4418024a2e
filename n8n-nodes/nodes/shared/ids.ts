import type { IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { required } from './sidecar';

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

const refused = (context: IExecuteFunctions, item: number, message: string, description: string) =>
	new NodeOperationError(context.getNode(), message, { itemIndex: item, description });

/**
 * The id of the item's user, in lower case as the sidecar returns it.
 *
 * @throws NodeOperationError when it is empty or no id, and says what to do
 */
export function userIdOf(
	context: IExecuteFunctions,
	item: number,
	id: string = required(context, 'userId', 'User', item),
): string {
	if (isUuid(id)) return id.toLowerCase();
	const what = id.includes('@') ? ', but looks like an email' : '';
	throw refused(
		context,
		item,
		`'${id}' is not a user ID${what}. Choose the user from the list.`,
		'With an expression: Get Many of the YTEMPIRE node has the ID of each user in the field userId.',
	);
}

/**
 * The id of the item's channel, also from the address of its page.
 *
 * @throws NodeOperationError when it is empty or no id, and says what to do
 */
export function channelIdOf(context: IExecuteFunctions, item: number): string {
	const id = required(context, 'channelId', 'Channel', item);
	if (CHANNEL.test(id)) return id;
	const inAddress = CHANNEL_ADDRESS.exec(id)?.[1];
	if (inAddress) return inAddress;
	throw refused(
		context,
		item,
		`'${id}' is not a channel ID (UC…). Choose it from the list.`,
		"YouTube Studio shows a channel's ID under Settings > Channel > Advanced settings; a handle or an email does not name one.",
	);
}

/**
 * Ids of videos, from a text with commas, spaces or line breaks between; addresses of their pages are understood.
 *
 * @throws NodeOperationError when one is no id
 */
export function videoIdsOf(context: IExecuteFunctions, text: string, item: number): string[] {
	const words = text.split(/[\s,;]+/).filter((word) => word !== '');
	const ids = words.map((word) => {
		const id = VIDEO.test(word) ? word : VIDEO_ADDRESS.exec(word)?.[1];
		if (id) return id;
		throw refused(
			context,
			item,
			`'${word}' is not a video ID (11 characters)`,
			'Use the part of the address after "watch?v=", or the whole address, with commas between several.',
		);
	});
	return [...new Set(ids)];
}
