package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.metrics.FetchWork.Kept;
import com.ytempire.sidecar.metrics.FetchWork.Wanted;
import com.ytempire.sidecar.metrics.PlanDao.Source;
import com.ytempire.sidecar.oauth.Grants;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.youtube.AnalyticsQuery;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.Metric;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTube.Line;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reports of Analytics as rows. Each asks a query of its own, since a slow metric would cut the
 * last days off the others. Safe to share between threads.
 */
final class AnalyticsReports {
  private static final Duration ASK_AGAIN_ABOUT_REVENUE = Duration.ofDays(7);
  private static final int TOP_VIDEOS = 200;
  private static final int VIDEOS_AT_ONCE = 200;

  /** Of the newest days YouTube may have none yet; the third is there. */
  private static final int MOST_DAYS_ASKED = 3;

  private final Database database;
  private final Grants grants;
  private final YouTube youTube;
  private final boolean videoDaysByFilter;
  private final SingleFlight<Kept> flights = new SingleFlight<>();

  /**
   * Makes the reports.
   *
   * @param videoDaysByFilter whether Analytics is asked for several videos by day at once
   */
  AnalyticsReports(Database database, Grants grants, YouTube youTube, boolean videoDaysByFilter) {
    this.database = database;
    this.grants = grants;
    this.youTube = youTube;
    this.videoDaysByFilter = videoDaysByFilter;
  }

  void fetch(FetchWork work, Wanted one) {
    if (work.wasRefused(one)) {
      return;
    }
    try {
      if (one.report().isDayByDay() && one.item().videoIds() == null) {
        dayByDay(work, one);
      } else {
        answer(work, one, at(work, one, one.cacheKey(), () -> rows(work, one)));
      }
    } catch (YouTubeException e) {
      if (one.due() != null && e.failure() instanceof Failure.NotMonetised) {
        work.notDue(one, work.now().plus(ASK_AGAIN_ABOUT_REVENUE));
      } else {
        work.missedForGood(one, e.failure());
      }
    } catch (NotMonetised e) {
      work.missed(
          one,
          new Failure.NotMonetised(
              "YouTube shows no revenue of this channel; it is asked again a week after it said so."));
    } catch (Grants.NotConnected e) {
      work.missed(one, e);
    }
  }

  /** YouTube said so less than a week ago. */
  private static final class NotMonetised extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** An answer, and whether it was at hand. */
  private record At(Kept kept, boolean wasKept) {}

  @FunctionalInterface
  private interface Question {
    List<JsonNode> ask();
  }

  private At at(FetchWork work, Wanted one, String key, Question question) {
    Optional<Kept> kept = atHand(work, one, key);
    return kept.map(found -> new At(found, true))
        .orElseGet(() ->
            new At(
                flights.get(work.userId + key, () -> work.keep(key, question.ask(), null)), false));
  }

  /**
   * The cached answer, if it is young enough. By plan it must be of the same Pacific day: the plan
   * asks again each day because YouTube restates figures, and an answer from before midnight would
   * be stored as today's check.
   */
  private static Optional<Kept> atHand(FetchWork work, Wanted one, String key) {
    Duration maxAge = work.maxAge(one.report());
    if (one.due() == null || maxAge.isZero()) {
      return work.kept(key, maxAge);
    }
    Instant oldest = work.now().minus(maxAge);
    Instant midnight =
        LocalDate.ofInstant(work.now(), Bucket.PACIFIC).atStartOfDay(Bucket.PACIFIC).toInstant();
    return work.keptSince(key, oldest.isBefore(midnight) ? midnight : oldest);
  }

  private static void answer(FetchWork work, Wanted one, At at) {
    if (at.wasKept()) {
      work.fromCache(one, at.kept());
    } else {
      work.fresh(one, at.kept().rows());
    }
  }

  private List<JsonNode> rows(FetchWork work, Wanted one) {
    return switch (one.report()) {
      case CHANNEL_DAY, CHANNEL_REVENUE_DAY ->
          lines(work, one, query(one, AnalyticsQuery.DAY)).stream()
              .map(line ->
                  row(
                      work.row("channel-day", one.channelId())
                          .put("day", line.dimensions().get(AnalyticsQuery.DAY)),
                      line))
              .toList();
      case VIDEO_DAY, VIDEO_REVENUE_DAY -> ofVideos(work, one);
      case TRAFFIC_SOURCE_DAY ->
          lines(work, one, query(one, AnalyticsQuery.DAY, AnalyticsQuery.TRAFFIC_SOURCE)).stream()
              .map(line ->
                  row(
                      work.row("traffic-source-day", one.channelId())
                          .put("sourceType", line.dimensions().get(AnalyticsQuery.TRAFFIC_SOURCE))
                          .put("day", line.dimensions().get(AnalyticsQuery.DAY)),
                      line))
              .toList();
      case TOP_VIDEOS -> top(work, one);
      case RETENTION -> retention(work, one);
      case CHANNEL_STATISTICS, RECENT_UPLOADS, VIDEO_STATISTICS, VIDEO_DETAILS, THUMBNAIL_DAY ->
          throw new IllegalArgumentException(one.report() + " does not come from Analytics");
    };
  }

  private static AnalyticsQuery query(Wanted one, String... dimensions) {
    return AnalyticsQuery.of(
        one.channelId(), one.first(), one.last(), List.of(dimensions), one.metrics());
  }

  /** What is not counted in a row is left out of it; rows of nothing are left out whole. */
  private static JsonNode row(ObjectNode row, Line line) {
    line.metrics().forEach((metric, value) -> FetchWork.put(row, metric, value));
    return row;
  }

  /**
   * The largest videos of each day, a query a day. By plan one day is fetched at a time, the newest
   * that YouTube has: many days would hold up everybody's Analytics. What is at hand was fetched
   * before and never stored; it comes again until it is.
   */
  private void dayByDay(FetchWork work, Wanted one) {
    List<JsonNode> rows = new ArrayList<>();
    int asked = 0;
    boolean found = false;
    for (LocalDate day : days(one)) {
      String key = one.on(day).cacheKey();
      @Nullable Kept kept = atHand(work, one, key).orElse(null);
      if (kept == null) {
        if (one.due() != null && (found || asked == MOST_DAYS_ASKED)) {
          continue;
        }
        asked++;
        kept =
            flights.get(work.userId + key, () -> work.keep(key, largestOf(work, one, day), null));
      }
      found |= !kept.rows().isEmpty();
      rows.addAll(kept.rows());
    }
    if (asked > 0) {
      work.fresh(one, rows);
    } else {
      work.fromCache(one, new Kept(work.now(), rows, null));
    }
  }

  private static List<LocalDate> days(Wanted one) {
    return one.due() != null
        ? one.due().days()
        : one.first().datesUntil(one.last().plusDays(1)).toList();
  }

  private List<JsonNode> largestOf(FetchWork work, Wanted one, LocalDate day) {
    AnalyticsQuery query =
        AnalyticsQuery.of(one.channelId(), day, day, List.of(AnalyticsQuery.VIDEO), one.metrics())
            .top(one.metrics().getFirst(), TOP_VIDEOS);
    return lines(work, one, query).stream()
        .map(line -> videoDay(work, one, line, day.toString()))
        .toList();
  }

  private static JsonNode videoDay(FetchWork work, Wanted one, Line line, String day) {
    return row(
        work.row("video-day", one.channelId())
            .put("videoId", line.dimensions().get(AnalyticsQuery.VIDEO))
            .put("day", day),
        line);
  }

  /** Certain videos, day by day: together where Analytics is known to take that, or one by one. */
  private List<JsonNode> ofVideos(FetchWork work, Wanted one) {
    List<String> ids = one.item().videoIds() == null ? List.of() : one.item().videoIds();
    List<JsonNode> rows = new ArrayList<>();
    if (videoDaysByFilter) {
      for (int from = 0; from < ids.size(); from += VIDEOS_AT_ONCE) {
        List<String> some = ids.subList(from, Math.min(from + VIDEOS_AT_ONCE, ids.size()));
        AnalyticsQuery query = query(one, AnalyticsQuery.VIDEO, AnalyticsQuery.DAY).ofVideos(some);
        for (Line line : lines(work, one, query)) {
          rows.add(
              videoDay(work, one, line, String.valueOf(line.dimensions().get(AnalyticsQuery.DAY))));
        }
      }
      return rows;
    }
    for (String id : ids) {
      AnalyticsQuery query = query(one, AnalyticsQuery.DAY).ofVideos(List.of(id));
      for (Line line : lines(work, one, query)) {
        rows.add(
            row(
                work.row("video-day", one.channelId())
                    .put("videoId", id)
                    .put("day", line.dimensions().get(AnalyticsQuery.DAY)),
                line));
      }
    }
    return rows;
  }

  private List<JsonNode> top(FetchWork work, Wanted one) {
    Metric by =
        one.item().sortBy() == null ? Metric.VIEWS : Metric.of(one.item().sortBy()).orElseThrow();
    AnalyticsQuery query =
        query(one, AnalyticsQuery.VIDEO)
            .top(by, one.item().limit() == null ? TOP_VIDEOS : one.item().limit());
    List<JsonNode> rows = new ArrayList<>();
    for (Line line : lines(work, one, query)) {
      rows.add(
          row(
              ofPeriod(work.row("top-video", one.channelId()), one)
                  .put("videoId", line.dimensions().get(AnalyticsQuery.VIDEO))
                  .put("rank", rows.size() + 1),
              line));
    }
    return rows;
  }

  private List<JsonNode> retention(FetchWork work, Wanted one) {
    List<String> ids = one.item().videoIds() == null ? List.of() : one.item().videoIds();
    return lines(work, one, query(one, AnalyticsQuery.ELAPSED).ofVideos(ids)).stream()
        .map(line ->
            row(
                ofPeriod(work.row("retention-point", one.channelId()), one)
                    .put("videoId", ids.getFirst())
                    .put(
                        AnalyticsQuery.ELAPSED,
                        new BigDecimal(line.dimensions().get(AnalyticsQuery.ELAPSED))),
                line))
        .toList();
  }

  private static ObjectNode ofPeriod(ObjectNode row, Wanted one) {
    return row.put("startDate", one.first().toString()).put("endDate", one.last().toString());
  }

  /** Asks; what YouTube says about revenue is remembered. */
  private List<Line> lines(FetchWork work, Wanted one, AnalyticsQuery query) {
    Source source = one.source();
    boolean revenue = query.metrics().stream().anyMatch(Metric::isRevenue);
    if (revenue && Planner.knownToHaveNoRevenue(source, work.now()) && one.due() == null) {
      throw new NotMonetised();
    }
    try {
      List<Line> lines =
          grants.with(one.channelId(), token -> youTube.analytics(work.call(token), query));
      if (revenue && !Boolean.TRUE.equals(source.monetised())) {
        remember(work, source, true);
      }
      return lines;
    } catch (YouTubeException e) {
      if (e.failure() instanceof Failure.NotMonetised) {
        remember(work, source, false);
      }
      throw e;
    }
  }

  private void remember(FetchWork work, Source source, boolean monetised) {
    database.asTenant(handle ->
        handle
            .attach(PlanDao.class)
            .setMonetised(source.channelId(), monetised, work.now().atOffset(ZoneOffset.UTC)));
  }
}
