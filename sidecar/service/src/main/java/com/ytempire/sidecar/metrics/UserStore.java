package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.StoreDao.DayCheck;
import com.ytempire.sidecar.metrics.StoreDao.VideoOfChannel;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Stores the rows of one user, within a transaction that has entered this user. For one thread. */
final class UserStore {
  /**
   * A row of a request.
   *
   * @param index its place in the request
   */
  record Row(int index, TypedRow row) {}

  private final Handle handle;
  private final StoreDao dao;
  private final RowDao rows;
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
    this.rows = new RowDao(handle);
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
        outcomes[row.index()] = RowOutcome.unknownChannel(row.index());
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
      if (isAmong(row.row(), elsewhere)) {
        outcomes[row.index()] = RowOutcome.videoOfAnotherChannel(row.index());
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
    List<RowResult> stored = this.rows.store(kind, typed, now);
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
        outcomes[row.index()] = RowOutcome.refused(row.index(), result.sqlState());
      }
    }
  }

  private void count(Row row, StoreOutcome outcome) {
    counts.add(outcome, 1);
    addChecks(row.row(), checks);
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
        String channelId = row.row().channelId();
        if (owners.putIfAbsent(videoId, channelId) == null) {
          proven.add(new VideoOfChannel(videoId, channelId));
        }
      }
    }
    Set<VideoOfChannel> elsewhere = new HashSet<>();
    for (Row row : rows) {
      @Nullable String videoId = row.row().videoId();
      if (videoId != null) {
        String channelId = row.row().channelId();
        @Nullable String owner = owners.putIfAbsent(videoId, channelId);
        if (owner != null && !owner.equals(channelId)) {
          elsewhere.add(new VideoOfChannel(videoId, channelId));
        }
      }
    }
    if (!owners.isEmpty()) {
      dao.storedElsewhere(owners)
          .forEach((video, other) -> {
            if (!proven.contains(video) || !dao.moveVideo(video, other)) {
              elsewhere.add(video);
            }
          });
    }
    return elsewhere;
  }

  private static boolean isAmong(TypedRow row, Set<VideoOfChannel> videos) {
    @Nullable String videoId = videos.isEmpty() ? null : row.videoId();
    return videoId != null && videos.contains(new VideoOfChannel(videoId, row.channelId()));
  }

  private static void addChecks(TypedRow row, Set<DayCheck> checks) {
    for (Report report : Report.of(row.kind())) {
      if (report.isCheckedBy(row) && row.time() instanceof LocalDate day) {
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
}
