package com.ytempire.sidecar.youtube;

import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.quota.Charge;
import com.ytempire.sidecar.quota.Quota;
import com.ytempire.sidecar.quota.QuotaExhausted;
import com.ytempire.sidecar.youtube.YouTube.Call;
import java.time.Clock;
import java.time.Duration;

/** Charges calls to the quota. Safe to share between threads. */
final class CallCharges {
  private final Quota quota;
  private final Clock clock;

  CallCharges(Quota quota, Clock clock) {
    this.quota = quota;
    this.clock = clock;
  }

  /**
   * Charges a call. Waits for the quota of the minute where the deadline allows; the day's is not
   * waited for. When the caller was cancelled or its deadline passed meanwhile, the units are
   * refunded: the call would only be cut off, and they would be spent in vain.
   *
   * @throws YouTubeException with {@link Failure.QuotaExhausted} or, after the deadline, {@link
   *     Failure.Busy}
   */
  Charge charge(ApiMethod method, Call call, Deadline deadline) throws InterruptedException {
    while (true) {
      try {
        Charge charge = quota.charge(method.buckets(), 1, call.payer());
        if (isUsable(charge, deadline)) {
          return charge;
        }
      } catch (QuotaExhausted e) {
        if (!e.bucket().isPerMinute() || !e.resetsAt().isBefore(call.deadline())) {
          throw new YouTubeException(
              new Failure.QuotaExhausted(String.valueOf(e.getMessage()), e.retryAt()), e);
        }
        sleepUntilReset(e);
      }
    }
  }

  private void sleepUntilReset(QuotaExhausted exhausted) throws InterruptedException {
    Duration pause = Duration.between(clock.instant(), exhausted.resetsAt());
    Thread.sleep(pause.isNegative() ? Duration.ZERO : pause);
  }

  /**
   * Whether a charge can be used now; refunds it otherwise. False: it is of a minute that ended.
   */
  private boolean isUsable(Charge charge, Deadline deadline) throws InterruptedException {
    boolean isCancelled = Thread.interrupted();
    boolean isLate = deadline.hasPassed();
    if (!isCancelled && !isLate && !charge.isStale(clock.instant())) {
      return true;
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
    return false;
  }
}
