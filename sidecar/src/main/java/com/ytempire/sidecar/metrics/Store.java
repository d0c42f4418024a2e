package com.ytempire.sidecar.metrics;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.metrics.RowKind.Field;
import com.ytempire.sidecar.metrics.RowKind.Part;
import com.ytempire.sidecar.metrics.StoreDao.DayCheck;
import com.ytempire.sidecar.metrics.StoreDao.Stored;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.tenancy.Acting;
import com.ytempire.sidecar.tenancy.Events;
import com.ytempire.sidecar.web.Caller;
import com.ytempire.sidecar.web.Contract;
import com.ytempire.sidecar.web.Problem.Fault;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Stores rows of any users and kinds. All of a batch commits as one, or none of it; what is wrong
 * with one row is told and the others go in. A row that is sent twice, in one batch or in two,
 * changes nothing the second time.
 */
final class Store {
  /** How far a clock elsewhere may run ahead of ours. */
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

  private final Database database;
  private final Acting acting;
  private final Contract contract;
  private final Clock clock;

  Store(Database database, Acting acting, Contract contract, Clock clock) {
    this.database = database;
    this.acting = acting;
    this.contract = contract;
    this.clock = clock;
  }

  /**
   * What became of one row; {@code schemas/store-result.json}.
   *
   * @param changes as JSON, the way the database wrote it
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record RowOutcome(
      int row,
      String outcome,
      @JsonRawValue @Nullable String changes,
      @Nullable List<Fault> faults) {}

  /** What became of a batch. */
  record Result(
      int stored,
      int updated,
      int unchanged,
      int rejected,
      boolean dryRun,
      List<RowOutcome> rows) {}

  private record Row(int index, RowKind kind, JsonNode json) {
    String channelId() {
      return json.get("channelId").stringValue();
    }
  }

  /**
   * Stores rows.
   *
   * @param isDryRun tells what would become of them, and leaves everything as it was
   */
  Result store(Caller caller, List<JsonNode> rows, boolean isDryRun) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    @Nullable RowOutcome[] outcomes = new RowOutcome[rows.size()];
    // The contract is the slow part, and each row is by itself: on all cores.
    List<List<Fault>> allFaults = rows.parallelStream().map(row -> faults(row, now)).toList();
    Map<UUID, List<Row>> byUser = new TreeMap<>();
    for (int index = 0; index < outcomes.length; index++) {
      JsonNode json = rows.get(index);
      List<Fault> faults = allFaults.get(index);
      if (faults.isEmpty()) {
        RowKind kind = RowKind.of(json.get("kind").stringValue()).orElseThrow();
        UUID userId = UUID.fromString(json.get("userId").stringValue());
        byUser.computeIfAbsent(userId, id -> new ArrayList<>()).add(new Row(index, kind, json));
      } else {
        outcomes[index] = rejected(index, faults);
      }
    }
    Map<UUID, Map<String, Integer>> acts = new TreeMap<>();
    Database.Work<Boolean> work =
        handle -> {
          byUser.forEach((userId, theirs) -> {
            if (!Acting.mayActFor(caller, userId)) {
              theirs.forEach(row -> outcomes[row.index()] = unknownChannel(row));
              return;
            }
            Database.enter(handle, userId);
            Map<String, Integer> counts = storeOneUser(handle, userId, theirs, outcomes, now);
            if (!counts.isEmpty()) {
              acts.put(userId, counts);
              tell(handle, caller, counts, now);
            }
          });
          return isDryRun || audited(handle, caller, "metrics.store", acts);
        };
    if (isDryRun) {
      database.rehearse(work);
      // What it told of a user's rows is an act, though nothing of it stays.
      database.acrossTenants(handle -> audited(handle, caller, "metrics.store-dry-run", acts));
    } else {
      // Rows that were stored already change nothing, so what was perhaps committed may be
      // repeated.
      database.idempotent().acrossTenants(work);
    }
    return counted(outcomes, isDryRun);
  }

  private boolean audited(
      Handle handle, Caller caller, String action, Map<UUID, Map<String, Integer>> acts) {
    acts.forEach((userId, counts) -> {
      Database.enter(handle, userId);
      acting.audit(handle, caller, action, counts);
    });
    return true;
  }

  /** A sync comes in batches; those of one execution of a workflow are told as one. */
  private static void tell(Handle handle, Caller caller, Map<String, Integer> counts, Instant now) {
    Map<String, Integer> all = new TreeMap<>(Map.of("stored", 0, "updated", 0, "unchanged", 0));
    all.putAll(counts);
    Map<String, @Nullable String> from = new HashMap<>();
    from.put("workflowId", caller.workflowId());
    from.put("executionId", caller.executionId());
    String cause = caller.tokenId() + " " + caller.workflowId() + " " + caller.executionId();
    Events.publishCounts(handle, Events.Kind.SYNC_FINISHED, cause, now, all, from);
  }

  private static Map<String, Integer> storeOneUser(
      Handle handle, UUID userId, List<Row> rows, @Nullable RowOutcome[] outcomes, Instant now) {
    StoreDao dao = new StoreDao(handle);
    Set<String> channels = dao.lockChannels(rows.stream().map(Row::channelId).distinct().toList());
    Map<String, Integer> counts = new TreeMap<>();
    Map<RowKind, List<Row>> byKind = new LinkedHashMap<>();
    for (Row row : rows) {
      if (channels.contains(row.channelId())) {
        byKind.computeIfAbsent(row.kind(), kind -> new ArrayList<>()).add(row);
      } else {
        outcomes[row.index()] = unknownChannel(row);
      }
    }
    Set<DayCheck> checks = new HashSet<>();
    byKind.forEach((kind, ofKind) -> {
      ofKind.forEach(row ->
          kind.checked(row.json())
              .forEach(report ->
                  checks.add(
                      new DayCheck(
                          row.channelId(),
                          report,
                          LocalDate.parse(row.json().get("day").stringValue())))));
      for (List<Row> pass : passes(kind, ofKind)) {
        List<JsonNode> pieces = pass.stream().map(Row::json).toList();
        List<Stored> stored = dao.store(kind, pieces, now);
        if (kind == RowKind.VIDEO) {
          NewVideos.tell(handle, userId, pieces, stored, now);
        }
        for (int i = 0; i < stored.size(); i++) {
          Stored outcome = stored.get(i);
          int index = pass.get(i).index();
          outcomes[index] = new RowOutcome(index, outcome.outcome(), outcome.changes(), null);
          counts.merge(outcome.outcome(), 1, Integer::sum);
        }
      }
    });
    if (!checks.isEmpty()) {
      dao.check(checks, now);
    }
    return counts;
  }

  /**
   * A row that stands twice in a batch counts as sent twice: the first of each key goes first, then
   * the second, and so on.
   */
  private static List<List<Row>> passes(RowKind kind, List<Row> rows) {
    List<Field> keys = kind.fields(Part.KEY);
    Map<List<String>, Integer> seen = new HashMap<>();
    List<List<Row>> passes = new ArrayList<>();
    for (Row row : rows) {
      List<String> key =
          keys.stream()
              .map(field -> normal(field, row.json().get(field.json()).stringValue()))
              .toList();
      int pass = seen.merge(key, 1, Integer::sum) - 1;
      if (pass == passes.size()) {
        passes.add(new ArrayList<>());
      }
      passes.get(pass).add(row);
    }
    return passes;
  }

  /** One moment can be written in many ways. */
  private static String normal(Field field, String value) {
    return field.type() == RowKind.Type.INSTANT
        ? OffsetDateTime.parse(value).toInstant().truncatedTo(ChronoUnit.MICROS).toString()
        : value;
  }

  private List<Fault> faults(JsonNode row, Instant now) {
    JsonNode label = row.get("kind");
    if (label == null || !label.isString() || RowKind.of(label.stringValue()).isEmpty()) {
      return List.of(
          new Fault(
              "/kind",
              "must be one of: "
                  + String.join(
                      ", ", List.of(RowKind.values()).stream().map(RowKind::label).toList())));
    }
    List<Fault> faults = new ArrayList<>(contract.faults(label.stringValue(), row));
    if (!faults.isEmpty()) {
      return faults;
    }
    JsonNode day = row.get("day");
    LocalDate today = LocalDate.ofInstant(now, Bucket.PACIFIC);
    if (day != null && LocalDate.parse(day.stringValue()).isAfter(today)) {
      faults.add(
          new Fault(
              "/day",
              "lies in the future; today is %s on YouTube (Pacific time)".formatted(today)));
    }
    JsonNode observedAt = row.get("observedAt");
    if (observedAt != null
        && OffsetDateTime.parse(observedAt.stringValue())
            .toInstant()
            .isAfter(now.plus(CLOCK_SKEW))) {
      faults.add(new Fault("/observedAt", "lies in the future"));
    }
    return faults;
  }

  private static RowOutcome unknownChannel(Row row) {
    return rejected(
        row.index(),
        List.of(
            new Fault(
                "/channelId",
                "is no channel of this user, or was disconnected; add or connect it first")));
  }

  private static RowOutcome rejected(int index, List<Fault> faults) {
    return new RowOutcome(index, "rejected", null, faults);
  }

  private static Result counted(@Nullable RowOutcome[] outcomes, boolean isDryRun) {
    Map<String, Integer> counts = new HashMap<>();
    List<RowOutcome> rows = new ArrayList<>(outcomes.length);
    for (@Nullable RowOutcome outcome : outcomes) {
      RowOutcome known = Objects.requireNonNull(outcome, "a row was forgotten");
      rows.add(known);
      counts.merge(known.outcome(), 1, Integer::sum);
    }
    return new Result(
        counts.getOrDefault("stored", 0),
        counts.getOrDefault("updated", 0),
        counts.getOrDefault("unchanged", 0),
        counts.getOrDefault("rejected", 0),
        isDryRun,
        rows);
  }
}
