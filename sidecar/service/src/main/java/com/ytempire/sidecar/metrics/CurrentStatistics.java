package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.KnownChannel.KnownVideo;
import com.ytempire.sidecar.metrics.Lookup.Key;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTube.ChannelTotals;
import com.ytempire.sidecar.youtube.YouTube.VideoDetails;
import com.ytempire.sidecar.youtube.YouTube.VideoTotals;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Fetches statistics and details of channels and videos as they are now, from the Data API. Safe to
 * share between threads.
 */
final class CurrentStatistics implements ReportSource {
  private final Uploads uploads;
  private final VideoChecks checks;
  private final AbsentVideos absentVideos;
  private final StatisticsRows rows;
  private final LookupQuestion<VideoTotals> videoQuestion;
  private final LookupQuestion<VideoDetails> detailsQuestion;
  private final BatchedLookups<ChannelTotals> channels;
  private final BatchedLookups<VideoTotals> videos;
  private final BatchedLookups<VideoDetails> details;

  /**
   * Makes the source.
   *
   * @param uploads says which videos are meant where a request names none
   * @param isPooled whether public statistics of all users travel together
   */
  CurrentStatistics(
      YouTube youTube, Uploads uploads, VideoChecks checks, boolean isPooled, Clock clock) {
    this.uploads = uploads;
    this.checks = checks;
    this.absentVideos = new AbsentVideos(youTube, clock);
    this.rows = new StatisticsRows(isPooled);
    this.videoQuestion = new LookupQuestion<>(youTube::videoTotals, VideoTotals::videoId);
    this.detailsQuestion = VideoDetailsQuestion.of(youTube);
    LookupQuestion<ChannelTotals> channelQuestion =
        new LookupQuestion<>(youTube::channelTotals, ChannelTotals::channelId);
    this.channels = new BatchedLookups<>((context, keys) -> channelQuestion, isPooled, clock);
    this.videos = new BatchedLookups<>((context, keys) -> videoQuestion, isPooled, clock);
    this.details =
        new BatchedLookups<>(
            (context, keys) ->
                isPooled ? detailsQuestion : VideoDetailsQuestion.byGrant(youTube, context, keys),
            isPooled,
            clock);
  }

  @Override
  public Set<Report> reports() {
    return Report.of(Report.Provider.CHANNEL_STATISTICS, Report.Provider.VIDEOS);
  }

  @Override
  public List<Outcome> fetch(FetchContext context, List<PlannedRequest> requests) {
    Map<Report, List<PlannedRequest>> byReport =
        requests.stream()
            .collect(
                Collectors.groupingBy(
                    PlannedRequest::report, LinkedHashMap::new, Collectors.toList()));
    List<Outcome> outcomes = new ArrayList<>();
    byReport.forEach((report, some) ->
        outcomes.addAll(
            switch (report) {
              case CHANNEL_STATISTICS -> ofChannels(context, some);
              case VIDEO_STATISTICS -> ofVideos(context, some, videos, videoQuestion, rows::video);
              default -> ofVideos(context, some, details, detailsQuestion, StatisticsRows::details);
            }));
    return outcomes;
  }

  private List<Outcome> ofChannels(FetchContext context, List<PlannedRequest> requests) {
    Map<Key, Lookup<ChannelTotals>> lookups =
        channels.get(
            context, requests.stream().map(CurrentStatistics::channelKey).distinct().toList());
    return requests.stream()
        .map(request -> outcome(context, request, Lookup.of(lookups, channelKey(request))))
        .toList();
  }

  private static Key channelKey(PlannedRequest request) {
    return new Key(request.channelId(), request.channelId(), false);
  }

  private Outcome outcome(
      FetchContext context, PlannedRequest request, Lookup<ChannelTotals> lookup) {
    return switch (lookup) {
      case Lookup.Hit<ChannelTotals>(ChannelTotals totals, Instant at, boolean _) -> {
        @Nullable FetchedRow row = rows.channel(context, request, totals, at);
        List<FetchedRow> answer = row == null ? List.of() : List.of(row);
        context.cache().put(request.cacheKey(), answer, null, at);
        yield Outcome.Rows.of(request, answer, at, false);
      }
      case Lookup.Absence<ChannelTotals> _, Lookup.Uncertainty<ChannelTotals> _ ->
          new Outcome.Missed(
              request.index(), Reason.REFUSED, "YouTube no longer shows this channel.", null);
      case Lookup.Error<ChannelTotals>(Failure failure) ->
          Outcome.Missed.of(request.index(), failure);
    };
  }

  /** All videos of all requests together; a failure stands beside what came. */
  private <T> List<Outcome> ofVideos(
      FetchContext context,
      List<PlannedRequest> requests,
      BatchedLookups<T> batched,
      LookupQuestion<T> question,
      StatisticsRows.Factory<T> factory) {
    List<Outcome> outcomes = new ArrayList<>();
    Map<PlannedRequest, List<Key>> keys = new LinkedHashMap<>();
    Map<String, KnownVideo> known = new HashMap<>();
    for (PlannedRequest request : requests) {
      try {
        keys.put(request, videoKeys(context, request));
        request.channel().videos().forEach(video -> known.put(video.videoId(), video));
      } catch (YouTubeException e) {
        outcomes.add(context.missed(request, e));
      }
    }
    List<Key> all = keys.values().stream().flatMap(List::stream).distinct().toList();
    Map<Key, Lookup<T>> lookups =
        absentVideos.resolve(context, batched.get(context, all), question, known);
    List<VideoChecks.Check> checked = new ArrayList<>();
    keys.forEach((request, some) -> {
      VideoAnswers<T> answers = new VideoAnswers<>(context, request, known, factory);
      some.forEach(key -> answers.add(key, Lookup.of(lookups, key)));
      outcomes.addAll(answers.outcomes());
      checked.addAll(answers.checks());
    });
    checks.note(context.userId(), checked, context.now());
    return outcomes;
  }

  private List<Key> videoKeys(FetchContext context, PlannedRequest request) {
    Set<String> stored = request.channel().videoIds();
    return videoIds(context, request).stream()
        .map(id -> new Key(request.channelId(), id, stored.contains(id)))
        .toList();
  }

  /** The videos of a request: those named, those due, or the recent uploads. */
  private List<String> videoIds(FetchContext context, PlannedRequest request) {
    if (request.selection() instanceof Selection.Plan plan) {
      return plan.videoIds();
    }
    List<String> named = request.item().videoIds();
    return named == null ? uploads.recentIds(context, request) : named;
  }
}
