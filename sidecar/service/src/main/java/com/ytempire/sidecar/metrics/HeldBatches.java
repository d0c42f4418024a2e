package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.metrics.FetchResult.FetchedBatch;
import com.ytempire.sidecar.metrics.HeldBatchDao.Key;
import com.ytempire.sidecar.metrics.UserHolding.Run;
import com.ytempire.sidecar.metrics.UserHolding.Space;
import com.ytempire.sidecar.metrics.UserHolding.UserRows;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds fetched rows in PostgreSQL until they are stored by reference. Safe to share between
 * threads.
 */
final class HeldBatches {
  private static final Logger log = LoggerFactory.getLogger(HeldBatches.class);

  /** Bound of what waits to be stored of all users. */
  private static final long MAX_BYTES_IN_ALL = 2L << 30;

  /** What was fetched is worth more than its caller's time: it is held a little later, too. */
  private static final Duration TIME_TO_HOLD = Duration.ofSeconds(10);

  /** Users whose rows are written at the same time. */
  private static final int CONCURRENT_USERS = 4;

  private final Database database;
  private final Clock clock;
  private final ReportLeases leases;

  HeldBatches(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
    this.leases = new ReportLeases(database, clock);
  }

  /**
   * Holds packed rows and answers references to them. What cannot be held is missed: busy beyond
   * the bounds, unavailable when the database is.
   *
   * @param leased what this run has leased
   * @param waiting batches of earlier runs that are this run's to store
   * @param deadline of the run's fetch
   */
  HoldResult hold(
      Run run,
      List<Outcome.Rows> fetched,
      Map<UUID, Set<Key>> leased,
      Collection<BatchReference> waiting,
      Deadline deadline) {
    List<UserRows> users = byUser(run, fetched, leased, waiting);
    Deadline end = longer(deadline);
    @Nullable AtomicLong free =
        users.stream().allMatch(user -> user.fetched().isEmpty())
            ? new AtomicLong()
            : end.supply(this::freeBytes);
    ConcurrentLinkedQueue<HoldResult> results = new ConcurrentLinkedQueue<>();
    Map<UUID, Set<Key>> lost = new ConcurrentHashMap<>();
    Semaphore permits = new Semaphore(CONCURRENT_USERS);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      users.forEach(user ->
          threads.execute(() -> {
            permits.acquireUninterruptibly();
            try {
              results.add(end.supply(() -> holdOneUser(run, user, free, lost)));
            } finally {
              permits.release();
            }
          }));
    }
    if (!lost.isEmpty()) {
      // Free for the next run at once; where the database is unavailable, when they end.
      leases.release(run.holder(), lost);
    }
    List<FetchedBatch> answered = new ArrayList<>();
    fetched.stream()
        .filter(HeldBatches::isEmpty)
        .forEach(one -> answered.add(FetchedBatch.reference(one, null)));
    results.forEach(result -> answered.addAll(result.held()));
    return new HoldResult(
        answered, results.stream().flatMap(result -> result.missed().stream()).toList());
  }

  private static boolean isEmpty(Outcome.Rows one) {
    return one.rows().rowCount() == 0;
  }

  /** The users who have rows to hold or leases to end. */
  private static List<UserRows> byUser(
      Run run,
      List<Outcome.Rows> fetched,
      Map<UUID, Set<Key>> leased,
      Collection<BatchReference> waiting) {
    Map<UUID, List<Outcome.Rows>> rows = new TreeMap<>();
    leased.keySet().forEach(userId -> rows.put(userId, new ArrayList<>()));
    for (Outcome.Rows one : fetched) {
      if (!isEmpty(one)) {
        rows.computeIfAbsent(run.items().get(one.request()).userId(), id -> new ArrayList<>())
            .add(one);
      }
    }
    Map<UUID, Set<Key>> toStore = new HashMap<>();
    waiting.forEach(each ->
        toStore
            .computeIfAbsent(each.userId(), id -> new HashSet<>())
            .add(new Key(each.channelId(), each.report())));
    return rows.entrySet().stream()
        .map(user ->
            new UserRows(
                user.getKey(),
                user.getValue(),
                leased.getOrDefault(user.getKey(), Set.of()),
                toStore.getOrDefault(user.getKey(), Set.of())))
        .toList();
  }

  /** Returns the bytes that all users together may still hold; null when that is not known. */
  private @Nullable AtomicLong freeBytes() {
    try {
      return new AtomicLong(
          MAX_BYTES_IN_ALL
              - database
                  .idempotent()
                  .directory(handle -> HeldBatchDao.of(handle).bytesOfAll(clock.instant())));
    } catch (DatabaseBusy | DatabaseUnavailable e) {
      log.warn("nothing can be held: {}", e.getMessage());
      return null;
    }
  }

  private HoldResult holdOneUser(
      Run run, UserRows user, @Nullable AtomicLong free, Map<UUID, Set<Key>> lost) {
    if (free == null) {
      return notHeld(user);
    }
    Space space = new Space(free);
    try {
      return Tenant.as(
          user.userId(),
          () ->
              database.asTenant(handle -> {
                // What an earlier try of this transaction took.
                space.giveBack();
                return new UserHolding(handle, run, user, space).hold(clock.instant());
              }));
    } catch (RuntimeException e) {
      space.giveBack();
      log.warn("rows of a user could not be held: {}", e.getMessage());
      Set<Key> unheld = new HashSet<>(user.leased());
      unheld.removeAll(user.toStore());
      lost.put(user.userId(), unheld);
      return notHeld(user);
    }
  }

  private HoldResult notHeld(UserRows user) {
    Instant retryAt = clock.instant().plus(Outcome.BUSY_PAUSE);
    return new HoldResult(
        List.of(),
        user.fetched().stream()
            .map(one ->
                new Outcome.Missed(
                    one.request(),
                    Reason.UNAVAILABLE,
                    "What was fetched could not be held; try again.",
                    retryAt))
            .toList());
  }

  /** The deadline itself, or the time to hold where less of it is left. */
  static Deadline longer(Deadline deadline) {
    return deadline.remaining().compareTo(TIME_TO_HOLD) < 0
        ? Deadline.after(TIME_TO_HOLD)
        : deadline;
  }

  /** The leases of what is fetched by plan. */
  ReportLeases leases() {
    return leases;
  }

  /** Deletes what has expired, of all users. */
  void sweep() {
    long swept =
        database.idempotent().directory(handle -> HeldBatchDao.of(handle).sweep(clock.instant()));
    if (swept > 0) {
      log.debug("{} held batches ended", swept);
    }
  }
}
