package com.ytempire.simulator;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * State of the simulated YouTube that its seed and clock do not determine: refresh tokens,
 * reporting jobs, feed subscriptions.
 */
public record SimulatorState(
    List<GrantedToken> tokens, List<ReportingJob> jobs, List<FeedSubscription> subscriptions) {
  /**
   * The same, of a caller that has another address since, as if it had subscribed there: the hub
   * would tell an address at which nobody answers.
   *
   * @param from the earlier base address; who has another one is told there as before
   */
  public SimulatorState movedTo(String from, String to) {
    return new SimulatorState(
        tokens,
        jobs,
        subscriptions.stream()
            .map(each ->
                each.callback().startsWith(from + "/")
                    ? new FeedSubscription(
                        to + each.callback().substring(from.length()),
                        each.channelId(),
                        each.secret(),
                        each.until(),
                        each.pushedUntil())
                    : each)
            .toList());
  }

  /** The ids of the channels to which it belongs. */
  Set<String> channels() {
    return Stream.of(
            tokens.stream().map(GrantedToken::channelId),
            jobs.stream().map(ReportingJob::channelId),
            subscriptions.stream().map(FeedSubscription::channelId))
        .flatMap(ids -> ids)
        .collect(Collectors.toSet());
  }

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
