package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.metrics.HeldBatchDao.Key;
import com.ytempire.sidecar.metrics.HeldBatchDao.LockedBatch;
import com.ytempire.sidecar.metrics.StoreRequest.Reference;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Caller;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores a group of a user's held batches in one transaction, which consumes them. Safe to share
 * between threads.
 */
final class GroupStore {
  private static final Logger log = LoggerFactory.getLogger(GroupStore.class);

  private final TenantAccess tenantAccess;
  private final RowReader reader;
  private final Store store;

  GroupStore(TenantAccess tenantAccess, RowReader reader, Store store) {
    this.tenantAccess = tenantAccess;
    this.reader = reader;
    this.store = store;
  }

  /** Stores a group in this transaction; batches that are unknown have no result. */
  Map<UUID, BatchResult> store(Handle handle, Caller caller, BatchGroup group, Instant now) {
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
    Map<LockedBatch, List<ParsedRow>> batches = take(dao, group.userId(), ids, now, outcomes);
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
          BatchResult.stored(group.userId(), each.getKey(), result.rows().subList(first, end)));
      first = end;
    }
    UUID[] stored = batches.keySet().stream().map(LockedBatch::batchId).toArray(UUID[]::new);
    int consumed = dao.stored(stored, now);
    if (consumed != stored.length) {
      throw new IllegalStateException("a held batch was lost while it was stored");
    }
    endLeases(dao, batches.keySet(), now);
    tenantAccess.audit(handle, caller, "metrics.store", BatchResult.counts(outcomes.values()));
    return outcomes;
  }

  /**
   * Takes batches and reads their rows.
   *
   * @param outcomes where to put what became of those that have no rows to store
   */
  private Map<LockedBatch, List<ParsedRow>> take(
      HeldBatchDao dao, UUID userId, UUID[] ids, Instant now, Map<UUID, BatchResult> outcomes) {
    Map<LockedBatch, List<ParsedRow>> batches = new LinkedHashMap<>();
    for (LockedBatch taken : dao.take(ids, now)) {
      Reference reference = new Reference(userId, taken.batchId());
      if (taken.content() == null) {
        outcomes.put(
            taken.batchId(),
            BatchResult.without(0, reference, BatchResult.Outcome.ALREADY_STORED, null));
        continue;
      }
      try {
        batches.put(taken, reader.readArray(PackedRows.json(taken.content(), taken.sizeBytes())));
      } catch (PackedRows.DamagedRows e) {
        // It alone cannot be stored, now or later.
        log.error("held batch {}: {}", taken.batchId(), e.getMessage());
        outcomes.put(taken.batchId(), BatchResult.unknown(reference));
      }
    }
    return batches;
  }

  /** Ends the leases of what was fetched because it was due. */
  private static void endLeases(HeldBatchDao dao, Set<LockedBatch> batches, Instant now) {
    List<Key> due =
        batches.stream()
            .filter(LockedBatch::isDue)
            .map(taken -> new Key(taken.channelId(), taken.report()))
            .distinct()
            .toList();
    if (!due.isEmpty()) {
      String[][] columns = HeldBatchDao.columns(due);
      int ended = dao.endLeases(columns[0], columns[1], now);
      log.debug("{} leases ended by storing", ended);
    }
  }
}
