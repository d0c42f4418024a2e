package com.ytempire.sidecar.quota;

import com.ytempire.sidecar.quota.Bucket.Window;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the allotment of windows recent: it depends on the limit, the users and the time, all of
 * which change while a window is open. Safe to share between threads.
 */
final class Allotter {
  /** How old an allotment may be in general. */
  static final Duration MAX_AGE = Duration.ofMinutes(1);

  /** How old it may be when somebody is about to be refused. */
  static final Duration MAX_AGE_BEFORE_REFUSAL = Duration.ofSeconds(5);

  private final QuotaLedger ledger;
  private final QuotaCache cache;
  private final Clock clock;
  private final Map<Window, Instant> allottedAt = new ConcurrentHashMap<>();

  Allotter(QuotaLedger ledger, QuotaCache cache, Clock clock) {
    this.ledger = ledger;
    this.cache = cache;
    this.clock = clock;
  }

  /** Allots the windows that are in use anew, because shares have changed. */
  void refreshAll() {
    List.copyOf(allottedAt.keySet()).forEach(window -> refresh(window, Duration.ZERO));
  }

  /** Allots the window anew when its allotment is older than this. */
  void refresh(Window window, Duration maxAge) {
    Instant now = clock.instant();
    @Nullable Instant last = allottedAt.get(window);
    if (last != null && now.isBefore(last.plus(maxAge))) {
      return;
    }
    // Marked before, so that other threads go on with the allotment as it is.
    allottedAt.put(window, now);
    allottedAt.keySet().removeIf(each -> each.end().isBefore(now));
    try {
      ledger.reallot(window).forEach(cache::evict);
    } catch (RuntimeException e) {
      allottedAt.remove(window);
      throw e;
    }
  }
}
