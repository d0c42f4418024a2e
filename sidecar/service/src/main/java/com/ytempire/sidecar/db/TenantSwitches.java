package com.ytempire.sidecar.db;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.config.JdbiConfig;
import org.jspecify.annotations.Nullable;

/**
 * Counts the tenants that this process enters: entries in all, and distinct tenants a minute. It
 * counts what the sidecar's own code does; a statement that sets the tenant by itself is not
 * counted. Safe to share between threads.
 */
public final class TenantSwitches {
  /** Most distinct tenants that are remembered of a minute. */
  private static final int MAX_TENANTS = 100_000;

  private static final long MINUTE_MILLIS = 60_000;

  private final Clock clock;
  private final Counter entries;
  private final Set<UUID> tenants = new HashSet<>();
  private long minute;
  private int lastMinute;
  private int peak;

  TenantSwitches(MeterRegistry meters, Clock clock) {
    this.clock = clock;
    this.minute = clock.millis() / MINUTE_MILLIS;
    this.entries =
        Counter.builder("ytempire.database.tenant.entries")
            .description("Times that a transaction entered a tenant")
            .register(meters);
    Gauge.builder("ytempire.database.tenants", this::lastMinute)
        .description("Distinct tenants entered in the last whole minute")
        .register(meters);
  }

  private synchronized void record(Collection<UUID> entered) {
    entries.increment(entered.size());
    endMinute();
    for (UUID tenant : entered) {
      if (tenants.size() < MAX_TENANTS) {
        tenants.add(tenant);
      }
    }
  }

  private void endMinute() {
    long now = clock.millis() / MINUTE_MILLIS;
    if (now != minute) {
      lastMinute = now == minute + 1 ? tenants.size() : 0;
      peak = Math.max(peak, tenants.size());
      tenants.clear();
      minute = now;
    }
  }

  private synchronized int lastMinute() {
    endMinute();
    return lastMinute;
  }

  /** The most distinct tenants of a whole minute since this was last called. */
  public synchronized int takePeak() {
    endMinute();
    int taken = peak;
    peak = 0;
    return taken;
  }

  void count(Handle handle) {
    handle.getConfig(Config.class).switches = this;
  }

  /** Counts that this handle's transaction entered these tenants. */
  static void record(Handle handle, UUID... entered) {
    TenantSwitches switches = handle.getConfig(Config.class).switches;
    if (switches != null) {
      switches.record(List.of(entered));
    }
  }

  /** The reference of a handle to the count of its tenants; made by Jdbi. */
  public static final class Config implements JdbiConfig<Config> {
    private @Nullable TenantSwitches switches;

    /** Made by Jdbi. */
    public Config() {}

    @Override
    public Config createCopy() {
      Config copy = new Config();
      copy.switches = switches;
      return copy;
    }
  }
}
