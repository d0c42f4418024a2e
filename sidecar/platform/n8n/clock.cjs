'use strict';
// Moves the clock of the process that this is preloaded into (node --require) by the offset in the
// file YTEMPIRE_DEMO_CLOCK, so that n8n and the sidecar of a demo agree on the time: nanoseconds as
// 64 bits of the machine's byte order, which may change at any time. Timers are not touched: they
// measure durations.

const { openSync, readSync } = require('node:fs');
const { endianness } = require('node:os');
const { performance } = require('node:perf_hooks');

const LOOK_AGAIN_MS = 20;
const NANOS_PER_MS = 1_000_000n;

const file = openSync(process.env.YTEMPIRE_DEMO_CLOCK, 'r');
const bytes = Buffer.alloc(8);
let offset = 0;
let readAt = -Infinity;

/** The offset in milliseconds, at most 20 ms old: the time is asked for thousands of times a second. */
function currentOffset() {
	const at = performance.now();
	if (at - readAt >= LOOK_AGAIN_MS) {
		if (readSync(file, bytes, 0, bytes.length, 0) !== bytes.length) {
			throw new Error(`${process.env.YTEMPIRE_DEMO_CLOCK} has no offset`);
		}
		const nanos = endianness() === 'LE' ? bytes.readBigInt64LE() : bytes.readBigInt64BE();
		offset = Number(nanos / NANOS_PER_MS);
		readAt = at;
	}
	return offset;
}

currentOffset();

const SystemDate = Date;
// Kept, because n8n's libraries assign Date.now to itself, which reaches the object behind the proxy.
const systemNow = SystemDate.now;
const now = () => systemNow() + currentOffset();
const MovedDate = new Proxy(SystemDate, {
	apply: () => new SystemDate(now()).toString(),
	construct: (target, args, newTarget) =>
		Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
	get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
});
Object.defineProperty(SystemDate.prototype, 'constructor', {
	value: MovedDate,
	writable: true,
	configurable: true,
});
globalThis.Date = MovedDate;
