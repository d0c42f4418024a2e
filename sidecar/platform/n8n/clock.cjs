'use strict';
// Moves the clock of the process that this is preloaded into (node --require) by
// YTEMPIRE_DEMO_CLOCK_OFFSET_MS milliseconds, so that n8n and the sidecar of a demo agree on the
// time. Timers are not touched: they measure durations.

const offset = Number(process.env.YTEMPIRE_DEMO_CLOCK_OFFSET_MS);
if (!Number.isSafeInteger(offset)) {
	throw new Error(
		`YTEMPIRE_DEMO_CLOCK_OFFSET_MS must be a whole number of milliseconds, not '${process.env.YTEMPIRE_DEMO_CLOCK_OFFSET_MS}'`,
	);
}

const SystemDate = Date;
// Kept, because n8n's libraries assign Date.now to itself, which reaches the object behind the proxy.
const systemNow = SystemDate.now;
const now = () => systemNow() + offset;
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
