package com.ytempire.sidecar.fairness;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/**
 * The moment by which the caller of the current thread needs its answer. Bound at the edge, once a
 * request, and read wherever something is waited for. It counts on the machine's monotonic timer,
 * so that a clock that is set forward or back neither shortens nor lengthens a wait. Immutable.
 */
public final class Deadline {
  private static final ScopedValue<Deadline> CURRENT = ScopedValue.newInstance();

  /** Keeps arithmetic on nanoseconds far from overflow. */
  private static final Duration LONGEST = Duration.ofDays(365);

  /** Of {@link System#nanoTime}. */
  private final long end;

  private Deadline(long end) {
    this.end = end;
  }

  /** So long from now; a negative timeout has passed already. */
  public static Deadline after(Duration timeout) {
    Duration bounded = timeout.compareTo(LONGEST) > 0 ? LONGEST : timeout;
    return new Deadline(System.nanoTime() + (bounded.isNegative() ? 0 : bounded.toNanos()));
  }

  /** When this clock will show this instant, if it goes on as it goes now. */
  public static Deadline at(Instant instant, Clock clock) {
    return after(Duration.between(clock.instant(), instant));
  }

  /** The deadline bound to the current thread, or one so long from now where none is bound. */
  public static Deadline currentOr(Duration timeout) {
    return CURRENT.isBound() ? CURRENT.get() : after(timeout);
  }

  /** Whether the current thread works for a caller that has a deadline. */
  public static boolean isBound() {
    return CURRENT.isBound();
  }

  /** Time left; zero when the deadline has passed. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
  }

  public boolean hasPassed() {
    return end - System.nanoTime() <= 0;
  }

  /** Runs work with this deadline bound to the current thread. */
  public <T> T call(Callable<T> work) throws Exception {
    return ScopedValue.where(CURRENT, this).call(work::call);
  }

  /** As {@link #call}, without a checked exception. */
  public <T> T supply(Supplier<T> work) {
    return ScopedValue.where(CURRENT, this).call(work::get);
  }

  /** As {@link #call}, without a result or a checked exception. */
  public void run(Runnable work) {
    ScopedValue.where(CURRENT, this).run(work);
  }
}
