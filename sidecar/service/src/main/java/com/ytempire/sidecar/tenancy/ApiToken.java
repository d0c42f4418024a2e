package com.ytempire.sidecar.tenancy;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** {@code schemas/api-token.json}. */
public record ApiToken(
    UUID tokenId,
    String kind,
    @Nullable UUID userId,
    @Nullable List<String> scopes,
    String name,
    Instant createdAt,
    @Nullable Instant expiresAt,
    @Nullable Instant revokedAt,
    @Nullable Instant lastUsedAt) {}
