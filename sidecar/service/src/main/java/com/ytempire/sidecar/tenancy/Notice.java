package com.ytempire.sidecar.tenancy;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** {@code schemas/notice.json}. */
public record Notice(
    long noticeId, Instant at, String kind, @Nullable String channelId, String message) {}
