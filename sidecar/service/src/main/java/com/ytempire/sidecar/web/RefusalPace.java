package com.ytempire.sidecar.web;

import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sets when an account's requests that found its queue full are refused: after a delay, and {@value
 * #REFUSALS_PER_SECOND} of them in a second, or each after {@link #LONGEST} where more wait than
 * that. A client that sends the next request as soon as the last is refused would otherwise be
 * refused thousands of times a second, at the cost of everybody else. Safe to share between
 * threads.
 */
final class RefusalPace {
  /** Of one account. */
  static final int REFUSALS_PER_SECOND = 50;

  /** Longest that a refusal waits for those before it. */
  static final Duration LONGEST = Duration.ofSeconds(10);

  private static final long INTERVAL_NANOS = Duration.ofSeconds(1).toNanos() / REFUSALS_PER_SECOND;

  private final Duration delay;

  /** Number of accounts above which those without a waiting refusal are removed. */
  static final int MAX_IDLE = 1000;

  /** The moment of each account's next refusal. */
  private final Map<UUID, Long> next = new ConcurrentHashMap<>();

  /** Creates a pace at which a refusal waits at least so long, when its deadline allows. */
  RefusalPace(Duration delay) {
    this.delay = delay;
  }

  /**
   * Schedules the next refusal of an account.
   *
   * @param left until the request's deadline; negative or zero: it is refused as soon as those
   *     before it are
   * @param now by {@link System#nanoTime}
   * @return how long it waits from now on
   */
  Duration schedule(UUID account, Duration left, long now) {
    long turn =
        next.merge(
                account,
                now + INTERVAL_NANOS,
                (last, unused) ->
                    Math.min(Math.max(last, now) + INTERVAL_NANOS, now + LONGEST.toNanos()))
            - INTERVAL_NANOS
            - now;
    if (next.size() > MAX_IDLE) {
      next.values().removeIf(moment -> moment - now <= 0);
    }
    Duration asked = left.compareTo(delay) < 0 ? left : delay;
    Duration paced = Duration.ofNanos(turn);
    Duration wait = asked.compareTo(paced) < 0 ? paced : asked;
    return wait.isNegative() ? Duration.ZERO : wait;
  }

  /** The number of accounts in memory. */
  int accounts() {
    return next.size();
  }
}
