package com.ytempire.sidecar.db;

import java.util.Optional;
import java.util.UUID;

/**
 * The user for whom the current thread acts. Bound at the edge, once a request; read by {@link
 * Database}.
 */
public final class Tenant {
  private static final ScopedValue<UUID> ACTING = ScopedValue.newInstance();

  private Tenant() {}

  /** An action for a tenant. */
  @FunctionalInterface
  public interface Act<T, X extends Exception> {
    T run() throws X;
  }

  /** Does something as this user. */
  public static <T, X extends Exception> T as(UUID userId, Act<T, X> act) throws X {
    return ScopedValue.where(ACTING, userId).call(act::run);
  }

  /** Does something as this user, without a result. */
  public static void run(UUID userId, Runnable act) {
    ScopedValue.where(ACTING, userId).run(act);
  }

  /** The user acted for; empty where nobody in particular is. */
  static Optional<UUID> find() {
    return ACTING.isBound() ? Optional.of(ACTING.get()) : Optional.empty();
  }

  /**
   * The user acted for.
   *
   * @throws IllegalStateException outside of {@link #as}: a route forgot to say for whom it acts
   */
  public static UUID current() {
    return ACTING.orElseThrow(() -> new IllegalStateException("no acting tenant"));
  }
}
