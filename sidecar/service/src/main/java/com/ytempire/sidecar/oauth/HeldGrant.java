package com.ytempire.sidecar.oauth;

import java.time.Instant;
import java.util.UUID;

/**
 * A grant of a channel that the platform holds.
 *
 * @param verifiedAt when Google last accepted it
 */
public record HeldGrant(UUID userId, String channelId, Instant verifiedAt) {}
