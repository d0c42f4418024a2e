package com.ytempire.sidecar.db;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Retention, compression and the check of rollups, as the second login. Safe to share between
 * threads.
 */
public final class Maintenance {
  private static final Logger log = LoggerFactory.getLogger(Maintenance.class);

  /** Videos whose rollups are made anew in one transaction, which holds their channels. */
  private static final int ROLLUP_BATCH = 200;

  private final Transactions operator;

  Maintenance(Transactions operator) {
    this.operator = operator;
  }

  /** Deletes the rows that are past their retention and compresses old ones. */
  public void maintain(Clock clock) {
    var _ = call(String.class, "select app.maintain(:now)", clock.instant());
  }

  /** Makes the partitions of events that are coming up, and drops those that have expired. */
  public void maintainEventPartitions(Clock clock) {
    var _ = call(String.class, "select app.maintain_event_partitions(:now)", clock.instant());
  }

  /** Calls a function of the database that takes the time, in a transaction of its own. */
  private <T> List<T> call(Class<T> type, String sql, Instant now) {
    return operator.run(
        TransactionOptions.ofLongJob(),
        handle -> handle.createQuery(sql).bind("now", now).mapTo(type).list());
  }

  /**
   * Sets the views of videos that have become 48 hours old and, once a Pacific day, compares the
   * rollups of a tenth of the videos with their days, a transaction a user, repairs those that
   * differ, some hundreds a transaction, and logs how many they were. A video whose rollups cannot
   * be repaired is logged, and the others' are repaired.
   */
  public void checkRollups(Clock clock) {
    Instant now = clock.instant();
    var _ = call(String.class, "select app.set_views_48h(:now)", now);
    if (!call(Boolean.class, "select app.is_rollup_check_due(:now)", now).getFirst()) {
      return;
    }
    Integer[] parts = call(Integer[].class, "select app.list_rollup_parts(:now)", now).getFirst();
    long found = 0;
    long repaired = 0;
    for (UUID user : rollupUsers()) {
      repairReachDays(user, parts.length == 1 ? parts[0] : null, now);
      for (int part : parts) {
        for (WrongRollups wrong : wrongRollups(user, part, now)) {
          found += wrong.videoIds().length;
          repaired += repairRollups(user, wrong, 0, wrong.videoIds().length, now);
        }
      }
    }
    noteRollupCheck(found, repaired, now);
  }

  private List<UUID> rollupUsers() {
    return operator.run(
        TransactionOptions.ofLongJob(),
        handle ->
            handle.createQuery("select * from app.list_rollup_users()").mapTo(UUID.class).list());
  }

  private void noteRollupCheck(long found, long repaired, Instant now) {
    long postponed = found - repaired;
    long videos =
        operator.run(
            TransactionOptions.ofLongJob(),
            handle ->
                handle
                    .createQuery("select app.note_rollup_check(:now, :repaired, :postponed)")
                    .bind("now", now)
                    .bind("repaired", repaired)
                    .bind("postponed", postponed)
                    .mapTo(Long.class)
                    .findOne()
                    .orElse(0L));
    if (found > 0) {
      log.warn(
          "rollups of {} of {} videos differed from their days: {} repaired, {} left to the next check",
          found,
          videos,
          repaired,
          postponed);
    } else {
      log.info("rollups of {} videos agree with their days", videos);
    }
  }

  /**
   * Repairs the sums of thumbnails of a user's channels that differ from their videos' days, in a
   * transaction.
   *
   * @param part the tenth of the channels of which all days are looked at; null: of all
   */
  private void repairReachDays(UUID user, @Nullable Integer part, Instant now) {
    try {
      long repaired =
          operator.run(
              TransactionOptions.ofLongJob(),
              handle ->
                  handle
                      .createQuery("select app.repair_reach_days(:user, :part, :now)")
                      .bind("user", user)
                      .bind("part", part)
                      .bind("now", now)
                      .mapTo(Long.class)
                      .one());
      if (repaired > 0) {
        log.warn(
            "thumbnail sums of {} days of channels of user {} differed from the videos' days and were repaired",
            repaired,
            user);
      }
    } catch (JdbiException | DatabaseBusy e) {
      log.warn("thumbnail sums of user {} cannot be checked", user, e);
    }
  }

  /** Videos of a user whose rollups differ from their days; the n-th is of the n-th channel. */
  @SuppressWarnings("ArrayRecordComponent")
  private record WrongRollups(String[] channelIds, String[] videoIds) {}

  private List<WrongRollups> wrongRollups(UUID user, int part, Instant now) {
    return operator.run(
        TransactionOptions.ofLongJob(),
        handle ->
            handle
                .createQuery(
                    "select channel_ids, video_ids from app.list_wrong_rollups(:now, :user, :part)")
                .bind("now", now)
                .bind("user", user)
                .bind("part", part)
                .map((row, context) ->
                    new WrongRollups(
                        (String[]) row.getArray(1).getArray(),
                        (String[]) row.getArray(2).getArray()))
                .list());
  }

  /**
   * Repairs some videos at a time, each in a transaction; returns how many. Where that fails, as by
   * a sum that does not fit, halves are tried until that video alone is left out.
   */
  private long repairRollups(UUID user, WrongRollups wrong, int from, int to, Instant now) {
    long repaired = 0;
    for (int first = from; first < to; first += ROLLUP_BATCH) {
      int last = Math.min(first + ROLLUP_BATCH, to);
      try {
        repaired += repairBatch(user, wrong, first, last, now);
      } catch (UnableToExecuteStatementException e) {
        if (last - first == 1 || !isOfValues(e)) {
          log.warn("rollups of {} videos of user {} cannot be repaired", last - first, user, e);
          continue;
        }
        int middle = (first + last) / 2;
        repaired += repairRollups(user, wrong, first, middle, now);
        repaired += repairRollups(user, wrong, middle, last, now);
      } catch (JdbiException | DatabaseBusy e) {
        log.warn("rollups of {} videos of user {} cannot be repaired", last - first, user, e);
      }
    }
    return repaired;
  }

  /** Class 22: data exception. */
  private static boolean isOfValues(UnableToExecuteStatementException failure) {
    return failure.getCause() instanceof SQLException e
        && String.valueOf(e.getSQLState()).startsWith("22");
  }

  private long repairBatch(UUID user, WrongRollups wrong, int first, int last, Instant now) {
    return operator.run(
        TransactionOptions.ofLongJob(),
        handle ->
            handle
                .createQuery("select app.repair_rollups(:user, :channels, :videos, :now)")
                .bind("user", user)
                .bindArray(
                    "channels",
                    String.class,
                    (Object[]) Arrays.copyOfRange(wrong.channelIds(), first, last))
                .bindArray(
                    "videos",
                    String.class,
                    (Object[]) Arrays.copyOfRange(wrong.videoIds(), first, last))
                .bind("now", now)
                .mapTo(Long.class)
                .one());
  }

  /**
   * Fills the rollups of what was stored before there were rollups, some videos a transaction,
   * until all are. A run that is cut off loses its last transaction.
   */
  public void fillRollups(Clock clock) {
    long filled = 0;
    long last;
    do {
      last =
          operator.run(
              TransactionOptions.ofLongJob(),
              handle ->
                  handle
                      .createQuery("select app.fill_rollups(:now, :limit)")
                      .bind("now", clock.instant())
                      .bind("limit", ROLLUP_BATCH)
                      .mapTo(Long.class)
                      .one());
      filled += last;
    } while (last > 0 && !Thread.currentThread().isInterrupted());
    if (filled > 0) {
      log.info("rollups of {} videos that were stored before the upgrade are filled", filled);
    }
  }
}
