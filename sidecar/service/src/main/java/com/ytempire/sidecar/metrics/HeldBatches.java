package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.metrics.FetchRequest.Item;
import com.ytempire.sidecar.metrics.FetchResult.Fetched;
import com.ytempire.sidecar.metrics.HeldBatchDao.Claim;
import com.ytempire.sidecar.metrics.HeldBatchDao.HeldBatch;
import com.ytempire.sidecar.metrics.HeldBatchDao.Key;
import com.ytempire.sidecar.metrics.HeldBatchDao.Load;
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
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds fetched rows in PostgreSQL until they are stored by reference, and leases what is fetched
 * by plan to one run at a time. A lease ends when its rows are stored, when there is nothing to
 * store, or at its end; what its run left behind then goes to the next run. Safe to share between
 * threads.
 */
final class HeldBatches {
  private static final Logger log = LoggerFactory.getLogger(HeldBatches.class);

  /** How long rows are held. */
  private static final Duration KEPT = Duration.ofMinutes(60);

  /** How long a run may take to store after its fetch's deadline. */
  private static final Duration TIME_TO_STORE = Duration.ofMinutes(3);

  /** Shorter than the 15 minutes between two ticks, so that the next one heals a crashed run. */
  private static final Duration LONGEST_LEASE = Duration.ofMinutes(14);

  /**
   * Bounds of what waits to be stored. Each request counts on what was free when it began to hold,
   * so that requests at the same time may go over the last one together.
   */
  private static final long MAX_ROWS_PER_USER = 500_000;

  private static final long MAX_BYTES_PER_USER = 128L << 20;

  private static final long MAX_BYTES_IN_ALL = 2L << 30;

  /** What was fetched is worth more than its caller's time: it is held a little later, too. */
  private static final Duration TIME_TO_HOLD = Duration.ofSeconds(10);

  /** Users whose rows are written at the same time. */
  private static final int CONCURRENT_USERS = 4;

  private final Database database;
  private final Clock clock;

  HeldBatches(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /**
   * The result of a run's claim on one user: what it may fetch.
   *
   * @param leased reports that are this run's
   * @param elsewhere reports that another run is at, and until when at the latest
   * @param waiting batches that an earlier run left, of reports that are now this run's
   */
  record ClaimResult(Set<Key> leased, Map<Key, Instant> elsewhere, List<HeldBatch> waiting) {}

  /**
   * A run's claim on one user.
   *
   * @param planned reports to fetch
   * @param asked reports that the run asks for, due or not: what an earlier run left of these is
   *     taken over, too
   */
  record ClaimRequest(Set<Key> planned, Set<Key> asked) {}

  /**
   * Leases reports to a run, all users in one transaction.
   *
   * @param holder names the run; the same run may claim again what it holds
   * @param latestEnd of the run's fetch
   */
  Map<UUID, ClaimResult> claim(String holder, Map<UUID, ClaimRequest> wishes, Instant latestEnd) {
    try {
      return claimOnce(holder, wishes, latestEnd);
    } catch (JdbiException e) {
      // A user was erased meanwhile, which the second time is known.
      log.debug("claiming again: {}", e.getMessage());
      return claimOnce(holder, wishes, latestEnd);
    }
  }

  private Map<UUID, ClaimResult> claimOnce(
      String holder, Map<UUID, ClaimRequest> wishes, Instant latestEnd) {
    Instant now = clock.instant();
    Instant latest = now.plus(LONGEST_LEASE);
    Instant until = latestEnd.plus(TIME_TO_STORE);
    Instant end = until.isAfter(latest) ? latest : until;
    // A run may claim again what is its own.
    return database
        .idempotent()
        .acrossTenants(handle -> {
          HeldBatchDao dao = HeldBatchDao.of(handle);
          Map<UUID, ClaimResult> claimed = new HashMap<>();
          // In order, so that two runs cannot wait for each other.
          new TreeMap<>(wishes)
              .forEach((userId, wish) -> {
                Database.enter(handle, userId);
                List<HeldBatch> left =
                    dao.waiting(now).stream()
                        .filter(held -> wish.asked().contains(held.key()))
                        .toList();
                Set<Key> keys = new HashSet<>(wish.planned());
                left.forEach(held -> keys.add(held.key()));
                Map<Key, Instant> elsewhere = new HashMap<>();
                if (!keys.isEmpty()) {
                  String[][] columns = HeldBatchDao.columns(keys);
                  for (Claim claim : dao.claim(columns[0], columns[1], holder, now, end)) {
                    if (!claim.isClaimed()) {
                      elsewhere.put(claim.key(), claim.leasedUntil());
                    }
                  }
                }
                keys.removeAll(elsewhere.keySet());
                claimed.put(
                    userId,
                    new ClaimResult(
                        keys,
                        elsewhere,
                        left.stream().filter(held -> keys.contains(held.key())).toList()));
              });
          return claimed;
        });
  }

  /**
   * The result of holding rows: references to those that are held, and what is missed because it
   * could not be held.
   */
  record HoldResult(List<Fetched> held, List<Outcome.Missed> missed) {}

  /**
   * The fetch whose rows are held.
   *
   * @param items its requests
   * @param isDue whether they were fetched by plan
   * @param holder names the run
   */
  record Run(List<Item> items, boolean isDue, String holder) {}

  /**
   * A user's part of a fetch.
   *
   * @param leased what the run has leased, of which is released what has nothing to store
   * @param toStore what earlier runs left for this run to store
   */
  private record UserRows(
      UUID userId, List<Outcome.Rows> fetched, Set<Key> leased, Set<Key> toStore) {}

  /**
   * The bytes that are free for all users together, and what one user's transaction took of them.
   * For one thread, but for the bytes that are free.
   */
  private static final class Space {
    private final AtomicLong free;
    private long taken;

    Space(AtomicLong free) {
      this.free = free;
    }

    /** Takes bytes of what is free, all or none. */
    boolean take(long bytes) {
      boolean isTaken = free.getAndUpdate(left -> left < bytes ? left : left - bytes) >= bytes;
      taken += isTaken ? bytes : 0;
      return isTaken;
    }

    /** Gives back what a transaction took that was rolled back. */
    void giveBack() {
      free.addAndGet(taken);
      taken = 0;
    }
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
    Semaphore permits = new Semaphore(CONCURRENT_USERS);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      users.forEach(user ->
          threads.execute(() -> {
            permits.acquireUninterruptibly();
            try {
              results.add(end.supply(() -> holdOneUser(run, user, free)));
            } finally {
              permits.release();
            }
          }));
    }
    List<Fetched> answered = new ArrayList<>();
    fetched.stream()
        .filter(HeldBatches::isEmpty)
        .forEach(one -> answered.add(Fetched.reference(one, null)));
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

  private HoldResult holdOneUser(Run run, UserRows user, @Nullable AtomicLong free) {
    if (free == null) {
      return notHeld(user.fetched());
    }
    Space space = new Space(free);
    try {
      return Tenant.as(
          user.userId(),
          () ->
              database.asTenant(handle -> {
                // What an earlier try of this transaction took.
                space.giveBack();
                return holdWithin(handle, run, user, space);
              }));
    } catch (RuntimeException e) {
      space.giveBack();
      log.warn("rows of a user could not be held: {}", e.getMessage());
      return notHeld(user.fetched());
    }
  }

  private HoldResult notHeld(List<Outcome.Rows> fetched) {
    Instant retryAt = clock.instant().plus(Outcome.BUSY_PAUSE);
    return new HoldResult(
        List.of(),
        fetched.stream()
            .map(one ->
                new Outcome.Missed(
                    one.request(),
                    Reason.UNAVAILABLE,
                    "What was fetched could not be held; try again.",
                    retryAt))
            .toList());
  }

  private HoldResult holdWithin(Handle handle, Run run, UserRows user, Space space) {
    Instant now = clock.instant();
    Instant expiresAt = now.plus(KEPT);
    HeldBatchDao dao = HeldBatchDao.of(handle);
    HoldResult holding = new HoldResult(new ArrayList<>(), new ArrayList<>());
    List<BatchReference> references = new ArrayList<>();
    List<byte[]> contents = new ArrayList<>();
    Load load = user.fetched().isEmpty() ? new Load(0, 0, null) : dao.load(now);
    long rows = load.rows();
    long bytes = load.bytes();
    for (Outcome.Rows one : user.fetched()) {
      PackedRows packed = one.rows();
      if (rows + packed.rowCount() > MAX_ROWS_PER_USER
          || bytes + packed.sizeBytes() > MAX_BYTES_PER_USER
          || !space.take(packed.sizeBytes())) {
        holding.missed().add(tooMuchHeld(one, load, now));
        continue;
      }
      rows += packed.rowCount();
      bytes += packed.sizeBytes();
      BatchReference reference = reference(run.items().get(one.request()), one, expiresAt);
      references.add(reference);
      contents.add(packed.content());
      holding.held().add(Fetched.reference(one, reference));
    }
    if (!references.isEmpty()) {
      dao.hold(references, contents, run.isDue(), expiresAt);
    }
    Set<Key> kept = new HashSet<>(user.toStore());
    references.forEach(each -> kept.add(new Key(each.channelId(), each.report())));
    releaseOthers(dao, run.holder(), user.leased(), kept);
    return holding;
  }

  private static BatchReference reference(Item item, Outcome.Rows one, Instant expiresAt) {
    PackedRows packed = one.rows();
    return new BatchReference(
        UUID.randomUUID(),
        item.userId(),
        item.channelId(),
        item.report().label(),
        packed.kinds(),
        packed.rowCount(),
        packed.sizeBytes(),
        one.fetchedAt(),
        expiresAt);
  }

  private static Outcome.Missed tooMuchHeld(Outcome.Rows one, Load load, Instant now) {
    @Nullable Instant firstExpiresAt = load.firstExpiresAt();
    return new Outcome.Missed(
        one.request(),
        Reason.BUSY,
        "Too many fetched rows wait to be stored. Store or fetch less at once; what is held longest is given up at retryAt.",
        firstExpiresAt == null ? now.plusSeconds(60) : firstExpiresAt);
  }

  /** Ends the leases of what has nothing to store. */
  private static void releaseOthers(
      HeldBatchDao dao, String holder, Set<Key> leased, Set<Key> kept) {
    List<Key> nothingToStore = leased.stream().filter(key -> !kept.contains(key)).toList();
    if (!nothingToStore.isEmpty()) {
      String[][] columns = HeldBatchDao.columns(nothingToStore);
      int ended = dao.release(columns[0], columns[1], holder);
      log.debug("{} leases ended without rows", ended);
    }
  }

  /** Ends leases of a run that ends without a result. */
  void release(String holder, Map<UUID, Set<Key>> leased) {
    try {
      Deadline.after(TIME_TO_HOLD).run(() -> releaseAll(holder, leased));
    } catch (RuntimeException e) {
      log.warn("leases were not released and run until their end: {}", e.getMessage());
    }
  }

  private void releaseAll(String holder, Map<UUID, Set<Key>> leased) {
    database
        .idempotent()
        .useTenants(handle -> {
          HeldBatchDao dao = HeldBatchDao.of(handle);
          new TreeMap<>(leased)
              .forEach((userId, keys) -> {
                Database.enter(handle, userId);
                String[][] columns = HeldBatchDao.columns(keys);
                int ended = dao.release(columns[0], columns[1], holder);
                log.debug("{} leases ended without a result", ended);
              });
        });
  }

  /** The deadline itself, or the time to hold where less of it is left. */
  static Deadline longer(Deadline deadline) {
    return deadline.remaining().compareTo(TIME_TO_HOLD) < 0
        ? Deadline.after(TIME_TO_HOLD)
        : deadline;
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
