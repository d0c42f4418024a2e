package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.youtube.AnalyticsQuery;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Fetches the largest videos of each day, a query a day: the way that Analytics answers for every
 * channel. By plan one day is fetched at a time, the newest that YouTube has: many days would hold
 * up everybody's Analytics. Safe to share between threads.
 */
final class TopVideosByDay {
  /** Of the newest days YouTube may have none yet; the third is there. */
  private static final int MAX_EMPTY_DAYS = 3;

  private final AnalyticsCalls calls;
  private final AnalyticsCache cache;
  private final MissingDays missingDays;

  TopVideosByDay(AnalyticsCalls calls, AnalyticsCache cache, MissingDays missingDays) {
    this.calls = calls;
    this.cache = cache;
    this.missingDays = missingDays;
  }

  /**
   * Fetches the days of a request. What is cached was fetched before and never stored; it comes
   * again until it is.
   */
  Outcome fetch(FetchContext context, PlannedRequest request) {
    List<FetchedRow> rows = new ArrayList<>();
    List<LocalDate> asked = new ArrayList<>();
    boolean hasRows = false;
    for (LocalDate day : request.days()) {
      String key = request.cacheKey(day, day);
      @Nullable CachedAnswer<FetchedRow> answer =
          AnalyticsCache.find(context, request, key).orElse(null);
      if (answer == null) {
        if (request.isByPlan() && (hasRows || asked.size() == MAX_EMPTY_DAYS)) {
          continue;
        }
        asked.add(day);
        answer = cache.ask(context, key, () -> rows(context, request, day));
      }
      hasRows |= !answer.rows().isEmpty();
      rows.addAll(answer.rows());
    }
    if (request.isByPlan()) {
      missingDays.note(context, request, asked, rows, List.of());
    }
    return Outcome.Rows.of(request, rows, context.now(), asked.isEmpty());
  }

  private List<FetchedRow> rows(FetchContext context, PlannedRequest request, LocalDate day) {
    AnalyticsQuery query =
        AnalyticsQuery.of(
                request.channelId(),
                day,
                day,
                request.report().query().dimensions(),
                request.metrics())
            .top(request.metrics().getFirst(), AnalyticsQuery.MAX_TOP_VIDEOS);
    return AnalyticsRows.of(
        context, request, calls.lines(context, request, query), Map.of("day", day));
  }
}
