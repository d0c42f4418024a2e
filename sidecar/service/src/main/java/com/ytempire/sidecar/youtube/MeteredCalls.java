package com.ytempire.sidecar.youtube;

import com.google.api.client.http.HttpResponseException;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.fairness.FairScheduler;
import com.ytempire.sidecar.quota.Charge;
import com.ytempire.sidecar.quota.Payer;
import com.ytempire.sidecar.quota.Quota;
import com.ytempire.sidecar.quota.QuotaBusy;
import com.ytempire.sidecar.quota.QuotaUnavailable;
import com.ytempire.sidecar.youtube.YouTube.Call;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Executes calls to some of Google's APIs: waits for a permit, charges the quota, retries what is
 * worth it, and records the outcome. Safe to share between threads.
 */
public final class MeteredCalls {
  private final FairScheduler scheduler;
  private final Quota quota;
  private final CallCharges charges;
  private final RetryPolicy retries;
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
    this.charges = new CallCharges(quota, clock);
    this.retries = new RetryPolicy(quota, project, clock);
    this.observer = observer;
    this.project = project;
    this.clock = clock;
  }

  @FunctionalInterface
  interface Sender<T> {
    T send() throws IOException;
  }

  /**
   * Executes a call; null when Google says that nothing has changed since the ETag given.
   *
   * <p>What costs nothing is tried again until the deadline: a quota store that is unavailable, a
   * Google that cannot be reached. What Google has counted is tried a few times only.
   */
  <T> @Nullable T execute(ApiMethod method, Call call, Sender<T> request) {
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

  /** The outcome of one try. */
  private sealed interface Attempt<T> {
    /** Google answered; null: nothing has changed since the ETag given. */
    record Answer<T>(@Nullable T answer) implements Attempt<T> {}

    /** It is worth another try at a moment. */
    record Retry<T>(Instant retryAt) implements Attempt<T> {}
  }

  /** One call with its tries. For one thread. */
  private final class Execution<T> {
    private final ApiMethod method;
    private final Call call;
    private final Sender<T> request;
    private final Deadline deadline;
    private int outages;
    private int counted;

    Execution(ApiMethod method, Call call, Sender<T> request) {
      this.method = method;
      this.call = call;
      this.request = request;
      this.deadline = Deadline.at(call.deadline(), clock);
    }

    @Nullable T run() throws InterruptedException {
      while (true) {
        switch (attempt()) {
          case Attempt.Answer<T>(T answer) -> {
            return answer;
          }
          // The permit is left to others meanwhile.
          case Attempt.Retry<T>(Instant retryAt) -> {
            Duration pause = Duration.between(clock.instant(), retryAt);
            Thread.sleep(pause.isNegative() ? Duration.ZERO : pause);
          }
        }
      }
    }

    private Attempt<T> attempt() throws InterruptedException {
      project.check(method.dayBucket());
      try (FairScheduler.Permit permit =
          scheduler.take(call.userId(), call.weight(), call.isInteractive(), deadline)) {
        return send(charges.charge(method, call, deadline));
      } catch (QuotaUnavailable e) {
        return new Attempt.Retry<>(retries.afterOutage(++outages, deadline, e));
      }
    }

    private Attempt<T> send(Charge charge) {
      Instant sentAt = clock.instant();
      try {
        T answer = request.send();
        project.recordAnswer(method.dayBucket());
        settle(method, "ok", sentAt, call);
        return new Attempt.Answer<>(answer);
      } catch (ConnectException e) {
        // Nothing was sent, so Google has counted nothing.
        quota.refund(charge);
        observe(method, "unreachable", sentAt, call);
        return new Attempt.Retry<>(
            retries.afterOutage(++outages, deadline, retries.unreachable(e)));
      } catch (IOException e) {
        if (e instanceof HttpResponseException answer && answer.getStatusCode() == 304) {
          // Google's table says that every request costs; nobody has shown that this one does not.
          settle(method, "unchanged", sentAt, call);
          return new Attempt.Answer<>(null);
        }
        settle(method, outcome(e), sentAt, call);
        return new Attempt.Retry<>(retries.afterFailure(e, method, call, ++counted));
      }
    }
  }

  /** Returns how a failed call is recorded; nobody knows whether one that was cut off counted. */
  private static String outcome(IOException failure) {
    return Thread.currentThread().isInterrupted()
        ? "cancelled"
        : GoogleErrors.read(failure).name().toLowerCase(Locale.ROOT);
  }

  private void settle(ApiMethod method, String outcome, Instant sentAt, Call call) {
    observe(method, outcome, sentAt, call);
    method.buckets().stream()
        .filter(bucket -> !bucket.isPerMinute())
        .forEach(bucket -> call.spending().add(bucket, 1));
  }

  private void observe(ApiMethod method, String outcome, Instant sentAt, Call call) {
    // What the platform pays serves several users at once, whoever of them asked first.
    @Nullable UUID userId = call.payer().equals(Payer.PLATFORM) ? null : call.userId();
    observer.called(userId, method.name(), outcome, Duration.between(sentAt, clock.instant()));
  }
}
