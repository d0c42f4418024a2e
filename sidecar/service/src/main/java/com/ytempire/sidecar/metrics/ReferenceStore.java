package com.ytempire.sidecar.metrics;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.db.Work;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.metrics.HeldBatchDao.Key;
import com.ytempire.sidecar.metrics.HeldBatchDao.LockedBatch;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Caller;
import com.ytempire.sidecar.web.Problem.Fault;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
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

  /** Batches, rows and bytes of JSON that commit together; one batch may be larger by itself. */
  private static final int GROUP_BATCHES = 50;

  private static final int GROUP_ROWS = 5_000;

  private static final long GROUP_BYTES = 4L << 20;

  /** Users of a request whose batches are stored at the same time. */
  private static final int CONCURRENT_USERS = 4;

  /**
   * Mebibytes of JSON that are unpacked at the same time, of all requests together: the rows made
   * of it take several times as much of the heap.
   */
  private static final int UNPACKED_MEBIBYTES = 12;

  private static final int FAULTS_TOLD = 5;

  /** For callers that did not say how long they wait. */
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

  private static final String UNKNOWN =
      "This user has no such batch, or it has expired. Fetch again.";
  private static final String STILL_HELD =
      "The rows could not be stored now and are still held. Try again.";
  private static final String IN_DOUBT =
      "The database went away while it stored this, and nobody knows whether it did. Try again: what was stored is answered as already-stored.";

  private final Database database;
  private final TenantAccess tenantAccess;
  private final RowReader reader;
  private final Store store;
  private final Clock clock;
  private final Semaphore unpacked = new Semaphore(UNPACKED_MEBIBYTES, true);

  ReferenceStore(
      Database database, TenantAccess tenantAccess, RowReader reader, Store store, Clock clock) {
    this.database = database;
    this.tenantAccess = tenantAccess;
    this.reader = reader;
    this.store = store;
    this.clock = clock;
  }

  /** A batch to store. */
  record Reference(UUID userId, UUID batchId) {}

  /** The outcome of storing a batch. */
  enum BatchOutcome {
    STORED,
    ALREADY_STORED,
    UNKNOWN_BATCH,
    UNAVAILABLE;

    /** The name in the contract. */
    @JsonValue
    String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** What became of a reference; {@code schemas/store-result.json}. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record BatchResult(
      int reference,
      UUID userId,
      UUID batchId,
      BatchOutcome outcome,
      @Nullable String channelId,
      @Nullable String report,
      int stored,
      int updated,
      int unchanged,
      int rejected,
      @Nullable String message,
      @Nullable List<Fault> faults) {
    private static BatchResult without(
        int index, Reference reference, BatchOutcome outcome, @Nullable String message) {
      return new BatchResult(
          index,
          reference.userId(),
          reference.batchId(),
          outcome,
          null,
          null,
          0,
          0,
          0,
          0,
          message,
          null);
    }
  }

  /** Batches of one user that commit together. */
  record Group(UUID userId, List<UUID> batches, long bytes) {}

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
        outcomes.put(each, BatchResult.without(0, each, BatchOutcome.UNKNOWN_BATCH, UNKNOWN));
      }
    }
    Deadline deadline = Deadline.currentOr(DEFAULT_TIMEOUT);
    Semaphore users = new Semaphore(CONCURRENT_USERS);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      byUser.forEach((userId, batches) ->
          threads.execute(() -> {
            users.acquireUninterruptibly();
            try {
              deadline.run(() ->
                  storeUser(caller, userId, batches, isDryRun, deadline)
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
        answered.add(BatchResult.without(index, reference, BatchOutcome.UNAVAILABLE, STILL_HELD));
      } else if (!reported.add(reference) && outcome.outcome() == BatchOutcome.STORED) {
        // Sent twice, stored once.
        answered.add(BatchResult.without(index, reference, BatchOutcome.ALREADY_STORED, null));
      } else {
        answered.add(
            new BatchResult(
                index,
                outcome.userId(),
                outcome.batchId(),
                outcome.outcome(),
                outcome.channelId(),
                outcome.report(),
                outcome.stored(),
                outcome.updated(),
                outcome.unchanged(),
                outcome.rejected(),
                outcome.message(),
                outcome.faults()));
      }
    }
    return answered;
  }

  private Map<UUID, BatchResult> storeUser(
      Caller caller, UUID userId, Set<UUID> batches, boolean isDryRun, Deadline deadline) {
    Map<UUID, BatchResult> outcomes = new HashMap<>();
    List<Group> groups;
    try {
      groups = groups(userId, batches);
    } catch (RuntimeException e) {
      log.warn("held batches were not read: {}", e.getMessage());
      return unavailable(userId, batches, STILL_HELD);
    }
    batches.forEach(batch ->
        outcomes.put(
            batch,
            BatchResult.without(
                0, new Reference(userId, batch), BatchOutcome.UNKNOWN_BATCH, UNKNOWN)));
    for (Group group : groups) {
      outcomes.putAll(storeGroup(caller, group, isDryRun, deadline));
    }
    return outcomes;
  }

  /** Reads how large a user's batches are; unknown ones are in no group. */
  private List<Group> groups(UUID userId, Set<UUID> batches) {
    Instant now = clock.instant();
    return divide(
        userId,
        Tenant.as(
            userId,
            () ->
                database
                    .idempotent()
                    .asTenant(handle ->
                        HeldBatchDao.of(handle).sizes(batches.toArray(UUID[]::new), now))));
  }

  /** Divides batches into groups within the bounds, in their order. */
  static List<Group> divide(UUID userId, List<HeldBatchDao.Size> sizes) {
    List<Group> groups = new ArrayList<>();
    List<UUID> ids = new ArrayList<>();
    long rows = 0;
    long bytes = 0;
    for (HeldBatchDao.Size size : sizes) {
      if (!ids.isEmpty()
          && (ids.size() == GROUP_BATCHES
              || rows + size.rowCount() > GROUP_ROWS
              || bytes + size.sizeBytes() > GROUP_BYTES)) {
        groups.add(new Group(userId, ids, bytes));
        ids = new ArrayList<>();
        rows = 0;
        bytes = 0;
      }
      ids.add(size.batchId());
      rows += size.rowCount();
      bytes += size.sizeBytes();
    }
    if (!ids.isEmpty()) {
      groups.add(new Group(userId, ids, bytes));
    }
    return groups;
  }

  private static Map<UUID, BatchResult> unavailable(
      UUID userId, Collection<UUID> batches, String message) {
    Map<UUID, BatchResult> outcomes = new HashMap<>();
    batches.forEach(batch ->
        outcomes.put(
            batch,
            BatchResult.without(
                0, new Reference(userId, batch), BatchOutcome.UNAVAILABLE, message)));
    return outcomes;
  }

  private Map<UUID, BatchResult> storeGroup(
      Caller caller, Group group, boolean isDryRun, Deadline deadline) {
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
      Caller caller, Group group, boolean isDryRun, Instant now) {
    Work<Map<UUID, BatchResult>> work = handle -> storeWithin(handle, caller, group, now);
    if (!isDryRun) {
      // Not idempotent: a retry after a commit would be answered that others had stored it.
      return database.acrossTenants(work);
    }
    Map<UUID, BatchResult> outcomes = database.rehearse(work);
    if (!outcomes.isEmpty()) {
      database.useTenant(
          handle -> tenantAccess.audit(handle, caller, "metrics.store-dry-run", counts(outcomes)));
    }
    return outcomes;
  }

  private Map<UUID, BatchResult> storeWithin(
      Handle handle, Caller caller, Group group, Instant now) {
    Database.enter(handle, group.userId());
    HeldBatchDao dao = HeldBatchDao.of(handle);
    UUID[] ids = group.batches().toArray(UUID[]::new);
    // Channels before batches, as erasure does: in another order the two could wait for each other.
    Set<String> channels = dao.channelsOf(ids, now);
    Map<UUID, BatchResult> outcomes = new HashMap<>();
    if (channels.isEmpty()) {
      return outcomes;
    }
    new StoreDao(handle).lockChannels(channels);
    Map<LockedBatch, List<ParsedRow>> batches = new LinkedHashMap<>();
    for (LockedBatch taken : dao.take(ids, now)) {
      if (taken.content() == null) {
        outcomes.put(
            taken.batchId(),
            BatchResult.without(
                0,
                new Reference(group.userId(), taken.batchId()),
                BatchOutcome.ALREADY_STORED,
                null));
      } else {
        try {
          byte[] json = PackedRows.json(taken.content(), taken.sizeBytes());
          batches.put(taken, reader.readArray(json));
        } catch (PackedRows.Damaged e) {
          // It alone cannot be stored, now or later.
          log.error("held batch {}: {}", taken.batchId(), e.getMessage());
          outcomes.put(
              taken.batchId(),
              BatchResult.without(
                  0,
                  new Reference(group.userId(), taken.batchId()),
                  BatchOutcome.UNKNOWN_BATCH,
                  UNKNOWN));
        }
      }
    }
    if (batches.isEmpty()) {
      return outcomes;
    }
    List<ParsedRow> rows = new ArrayList<>();
    batches.values().forEach(rows::addAll);
    StoreResult result = store.storeWithin(handle, caller, group.userId(), rows, now);
    int first = 0;
    for (Map.Entry<LockedBatch, List<ParsedRow>> each : batches.entrySet()) {
      int end = first + each.getValue().size();
      outcomes.put(
          each.getKey().batchId(),
          outcome(group.userId(), each.getKey(), result.rows().subList(first, end)));
      first = end;
    }
    UUID[] stored = batches.keySet().stream().map(LockedBatch::batchId).toArray(UUID[]::new);
    int consumed = dao.stored(stored, now);
    if (consumed != stored.length) {
      throw new IllegalStateException("a held batch was lost while it was stored");
    }
    List<Key> due =
        batches.keySet().stream()
            .filter(LockedBatch::isDue)
            .map(taken -> new Key(taken.channelId(), taken.report()))
            .distinct()
            .toList();
    if (!due.isEmpty()) {
      String[][] columns = HeldBatchDao.columns(due);
      int ended = dao.endLeases(columns[0], columns[1], now);
      log.debug("{} leases ended by storing", ended);
    }
    tenantAccess.audit(handle, caller, "metrics.store", counts(outcomes));
    return outcomes;
  }

  private static BatchResult outcome(UUID userId, LockedBatch batch, List<RowOutcome> rows) {
    StoreOutcome.Counts counts = new StoreOutcome.Counts();
    Set<Fault> faults = new LinkedHashSet<>();
    for (RowOutcome row : rows) {
      counts.add(row.outcome(), 1);
      if (row.faults() != null) {
        faults.addAll(row.faults());
      }
    }
    int rejected = counts.of(StoreOutcome.REJECTED);
    return new BatchResult(
        0,
        userId,
        batch.batchId(),
        BatchOutcome.STORED,
        batch.channelId(),
        batch.report(),
        counts.of(StoreOutcome.STORED),
        counts.of(StoreOutcome.UPDATED),
        counts.of(StoreOutcome.UNCHANGED),
        rejected,
        rejected == 0 ? null : "%d of %d rows were rejected.".formatted(rejected, rows.size()),
        faults.isEmpty() ? null : faults.stream().limit(FAULTS_TOLD).toList());
  }

  private static Map<String, Integer> counts(Map<UUID, BatchResult> outcomes) {
    StoreOutcome.Counts counts = new StoreOutcome.Counts();
    for (BatchResult each : outcomes.values()) {
      counts.add(StoreOutcome.STORED, each.stored());
      counts.add(StoreOutcome.UPDATED, each.updated());
      counts.add(StoreOutcome.UNCHANGED, each.unchanged());
      counts.add(StoreOutcome.REJECTED, each.rejected());
    }
    return counts.byLabel();
  }
}
