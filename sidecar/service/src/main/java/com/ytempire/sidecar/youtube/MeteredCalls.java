package com.ytempire.sidecar.youtube;

import com.google.api.client.http.HttpResponseException;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.fairness.FairScheduler;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.quota.Charge;
import com.ytempire.sidecar.quota.Quota;
import com.ytempire.sidecar.quota.QuotaBusy;
import com.ytempire.sidecar.quota.QuotaExhausted;
import com.ytempire.sidecar.quota.QuotaUnavailable;
import com.ytempire.sidecar.youtube.YouTube.Call;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Executes calls to some of Google's APIs: waits for a permit, charges the quota, retries what is
 * worth it, and records the outcome. Safe to share between threads.
 */
public final class MeteredCalls {
  private static final int TRIES = 4;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(16);

  /** When to ask again what somebody has to fix first. */
  private static final Duration RECHECK = GoogleProject.RECHECK;

  private final FairScheduler scheduler;
  private final Quota quota;
  private final CallObserver observer;
  private final GoogleProject project;
  private final Clock clock;

  /**
   * Makes the calls of one scheduler.
   *
   * @param scheduler whose permits the calls wait for
   */
  public MeteredCalls(
      FairScheduler scheduler,
      Quota quota,
      CallObserver observer,
      GoogleProject project,
      Clock clock) {
    this.scheduler = scheduler;
    this.quota = quota;
    this.observer = observer;
    this.project = project;
    this.clock = clock;
  }

  @FunctionalInterface
  interface Sent<T> {
    T send() throws IOException;
  }

  /**
   * One of Google's methods.
   *
   * @param buckets that a call is charged to; the one of the day first
   * @param isSafe whether it may be sent again when nobody knows what became of it
   */
  record Method(String name, List<Bucket> buckets, boolean isSafe) {}

  /**
   * Executes a call; null when Google says that nothing has changed since the ETag given.
   *
   * <p>What costs nothing is tried again until the deadline: a quota store that is away, a Google
   * that cannot be reached. What Google has counted is tried a few times only.
   */
  <T> @Nullable T execute(Method method, Call call, Sent<T> request) {
    try {
      return new Execution<>(method, call, request).run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new YouTubeException(new Failure.Busy("The call was cancelled.", clock.instant()), e);
    } catch (FairScheduler.Busy | QuotaBusy e) {
      throw new YouTubeException(
          new Failure.Busy(
              e.getMessage() + " Wait longer, or ask for less at once.",
              clock.instant().plusSeconds(30)),
          e);
    } catch (QuotaUnavailable e) {
      throw new YouTubeException(
          new Failure.Unavailable(String.valueOf(e.getMessage()), quota.retryAfterOutage()), e);
    }
  }

  /** What became of one try. */
  private sealed interface Attempt<T> {
    /** Google answered; null: nothing has changed since the ETag given. */
    record Answered<T>(@Nullable T answer) implements Attempt<T> {}

    /** It is worth another try at a moment. */
    record Failed<T>(Instant retryAt) implements Attempt<T> {}
  }

  /** One call with its tries. For one thread. */
  private final class Execution<T> {
    private final Method method;
    private final Call call;
    private final Sent<T> request;
    private final Deadline deadline;
    private int outages;
    private int counted;

    Execution(Method method, Call call, Sent<T> request) {
      this.method = method;
      this.call = call;
      this.request = request;
      this.deadline = Deadline.at(call.deadline(), clock);
    }

    @Nullable T run() throws InterruptedException {
      while (true) {
        switch (attempt()) {
          case Attempt.Answered<T>(T answer) -> {
            return answer;
          }
          // The permit is left to others meanwhile.
          case Attempt.Failed<T>(Instant retryAt) ->
              Thread.sleep(positive(Duration.between(clock.instant(), retryAt)));
        }
      }
    }

    private Attempt<T> attempt() throws InterruptedException {
      project.check(method.buckets().getFirst());
      try (FairScheduler.Permit permit =
          scheduler.take(call.userId(), call.weight(), call.isInteractive(), deadline)) {
        return send(charge(method.buckets(), call, deadline));
      } catch (QuotaUnavailable e) {
        return new Attempt.Failed<>(retryAfterOutage(e));
      }
    }

    private Attempt<T> send(Charge charge) {
      Instant sentAt = clock.instant();
      try {
        T answer = request.send();
        project.recordAnswer(method.buckets().getFirst());
        settle(method, "ok", sentAt, call);
        return new Attempt.Answered<>(answer);
      } catch (ConnectException e) {
        // Nothing was sent, so Google has counted nothing.
        quota.refund(charge);
        observer.called(method.name(), "unreachable", Duration.between(sentAt, clock.instant()));
        return new Attempt.Failed<>(retryAfterOutage(unreachable(e)));
      } catch (IOException e) {
        if (e instanceof HttpResponseException answer && answer.getStatusCode() == 304) {
          // Google's table says that every request costs; nobody has shown that this one does not.
          settle(method, "unchanged", sentAt, call);
          return new Attempt.Answered<>(null);
        }
        settle(method, outcome(e), sentAt, call);
        return new Attempt.Failed<>(pauseOrFail(e, method, call, ++counted));
      }
    }

    private Instant retryAfterOutage(RuntimeException failure) {
      return clock.instant().plus(pauseAfterOutage(++outages, deadline, failure));
    }
  }

  private YouTubeException unreachable(IOException failure) {
    return new YouTubeException(
        new Failure.Unavailable(
            "YouTube cannot be reached: " + GoogleErrors.message(failure),
            clock.instant().plusSeconds(60)),
        failure);
  }

  /**
   * How long to pause after the n-th outage.
   *
   * @throws RuntimeException the failure given, when the deadline comes first
   */
  private static Duration pauseAfterOutage(
      int outages, Deadline deadline, RuntimeException failure) {
    Duration pause = jittered(outages);
    if (pause.compareTo(deadline.remaining()) >= 0) {
      throw failure;
    }
    return pause;
  }

  /** Returns how a failed call is recorded; nobody knows whether one that was cut off counted. */
  private static String outcome(IOException failure) {
    return Thread.currentThread().isInterrupted()
        ? "cancelled"
        : GoogleErrors.read(failure).name().toLowerCase(Locale.ROOT);
  }

  /**
   * Charges a call. Waits for the quota of the minute where the deadline allows; the day's is not
   * waited for. When the caller was cancelled or its deadline passed meanwhile, the units are
   * refunded: the call would only be cut off, and they would be spent in vain.
   */
  private Charge charge(List<Bucket> buckets, Call call, Deadline deadline)
      throws InterruptedException {
    while (true) {
      try {
        Charge charge = quota.charge(buckets, 1, call.payer());
        boolean isCancelled = Thread.interrupted();
        boolean isLate = deadline.hasPassed();
        if (!isCancelled && !isLate && !charge.isStale(clock.instant())) {
          return charge;
        }
        try {
          quota.refund(charge);
        } finally {
          if (isCancelled) {
            Thread.currentThread().interrupt();
          }
        }
        if (isCancelled) {
          throw new InterruptedException("cancelled while units were taken");
        }
        if (isLate) {
          throw new YouTubeException(
              new Failure.Busy(
                  "The quota was not reached in the time given. Wait longer, or ask for less at once.",
                  clock.instant().plusSeconds(30)));
        }
      } catch (QuotaExhausted e) {
        if (!e.bucket().isPerMinute() || !e.resetsAt().isBefore(call.deadline())) {
          throw new YouTubeException(
              new Failure.QuotaExhausted(String.valueOf(e.getMessage()), e.retryAt()), e);
        }
        Thread.sleep(positive(Duration.between(clock.instant(), e.resetsAt())));
      }
    }
  }

  private void settle(Method method, String outcome, Instant sentAt, Call call) {
    observer.called(method.name(), outcome, Duration.between(sentAt, clock.instant()));
    method.buckets().stream()
        .filter(bucket -> !bucket.isPerMinute())
        .forEach(bucket -> call.spending().add(bucket, 1));
  }

  /** Until when to pause before the next try. */
  private Instant pauseOrFail(IOException failure, Method method, Call call, int tried) {
    String message = GoogleErrors.message(failure);
    GoogleErrors.Category category = GoogleErrors.read(failure);
    if (failure instanceof UnexpectedContent) {
      // Counted by Google or not: whoever stands in between stands there still a second later.
      throw new YouTubeException(
          new Failure.Unavailable(
              "YouTube does not answer: " + message, clock.instant().plus(RECHECK)),
          failure);
    }
    return switch (category) {
      case RATE, SERVER -> {
        Instant until = clock.instant().plus(jittered(tried)).plus(askedToWait(failure));
        if (!method.isSafe() || tried >= TRIES || until.isAfter(call.deadline())) {
          throw new YouTubeException(
              category == GoogleErrors.Category.RATE
                  ? new Failure.RateLimited("Google asks to slow down: " + message, until)
                  : new Failure.Unavailable(
                      "YouTube does not answer: " + message, clock.instant().plusSeconds(60)),
              failure);
        }
        yield until;
      }
      case DAY_EXHAUSTED -> {
        Bucket bucket = method.buckets().getFirst();
        throw new YouTubeException(
            new Failure.QuotaExhausted(
                "Google says that %s is used up: %s".formatted(bucket.label(), message),
                quota.close(bucket)),
            failure);
      }
      case UNAUTHENTICATED ->
          throw new YouTubeException(
              call.accessToken() == null
                  ? new Failure.Refused("Google does not take the platform's API key: " + message)
                  : new Failure.Unauthenticated(
                      "Google does not accept our access token for this channel: " + message,
                      clock.instant().plus(RECHECK)),
              failure);
      case API_DISABLED ->
          throw project.recordDisabled(method.buckets().getFirst(), message, failure);
      case ACCOUNT_CLOSED ->
          throw new YouTubeException(
              new Failure.AccountClosed(
                  "The channel's account at YouTube is closed or suspended: " + message),
              failure);
      case SCOPE_MISSING ->
          throw new YouTubeException(
              new Failure.ScopeMissing("The owner's grant does not cover this: " + message),
              failure);
      case FORBIDDEN, PERMISSION_DENIED, REFUSED ->
          throw new YouTubeException(new Failure.Refused("Google refuses: " + message), failure);
    };
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
  private Duration askedToWait(IOException failure) {
    if (!(failure instanceof HttpResponseException answer)
        || answer.getHeaders().getRetryAfter() == null) {
      return Duration.ZERO;
    }
    String asked = answer.getHeaders().getRetryAfter().strip();
    try {
      return asked.matches("\\d{1,9}")
          ? Duration.ofSeconds(Long.parseLong(asked))
          : positive(
              Duration.between(
                  clock.instant(),
                  ZonedDateTime.parse(asked, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant()));
    } catch (DateTimeException e) {
      return Duration.ZERO; // neither: the pause of our own has to do
    }
  }

  private static Duration positive(Duration duration) {
    return duration.isNegative() ? Duration.ZERO : duration;
  }
}
