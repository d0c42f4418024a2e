package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.oauth.ChannelKey;
import com.ytempire.sidecar.youtube.AnalyticsQuery;
import com.ytempire.sidecar.youtube.YouTube.Line;
import com.ytempire.sidecar.youtube.YouTube.VideoDays;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Fetches many videos on many days by one query, with a filter of up to {@value
 * AnalyticsQuery#MAX_VIDEOS} ids. Where Analytics refuses that for a channel, it is not tried again
 * for a while. Safe to share between threads.
 */
final class VideosByDay {
  /** Where Analytics refuses several videos by day at once, that is tried again after this time. */
  private static final Duration SHAPE_RECHECK = Duration.ofDays(7);

  /** Where it refused too many videos to find them all, it is tried again after this time. */
  private static final Duration MANY_REFUSED_RECHECK = Duration.ofDays(1);

  /**
   * Each is held while a channel's videos are asked for: of two reports of it the second leaves out
   * the videos that the first was refused, instead of looking for them, too.
   */
  private final ChannelLocks locks = new ChannelLocks();

  private final AnalyticsCalls calls;
  private final VideoCandidates candidates;
  private final VanishedVideoDays vanished;
  private final boolean isEnabled;

  /**
   * Makes the queries.
   *
   * @param isEnabled whether Analytics is asked for several videos by day at once
   */
  VideosByDay(
      AnalyticsCalls calls,
      VideoCandidates candidates,
      VanishedVideoDays vanished,
      boolean isEnabled) {
    this.calls = calls;
    this.candidates = candidates;
    this.vanished = vanished;
    this.isEnabled = isEnabled;
  }

  /** Whether a channel's videos may be asked for by day together, as far as is known. */
  boolean isAllowed(FetchContext context, PlannedRequest request) {
    return isEnabled && context.cache().refusal(refusalKey(request)).isEmpty();
  }

  /**
   * The videos of a channel on the days that are due.
   *
   * @return empty where day by day is what works, or what takes fewer queries
   */
  Optional<List<FetchedRow>> ofChannel(FetchContext context, PlannedRequest request) {
    // Half of the time is left to ask in.
    return locks.run(
        new ChannelKey(context.userId(), request.channelId()),
        context.remaining().dividedBy(2),
        () -> ask(context, request));
  }

  private Optional<List<FetchedRow>> ask(FetchContext context, PlannedRequest request) {
    List<String> ids = candidates.of(context, request);
    if (ids.isEmpty()) {
      return Optional.of(List.of());
    }
    int count = (ids.size() + AnalyticsQuery.MAX_VIDEOS - 1) / AnalyticsQuery.MAX_VIDEOS;
    List<List<String>> batches = batches(ids, (ids.size() + count - 1) / count);
    List<Selection.Period> spans = spans(request.days(), batches);
    return batches.size() * spans.size() > Math.max(1, request.days().size())
        ? Optional.empty()
        : answer(context, request, batches, spans)
            .map(answer ->
                Stream.concat(
                        answer.rows().stream(),
                        vanished
                            .zeroRows(context, request, answer.without(ids), answer.rows())
                            .stream())
                    .toList());
  }

  /**
   * The rows of many videos.
   *
   * @param refused videos for which Analytics refused the query, so that none of the rows is theirs
   */
  private record VideoAnswer(List<FetchedRow> rows, Set<String> refused) {
    /** Those of these videos that were answered for. */
    List<String> without(List<String> ids) {
      return ids.stream().filter(id -> !refused.contains(id)).toList();
    }
  }

  /** The videos that a request names: together, or one by one where Analytics refuses that. */
  List<FetchedRow> ofNamedVideos(FetchContext context, PlannedRequest request) {
    List<String> ids = request.videoIds();
    if (ids.size() > 1 && isAllowed(context, request)) {
      List<List<String>> batches = batches(ids, AnalyticsQuery.MAX_VIDEOS);
      Optional<VideoAnswer> answer =
          answer(context, request, batches, spans(request.days(), batches));
      if (answer.isPresent()) {
        return answer.get().rows();
      }
    }
    List<FetchedRow> rows = new ArrayList<>();
    for (String id : ids) {
      AnalyticsQuery query = request.query(List.of(AnalyticsQuery.DAY)).ofVideos(List.of(id));
      rows.addAll(
          AnalyticsRows.of(
              context, request, calls.lines(context, request, query), Map.of("videoId", id)));
    }
    return rows;
  }

  /**
   * The answer of all batches in all spans.
   *
   * @return empty where one is not answered in full: what was answered is a part of each day, and
   *     stored it would count as the whole
   */
  private Optional<VideoAnswer> answer(
      FetchContext context,
      PlannedRequest request,
      List<List<String>> batches,
      List<Selection.Period> spans) {
    Set<String> days = request.days().stream().map(LocalDate::toString).collect(Collectors.toSet());
    List<FetchedRow> rows = new ArrayList<>();
    Set<String> refused = new HashSet<>();
    for (List<String> batch : batches) {
      for (Selection.Period span : spans) {
        VideoDays answer = ask(context, request, span, batch);
        if (answer.extent() != VideoDays.Extent.COMPLETE) {
          return Optional.empty();
        }
        rows.addAll(AnalyticsRows.of(context, request, of(days, answer), Map.of()));
        refused.addAll(answer.refused());
      }
    }
    return Optional.of(new VideoAnswer(rows, refused));
  }

  /** The lines of an answer that are of these days: a span covers others between them. */
  private static List<Line> of(Set<String> days, VideoDays answer) {
    return answer.lines().stream()
        .filter(line -> days.contains(line.dimensions().get(AnalyticsQuery.DAY)))
        .toList();
  }

  /** Asks for videos by day; what is refused is noted, be it videos or such queries. */
  private VideoDays ask(
      FetchContext context, PlannedRequest request, Selection.Period span, List<String> ids) {
    AnalyticsQuery query =
        AnalyticsQuery.of(
                request.channelId(),
                span.first(),
                span.last(),
                List.of(AnalyticsQuery.DAY, AnalyticsQuery.VIDEO),
                request.metrics())
            .ofVideos(ids)
            .limit(AnalyticsQuery.MAX_ROWS);
    VideoDays answer = calls.videoDays(context, request, query);
    if (!answer.refused().isEmpty()) {
      candidates.noteRefused(context, request.channelId(), answer.refused());
    }
    switch (answer.extent()) {
      case COMPLETE -> {}
      case SHAPE_REFUSED ->
          putRefusal(
              context,
              request,
              "YouTube Analytics does not answer for several videos by day; they are asked for day by day.",
              SHAPE_RECHECK);
      case TOO_MANY_REFUSED ->
          putRefusal(
              context,
              request,
              "YouTube Analytics refuses many of the channel's videos; they are asked for day by day until tomorrow.",
              MANY_REFUSED_RECHECK);
    }
    return answer;
  }

  private static void putRefusal(
      FetchContext context, PlannedRequest request, String message, Duration recheck) {
    context
        .cache()
        .putRefusal(
            refusalKey(request),
            new AnswerCache.Refusal(Reason.REFUSED, message, context.now().plus(recheck)));
  }

  private static String refusalKey(PlannedRequest request) {
    return request.channelId() + ":video-days:refused";
  }

  private static List<List<String>> batches(List<String> ids, int size) {
    List<List<String>> batches = new ArrayList<>();
    for (int from = 0; from < ids.size(); from += size) {
      batches.add(ids.subList(from, Math.min(from + size, ids.size())));
    }
    return batches;
  }

  /** Spans of which the largest batch has no more rows than one answer holds. */
  private static List<Selection.Period> spans(List<LocalDate> days, List<List<String>> batches) {
    return spans(days, Math.max(1, AnalyticsQuery.MAX_ROWS / batches.getFirst().size()));
  }

  /**
   * Spans that cover the days, oldest first, each of so many days at most. A query costs the same
   * for few days as for many, so that a span may cover days between them that are not asked for.
   */
  private static List<Selection.Period> spans(List<LocalDate> days, int longest) {
    List<Selection.Period> spans = new ArrayList<>();
    @Nullable LocalDate first = null;
    @Nullable LocalDate last = null;
    for (LocalDate day : days.stream().sorted().toList()) {
      if (first != null && last != null && !day.isBefore(first.plusDays(longest))) {
        spans.add(new Selection.Period(first, last));
        first = null;
      }
      if (first == null) {
        first = day;
      }
      last = day;
    }
    if (first != null && last != null) {
      spans.add(new Selection.Period(first, last));
    }
    return spans;
  }
}
