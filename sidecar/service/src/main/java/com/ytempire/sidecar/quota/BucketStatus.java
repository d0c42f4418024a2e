package com.ytempire.sidecar.quota;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of a bucket's current window, in API units; {@code schemas/quota-bucket.json}.
 *
 * @param used spent and reserved units
 * @param reserved units of reservations that have not ended
 * @param remaining units that can still be taken, 0 when Google has said that the bucket is empty
 * @param forecast null for a bucket whose window is a minute
 */
public record BucketStatus(
    String bucket,
    long limit,
    long used,
    long reserved,
    long remaining,
    Instant windowStartedAt,
    Instant resetsAt,
    @Nullable Forecast forecast) {}
