package com.ytempire.sidecar.events;

import java.time.Instant;

/**
 * The number of events of a type and source that were recorded of an hour; {@code
 * schemas/event-count-page.json}.
 *
 * @param hour its beginning, in UTC
 */
record EventCount(Instant hour, String type, String source, long events) {}
