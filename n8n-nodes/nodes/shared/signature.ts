import { createHmac, timingSafeEqual } from 'crypto';

/** How old a delivery may be, so that nobody sends a recorded one again. Seconds, as Standard Webhooks advises. */
const TOLERANCE_SECONDS = 300;

const PREFIX = 'whsec_';

/** What a delivery came with; `body` is as it traveled, byte for byte. */
export interface Delivery {
	id: unknown;
	timestamp: unknown;
	signature: unknown;
	body: Buffer;
}

/**
 * Why a delivery is not to be believed, by Standard Webhooks 1.0.0; undefined: it is the sidecar's.
 *
 * @param secret `whsec_` and the key in base64
 */
export function distrust(delivery: Delivery, secret: unknown, at: Date): string | undefined {
	if (typeof secret !== 'string' || !secret.startsWith(PREFIX)) {
		return 'The subscription is not known here';
	}
	const seconds = Number(delivery.timestamp);
	if (!(Math.abs(at.getTime() / 1000 - seconds) <= TOLERANCE_SECONDS)) {
		return 'The time of sending is missing, or too far from now';
	}
	const hmac = createHmac('sha256', Buffer.from(secret.slice(PREFIX.length), 'base64'))
		.update(`${String(delivery.id)}.${String(delivery.timestamp)}.`)
		.update(delivery.body)
		.digest();
	// There may be several, while a secret is being changed.
	const signed = String(delivery.signature)
		.split(' ')
		.filter((each) => each.startsWith('v1,'))
		.map((each) => Buffer.from(each.slice('v1,'.length), 'base64'))
		.some((each) => each.length === hmac.length && timingSafeEqual(each, hmac));
	return signed ? undefined : 'The signature does not fit';
}
