package com.ytempire.simulator;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What callers have been given, and what YouTube would remember of it: all that the world and the
 * time do not say.
 */
public record SimulatorMemory(
    List<GrantedToken> tokens, List<ReportingJob> jobs, List<FeedSubscription> subscriptions) {
  /**
   * A refresh token.
   *
   * @param expiresAt null: it does not
   */
  public record GrantedToken(
      String token, String channelId, Set<String> scopes, @Nullable Instant expiresAt) {}

  /** A job of the Reporting API. */
  public record ReportingJob(String channelId, String type, Instant createdAt) {}

  /** Who is told of a channel's new videos, until when, and up to when they have been. */
  public record FeedSubscription(
      String callback, String channelId, String secret, Instant until, Instant pushedUntil) {}
}
