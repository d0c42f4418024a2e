package com.ytempire.sidecar.metrics;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Fetches the days of a report that are due by plan, in as few queries as can be. What is cached
 * was fetched before and is not stored: it comes again until it is, and other days wait for that.
 * Days that YouTube has answered without a row are noted, so that they are not asked for ever. Safe
 * to share between threads.
 */
final class PlannedDays {
  /**
   * Days that YouTube has not finished are asked for again after this time, unless {@link
   * NewestDays} shows that it has not finished them still: once before they come with the next
   * day's, which is 24 hours after the first time, or 23 where the clock is put forward.
   */
  private static final Duration UNFINISHED_RECHECK = Duration.ofHours(11);

  private final ReportQueries queries;
  private final VideosByDay videosByDay;
  private final TopVideosByDay topVideosByDay;
  private final MissingDays missingDays;
  private final BackfillProgress backfillProgress;
  private final SingleFlight<Optional<CachedAnswer<Answer>>> flights = new SingleFlight<>();

  PlannedDays(
      ReportQueries queries,
      VideosByDay videosByDay,
      TopVideosByDay topVideosByDay,
      MissingDays missingDays,
      BackfillProgress backfillProgress) {
    this.queries = queries;
    this.videosByDay = videosByDay;
    this.topVideosByDay = topVideosByDay;
    this.missingDays = missingDays;
    this.backfillProgress = backfillProgress;
  }

  /** The answer to a request, with the days that were asked for. */
  private record Answer(List<LocalDate> days, List<FetchedRow> rows) {
    /** Whether nothing of it has been stored: all days that it has rows of are still due. */
    boolean isStillDue(List<LocalDate> due) {
      return !rows.isEmpty() && Set.copyOf(due).containsAll(AnalyticsRows.days(rows));
    }

    /** Whether a day was asked for and has no row in it. */
    boolean isWithoutRowOf(LocalDate day) {
      return days.contains(day) && !AnalyticsRows.days(rows).contains(day);
    }
  }

  /**
   * Fetches the days of a request.
   *
   * @return {@link Outcome.NotDue} when YouTube had no rows of the days a while ago and has not
   *     finished them
   */
  Outcome fetch(FetchContext context, PlannedRequest request) {
    String key = request.isBackfill() ? request.backfillCacheKey() : request.plannedCacheKey();
    Duration recheck = context.maxAge(recheck(request.report()));
    Optional<CachedAnswer<Answer>> cached =
        context
            .cache()
            .<Answer>find(key, recheck, Answer.class)
            .filter(answer -> answer.rows().size() == 1);
    if (cached.isEmpty()) {
      @Nullable Instant nextDay = NewestDays.nextDay(context, request);
      return nextDay == null
          ? ask(context, request, key, request.days())
          : new Outcome.NotDue(request.index(), nextDay, Outcome.NotDue.Cause.NOT_DUE);
    }
    Answer answer = cached.get().rows().getFirst();
    boolean isByPlan =
        !cached.get().fetchedAt().isBefore(AnalyticsCache.oldestByPlan(context, request));
    if (isByPlan && answer.isStillDue(request.days())) {
      return Outcome.Rows.of(request, answer.rows(), cached.get().fetchedAt(), true);
    }
    List<LocalDate> open =
        request.days().stream().filter(day -> !answer.isWithoutRowOf(day)).toList();
    if (open.isEmpty()) {
      return new Outcome.NotDue(
          request.index(), cached.get().fetchedAt().plus(recheck), Outcome.NotDue.Cause.NOT_DUE);
    }
    return ask(
        context,
        open.size() < request.days().size()
            ? request.with(new Selection.Plan(open, List.of()))
            : request,
        key,
        request.days());
  }

  /** How long days without rows wait; of other reports than this one they are noted instead. */
  private static Duration recheck(Report report) {
    return report == Report.CHANNEL_DAY ? UNFINISHED_RECHECK : report.fresh();
  }

  /**
   * Asks for the days of a request.
   *
   * @param answered the days that the answer is of, those included that wait after one before
   */
  private Outcome ask(
      FetchContext context, PlannedRequest request, String key, List<LocalDate> answered) {
    return flights
        .get(
            context.userId() + key,
            () ->
                rows(context, request)
                    .map(rows ->
                        context
                            .cache()
                            .putFor(
                                recheck(request.report()),
                                key,
                                List.of(new Answer(answered, rows)))))
        .<Outcome>map(answer -> context.rows(request, answer.rows().getFirst().rows()))
        .orElseGet(() -> topVideosByDay.fetch(context, request));
  }

  /**
   * The rows of a request, zeros included; notes the days without rows.
   *
   * @return empty where videos are to be asked for day by day
   */
  private Optional<List<FetchedRow>> rows(FetchContext context, PlannedRequest request) {
    Optional<List<FetchedRow>> answer =
        request.isOfAllVideos()
            ? videosByDay.ofChannel(context, request)
            : Optional.of(queries.rows(context, request));
    return answer.map(rows -> {
      NewestDays.note(context, request, rows);
      List<FetchedRow> zeros = missingDays.zeroRows(context, request, rows);
      List<FetchedRow> complete = Stream.concat(rows.stream(), zeros.stream()).toList();
      if (request.isBackfill()) {
        backfillProgress.skipWithoutRows(context, request, AnalyticsRows.days(complete));
      } else {
        missingDays.note(context, request, request.days(), rows, zeros);
      }
      return complete;
    });
  }
}
