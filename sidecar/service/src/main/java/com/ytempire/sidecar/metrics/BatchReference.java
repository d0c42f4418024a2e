package com.ytempire.sidecar.metrics;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** A held batch without its rows; {@code schemas/batch-reference.json}. */
record BatchReference(
    UUID batchId,
    UUID userId,
    String channelId,
    String report,
    List<String> kinds,
    int rowCount,
    long sizeBytes,
    Instant fetchedAt,
    Instant expiresAt) {}
