package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.db.Work;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.metrics.StoreRequest.Reference;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Caller;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores held batches by reference. A batch is consumed by the transaction that stores its rows, so
 * that it is stored once, and a crash leaves it whole. Each group of a user's batches commits by
 * itself: what fails, fails for its group alone. Safe to share between threads.
 */
final class ReferenceStore {
  private static final Logger log = LoggerFactory.getLogger(ReferenceStore.class);

  /** Users of a request whose batches are stored at the same time. */
  private static final int CONCURRENT_USERS = 4;

  /**
   * Mebibytes of JSON that are unpacked at the same time, of all requests together: the rows made
   * of it take several times as much of the heap.
   */
  private static final int UNPACKED_MEBIBYTES = 12;

  /** For callers that did not say how long they wait. */
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

  private static final String STILL_HELD =
      "The rows could not be stored now and are still held. Try again.";
  private static final String IN_DOUBT =
      "The database went away while it stored this, and nobody knows whether it did. Try again: what was stored is answered as already-stored.";

  private final Database database;
  private final TenantAccess tenantAccess;
  private final GroupStore groups;
  private final Clock clock;
  private final Semaphore unpacked = new Semaphore(UNPACKED_MEBIBYTES, true);

  ReferenceStore(
      Database database, TenantAccess tenantAccess, RowReader reader, Store store, Clock clock) {
    this.database = database;
    this.tenantAccess = tenantAccess;
    this.groups = new GroupStore(tenantAccess, reader, store);
    this.clock = clock;
  }

  /**
   * Stores batches; outcomes stand in the order of the references.
   *
   * @param isDryRun whether only to return what would become of them
   */
  List<BatchResult> store(Caller caller, List<Reference> references, boolean isDryRun) {
    Map<UUID, Set<UUID>> byUser = new TreeMap<>();
    Map<Reference, BatchResult> outcomes = new ConcurrentHashMap<>();
    for (Reference each : references) {
      if (TenantAccess.mayActFor(caller, each.userId())) {
        byUser.computeIfAbsent(each.userId(), id -> new LinkedHashSet<>()).add(each.batchId());
      } else {
        outcomes.put(each, BatchResult.unknown(each));
      }
    }
    Deadline deadline = Deadline.currentOr(DEFAULT_TIMEOUT);
    Map<UUID, List<BatchGroup>> groups = deadline.supply(() -> groups(byUser));
    Semaphore users = new Semaphore(CONCURRENT_USERS);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      groups.forEach((userId, ofUser) ->
          threads.execute(() -> {
            users.acquireUninterruptibly();
            try {
              Set<UUID> batches = byUser.getOrDefault(userId, Set.of());
              deadline.run(() ->
                  storeUser(caller, userId, batches, ofUser, isDryRun, deadline)
                      .forEach(
                          (batch, outcome) -> outcomes.put(new Reference(userId, batch), outcome)));
            } finally {
              users.release();
            }
          }));
    }
    List<BatchResult> answered = new ArrayList<>();
    Set<Reference> reported = new LinkedHashSet<>();
    for (int index = 0; index < references.size(); index++) {
      Reference reference = references.get(index);
      @Nullable BatchResult outcome = outcomes.get(reference);
      if (outcome == null) {
        answered.add(
            BatchResult.without(index, reference, BatchResult.Outcome.UNAVAILABLE, STILL_HELD));
      } else if (!reported.add(reference) && outcome.outcome() == BatchResult.Outcome.STORED) {
        // Sent twice, stored once.
        answered.add(
            BatchResult.without(index, reference, BatchResult.Outcome.ALREADY_STORED, null));
      } else {
        answered.add(outcome.at(index));
      }
    }
    return answered;
  }

  private Map<UUID, BatchResult> storeUser(
      Caller caller,
      UUID userId,
      Set<UUID> batches,
      List<BatchGroup> groups,
      boolean isDryRun,
      Deadline deadline) {
    Map<UUID, BatchResult> outcomes = new HashMap<>();
    batches.forEach(
        batch -> outcomes.put(batch, BatchResult.unknown(new Reference(userId, batch))));
    for (BatchGroup group : groups) {
      outcomes.putAll(storeGroup(caller, group, isDryRun, deadline));
    }
    return outcomes;
  }

  /**
   * Reads how large the users' batches are, and divides those of each user; unknown ones are in no
   * group. Where that cannot be read nobody is answered: the batches are still held.
   */
  private Map<UUID, List<BatchGroup>> groups(Map<UUID, Set<UUID>> byUser) {
    if (byUser.isEmpty()) {
      return Map.of();
    }
    List<UUID> users = List.copyOf(byUser.keySet());
    List<Integer> places = new ArrayList<>();
    List<UUID> batches = new ArrayList<>();
    for (int i = 0; i < users.size(); i++) {
      Set<UUID> ofUser = Objects.requireNonNull(byUser.get(users.get(i)));
      batches.addAll(ofUser);
      places.addAll(Collections.nCopies(ofUser.size(), i + 1));
    }
    Instant now = clock.instant();
    Map<UUID, List<HeldBatchDao.Size>> sizes = new TreeMap<>();
    users.forEach(userId -> sizes.put(userId, new ArrayList<>()));
    try {
      database
          .idempotent()
          .acrossTenants(handle ->
              HeldBatchDao.of(handle)
                  .sizes(
                      Database.tenants(handle, users.toArray(UUID[]::new)),
                      places.toArray(Integer[]::new),
                      batches.toArray(UUID[]::new),
                      now))
          .forEach(size -> Objects.requireNonNull(sizes.get(size.userId())).add(size));
    } catch (RuntimeException e) {
      log.warn("held batches were not read: {}", e.getMessage());
      return Map.of();
    }
    Map<UUID, List<BatchGroup>> groups = new TreeMap<>();
    sizes.forEach((userId, ofUser) -> groups.put(userId, BatchGroup.divide(userId, ofUser)));
    return groups;
  }

  private static Map<UUID, BatchResult> unavailable(
      UUID userId, Collection<UUID> batches, String message) {
    Map<UUID, BatchResult> outcomes = new HashMap<>();
    batches.forEach(batch ->
        outcomes.put(
            batch,
            BatchResult.without(
                0, new Reference(userId, batch), BatchResult.Outcome.UNAVAILABLE, message)));
    return outcomes;
  }

  private Map<UUID, BatchResult> storeGroup(
      Caller caller, BatchGroup group, boolean isDryRun, Deadline deadline) {
    int mebibytes = (int) Math.min(UNPACKED_MEBIBYTES, 1 + group.bytes() / (1024 * 1024));
    try {
      if (!unpacked.tryAcquire(mebibytes, deadline.remaining().toNanos(), TimeUnit.NANOSECONDS)) {
        return unavailable(group.userId(), group.batches(), STILL_HELD);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return unavailable(group.userId(), group.batches(), STILL_HELD);
    }
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    try {
      return Tenant.as(group.userId(), () -> storeAsTenant(caller, group, isDryRun, now));
    } catch (RuntimeException e) {
      log.warn("a group of held batches was not stored: {}", e.getMessage());
      boolean isInDoubt = e instanceof DatabaseUnavailable failure && failure.isInDoubt();
      return unavailable(group.userId(), group.batches(), isInDoubt ? IN_DOUBT : STILL_HELD);
    } finally {
      unpacked.release(mebibytes);
    }
  }

  private Map<UUID, BatchResult> storeAsTenant(
      Caller caller, BatchGroup group, boolean isDryRun, Instant now) {
    Work<Map<UUID, BatchResult>> work = handle -> groups.store(handle, caller, group, now);
    if (!isDryRun) {
      // Not idempotent: a retry after a commit would be answered that others had stored it.
      return database.acrossTenants(work);
    }
    Map<UUID, BatchResult> outcomes = database.rehearse(work);
    if (!outcomes.isEmpty()) {
      database.useTenant(handle ->
          tenantAccess.audit(
              handle, caller, "metrics.store-dry-run", BatchResult.counts(outcomes.values())));
    }
    return outcomes;
  }
}
