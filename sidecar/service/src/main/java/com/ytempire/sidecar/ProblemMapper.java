package com.ytempire.sidecar;

import com.ytempire.sidecar.db.CompleteRollups;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.fairness.FairScheduler;
import com.ytempire.sidecar.quota.QuotaBusy;
import com.ytempire.sidecar.quota.QuotaExhausted;
import com.ytempire.sidecar.quota.QuotaUnavailable;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Maps failures of the packages below to the problem documents that callers of the API see. */
final class ProblemMapper {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  /** Sums are filled within some minutes. */
  private static final Duration RETRY_SUMS_AFTER = Duration.ofMinutes(1);

  private final Clock clock;

  ProblemMapper(Clock clock) {
    this.clock = clock;
  }

  /** Returns the problem document of a failure; null when the failure is none that callers know. */
  @Nullable Problem map(Throwable failure) {
    Instant soon = clock.instant().plus(RETRY_AFTER);
    return switch (failure) {
      case DatabaseUnavailable e -> Problem.until(Problem.Type.UNAVAILABLE, explain(e), soon);
      case DatabaseBusy e -> Problem.until(Problem.Type.BUSY, explainBusy(e), soon);
      case QuotaBusy e -> Problem.until(Problem.Type.BUSY, explainBusy(e), soon);
      case QuotaUnavailable e ->
          Problem.until(
              Problem.Type.UNAVAILABLE,
              e.part()
                  + ", which keeps the quota, is unavailable. Nothing was asked of Google; try again.",
              soon);
      case QuotaExhausted e ->
          Problem.exhausted(String.valueOf(e.getMessage()), e.resetsAt(), e.retryAt());
      case FairScheduler.Busy e ->
          Problem.until(Problem.Type.BUSY, String.valueOf(e.getMessage()), soon);
      case YouTubeException e -> Problem.of(Problem.Type.GOOGLE_REFUSED, e.failure().message());
      default ->
          CompleteRollups.isRefusal(failure)
              ? Problem.until(
                  Problem.Type.UNAVAILABLE,
                  "Sums of the user's videos are still being computed after an upgrade. Try again in"
                      + " some minutes.",
                  clock.instant().plus(RETRY_SUMS_AFTER))
              : null;
    };
  }

  private static String explain(DatabaseUnavailable failure) {
    if (failure.isDiskFull()) {
      return "The disk of the database is full. Nothing was stored. Free space on it, then try"
          + " again.";
    }
    if (failure.isTimedOut()) {
      return "The database did not finish in the time given. Nothing was stored; try again, or allow"
          + " more time with the header Prefer: wait=SECONDS.";
    }
    return failure.isInDoubt()
        ? "The database went away while it stored this, and nobody knows whether it did. Look"
            + " whether it is there before you send it again."
        : "The database is unavailable. Nothing was stored; try again.";
  }

  private static String explainBusy(RuntimeException failure) {
    return failure.getMessage()
        + " Nothing was done; send fewer requests at once, or allow more time with the header"
        + " Prefer: wait=SECONDS.";
  }
}
