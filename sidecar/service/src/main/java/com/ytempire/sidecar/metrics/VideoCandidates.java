package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.metrics.Schedule.ByDay;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.youtube.AnalyticsQuery;
import com.ytempire.sidecar.youtube.Metric;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The videos of a channel that Analytics is asked for by day: those that are known and those that
 * draw views, without those that it refused lately and those that YouTube shows not even their
 * owner. Safe to share between threads.
 */
final class VideoCandidates {
  /** Videos of a channel that are asked for by day; what is older draws few views. */
  private static final int MAX_VIDEOS_BY_DAY = 5_000;

  /** How often the videos that draw views are looked up: older ones than the plan knows may. */
  private static final Duration ACTIVE_VIDEOS_TTL = Duration.ofDays(7);

  /** Videos that Analytics refused are named again after this time: a private one may come back. */
  private static final Duration REFUSED_VIDEOS_KEPT = Duration.ofDays(30);

  private static final Logger log = LoggerFactory.getLogger(VideoCandidates.class);

  private final Database database;
  private final AnalyticsCalls calls;
  private final SingleFlight<CachedAnswer<String>> flights = new SingleFlight<>();

  VideoCandidates(Database database, AnalyticsCalls calls) {
    this.database = database;
    this.calls = calls;
  }

  /** The ids of the videos, in order. */
  List<String> of(FetchContext context, PlannedRequest request) {
    String channelId = request.channelId();
    Set<String> ids = new TreeSet<>(active(context, request));
    database
        .idempotent()
        .useTenant(handle -> {
          PlanDao dao = handle.attach(PlanDao.class);
          ids.addAll(dao.videoIds(channelId, end(request.last()), MAX_VIDEOS_BY_DAY));
          ids.removeAll(dao.refusedVideos(channelId, context.now().minus(REFUSED_VIDEOS_KEPT)));
          // One of them can make Analytics refuse all the others. Who comes back within a week is
          // asked for the days of its absence, too, which are read daily until then.
          ids.removeAll(dao.missedVideos(channelId));
        });
    return List.copyOf(ids);
  }

  /** The end of a day: what is published later has no figures of it. */
  private static Instant end(LocalDate day) {
    return day.plusDays(1).atStartOfDay(Bucket.PACIFIC).toInstant();
  }

  /** Notes videos that Analytics refused. */
  void noteRefused(FetchContext context, String channelId, List<String> videoIds) {
    log.info("Analytics refuses {} videos of channel {}", videoIds.size(), channelId);
    try {
      database.useTenant(handle ->
          handle
              .attach(PlanDao.class)
              .noteRefusedVideos(channelId, videoIds.toArray(String[]::new), context.now()));
    } catch (DatabaseBusy | DatabaseUnavailable e) {
      log.warn("refused videos were not noted, and are named once more: {}", e.getMessage());
    }
  }

  /** The channel's most viewed videos of the last weeks, whether or not the plan knows them. */
  private List<String> active(FetchContext context, PlannedRequest request) {
    String key = request.channelId() + ":active-videos";
    Optional<CachedAnswer<String>> known =
        context.cache().find(key, ACTIVE_VIDEOS_TTL, String.class);
    return known.isPresent()
        ? known.get().rows()
        : flights
            .get(
                context.userId() + key,
                () -> context.cache().putFor(ACTIVE_VIDEOS_TTL, key, askActive(context, request)))
            .rows();
  }

  private List<String> askActive(FetchContext context, PlannedRequest request) {
    LocalDate today = LocalDate.ofInstant(context.now(), Bucket.PACIFIC);
    int window =
        request.report().schedule() instanceof ByDay days ? days.window() : request.days().size();
    AnalyticsQuery query =
        AnalyticsQuery.of(
                request.channelId(),
                today.minusDays(window),
                today.minusDays(1),
                List.of(AnalyticsQuery.VIDEO),
                List.of(Metric.VIEWS))
            .top(Metric.VIEWS, AnalyticsQuery.MAX_TOP_VIDEOS);
    return calls.lines(context, request, query).stream()
        .map(line -> String.valueOf(line.dimensions().get(AnalyticsQuery.VIDEO)))
        .toList();
  }
}
