package com.ytempire.sidecar.events;

import java.time.Instant;

/**
 * How many events of a type and source were recorded of an hour; {@code
 * schemas/event-count-page.json}.
 *
 * @param hour its beginning, in UTC
 */
record EventCount(Instant hour, String type, String source, long events) {}
