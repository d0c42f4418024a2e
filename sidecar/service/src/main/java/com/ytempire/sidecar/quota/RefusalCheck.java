package com.ytempire.sidecar.quota;

import com.ytempire.sidecar.quota.Bucket.Window;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Holds the refusals of the cache, which may be wrong, against the ledger, and says when to ask
 * again. Safe to share between threads.
 */
final class RefusalCheck {
  /** How often it makes sense to ask for units that may be released at any time. */
  private static final Duration RELEASE_INTERVAL = Duration.ofMinutes(5);

  private final QuotaLedger ledger;
  private final QuotaCache cache;
  private final Allotter allotter;
  private final QuotaReport report;
  private final RefusalCache recent = new RefusalCache();
  private final Clock clock;

  RefusalCheck(
      QuotaLedger ledger, QuotaCache cache, Allotter allotter, QuotaReport report, Clock clock) {
    this.ledger = ledger;
    this.cache = cache;
    this.allotter = allotter;
    this.report = report;
    this.clock = clock;
  }

  /**
   * Asks the ledger whether a payer has too little, and evicts its accounts from the cache when it
   * has enough.
   *
   * @throws QuotaExhausted when the ledger confirms it
   */
  void confirm(Window window, long units, Payer payer) {
    Instant now = clock.instant();
    if (units == 1) {
      Optional<QuotaExhausted> cached = recent.get(window, payer, now);
      if (cached.isPresent()) {
        throw cached.get();
      }
    }
    ledger.expire().forEach(cache::evict);
    allotter.refresh(window, Allotter.MAX_AGE_BEFORE_REFUSAL);
    List<Account> accounts = Account.drawnBy(payer, window);
    long balance = ledger.balances(accounts).values().stream().mapToLong(Long::longValue).sum();
    if (balance >= units) {
      accounts.forEach(cache::evict);
      return;
    }
    QuotaExhausted refusal = exhausted(window);
    if (units == 1) {
      recent.put(window, payer, refusal, now);
    }
    throw refusal;
  }

  /** Returns the refusal of units of a window: why, and when to ask again. */
  QuotaExhausted exhausted(Window window) {
    Bucket bucket = window.bucket();
    if (!bucket.isPerMinute()) {
      BucketStatus status = report.status(bucket);
      if (status.remaining() > 0) {
        Instant now = clock.instant();
        // Reserved units may come back at any time.
        Instant retryAt =
            status.reserved() > 0 || !now.isBefore(ledger.releaseStart(window))
                ? now.plus(RELEASE_INTERVAL)
                : ledger.releaseStart(window).plus(RELEASE_INTERVAL);
        return new QuotaExhausted(
            "Your share of %s is used up. The %d units that are left are kept for others; what they do not use is released in the hours before %s."
                .formatted(bucket.label(), status.remaining(), window.end()),
            bucket,
            window.end(),
            retryAt.isBefore(window.end()) ? retryAt : window.end());
      }
    }
    return new QuotaExhausted(
        "The bucket %s is used up until %s.".formatted(bucket.label(), window.end()),
        bucket,
        window.end(),
        window.end());
  }
}
