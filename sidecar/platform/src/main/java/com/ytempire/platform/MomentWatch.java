package com.ytempire.platform;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Waits for the moment at which a part is to be struck. Used by one thread. */
final class MomentWatch {
  /** Between two snapshots, each of which is compared with the moment to strike. */
  private static final Duration SNAPSHOT_INTERVAL = Duration.ofMillis(3);

  private static final Duration POLL = Duration.ofMillis(200);

  /** Events are sent half a minute after the last row of a sync, by a job that runs every few. */
  private static final long DELIVERY_SECONDS = 90;

  /** Moments of a kind that are let pass, at most, before one is taken. */
  private static final int MOMENTS_PASSED = 6;

  private final Platform platform;
  private final SyncExecutions executions;
  private final Random random;
  private final int ticks;

  /**
   * Makes a watch.
   *
   * @param ticks that may follow the first execution until a moment comes
   */
  MomentWatch(Platform platform, SyncExecutions executions, Random random, int ticks) {
    this.platform = platform;
    this.executions = executions;
    this.random = random;
    this.ticks = ticks;
  }

  /**
   * What was running when the moment came.
   *
   * @param snapshot what the product did then; null: the moment did not come
   */
  record Hit(String execution, @Nullable Snapshot snapshot) {}

  /** Waits until an event is on its way, which is after the sync has ended. */
  Hit awaitDelivery(EventReceiver.Hold hold, String execution) throws Exception {
    String unused = executions.awaitEnd(execution);
    boolean isUnderWay = hold.await(DELIVERY_SECONDS);
    try (Connection admin = platform.admin()) {
      return new Hit(execution, isUnderWay ? Snapshot.read(admin) : null);
    }
  }

  /**
   * Waits for a random moment of a kind while the execution runs; where it ends before, in the next
   * tick.
   */
  Hit awaitMoment(Strike.Moment moment, String first, long undisturbedCalls) throws Exception {
    String execution = first;
    for (int tick = 0; ; tick++) {
      // Later ticks have less to do.
      int pass = tick == 0 ? random.nextInt(MOMENTS_PASSED) : 0;
      long call = tick == 0 ? 1 + random.nextLong(Math.max(1, undisturbedCalls * 3 / 4)) : 1;
      @Nullable Snapshot snapshot = awaitSnapshot(moment, execution, calls() + call, pass);
      if (snapshot != null || tick == ticks) {
        return new Hit(execution, snapshot);
      }
      execution = executions.run();
    }
  }

  /** Waits for the moment; returns null when the execution ended before. */
  private @Nullable Snapshot awaitSnapshot(
      Strike.Moment moment, String execution, long call, int pass) throws Exception {
    int passed = 0;
    boolean wasThere = false;
    long nextStatus = 0;
    try (Connection admin = platform.admin()) {
      while (true) {
        Snapshot snapshot = Snapshot.read(admin);
        boolean isThere =
            switch (moment) {
              case FETCH -> calls() >= call;
              case STORE -> snapshot.isStoring();
              // What is settled then is a reservation of ours.
              case SETTLE -> calls() >= call;
              case DELIVERY -> throw new IllegalArgumentException("deliveries are held back");
            };
        // There is one moment of a certain call.
        if (isThere && !wasThere && (passed++ >= pass || moment != Strike.Moment.STORE)) {
          return snapshot;
        }
        wasThere = isThere;
        if (System.nanoTime() > nextStatus) {
          if (!executions.isRunning(execution)) {
            return null;
          }
          nextStatus = System.nanoTime() + POLL.toNanos();
        }
        // Nothing signals the moment.
        Thread.sleep(SNAPSHOT_INTERVAL);
      }
    }
  }

  /** Calls that YouTube has counted since the platform was started. */
  long calls() {
    return platform.simulator().usage().methods().values().stream()
        .mapToLong(Long::longValue)
        .sum();
  }

  /**
   * What the product is in the midst of at an instant.
   *
   * @param isStoring whether a transaction that writes rows is open: it holds its locks to its end
   * @param units that are reserved and not settled
   * @param events to be delivered
   */
  record Snapshot(boolean isStoring, long units, long events) {
    private static final String SQL =
        """
        select exists (select from pg_locks l join pg_class c on c.oid = l.relation
                        where l.mode = 'RowExclusiveLock'
                          and l.database = (select oid from pg_database where datname = current_database())
                          and c.relname in ('channel_days', 'video_days', 'channel_statistics', 'video_statistics', 'videos', 'traffic_source_days')) as storing,
               (select coalesce(sum(units), 0) from core.quota_reservations) as units,
               (select count(*) from core.webhook_deliveries where due_at is not null) as events
        """;

    private static Snapshot read(Connection admin) throws SQLException {
      try (var statement = admin.createStatement();
          ResultSet result = statement.executeQuery(SQL)) {
        result.next();
        return new Snapshot(
            result.getBoolean("storing"), result.getLong("units"), result.getLong("events"));
      }
    }

    String describe(long calls) {
      return "%,d calls to YouTube so far, %s, %d units reserved, %d events to deliver"
          .formatted(calls, isStoring ? "a store open" : "no store open", units, events);
    }
  }
}
