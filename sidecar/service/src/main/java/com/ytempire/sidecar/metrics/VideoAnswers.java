package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.KnownChannel.KnownVideo;
import com.ytempire.sidecar.metrics.Lookup.Key;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.YouTube.VideoDetails;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The answers about the videos of one request: the rows that they give, and what they show of the
 * videos themselves. For one thread.
 */
final class VideoAnswers<T> {
  private final FetchContext context;
  private final PlannedRequest request;
  private final Map<String, KnownVideo> known;
  private final StatisticsRows.Factory<T> factory;

  /** Stored videos that YouTube did not show to everybody when they were last asked for. */
  private final Set<String> absent;

  private final List<FetchedRow> rows = new ArrayList<>();
  private final List<VideoChecks.Check> checks = new ArrayList<>();

  /** Videos of other channels. */
  private final List<String> foreign = new ArrayList<>();

  private @Nullable Failure failure;
  private int count;

  /**
   * Makes an empty one.
   *
   * @param known stored videos by their ids
   */
  VideoAnswers(
      FetchContext context,
      PlannedRequest request,
      Map<String, KnownVideo> known,
      StatisticsRows.Factory<T> factory) {
    this.context = context;
    this.request = request;
    this.known = known;
    this.factory = factory;
    this.absent = request.channel().absentVideoIds();
  }

  void add(Key key, Lookup<T> lookup) {
    count++;
    switch (lookup) {
      case Lookup.Hit<T>(VideoDetails video, Instant _, boolean _)
          when !video.channelId().equals(request.channelId()) -> {
        foreign.add(key.id());
        // Not of this channel: as good as gone, so that it is erased.
        checkStored(key, VideoChecks.Result.MISSED);
      }
      case Lookup.Hit<T>(T value, Instant at, boolean isPublic) -> addHit(key, value, at, isPublic);
      case Lookup.Absence<T>(boolean _, boolean isConfirmed) -> {
        @Nullable KnownVideo video = known.get(key.id());
        if (isConfirmed && key.isStored()) {
          checkStored(key, VideoChecks.Result.MISSED);
        } else if (video != null && VideoPlan.isYoung(video, context.now()) && !video.isGone()) {
          // YouTube may be behind with a new video: that is no miss.
          checks.add(new VideoChecks.Check(key.id(), VideoChecks.Result.HIDDEN));
        }
      }
      case Lookup.Uncertainty<T> _ -> {
        @Nullable KnownVideo video = known.get(key.id());
        if (video != null && !video.isGone()) {
          checks.add(new VideoChecks.Check(key.id(), VideoChecks.Result.HIDDEN));
        }
      }
      case Lookup.Error<T>(Failure error) -> failure = error;
    }
  }

  private void addHit(Key key, T value, Instant at, boolean isPublic) {
    @Nullable FetchedRow row = factory.row(context, request, value, at);
    if (row != null) {
      rows.add(row);
    }
    boolean isShown = row != null && isPublic;
    if (!isShown || absent.contains(key.id())) {
      checkStored(key, isShown ? VideoChecks.Result.PUBLIC : VideoChecks.Result.HIDDEN);
    }
  }

  private void checkStored(Key key, VideoChecks.Result result) {
    if (key.isStored()) {
      checks.add(new VideoChecks.Check(key.id(), result));
    }
  }

  /** What the answers show of stored videos. */
  List<VideoChecks.Check> checks() {
    return checks;
  }

  /** Returns the outcomes of the request, and caches its rows where all of them came. */
  List<Outcome> outcomes() {
    List<Outcome> outcomes = new ArrayList<>();
    if (failure != null) {
      outcomes.add(Outcome.Missed.of(request.index(), failure));
    } else if (!request.isByPlan() && foreign.isEmpty()) {
      // By plan other videos are asked for each time.
      context.cache().put(request.cacheKey(), rows, null);
    }
    if (!foreign.isEmpty() && !request.isByPlan()) {
      outcomes.add(VideoChannels.missed(request, foreign));
    }
    boolean isOfOthersAlone = !request.isByPlan() && !foreign.isEmpty() && foreign.size() == count;
    if ((failure == null && !isOfOthersAlone) || !rows.isEmpty()) {
      outcomes.add(context.rows(request, rows));
    }
    return outcomes;
  }
}
