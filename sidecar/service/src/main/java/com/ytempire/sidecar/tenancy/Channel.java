package com.ytempire.sidecar.tenancy;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A YouTube channel of one user; {@code schemas/channel.json}. */
public record Channel(
    UUID userId,
    String channelId,
    @Nullable Integer slot,
    String channelName,
    @Nullable String niche,
    @Nullable Boolean monetized,
    String connection,
    @Nullable String connectionReason,
    boolean isActive,
    @Nullable Instant eraseAfter,
    Instant createdAt) {

  /** {@code schemas/channel-create.json}. */
  record Create(String channelId, String channelName, @Nullable String niche) {}

  /** {@code schemas/channel-list.json}. */
  record Listing(List<Channel> channels) {}
}
