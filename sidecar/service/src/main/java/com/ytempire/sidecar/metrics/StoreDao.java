package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.BinaryArray;
import com.ytempire.sidecar.metrics.RowKind.Type;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jspecify.annotations.Nullable;

/** Rows of metrics in and out, for the tenant entered in the transaction. */
final class StoreDao {
  private static final Map<RowKind, String> STORE = new EnumMap<>(RowKind.class);
  private static final Map<RowKind, String> INSERT = new EnumMap<>(RowKind.class);
  private static final Map<RowKind, String> KNOWN = new EnumMap<>(RowKind.class);

  /** Rows that are looked up before a batch is stored. */
  private static final int SAMPLE = 16;

  static {
    for (RowKind kind : RowKind.STORED) {
      STORE.put(kind, StoreSql.of(kind));
      INSERT.put(kind, StoreSql.insertOf(kind));
      KNOWN.put(kind, StoreSql.knownOf(kind));
    }
  }

  /**
   * Rows of a batch that are looked for when the database refuses them; each costs some dozen
   * statements. Those that come after are not tried.
   */
  static final int MAX_REFUSED = 50;

  private final Handle handle;
  private int refused;

  StoreDao(Handle handle) {
    this.handle = handle;
  }

  /**
   * What became of a row.
   *
   * @param changes of an updated row, as JSON
   * @param sqlState why the database refused a rejected one; {@link #NOT_TRIED}: too many before it
   *     were refused
   */
  record RowResult(StoreOutcome outcome, @Nullable String changes, @Nullable String sqlState) {
    static final String NOT_TRIED = "not tried";
    static final RowResult NEW = new RowResult(StoreOutcome.STORED, null, null);

    static RowResult refused(String sqlState) {
      return new RowResult(StoreOutcome.REJECTED, null, sqlState);
    }
  }

  /**
   * Holds the tenant's channels until the transaction ends, so that batches of one channel follow
   * each other, and answers which of them there are. Always in the same order, so that two batches
   * cannot wait for each other.
   */
  Set<String> lockChannels(Collection<String> channelIds) {
    return new HashSet<>(
        handle
            .createQuery(
                """
                select c.channel_id from analytics.channels c
                 where c.channel_id = any(:ids) and not c.is_hidden order by c.channel_id for no key update of c
                """)
            .bindArray("ids", String.class, channelIds)
            .mapTo(String.class)
            .list());
  }

  /**
   * The videos of these channels that were erased because YouTube shows them no more. To be called
   * after {@link #lockChannels}: while that waits, the one it waits for may erase a video.
   */
  List<ErasedVideos.Erased> erasedVideos(Collection<String> channelIds) {
    return handle
        .createQuery(
            "select channel_id, video_hash from analytics.erased_videos where channel_id = any(:ids)")
        .bindArray("ids", String.class, channelIds)
        .map((rs, context) ->
            new ErasedVideos.Erased(rs.getString("channel_id"), rs.getBytes("video_hash")))
        .list();
  }

  /** YouTube shows these videos again: they are stored as any other. */
  void forgetErased(Collection<ErasedVideos.Erased> videos) {
    for (ErasedVideos.Erased video : videos) {
      var _ =
          handle
              .createUpdate(
                  "delete from analytics.erased_videos where channel_id = :channel and video_hash = :hash")
              .bind("channel", video.channelId())
              .bind("hash", video.videoHash())
              .execute();
    }
  }

  /** A video and a channel of the tenant. */
  record VideoOfChannel(String videoId, String channelId) {}

  /** Returns the other channels of the tenant under which these videos are stored. */
  Map<VideoOfChannel, String> storedElsewhere(Collection<VideoOfChannel> videos) {
    Map<VideoOfChannel, String> elsewhere = new HashMap<>();
    handle
        .createQuery(
            """
            select i.video_id, i.channel_id, o.channel_id
              from unnest(:videos, :channels) as i (video_id, channel_id)
             cross join lateral (
               select v.channel_id from analytics.videos v where v.video_id = i.video_id and v.channel_id <> i.channel_id
               union all
               select t.channel_id from analytics.video_totals t where t.video_id = i.video_id and t.channel_id <> i.channel_id
               limit 1) o
            """)
        .bindArray("videos", String.class, videos.stream().map(VideoOfChannel::videoId).toList())
        .bindArray(
            "channels", String.class, videos.stream().map(VideoOfChannel::channelId).toList())
        .map((rs, context) ->
            Map.entry(new VideoOfChannel(rs.getString(1), rs.getString(2)), rs.getString(3)))
        .forEach(each -> elsewhere.put(each.getKey(), each.getValue()));
    return elsewhere;
  }

  /**
   * Moves what is stored of a video to its own channel, which is locked; false: the other channel
   * is locked by another transaction.
   */
  boolean moveVideo(VideoOfChannel video, String from) {
    return handle
        .createQuery("select app.move_video(:video, :from, :to)")
        .bind("video", video.videoId())
        .bind("from", from)
        .bind("to", video.channelId())
        .mapTo(Boolean.class)
        .one();
  }

  /**
   * Stores rows of one kind whose keys all differ; answers in their order. A row that the database
   * refuses is {@link RowResult#refused}, and the others are stored; after {@link #MAX_REFUSED} of
   * this object's batch, those that are left are refused untried.
   */
  List<RowResult> store(RowKind kind, List<TypedRow> rows, Instant now) {
    try {
      return storeGroup(kind, rows, now, false);
    } catch (SQLException e) {
      throw new UnableToExecuteStatementException(e, null);
    }
  }

  /**
   * Rows have been checked, so that hardly ever one is refused. Then halves of the group are tried,
   * and halves of these, until it is found.
   */
  private List<RowResult> storeGroup(RowKind kind, List<TypedRow> rows, Instant now, boolean isPart)
      throws SQLException {
    if (refused >= MAX_REFUSED) {
      return Collections.nCopies(rows.size(), RowResult.refused(RowResult.NOT_TRIED));
    }
    Connection connection = handle.getConnection();
    Savepoint before = connection.setSavepoint();
    try {
      List<RowResult> outcomes = storeAll(kind, rows, now, before, isPart);
      connection.releaseSavepoint(before);
      return outcomes;
    } catch (SQLException e) {
      if (!isOfValues(e)) {
        throw e;
      }
      connection.rollback(before);
      connection.releaseSavepoint(before);
      if (rows.size() == 1) {
        refused++;
        return List.of(RowResult.refused(String.valueOf(e.getSQLState())));
      }
      int half = rows.size() / 2;
      List<RowResult> outcomes =
          new ArrayList<>(storeGroup(kind, rows.subList(0, half), now, true));
      outcomes.addAll(storeGroup(kind, rows.subList(half, rows.size()), now, true));
      return outcomes;
    }
  }

  /** Class 22: data exception; 23: a constraint does not hold; 54: a limit of PostgreSQL's. */
  private static boolean isOfValues(SQLException failure) {
    String state = failure.getSQLState();
    return state != null
        && (state.startsWith("22") || state.startsWith("23") || state.startsWith("54"));
  }

  private List<RowResult> storeAll(
      RowKind kind, List<TypedRow> rows, Instant now, Savepoint before, boolean isPart)
      throws SQLException {
    if (!isPart && (kind.isObservation() || noneIsKnown(kind, rows))) {
      if (insertedAll(kind, rows, now)) {
        return Collections.nCopies(rows.size(), RowResult.NEW);
      }
      handle.getConnection().rollback(before);
    }
    return judged(kind, rows, now);
  }

  /**
   * Looks a few of the rows up, to choose between the two statements; either is right for any rows.
   * Rows that all are new, as in a backfill, go in faster where none is looked up.
   */
  private boolean noneIsKnown(RowKind kind, List<TypedRow> rows) throws SQLException {
    List<TypedRow> sample = new ArrayList<>();
    int step = Math.max(1, rows.size() / SAMPLE);
    for (int i = 0; i < rows.size() && sample.size() < SAMPLE; i += step) {
      sample.add(rows.get(i));
    }
    try (PreparedStatement statement = handle.getConnection().prepareStatement(of(KNOWN, kind))) {
      setColumns(statement, 1, sample, kind.keyIndexes());
      try (ResultSet result = statement.executeQuery()) {
        return !result.next();
      }
    }
  }

  /** Inserts the rows if all of them are new; otherwise what it did is to be rolled back. */
  private boolean insertedAll(RowKind kind, List<TypedRow> rows, Instant now) throws SQLException {
    try (PreparedStatement statement = handle.getConnection().prepareStatement(of(INSERT, kind))) {
      int next = setColumns(statement, 1, rows, kind.indexes());
      if (!kind.stamps().isEmpty()) {
        statement.setObject(next, now.atOffset(ZoneOffset.UTC));
      }
      if (!statement.execute()) {
        return statement.getUpdateCount() == rows.size();
      }
      try (ResultSet inserted = statement.getResultSet()) {
        return inserted.next() && inserted.getInt(1) == rows.size();
      }
    }
  }

  private List<RowResult> judged(RowKind kind, List<TypedRow> rows, Instant now)
      throws SQLException {
    try (PreparedStatement statement = handle.getConnection().prepareStatement(of(STORE, kind))) {
      statement.setObject(1, now.atOffset(ZoneOffset.UTC));
      setColumns(statement, 2, rows, kind.indexes());
      List<RowResult> outcomes = new ArrayList<>(rows.size());
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          outcomes.add(
              new RowResult(StoreOutcome.of(result.getString(1)), result.getString(2), null));
        }
      }
      return outcomes;
    }
  }

  /** Notes that days of reports have been looked at; what is due is planned by it. */
  void check(Collection<DayCheck> checks, Instant now) {
    handle
        .createUpdate(
            """
            insert into app.day_checks (channel_id, report, day, checked_at)
            select *, :at from unnest(:channels, :reports, :days)
            on conflict (user_id, channel_id, report, day) do update set checked_at = excluded.checked_at
            """)
        .bind("at", now)
        .bindArray("channels", String.class, checks.stream().map(DayCheck::channelId).toList())
        .bindArray(
            "reports", String.class, checks.stream().map(each -> each.report().label()).toList())
        .bindArray("days", LocalDate.class, checks.stream().map(DayCheck::day).toList())
        .execute();
    handle
        .attach(BackfillDao.class)
        .advance(
            checks.stream().map(DayCheck::channelId).toArray(String[]::new),
            checks.stream().map(each -> each.report().label()).toArray(String[]::new),
            checks.stream().map(DayCheck::day).toArray(LocalDate[]::new),
            now.toString());
  }

  /** A day of a channel's report. */
  record DayCheck(String channelId, Report report, LocalDate day) {}

  private static String of(Map<RowKind, String> statements, RowKind kind) {
    return Objects.requireNonNull(statements.get(kind));
  }

  /** Each field of all rows is one parameter, an array; answers which parameter is next. */
  private static int setColumns(
      PreparedStatement statement, int parameter, List<TypedRow> rows, int[] fields)
      throws SQLException {
    for (int field : fields) {
      statement.setArray(
          parameter++,
          BinaryArray.of(
              statement.getConnection(),
              element(rows.getFirst().kind().fields().get(field).type()),
              rows.size(),
              i -> rows.get(i).value(field)));
    }
    return parameter;
  }

  private static BinaryArray.Element element(Type type) {
    return switch (type) {
      case TEXT -> BinaryArray.Element.TEXT;
      case DAY -> BinaryArray.Element.DATE;
      case INSTANT -> BinaryArray.Element.TIMESTAMPTZ;
      case COUNT -> BinaryArray.Element.INT8;
      case FLAG -> BinaryArray.Element.BOOL;
      case LIST -> BinaryArray.Element.JSONB;
      case PERCENT, RATE, MONEY -> BinaryArray.Element.NUMERIC;
    };
  }
}
