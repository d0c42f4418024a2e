package com.ytempire.sidecar.tenancy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Counts the unknown tokens that each address has shown within a minute; after {@link
 * #MAX_ATTEMPTS} the address is answered that it must wait. A token that is known is never counted,
 * so that a wrong one does not lock out the right ones of its address.
 *
 * <p>It also says which tokens to look up behind those of others: an address that shows more tokens
 * at once, or has shown more unknown ones, than {@link #MAX_ATTEMPTS} cannot fill the line in which
 * everybody's tokens wait.
 *
 * <p>Each replica counts for itself: tokens have 256 random bits, so that what this holds off is
 * noise and load. It remembers the last {@value #ADDRESSES} addresses. Safe to share between
 * threads.
 */
final class FailedAttempts {
  /** Failures that an address may have in a minute. */
  static final int MAX_ATTEMPTS = 30;

  static final int ADDRESSES = 10_000;
  private static final Duration WINDOW = Duration.ofMinutes(1);

  private final Clock clock;
  private final Map<String, Address> addresses =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Address> eldest) {
          return size() > ADDRESSES;
        }
      };

  private record Address(Instant since, int failures) {}

  /** Tokens that are looked up now, by address; there is one only while its requests wait. */
  private final Map<String, Integer> underWay = new HashMap<>();

  FailedAttempts(Clock clock) {
    this.clock = clock;
  }

  /**
   * Counts a failure of an address.
   *
   * @return when it may try again; empty: now
   */
  synchronized Optional<Instant> failed(String address) {
    Instant now = clock.instant();
    Address seen = addresses.get(address);
    if (seen == null || !now.isBefore(seen.since().plus(WINDOW))) {
      seen = new Address(now, 0);
    }
    // Counting stops at the limit; the window ends a minute after it began.
    boolean isOver = seen.failures() >= MAX_ATTEMPTS;
    addresses.put(address, isOver ? seen : new Address(seen.since(), seen.failures() + 1));
    return isOver ? Optional.of(seen.since().plus(WINDOW)) : Optional.empty();
  }

  /**
   * Begins to look up a token of an address, until {@link #end}.
   *
   * @return whether it waits behind the tokens of other addresses
   */
  synchronized boolean begin(String address) {
    int now = underWay.merge(address, 1, Integer::sum);
    Address seen = addresses.get(address);
    int failures =
        seen == null || !clock.instant().isBefore(seen.since().plus(WINDOW)) ? 0 : seen.failures();
    return now + failures > MAX_ATTEMPTS;
  }

  /** A token of an address has been looked up. */
  synchronized void end(String address) {
    underWay.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
  }

  synchronized int size() {
    return addresses.size();
  }
}
