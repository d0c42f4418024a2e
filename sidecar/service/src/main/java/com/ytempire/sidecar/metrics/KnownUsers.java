package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.metrics.KnownChannel.KnownVideo;
import com.ytempire.sidecar.metrics.Report.Provider;
import com.ytempire.sidecar.oauth.ChannelKey;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.tenancy.Tier;
import com.ytempire.sidecar.web.Caller;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;

/** Reads what is stored of users, as far as plans need it. Safe to share between threads. */
final class KnownUsers {
  /** Days that the plan looks back, and some. */
  private static final int CHECKS_WINDOW_DAYS = 100;

  private final Database database;
  private final TenantAccess tenantAccess;
  private final Clock clock;

  KnownUsers(Database database, TenantAccess tenantAccess, Clock clock) {
    this.database = database;
    this.tenantAccess = tenantAccess;
    this.clock = clock;
  }

  /**
   * What is read of users besides their channels.
   *
   * @param reports that are fetched
   * @param isByPlan whether by what is due: only then does it matter when days were checked and how
   *     far backfills have come
   */
  record Scope(Set<Report> reports, boolean isByPlan) {
    static final Scope CHANNELS = new Scope(Set.of(), false);

    private boolean needs(Predicate<Report> part) {
      return reports.stream().anyMatch(part);
    }
  }

  /**
   * Reads users in one transaction, and writes the fetch to their audit logs. Users that the caller
   * may not act for are left out, as are those that do not exist.
   *
   * @throws DatabaseBusy when the deadline came first
   * @throws DatabaseUnavailable when the database is unavailable
   */
  Map<UUID, KnownUser> read(
      Caller caller, Collection<UUID> userIds, Scope scope, Deadline deadline) {
    // A user's token sees nobody else, whoever there is.
    List<UUID> allowed =
        userIds.stream().filter(userId -> TenantAccess.mayActFor(caller, userId)).toList();
    if (allowed.isEmpty()) {
      return Map.of();
    }
    // Repeatable: when in doubt the audit log says once more that it was asked.
    return deadline.supply(() ->
        database
            .idempotent()
            .acrossTenants(handle -> {
              Map<UUID, KnownUser> users = read(handle, allowed, scope);
              tenantAccess.auditEach(handle, caller, users.keySet(), "metrics.fetch");
              return users;
            }));
  }

  /**
   * Reads users with their channels alone, in a transaction of its own that no audit log records.
   * Users that the caller may not act for are left out, as are those that do not exist.
   */
  Map<UUID, KnownUser> channels(Caller caller, Collection<UUID> userIds) {
    List<UUID> allowed =
        userIds.stream().filter(userId -> TenantAccess.mayActFor(caller, userId)).toList();
    return allowed.isEmpty()
        ? Map.of()
        : database.idempotent().acrossTenants(handle -> read(handle, allowed, Scope.CHANNELS));
  }

  /** Reads users with a statement for each kind of thing, however many users and channels. */
  Map<UUID, KnownUser> read(Handle handle, List<UUID> userIds, Scope scope) {
    PlanDao dao = handle.attach(PlanDao.class);
    String[] tenants = Database.tenants(handle, userIds.toArray(UUID[]::new));
    Instant now = clock.instant();
    Map<ChannelKey, Map<Report, Map<LocalDate, Instant>>> checks =
        scope.isByPlan() && scope.needs(KnownUsers::needsChecks)
            ? checks(dao, tenants, now)
            : Map.of();
    Map<ChannelKey, Map<Report, Backfill>> backfills =
        scope.isByPlan() && scope.needs(Backfill.REPORTS::containsKey)
            ? backfills(handle.attach(BackfillDao.class), tenants)
            : Map.of();
    Map<ChannelKey, List<KnownVideo>> videos =
        scope.needs(Report.of(Provider.VIDEOS, Provider.UPLOADS)::contains)
            ? videos(dao, tenants, now)
            : Map.of();
    Map<UUID, KnownUser> users = new LinkedHashMap<>();
    for (PlanDao.Owner owner : dao.owners(tenants)) {
      users.put(
          owner.userId(),
          new KnownUser(
              Tier.of(owner.subscriptionTier()), owner.isActive(), new LinkedHashMap<>()));
    }
    for (PlanDao.Source source : dao.sources(tenants)) {
      KnownUser user = users.get(source.userId());
      if (user != null) {
        ChannelKey key = new ChannelKey(source.userId(), source.channelId());
        user.channels()
            .put(
                source.channelId(),
                new KnownChannel(
                    source,
                    checks.getOrDefault(key, Map.of()),
                    videos.getOrDefault(key, List.of()),
                    backfills.getOrDefault(key, Map.of())));
      }
    }
    return users;
  }

  /** When each day of each report was last fetched. */
  private static Map<ChannelKey, Map<Report, Map<LocalDate, Instant>>> checks(
      PlanDao dao, String[] tenants, Instant now) {
    LocalDate since = LocalDate.ofInstant(now, Bucket.PACIFIC).minusDays(CHECKS_WINDOW_DAYS);
    Map<ChannelKey, Map<Report, Map<LocalDate, Instant>>> checks = new HashMap<>();
    for (PlanRows.Checks each : dao.checks(tenants, since)) {
      checks
          .computeIfAbsent(new ChannelKey(each.userId(), each.channelId()), key -> new HashMap<>())
          .put(Report.of(each.report()), each.times());
    }
    return checks;
  }

  private static Map<ChannelKey, Map<Report, Backfill>> backfills(
      BackfillDao dao, String[] tenants) {
    Map<ChannelKey, Map<Report, Backfill>> backfills = new HashMap<>();
    for (BackfillDao.StoredBackfill each : dao.open(tenants)) {
      backfills
          .computeIfAbsent(new ChannelKey(each.userId(), each.channelId()), key -> new HashMap<>())
          .put(Report.of(each.report()), Backfill.of(each));
    }
    return backfills;
  }

  private static Map<ChannelKey, List<KnownVideo>> videos(
      PlanDao dao, String[] tenants, Instant now) {
    Map<ChannelKey, List<KnownVideo>> videos = new HashMap<>();
    for (PlanRows.StoredVideo video : dao.videos(tenants, now)) {
      videos
          .computeIfAbsent(
              new ChannelKey(video.userId(), video.channelId()), key -> new ArrayList<>())
          .add(
              new KnownVideo(
                  video.videoId(),
                  video.publishedAt(),
                  video.refreshedAt(),
                  video.hasDetails(),
                  video.observedAt(),
                  video.firstMissedAt() == null
                      ? null
                      : new KnownChannel.Absence(
                          video.missedAt(), video.misses(), video.goneAt() != null)));
    }
    return videos;
  }

  private static boolean needsChecks(Report report) {
    return !(report.schedule() instanceof Schedule.Rule)
        || report.schedule() == Schedule.Rule.DAILY_FILE;
  }
}
