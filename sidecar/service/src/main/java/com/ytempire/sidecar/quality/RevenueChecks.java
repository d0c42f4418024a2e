package com.ytempire.sidecar.quality;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.PacificTime;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reconciles the revenue of each channel once a Pacific day, a few channels a run, one call after
 * the other, so that half a day suffices for all and the sync never waits. When YouTube or the
 * quota is unavailable, the next run goes on. Of one thread.
 */
final class RevenueChecks {
  private static final Logger log = LoggerFactory.getLogger(RevenueChecks.class);

  /** Until then the first fetch, and its backfill, are under way. */
  private static final Duration AFTER_CONNECTING = Duration.ofDays(1);

  private static final int RESULTS_OF_DAYS = 3;

  private final Database database;
  private final RevenueReader reader;
  private final RevenuePace pace;
  private final Clock clock;

  /**
   * Creates the checks.
   *
   * @param interval from one run to the next
   */
  RevenueChecks(Database database, RevenueReader reader, Duration interval, Clock clock) {
    this.database = database;
    this.reader = reader;
    this.pace = new RevenuePace(interval);
    this.clock = clock;
  }

  private record Due(UUID userId, String channelId) {}

  /**
   * Reconciles some channels.
   *
   * @param weights the active users, with their weights in the queue
   */
  void run(Map<UUID, Integer> weights) {
    Instant now = clock.instant();
    LocalDate today = PacificTime.day(now);
    List<Due> due = new ArrayList<>();
    int all = 0;
    for (UUID userId : weights.keySet()) {
      try {
        for (QualityDao.RevenueChannel channel : channels(userId, now, today)) {
          all++;
          if (channel.isDue()) {
            due.add(new Due(userId, channel.channelId()));
          }
        }
      } catch (RuntimeException e) {
        log.warn("what is to be reconciled of user {} could not be read", userId, e);
      }
    }
    // Replicas begin with different ones.
    Collections.shuffle(due);
    int share = pace.start(all, now);
    int asked = 0;
    Set<UUID> later = new HashSet<>();
    for (Due each : due) {
      if (asked == share) {
        return;
      }
      if (later.contains(each.userId())) {
        continue;
      }
      asked++;
      int weight = weights.getOrDefault(each.userId(), 1);
      try {
        Tenant.run(each.userId(), () -> reconcile(each, weight, today));
      } catch (YouTubeException e) {
        log.info("revenue is reconciled later: {}", e.getMessage());
        if (!isOfOneUser(e.failure())) {
          return;
        }
        later.add(each.userId());
      } catch (RuntimeException e) {
        log.warn("revenue of channel {} was not reconciled", each.channelId(), e);
      }
    }
  }

  private List<QualityDao.RevenueChannel> channels(UUID userId, Instant now, LocalDate today) {
    return Tenant.as(
        userId,
        () ->
            database.asTenant(handle ->
                handle
                    .attach(QualityDao.class)
                    .reconciledChannels(today, now.minus(AFTER_CONNECTING))));
  }

  /** Whether a failure says nothing of the calls for other users: each has limits of its own. */
  private static boolean isOfOneUser(Failure failure) {
    return failure instanceof Failure.QuotaExhausted
        || failure instanceof Failure.RateLimited
        || failure instanceof Failure.Busy;
  }

  private void reconcile(Due due, int weight, LocalDate today) {
    @Nullable Map<LocalDate, BigDecimal> answered = ask(due, weight, today);
    Instant now = clock.instant();
    database.useTenant(handle -> {
      QualityDao dao = handle.attach(QualityDao.class);
      @Nullable BigDecimal difference =
          answered == null
              ? null
              : RevenueReconciliation.difference(
                      dao.revenue(due.channelId(), RevenueReconciliation.first(today)),
                      answered,
                      today)
                  .orElse(null);
      Incidents.put(
          dao, Check.REVENUE, Finding.of(Check.REVENUE, due.channelId(), difference), now, today);
      Map<String, Finding> channels = new LinkedHashMap<>();
      dao.revenueChannels().forEach(id -> channels.put(id, Finding.unknown(id)));
      for (QualityDao.Result result :
          dao.newest(
              today.minusDays(RESULTS_OF_DAYS),
              Check.REVENUE.label(),
              null,
              null,
              Integer.MAX_VALUE)) {
        @Nullable String channelId = result.channelId();
        if (channelId != null) {
          channels.replace(channelId, Finding.of(Check.REVENUE, channelId, result.value()));
        }
      }
      Incidents.summarize(
          handle, due.userId(), Check.REVENUE, List.copyOf(channels.values()), now, today);
    });
  }

  /**
   * What YouTube answers; null where it will not today, so that there is nothing to judge by.
   *
   * @throws YouTubeException where it may answer later
   */
  private @Nullable Map<LocalDate, BigDecimal> ask(Due due, int weight, LocalDate today) {
    try {
      return reader.read(
          due.userId(),
          weight,
          due.channelId(),
          RevenueReconciliation.first(today),
          RevenueReconciliation.last(today));
    } catch (YouTubeException e) {
      return switch (e.failure()) {
        case Failure.QuotaExhausted f -> throw e;
        case Failure.RateLimited f -> throw e;
        case Failure.Busy f -> throw e;
        case Failure.Unavailable f -> throw e;
        case Failure.ApiDisabled f -> throw e;
        default -> null;
      };
    }
  }
}
