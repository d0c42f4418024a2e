package com.ytempire.sidecar.metrics;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Work;
import com.ytempire.sidecar.metrics.RowKind.Field;
import com.ytempire.sidecar.metrics.RowKind.Part;
import com.ytempire.sidecar.metrics.RowReader.Read;
import com.ytempire.sidecar.metrics.StoreDao.DayCheck;
import com.ytempire.sidecar.metrics.StoreDao.RowResult;
import com.ytempire.sidecar.metrics.StoreDao.VideoOfChannel;
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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
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
  private final Clock clock;

  Store(Database database, TenantAccess tenantAccess, Clock clock) {
    this.database = database;
    this.tenantAccess = tenantAccess;
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
      StoreOutcome outcome,
      @JsonRawValue @Nullable String changes,
      @Nullable List<Fault> faults) {}

  /** What became of a batch of rows. */
  record Result(
      int stored,
      int updated,
      int unchanged,
      int rejected,
      boolean dryRun,
      List<RowOutcome> rows) {}

  private record Row(int index, TypedRow row) {}

  /**
   * Stores rows.
   *
   * @param claims what YouTube says of the channels of videos: rows of foreign ones are rejected
   * @param isDryRun whether only to return what would become of them
   */
  Result store(Caller caller, List<Read> rows, VideoClaims.Claims claims, boolean isDryRun) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    @Nullable RowOutcome[] outcomes = new RowOutcome[rows.size()];
    Map<UUID, List<Row>> byUser = new TreeMap<>();
    for (Row row : good(rows, outcomes, now)) {
      if (isAmong(row.row(), claims.foreign())) {
        outcomes[row.index()] = videoOfAnotherChannel(row);
      } else {
        byUser.computeIfAbsent(row.row().userId(), id -> new ArrayList<>()).add(row);
      }
    }
    Map<UUID, StoreOutcome.Counts> acts = new TreeMap<>();
    Work<Boolean> work =
        handle -> {
          acts.clear();
          byUser.forEach((userId, theirs) -> {
            if (!TenantAccess.mayActFor(caller, userId)) {
              theirs.forEach(row -> outcomes[row.index()] = unknownChannel(row));
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
          return isDryRun || audited(handle, caller, "metrics.store", acts);
        };
    if (isDryRun) {
      database.rehearse(work);
      // What it returned of a user's rows is an act, though nothing of it stays.
      database.acrossTenants(handle -> audited(handle, caller, "metrics.store-dry-run", acts));
    } else {
      // Rows that were stored already change nothing, so what was perhaps committed may be
      // repeated.
      database.idempotent().acrossTenants(work);
    }
    return counted(outcomes, isDryRun);
  }

  /**
   * Stores rows that YouTube answered, asked for by a caller, of one user, in a transaction that
   * has entered this user. Outcomes stand in the order of the rows; nothing is written to the audit
   * log.
   */
  Result storeWithin(Handle handle, Caller caller, UUID userId, List<Read> rows, Instant now) {
    Result result = storeWithin(handle, userId, rows, now);
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
  Result storeWithin(Handle handle, UUID userId, List<Read> rows, Instant now) {
    @Nullable RowOutcome[] outcomes = new RowOutcome[rows.size()];
    List<Row> good = new ArrayList<>();
    for (Row row : good(rows, outcomes, now)) {
      if (row.row().userId().equals(userId)) {
        good.add(row);
      } else {
        outcomes[row.index()] = unknownChannel(row);
      }
    }
    var _ = new UserStore(handle, userId, outcomes, now).store(good, Store::provesChannel);
    return counted(outcomes, false);
  }

  /** The rows without faults; of the others the outcomes. */
  private static List<Row> good(List<Read> rows, @Nullable RowOutcome[] outcomes, Instant now) {
    LocalDate today = LocalDate.ofInstant(now, Bucket.PACIFIC);
    List<Row> good = new ArrayList<>(rows.size());
    for (int index = 0; index < outcomes.length; index++) {
      Read read = rows.get(index);
      TypedRow row = read.row();
      List<Fault> faults = row == null ? read.faults() : future(row, today, now);
      if (row != null && faults.isEmpty()) {
        good.add(new Row(index, row));
      } else {
        outcomes[index] = rejected(index, faults);
      }
    }
    return good;
  }

  private static List<Fault> future(TypedRow row, LocalDate today, Instant now) {
    Field time = row.kind().time();
    if (time.part() != Part.KEY) {
      return List.of();
    }
    if (row.value(time.json()) instanceof LocalDate day && day.isAfter(today)) {
      return List.of(
          new Fault(
              "/" + time.json(),
              "lies in the future; today is %s on YouTube (Pacific time)".formatted(today)));
    }
    if (row.value(time.json()) instanceof Instant at && at.isAfter(now.plus(CLOCK_SKEW))) {
      return List.of(new Fault("/" + time.json(), "lies in the future"));
    }
    return List.of();
  }

  private boolean audited(
      Handle handle, Caller caller, String action, Map<UUID, StoreOutcome.Counts> acts) {
    acts.forEach((userId, counts) -> {
      Database.enter(handle, userId);
      tenantAccess.audit(handle, caller, action, counts.byLabel());
    });
    return true;
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

  /** A user's rows on their way into the database, within a transaction. For one thread. */
  private static final class UserStore {
    private final Handle handle;
    private final StoreDao dao;
    private final UUID userId;
    private final @Nullable RowOutcome[] outcomes;
    private final Instant now;
    private final StoreOutcome.Counts counts = new StoreOutcome.Counts();
    private final Set<DayCheck> checks = new HashSet<>();

    /**
     * Makes a store.
     *
     * @param outcomes of all rows of the request, to be filled in
     */
    UserStore(Handle handle, UUID userId, @Nullable RowOutcome[] outcomes, Instant now) {
      this.handle = handle;
      this.dao = new StoreDao(handle);
      this.userId = userId;
      this.outcomes = outcomes;
      this.now = now;
    }

    /**
     * Stores rows.
     *
     * @param isProven whether YouTube says that the row's channel is its video's own
     */
    StoreOutcome.Counts store(List<Row> all, Predicate<TypedRow> isProven) {
      Set<String> channels =
          dao.lockChannels(
              all.stream().map(row -> row.row().channelId()).collect(Collectors.toSet()));
      storable(ofKnownChannels(all, channels), channels, isProven)
          .forEach((kind, rows) -> passes(rows).forEach(pass -> store(kind, pass)));
      if (!checks.isEmpty()) {
        dao.check(checks, now);
      }
      return counts;
    }

    /** A row of an unknown channel must not decide on the others. */
    private List<Row> ofKnownChannels(List<Row> all, Set<String> channels) {
      List<Row> rows = new ArrayList<>(all.size());
      for (Row row : all) {
        if (channels.contains(row.row().channelId())) {
          rows.add(row);
        } else {
          outcomes[row.index()] = unknownChannel(row);
        }
      }
      return rows;
    }

    /** The rows by kind, without those of videos that are another channel's or were erased. */
    private Map<RowKind, List<Row>> storable(
        List<Row> rows, Set<String> channels, Predicate<TypedRow> isProven) {
      Map<RowKind, List<Row>> byKind = new LinkedHashMap<>();
      Set<VideoOfChannel> elsewhere = elsewhere(dao, rows, isProven);
      ErasedVideos erased = erasedVideos(dao, userId, channels, rows);
      for (Row row : rows) {
        @Nullable String videoId = row.row().videoId();
        if (videoId != null
            && elsewhere.contains(new VideoOfChannel(videoId, row.row().channelId()))) {
          outcomes[row.index()] = videoOfAnotherChannel(row);
        } else if (erased.contains(row.row())) {
          // An answer all the same: its day is not asked for again.
          outcomes[row.index()] = new RowOutcome(row.index(), StoreOutcome.UNCHANGED, null, null);
          count(row, StoreOutcome.UNCHANGED);
        } else {
          byKind.computeIfAbsent(row.row().kind(), kind -> new ArrayList<>()).add(row);
        }
      }
      return byKind;
    }

    private void store(RowKind kind, List<Row> rows) {
      List<TypedRow> typed = rows.stream().map(Row::row).toList();
      List<RowResult> stored = dao.store(kind, typed, now);
      if (kind == RowKind.VIDEO) {
        NewVideos.publish(handle, userId, typed, stored, now);
      }
      for (int i = 0; i < stored.size(); i++) {
        RowResult result = stored.get(i);
        Row row = rows.get(i);
        if (result.sqlState() == null) {
          outcomes[row.index()] =
              new RowOutcome(row.index(), result.outcome(), result.changes(), null);
          count(row, result.outcome());
        } else {
          outcomes[row.index()] = refused(row.index(), result.sqlState());
        }
      }
    }

    private void count(Row row, StoreOutcome outcome) {
      counts.add(outcome, 1);
      addChecks(row.row(), checks);
    }
  }

  /** The user's erased videos, without those that YouTube shows again, as these rows prove. */
  private static ErasedVideos erasedVideos(
      StoreDao dao, UUID userId, Set<String> channels, List<Row> rows) {
    ErasedVideos erased = new ErasedVideos(userId, dao.erasedVideos(channels));
    dao.forgetErased(erased.restore(rows.stream().map(Row::row).toList()));
    return erased;
  }

  /**
   * The videos of rows that belong to another channel, under which they are stored or stand earlier
   * among the rows. A channel that YouTube names wins: what is stored under another one is moved to
   * it.
   */
  private static Set<VideoOfChannel> elsewhere(
      StoreDao dao, List<Row> rows, Predicate<TypedRow> isProven) {
    Map<String, String> owners = new HashMap<>();
    Set<VideoOfChannel> proven = new HashSet<>();
    for (Row row : rows) {
      @Nullable String videoId = row.row().videoId();
      if (videoId != null && isProven.test(row.row())) {
        String owner = owners.computeIfAbsent(videoId, id -> row.row().channelId());
        proven.add(new VideoOfChannel(videoId, owner));
      }
    }
    Set<VideoOfChannel> videos = new HashSet<>();
    Set<VideoOfChannel> elsewhere = new HashSet<>();
    for (Row row : rows) {
      @Nullable String videoId = row.row().videoId();
      if (videoId != null) {
        VideoOfChannel video = new VideoOfChannel(videoId, row.row().channelId());
        if (owners.computeIfAbsent(videoId, id -> video.channelId()).equals(video.channelId())) {
          videos.add(video);
        } else {
          elsewhere.add(video);
        }
      }
    }
    if (!videos.isEmpty()) {
      dao.storedElsewhere(videos)
          .forEach((video, other) -> {
            if (!proven.contains(video) || !dao.moveVideo(video, other)) {
              elsewhere.add(video);
            }
          });
    }
    return elsewhere;
  }

  /**
   * Whether YouTube answers such a row for the video's own channel alone. Of current statistics it
   * names no channel.
   */
  private static boolean provesChannel(TypedRow row) {
    return row.kind() != RowKind.VIDEO_STATISTICS;
  }

  private static boolean isAmong(TypedRow row, Set<VideoClaims.Claim> claims) {
    @Nullable String videoId = row.videoId();
    return videoId != null
        && claims.contains(new VideoClaims.Claim(row.userId(), row.channelId(), videoId));
  }

  private static void addChecks(TypedRow row, Set<DayCheck> checks) {
    for (Report report : Report.values()) {
      if (report.isCheckedBy(row) && row.value(row.kind().time().json()) instanceof LocalDate day) {
        checks.add(new DayCheck(row.channelId(), report, report.checkDay(day)));
      }
    }
  }

  /**
   * A row that stands twice in a batch counts as sent twice: the first of each key goes first, then
   * the second, and so on.
   */
  private static List<List<Row>> passes(List<Row> rows) {
    Map<TypedRow.Key, Integer> seen = HashMap.newHashMap(rows.size());
    List<List<Row>> passes = new ArrayList<>();
    for (Row row : rows) {
      int pass = seen.merge(row.row().key(), 1, Integer::sum) - 1;
      if (pass == passes.size()) {
        passes.add(new ArrayList<>());
      }
      passes.get(pass).add(row);
    }
    return passes;
  }

  private static RowOutcome unknownChannel(Row row) {
    return rejected(
        row.index(),
        List.of(
            new Fault(
                "/channelId",
                "is no channel of this user, or was disconnected; add or connect it first")));
  }

  /** The same of whoever's channel it is, so that nobody learns who is here. */
  private static RowOutcome videoOfAnotherChannel(Row row) {
    return rejected(
        row.index(),
        List.of(
            new Fault(
                "/videoId",
                "is a video of another channel; store its rows under its own channel")));
  }

  private static RowOutcome refused(int index, String sqlState) {
    return rejected(
        index,
        List.of(
            new Fault(
                "",
                sqlState.equals(RowResult.NOT_TRIED)
                    ? "is not stored, because the database refused %d rows of the batch before it; send it again without those"
                        .formatted(StoreDao.MAX_REFUSED)
                    : "is refused by the database (SQLSTATE %s); the other rows are stored"
                        .formatted(sqlState))));
  }

  private static RowOutcome rejected(int index, List<Fault> faults) {
    return new RowOutcome(index, StoreOutcome.REJECTED, null, faults);
  }

  private static Result counted(@Nullable RowOutcome[] outcomes, boolean isDryRun) {
    StoreOutcome.Counts counts = new StoreOutcome.Counts();
    List<RowOutcome> rows = new ArrayList<>(outcomes.length);
    for (@Nullable RowOutcome outcome : outcomes) {
      RowOutcome known = Objects.requireNonNull(outcome, "a row was forgotten");
      rows.add(known);
      counts.add(known.outcome(), 1);
    }
    return new Result(
        counts.of(StoreOutcome.STORED),
        counts.of(StoreOutcome.UPDATED),
        counts.of(StoreOutcome.UNCHANGED),
        counts.of(StoreOutcome.REJECTED),
        isDryRun,
        rows);
  }
}
