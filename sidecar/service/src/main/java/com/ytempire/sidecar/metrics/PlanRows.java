package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.InstantColumn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of which a plan has thousands. Jdbi's mappers by constructor take three to ten
 * times as long, while the users of a fetch wait.
 */
final class PlanRows {
  private PlanRows() {}

  /** When days of a report of a channel were last stored. */
  record Checks(UUID userId, String channelId, String report, Map<LocalDate, Instant> times) {}

  /**
   * A video of which something can be due, and when its totals were last stored.
   *
   * @param firstMissedAt since when YouTube does not show it to everybody; null: it does
   * @param missedAt when it was last asked for since then
   * @param misses how often in a row not even its owner was shown it
   * @param goneAt when it was given up; null: it was not
   */
  record StoredVideo(
      UUID userId,
      String channelId,
      String videoId,
      Instant publishedAt,
      Instant refreshedAt,
      boolean hasDetails,
      @Nullable Instant observedAt,
      @Nullable Instant firstMissedAt,
      @Nullable Instant missedAt,
      int misses,
      @Nullable Instant goneAt) {}

  /** Reads when the days of a report were last stored. Immutable; made by Jdbi. */
  public static final class ChecksMapper implements RowMapper<Checks> {
    /** Made by Jdbi. */
    public ChecksMapper() {}

    @Override
    public Checks map(ResultSet row, StatementContext context) throws SQLException {
      Integer[] days = (Integer[]) row.getArray("days").getArray();
      Long[] checked = (Long[]) row.getArray("checked").getArray();
      Map<LocalDate, Instant> times = HashMap.newHashMap(days.length);
      for (int i = 0; i < days.length; i++) {
        times.put(LocalDate.ofEpochDay(days[i]), Instant.EPOCH.plus(checked[i], ChronoUnit.MICROS));
      }
      return new Checks(
          row.getObject("user_id", UUID.class),
          row.getString("channel_id"),
          row.getString("report"),
          times);
    }
  }

  /** Reads videos. Immutable; made by Jdbi. */
  public static final class StoredVideoMapper implements RowMapper<StoredVideo> {
    /** Made by Jdbi. */
    public StoredVideoMapper() {}

    @Override
    public StoredVideo map(ResultSet row, StatementContext context) throws SQLException {
      // In the order of app.plan_video_states.
      return new StoredVideo(
          row.getObject(1, UUID.class),
          row.getString(2),
          row.getString(3),
          Objects.requireNonNull(InstantColumn.read(row, 4)),
          Objects.requireNonNull(InstantColumn.read(row, 5)),
          row.getBoolean(6),
          InstantColumn.read(row, 7),
          InstantColumn.read(row, 8),
          InstantColumn.read(row, 9),
          row.getInt(10),
          InstantColumn.read(row, 11));
    }
  }
}
