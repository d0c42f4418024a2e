package com.ytempire.sidecar.db;

import java.time.Instant;
import java.util.UUID;

/**
 * A user whose database logins have computed too much, and are refused for a while.
 *
 * @param until by the sidecar's clock
 */
public record PausedUser(UUID userId, Instant until) {}
