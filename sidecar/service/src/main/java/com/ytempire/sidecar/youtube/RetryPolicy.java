package com.ytempire.sidecar.youtube;

import com.google.api.client.http.HttpResponseException;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.quota.Quota;
import com.ytempire.sidecar.youtube.YouTube.Call;
import java.io.IOException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Decides whether a failed call is tried again, and when: with exponential backoff and full jitter,
 * as long as the deadline allows. Safe to share between threads.
 */
final class RetryPolicy {
  /** How often a call is tried that Google counts. */
  private static final int TRIES = 4;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(16);

  /** When to ask again what somebody has to fix first. */
  private static final Duration RECHECK = GoogleProject.RECHECK;

  private final Quota quota;
  private final GoogleProject project;
  private final Clock clock;

  RetryPolicy(Quota quota, GoogleProject project, Clock clock) {
    this.quota = quota;
    this.project = project;
    this.clock = clock;
  }

  /**
   * When to try again after the n-th outage in which nothing was spent.
   *
   * @throws RuntimeException the failure given, when the deadline comes first
   */
  Instant afterOutage(int outages, Deadline deadline, RuntimeException failure) {
    Duration pause = jittered(outages);
    if (pause.compareTo(deadline.remaining()) >= 0) {
      throw failure;
    }
    return clock.instant().plus(pause);
  }

  /** The failure of a call that did not reach Google. */
  YouTubeException unreachable(IOException failure) {
    return new YouTubeException(
        new Failure.Unavailable(
            "YouTube cannot be reached: " + GoogleErrors.message(failure),
            clock.instant().plusSeconds(60)),
        failure);
  }

  /**
   * When to try again after a failure that Google counted.
   *
   * @param tried how often the call was tried so far
   * @throws YouTubeException when it is not to be tried again
   */
  Instant afterFailure(IOException failure, ApiMethod method, Call call, int tried) {
    String message = GoogleErrors.message(failure);
    GoogleErrors.Category category = GoogleErrors.read(failure);
    if (failure instanceof UnexpectedContent) {
      // Counted by Google or not: whoever stands in between stands there still a second later.
      throw new YouTubeException(unavailable(message, RECHECK), failure);
    }
    if (category == GoogleErrors.Category.RATE || category == GoogleErrors.Category.SERVER) {
      Instant until = clock.instant().plus(jittered(tried)).plus(retryAfter(failure));
      if (method.isSafe() && tried < TRIES && !until.isAfter(call.deadline())) {
        return until;
      }
      throw new YouTubeException(
          category == GoogleErrors.Category.RATE
              ? new Failure.RateLimited("Google asks to slow down: " + message, until)
              : unavailable(message, Duration.ofSeconds(60)),
          failure);
    }
    if (category == GoogleErrors.Category.API_DISABLED) {
      throw project.recordDisabled(method.dayBucket(), message, failure);
    }
    throw new YouTubeException(finalFailure(category, message, method.dayBucket(), call), failure);
  }

  /** The failure of a call that another try does not help. */
  private Failure finalFailure(
      GoogleErrors.Category category, String message, Bucket bucket, Call call) {
    return switch (category) {
      case DAY_EXHAUSTED ->
          new Failure.QuotaExhausted(
              "Google says that %s is used up: %s".formatted(bucket.label(), message),
              quota.close(bucket));
      case UNAUTHENTICATED ->
          call.accessToken() == null
              ? new Failure.Refused("Google does not take the platform's API key: " + message)
              : new Failure.Unauthenticated(
                  "Google does not accept our access token for this channel: " + message,
                  clock.instant().plus(RECHECK));
      case ACCOUNT_CLOSED ->
          new Failure.AccountClosed(
              "The channel's account at YouTube is closed or suspended: " + message);
      case SCOPE_MISSING ->
          new Failure.ScopeMissing("The owner's grant does not cover this: " + message);
      default -> new Failure.Refused("Google refuses: " + message);
    };
  }

  private Failure unavailable(String message, Duration retryAfter) {
    return new Failure.Unavailable(
        "YouTube does not answer: " + message, clock.instant().plus(retryAfter));
  }

  /** Full jitter over a pause that doubles up to a longest one. */
  private static Duration jittered(int tried) {
    return Duration.ofMillis(
        ThreadLocalRandom.current()
            .nextLong(
                Math.min(
                    LONGEST_PAUSE.toMillis(), FIRST_PAUSE.toMillis() << Math.min(tried - 1, 10))));
  }

  /** Retry-After, in seconds or as a date (RFC 9110, section 10.2.3). */
  private Duration retryAfter(IOException failure) {
    if (!(failure instanceof HttpResponseException answer)
        || answer.getHeaders().getRetryAfter() == null) {
      return Duration.ZERO;
    }
    String value = answer.getHeaders().getRetryAfter().strip();
    try {
      if (value.matches("\\d{1,9}")) {
        return Duration.ofSeconds(Long.parseLong(value));
      }
      Duration pause =
          Duration.between(
              clock.instant(),
              ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
      return pause.isNegative() ? Duration.ZERO : pause;
    } catch (DateTimeException e) {
      return Duration.ZERO; // neither: the pause of our own has to do
    }
  }
}
