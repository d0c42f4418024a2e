package com.ytempire.sidecar.metrics;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer of YouTube as it is cached.
 *
 * @param fetchedAt when YouTube gave it, in whole seconds
 * @param rows rows of metrics, or whatever else the answer holds
 * @param etag Google's mark of it, when it has one
 */
record CachedAnswer<T>(Instant fetchedAt, List<T> rows, @Nullable String etag) {}
