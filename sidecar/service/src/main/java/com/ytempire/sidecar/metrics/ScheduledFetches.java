package com.ytempire.sidecar.metrics;

import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.fairness.FairScheduler;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.quota.BucketStatus;
import com.ytempire.sidecar.quota.Quota;
import com.ytempire.sidecar.quota.QuotaBusy;
import com.ytempire.sidecar.quota.QuotaUnavailable;
import com.ytempire.sidecar.quota.RateLimitHeaders;
import com.ytempire.sidecar.web.Caller;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs fetches: a limited number of them at once, the others wait for a permit in the order of the
 * fair scheduler. Safe to share between threads.
 */
final class ScheduledFetches {
  private static final Logger log = LoggerFactory.getLogger(ScheduledFetches.class);

  /** Fetches that may wait for others to end; each holds its body. */
  private static final int WAITING = 1000;

  private final Fetch fetch;
  private final Quota quota;
  private final FairScheduler scheduler;
  private final Clock clock;

  /**
   * Makes the scheduler.
   *
   * @param concurrent how many fetches run at once
   */
  ScheduledFetches(Fetch fetch, Quota quota, int concurrent, Clock clock) {
    this.fetch = fetch;
    this.quota = quota;
    this.scheduler = new FairScheduler(concurrent, concurrent, WAITING, WAITING, clock);
    this.clock = clock;
  }

  /**
   * Runs a fetch while its caller stays: permits and quota that nobody waits for any more are left
   * to others. Its answer says what is left of the quota that it spent.
   *
   * @throws Problem of type busy, when no permit is free before the deadline
   */
  FetchResult run(Request request, FetchRequest body, Deadline deadline) {
    return request.whileCallerStays(() -> runWithPermit(request, body, deadline));
  }

  private FetchResult runWithPermit(Request request, FetchRequest body, Deadline deadline) {
    Caller caller = request.caller();
    UUID account = caller.userId() == null ? caller.tokenId() : caller.userId();
    try (FairScheduler.Permit permit =
        scheduler.take(account, 1, caller.role() == USER, deadline)) {
      FetchResult result = fetch.fetch(caller, body, deadline).asOf(clock.instant());
      List<Bucket> spent =
          result.unitsSpent().keySet().stream()
              .flatMap(label -> Bucket.of(label).stream())
              .toList();
      putRateLimits(request, spent, deadline);
      return result;
    } catch (FairScheduler.Busy e) {
      throw Problem.until(
          Type.BUSY,
          "Too many requests to fetch are under way, and none ended in the time given. Ask for more channels in one request rather than more requests at once.",
          clock.instant().plusSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting to fetch", e);
    }
  }

  /**
   * What was fetched is neither lost nor late because what is left of the quota cannot be read in
   * time.
   */
  private void putRateLimits(Request request, List<Bucket> spent, Deadline deadline) {
    if (!spent.isEmpty() && !deadline.hasPassed()) {
      try {
        List<BucketStatus> status = deadline.supply(() -> quota.report().status(spent));
        RateLimitHeaders.put(request, status, clock.instant());
      } catch (QuotaUnavailable | QuotaBusy e) {
        log.info("an answer goes without its RateLimit headers: {}", e.getMessage());
      }
    }
  }
}
