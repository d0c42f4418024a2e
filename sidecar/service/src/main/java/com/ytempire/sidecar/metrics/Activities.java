package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.oauth.ChannelKey;
import com.ytempire.sidecar.tenancy.ActivityLog.Kind;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Caller;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/** Records what a request fetched and stored as activities: one a user, with counts. */
final class Activities {
  private final TenantAccess tenantAccess;

  Activities(TenantAccess tenantAccess) {
    this.tenantAccess = tenantAccess;
  }

  /** Counts by user and name. For one thread. */
  private final class Counts {
    private final Caller caller;
    private final Map<UUID, Map<String, Long>> byUser = new TreeMap<>();

    Counts(Caller caller) {
      this.caller = caller;
    }

    void add(UUID userId, String name, long count) {
      if (count > 0) {
        byUser.computeIfAbsent(userId, id -> new TreeMap<>()).merge(name, count, Long::sum);
      }
    }

    void removeOnly(String name) {
      byUser.values().removeIf(counts -> counts.keySet().equals(Set.of(name)));
    }

    void record(Kind kind) {
      byUser.forEach((userId, counts) -> tenantAccess.recordActivity(caller, userId, kind, counts));
    }
  }

  /** Records a fetch: reports with an answer, their rows, and reports without. */
  void fetched(Caller caller, FetchRequest request, FetchResult result) {
    Counts counts = new Counts(caller);
    for (FetchResult.FetchedBatch each : result.results()) {
      UUID userId = request.requests().get(each.request()).userId();
      counts.add(userId, "reports", 1);
      counts.add(userId, "cached", each.fromCache() ? 1 : 0);
      if (each.rows() != null) {
        counts.add(userId, "rows", each.rows().rowCount());
      } else if (each.reference() != null) {
        counts.add(userId, "rows", each.reference().rowCount());
      }
    }
    // Of no channel of the user nothing was done.
    result.notFetched().stream()
        .filter(each -> each.reason() != Reason.UNKNOWN_CHANNEL)
        .forEach(each -> counts.add(each.userId(), "missed", 1));
    result
        .notDue()
        .forEach(each -> counts.add(request.requests().get(each.request()).userId(), "notDue", 1));
    counts.record(Kind.METRICS_FETCHED);
  }

  /** Records what became of rows and of held batches; of a dry run nothing did. */
  void stored(
      Caller caller, StoreRequest request, StoreResult ofRows, List<BatchResult> ofReferences) {
    if (request.isDryRun()) {
      return;
    }
    Counts counts = new Counts(caller);
    for (RowOutcome outcome : ofRows.rows()) {
      // A row with faults may name no user.
      TypedRow row = request.rows().get(outcome.row()).row();
      if (row != null) {
        counts.add(row.userId(), outcome.outcome().label(), 1);
      }
    }
    for (BatchResult each : ofReferences) {
      counts.add(each.userId(), StoreOutcome.STORED.label(), each.stored());
      counts.add(each.userId(), StoreOutcome.UPDATED.label(), each.updated());
      counts.add(each.userId(), StoreOutcome.UNCHANGED.label(), each.unchanged());
      counts.add(each.userId(), StoreOutcome.REJECTED.label(), each.rejected());
      counts.add(
          each.userId(),
          "batchesNotStored",
          each.outcome() == BatchResult.Outcome.UNAVAILABLE ? 1 : 0);
    }
    // Rows that name a user and none of its channels are rejected, and nothing was done for the
    // user.
    counts.removeOnly(StoreOutcome.REJECTED.label());
    counts.record(Kind.METRICS_STORED);
  }

  /**
   * Records a sync.
   *
   * @param known users that the caller may act for and that there are
   */
  void synced(Caller caller, Set<UUID> known, SyncResult result) {
    Counts counts = new Counts(caller);
    Set<ChannelKey> unknown = new HashSet<>();
    for (SyncResult.NotSynced each : result.notFetched()) {
      if (each.reason() == Reason.UNKNOWN_CHANNEL && each.channelId() != null) {
        unknown.add(new ChannelKey(each.userId(), each.channelId()));
      }
    }
    for (SyncResult.Counts each : result.channels()) {
      if (known.contains(each.userId())
          && !unknown.contains(new ChannelKey(each.userId(), each.channelId()))) {
        counts.add(each.userId(), "channels", 1);
        counts.add(each.userId(), StoreOutcome.STORED.label(), each.created());
        counts.add(each.userId(), StoreOutcome.UPDATED.label(), each.updated());
        counts.add(each.userId(), StoreOutcome.UNCHANGED.label(), each.unchanged());
        counts.add(each.userId(), StoreOutcome.REJECTED.label(), each.rejected());
        counts.add(each.userId(), "missed", each.missed());
        counts.add(each.userId(), "notDue", each.notDue());
      }
    }
    counts.record(Kind.METRICS_SYNCED);
  }
}
