package com.ytempire.sidecar.quota;

import com.ytempire.sidecar.quota.Bucket.Window;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Remembers for a second that the ledger has refused a single unit, so that a caller that asks
 * without end does not reach the ledger each time. Holds one entry for each payer of a window that
 * has not ended. Safe to share between threads.
 */
final class RefusalCache {
  private static final Duration TTL = Duration.ofSeconds(1);

  private final Map<RefusalKey, CachedRefusal> refusals = new ConcurrentHashMap<>();

  private record RefusalKey(Window window, Payer payer) {}

  private record CachedRefusal(Instant cachedAt, QuotaExhausted refusal) {}

  /** Returns the refusal of a unit that was cached at most a second ago. */
  Optional<QuotaExhausted> get(Window window, Payer payer, Instant now) {
    @Nullable CachedRefusal cached = refusals.get(new RefusalKey(window, payer));
    return cached != null && now.isBefore(cached.cachedAt().plus(TTL))
        ? Optional.of(cached.refusal().again())
        : Optional.empty();
  }

  /** Remembers a refusal, and drops those of windows that have ended. */
  void put(Window window, Payer payer, QuotaExhausted refusal, Instant now) {
    refusals.keySet().removeIf(each -> each.window().end().isBefore(now));
    refusals.put(new RefusalKey(window, payer), new CachedRefusal(now, refusal));
  }
}
