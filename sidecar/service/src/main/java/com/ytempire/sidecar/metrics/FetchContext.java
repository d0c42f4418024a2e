package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.youtube.YouTube;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One user's part of a fetch: on whose behalf calls are made, until when, and what is cached.
 *
 * @param weight of the user in the queue for Google
 */
record FetchContext(Terms terms, UUID userId, int weight, AnswerCache cache) {
  /**
   * The terms of a fetch, the same for all its users.
   *
   * @param isInteractive whether a person waits for it
   * @param deadline by which the answer is needed
   * @param lastCall after which no call to Google begins, so that those under way can end
   * @param maxAge of a cached answer; null: as long as the report's figures stay the same
   * @param spending counts the units spent
   */
  record Terms(
      boolean isInteractive,
      Deadline deadline,
      Deadline lastCall,
      @Nullable Duration maxAge,
      YouTube.Spending spending,
      Clock clock) {}

  Instant now() {
    return terms.clock().instant();
  }

  /** A call by the grant of a channel. */
  YouTube.Call call(String channelId) {
    return call(new YouTube.Credential.ChannelGrant(channelId));
  }

  /** A call by the platform's API key. */
  YouTube.Call publicCall() {
    return call(new YouTube.Credential.ApiKey());
  }

  private YouTube.Call call(YouTube.Credential credential) {
    return new YouTube.Call(
        userId,
        weight,
        terms.isInteractive(),
        credential,
        now().plus(terms.lastCall().remaining()),
        terms.spending());
  }

  /** Time until the caller needs its answer; zero when that has passed. */
  Duration remaining() {
    return terms.deadline().remaining();
  }

  /** How old a cached answer may be. */
  Duration maxAge(Report report) {
    return maxAge(report.fresh());
  }

  /** How old a cached answer may be, this old where the caller does not say. */
  Duration maxAge(Duration standard) {
    Duration maxAge = terms.maxAge();
    return maxAge == null ? standard : maxAge;
  }

  /** Runs a job with the user and the deadline bound to the current thread. */
  <T> T runAsUser(Supplier<T> job) {
    return terms.deadline().supply(() -> Tenant.as(userId, job::get));
  }

  /** A row of a report of a channel, without fields yet. */
  FetchedRow row(PlannedRequest request) {
    FetchedRow row = new FetchedRow(request.report().rowKind(), userId, request.channelId());
    @Nullable String currency = request.item().currency();
    return currency == null ? row : row.set("currency", currency);
  }

  /** The outcome of rows that YouTube gave now. */
  Outcome.Rows rows(PlannedRequest request, List<FetchedRow> rows) {
    return Outcome.Rows.of(request, rows, now(), false);
  }

  /** The outcome of a cached answer. */
  static Outcome.Rows cached(PlannedRequest request, CachedAnswer<FetchedRow> answer) {
    return Outcome.Rows.of(request, answer.rows(), answer.fetchedAt(), true);
  }

  /** The outcome of a failure. */
  Outcome.Missed missed(PlannedRequest request, RuntimeException cause) {
    return Outcome.Missed.of(request.index(), cause, now());
  }

  /** The outcome of a request that the deadline cut off. */
  Outcome.Missed late(PlannedRequest request) {
    return Outcome.Missed.late(request.index(), now());
  }
}
