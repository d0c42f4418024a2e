package com.ytempire.sidecar.tenancy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tokens that are none, counted by the address that showed them: after {@link #MOST} in a minute
 * the address must wait for the next, and is not told whether what it shows is right. A token that
 * was right from there lately still passes, so that one workflow with a wrong token does not lock
 * out the others at its address.
 *
 * <p>Each replica counts for itself: tokens have 256 random bits, so that what this holds off is
 * noise and load. Safe to share between threads.
 */
final class FailedAttempts {
  /** Failures that an address may have in a minute. */
  static final int MOST = 30;

  private static final Duration WINDOW = Duration.ofMinutes(1);
  private static final int ADDRESSES = 10_000;
  private static final int KNOWN_EACH = 100;

  private final Clock clock;
  private final Map<String, Address> addresses =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Address> eldest) {
          return size() > ADDRESSES;
        }
      };

  private static final class Address {
    private Instant since = Instant.MIN;
    private int failures;
    private final Set<String> known = new HashSet<>();
  }

  FailedAttempts(Clock clock) {
    this.clock = clock;
  }

  /**
   * When the address may try again; empty: now.
   *
   * @param hash of the token it shows
   */
  synchronized Optional<Instant> closedUntil(String address, String hash) {
    Address seen = addresses.get(address);
    if (seen == null || seen.known.contains(hash)) {
      return Optional.empty();
    }
    Instant end = seen.failures < MOST ? Instant.MIN : seen.since.plus(WINDOW);
    return clock.instant().isBefore(end) ? Optional.of(end) : Optional.empty();
  }

  synchronized void failed(String address, String hash) {
    Address seen = addresses.computeIfAbsent(address, a -> new Address());
    seen.known.remove(hash);
    Instant now = clock.instant();
    if (seen.failures == 0 || !now.isBefore(seen.since.plus(WINDOW))) {
      seen.since = now;
      seen.failures = 0;
    }
    seen.failures++;
  }

  synchronized void succeeded(String address, String hash) {
    Address seen = addresses.computeIfAbsent(address, a -> new Address());
    if (seen.known.size() < KNOWN_EACH) {
      seen.known.add(hash);
    }
  }
}
