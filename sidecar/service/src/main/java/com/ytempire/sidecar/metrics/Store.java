package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.VoidWork;
import com.ytempire.sidecar.metrics.RowField.Part;
import com.ytempire.sidecar.metrics.UserStore.Row;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.tenancy.Events;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Caller;
import com.ytempire.sidecar.web.Problem.Fault;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Stores rows of any users and kinds. All of a batch commits as one, or none of it; what is wrong
 * with one row is reported and the others go in. A row that is sent twice, in one batch or in two,
 * changes nothing the second time.
 */
final class Store {
  /** How far a clock elsewhere may run ahead of ours. */
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

  private final Database database;
  private final TenantAccess tenantAccess;
  private final RejectedRows rejectedRows;
  private final Clock clock;

  Store(StoreAccess access, Clock clock) {
    this.database = access.database();
    this.tenantAccess = access.tenantAccess();
    this.rejectedRows = new RejectedRows(access.rejections());
    this.clock = clock;
  }

  /**
   * Stores rows.
   *
   * @param claims what YouTube says of the channels of videos: rows of foreign ones are rejected
   * @param isDryRun whether only to return what would become of them
   */
  StoreResult store(
      Caller caller, List<ParsedRow> rows, VideoClaims.Claims claims, boolean isDryRun) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    @Nullable RowOutcome[] outcomes = new RowOutcome[rows.size()];
    Map<UUID, List<Row>> byUser = new TreeMap<>();
    for (Row row : good(rows, outcomes, now)) {
      if (isAmong(row.row(), claims.foreign())) {
        outcomes[row.index()] = RowOutcome.videoOfAnotherChannel(row.index());
      } else {
        byUser.computeIfAbsent(row.row().userId(), id -> new ArrayList<>()).add(row);
      }
    }
    Map<UUID, StoreOutcome.Counts> acts = new TreeMap<>();
    VoidWork work =
        handle -> {
          acts.clear();
          byUser.forEach((userId, theirs) -> {
            if (!TenantAccess.mayActFor(caller, userId)) {
              theirs.forEach(row -> outcomes[row.index()] = RowOutcome.unknownChannel(row.index()));
              return;
            }
            Database.enter(handle, userId);
            StoreOutcome.Counts counts =
                new UserStore(handle, userId, outcomes, now)
                    .store(theirs, row -> isAmong(row, claims.own()));
            if (!counts.isEmpty()) {
              acts.put(userId, counts);
              publish(handle, caller, counts.byLabel(), now);
            }
          });
          if (isDryRun) {
            return;
          }
          rejectedRows.count(
              handle,
              rows,
              StoreResult.of(outcomes, false).rows(),
              userId -> TenantAccess.mayActFor(caller, userId),
              now);
          audit(handle, caller, "metrics.store", acts);
        };
    if (isDryRun) {
      database.rehearse(work.toWork());
      // What it returned of a user's rows is an act, though nothing of it stays.
      database.useTenants(handle -> audit(handle, caller, "metrics.store-dry-run", acts));
    } else {
      // Rows that were stored already change nothing, so what was perhaps committed may be
      // repeated.
      database.idempotent().useTenants(work);
    }
    return StoreResult.of(outcomes, isDryRun);
  }

  /**
   * Stores rows that YouTube answered, asked for by a caller, of one user, in a transaction that
   * has entered this user. Outcomes stand in the order of the rows; nothing is written to the audit
   * log.
   */
  StoreResult storeWithin(
      Handle handle, Caller caller, UUID userId, List<ParsedRow> rows, Instant now) {
    StoreResult result = storeWithin(handle, userId, rows, now);
    if (result.stored() + result.updated() + result.unchanged() > 0) {
      publish(
          handle,
          caller,
          Map.of(
              StoreOutcome.STORED.label(), result.stored(),
              StoreOutcome.UPDATED.label(), result.updated(),
              StoreOutcome.UNCHANGED.label(), result.unchanged()),
          now);
    }
    return result;
  }

  /**
   * As {@link #storeWithin(Handle, Caller, UUID, List, Instant)}, of rows that no caller asked for:
   * no sync finishes with them.
   */
  StoreResult storeWithin(Handle handle, UUID userId, List<ParsedRow> rows, Instant now) {
    @Nullable RowOutcome[] outcomes = new RowOutcome[rows.size()];
    List<Row> good = new ArrayList<>();
    for (Row row : good(rows, outcomes, now)) {
      if (row.row().userId().equals(userId)) {
        good.add(row);
      } else {
        outcomes[row.index()] = RowOutcome.unknownChannel(row.index());
      }
    }
    var _ = new UserStore(handle, userId, outcomes, now).store(good, Store::provesChannel);
    StoreResult result = StoreResult.of(outcomes, false);
    if (result.rejected() > 0) {
      rejectedRows.countOfTenant(handle, rows, result.rows(), now);
    }
    return result;
  }

  /** The rows without faults; of the others the outcomes. */
  private static List<Row> good(
      List<ParsedRow> rows, @Nullable RowOutcome[] outcomes, Instant now) {
    LocalDate today = LocalDate.ofInstant(now, Bucket.PACIFIC);
    List<Row> good = new ArrayList<>(rows.size());
    for (int index = 0; index < outcomes.length; index++) {
      ParsedRow read = rows.get(index);
      TypedRow row = read.row();
      List<Fault> faults = row == null ? read.faults() : future(row, today, now);
      if (row != null && faults.isEmpty()) {
        good.add(new Row(index, row));
      } else {
        RejectionReason reason = row == null ? RejectionReason.INVALID : RejectionReason.FUTURE;
        outcomes[index] = RowOutcome.rejected(index, reason, faults);
      }
    }
    return good;
  }

  private static List<Fault> future(TypedRow row, LocalDate today, Instant now) {
    RowField time = row.kind().time();
    if (time.part() != Part.KEY) {
      return List.of();
    }
    if (row.time() instanceof LocalDate day && day.isAfter(today)) {
      return List.of(
          new Fault(
              "/" + time.json(),
              "lies in the future; today is %s on YouTube (Pacific time)".formatted(today)));
    }
    if (row.time() instanceof Instant at && at.isAfter(now.plus(CLOCK_SKEW))) {
      return List.of(new Fault("/" + time.json(), "lies in the future"));
    }
    return List.of();
  }

  private void audit(
      Handle handle, Caller caller, String action, Map<UUID, StoreOutcome.Counts> acts) {
    acts.forEach((userId, counts) -> {
      Database.enter(handle, userId);
      tenantAccess.audit(handle, caller, action, counts.byLabel());
    });
  }

  /** A sync comes in batches; those of one execution of a workflow are published as one event. */
  private static void publish(
      Handle handle, Caller caller, Map<String, Integer> counts, Instant now) {
    Map<String, Integer> all = new TreeMap<>(Map.of("stored", 0, "updated", 0, "unchanged", 0));
    all.putAll(counts);
    Map<String, @Nullable String> from = new HashMap<>();
    from.put("workflowId", caller.workflowId());
    from.put("executionId", caller.executionId());
    String cause = caller.tokenId() + " " + caller.workflowId() + " " + caller.executionId();
    Events.publishCounts(handle, Events.Kind.SYNC_FINISHED, cause, now, all, from);
  }

  /**
   * Whether YouTube answers such a row for the video's own channel alone. Of current statistics it
   * names no channel.
   */
  private static boolean provesChannel(TypedRow row) {
    return row.kind() != RowKind.VIDEO_STATISTICS;
  }

  private static boolean isAmong(TypedRow row, Set<VideoClaims.Claim> claims) {
    @Nullable String videoId = claims.isEmpty() ? null : row.videoId();
    return videoId != null
        && claims.contains(new VideoClaims.Claim(row.userId(), row.channelId(), videoId));
  }
}
