package com.ytempire.sidecar.db;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Retention, compression and the check of rollups, as the second login. */
final class Maintenance {
  private static final Logger log = LoggerFactory.getLogger(Maintenance.class);

  private final Transactions operator;

  Maintenance(Transactions operator) {
    this.operator = operator;
  }

  /** Deletes the rows that are past their retention and compresses old ones. */
  void maintain(Clock clock) {
    operator.run(
        Transactions.Options.withoutTenant(false),
        handle ->
            handle
                .createQuery("select app.maintain(:now)")
                .bind("now", clock.instant())
                .mapTo(String.class)
                .list());
  }

  /**
   * Sets the views of videos that have become 48 hours old and, once a Pacific day, compares the
   * rollups of a tenth of the videos with their days, repairs those that differ, a transaction a
   * user, and logs how many they were. A user whose rollups cannot be repaired is logged, and the
   * others' are repaired.
   */
  void checkRollups(Clock clock) {
    Instant now = clock.instant();
    operator.run(
        Transactions.Options.withoutTenant(false),
        handle ->
            handle
                .createQuery("select app.set_views_48h(:now)")
                .bind("now", now)
                .mapTo(String.class)
                .list());
    boolean due =
        operator.run(
            Transactions.Options.withoutTenant(false),
            handle ->
                handle
                    .createQuery("select app.is_rollup_check_due(:now)")
                    .bind("now", now)
                    .mapTo(Boolean.class)
                    .one());
    if (!due) {
      return;
    }
    List<WrongRollups> wrong =
        operator.run(
            Transactions.Options.withoutTenant(false),
            handle ->
                handle
                    .createQuery(
                        "select user_id, channel_ids, video_ids from app.list_wrong_rollups(:now)")
                    .bind("now", now)
                    .map((row, context) ->
                        new WrongRollups(
                            row.getObject(1, UUID.class),
                            (String[]) row.getArray(2).getArray(),
                            (String[]) row.getArray(3).getArray()))
                    .list());
    long found = 0;
    long repaired = 0;
    for (WrongRollups each : wrong) {
      found += each.videoIds().length;
      try {
        long done =
            operator.run(
                Transactions.Options.withoutTenant(false),
                handle ->
                    handle
                        .createQuery("select app.repair_rollups(:user, :channels, :videos, :now)")
                        .bind("user", each.userId())
                        .bindArray("channels", String.class, (Object[]) each.channelIds())
                        .bindArray("videos", String.class, (Object[]) each.videoIds())
                        .bind("now", now)
                        .mapTo(Long.class)
                        .one());
        repaired += done;
      } catch (JdbiException | DatabaseBusy e) {
        log.warn("rollups of user {} cannot be repaired", each.userId(), e);
      }
    }
    long postponed = found - repaired;
    long repairedInAll = repaired;
    long videos =
        operator.run(
            Transactions.Options.withoutTenant(false),
            handle ->
                handle
                    .createQuery("select app.note_rollup_check(:now, :repaired, :postponed)")
                    .bind("now", now)
                    .bind("repaired", repairedInAll)
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

  /** Videos of a user whose rollups differ from their days; the n-th is of the n-th channel. */
  @SuppressWarnings("ArrayRecordComponent")
  private record WrongRollups(UUID userId, String[] channelIds, String[] videoIds) {}
}
