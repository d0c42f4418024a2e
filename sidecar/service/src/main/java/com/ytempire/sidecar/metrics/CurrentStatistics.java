package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.FetchWork.Kept;
import com.ytempire.sidecar.metrics.FetchWork.Wanted;
import com.ytempire.sidecar.oauth.Grants;
import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTube.ChannelTotals;
import com.ytempire.sidecar.youtube.YouTube.VideoDetails;
import com.ytempire.sidecar.youtube.YouTube.VideoTotals;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the Data API tells of channels and videos as they are now. Fifty travel in a call: of one
 * user, by any of its grants that lives; or, where the platform pools public statistics, of all
 * users, by the API key. Figures that come without a grant say so, for they may be kept for 30 days
 * only (Developer Policies III.E.4.b). Safe to share between threads.
 */
final class CurrentStatistics {
  /** Long enough for jobs of one fetch to meet, too short to be felt. */
  private static final Duration WINDOW = Duration.ofMillis(20);

  private static final String ALL_USERS = "all users";

  private final Grants grants;
  private final YouTube youTube;
  private final boolean pooled;
  private final Clock clock;
  private final Batcher<Object, Key, FetchWork, Outcome<ChannelTotals>> channels;
  private final Batcher<Object, Key, FetchWork, Outcome<VideoTotals>> videos;
  private final Batcher<Object, Key, FetchWork, Outcome<VideoDetails>> details;

  CurrentStatistics(Grants grants, YouTube youTube, boolean pooled, Clock clock) {
    this.grants = grants;
    this.youTube = youTube;
    this.pooled = pooled;
    this.clock = clock;
    this.channels =
        batcher((work, keys) -> ask(work, keys, youTube::channelTotals, ChannelTotals::channelId));
    this.videos =
        batcher((work, keys) -> ask(work, keys, youTube::videoTotals, VideoTotals::videoId));
    this.details = batcher(this::askDetails);
  }

  /** A channel, or a video of it. */
  private record Key(String channelId, String id) {}

  /** What became of one key. */
  private sealed interface Outcome<T> {
    record Got<T>(T value, Instant at) implements Outcome<T> {}

    /** YouTube shows no such thing, or no longer. */
    record Gone<T>() implements Outcome<T> {}

    record Failed<T>(RuntimeException cause) implements Outcome<T> {}
  }

  private <T> Batcher<Object, Key, FetchWork, Outcome<T>> batcher(
      BiFunction<FetchWork, List<Key>, Map<Key, Outcome<T>>> asker) {
    return new Batcher<>(
        YouTube.IDS_PER_CALL,
        WINDOW,
        (works, keys) -> {
          // Whoever waits longest waits for all of them.
          FetchWork leader =
              works.stream().max(Comparator.comparing(FetchWork::remaining)).orElseThrow();
          return leader.runAsUser(() -> asker.apply(leader, keys));
        });
  }

  private <T> Map<Key, Outcome<T>> get(
      Batcher<Object, Key, FetchWork, Outcome<T>> batcher, FetchWork work, Collection<Key> keys) {
    try {
      return batcher.get(pooled ? ALL_USERS : work.userId, work, keys);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while fetching", e);
    }
  }

  private <T> Map<Key, Outcome<T>> ask(
      FetchWork work,
      List<Key> keys,
      BiFunction<YouTube.Call, List<String>, List<T>> question,
      Function<T, String> idOf) {
    Map<Key, Outcome<T>> outcomes = new HashMap<>();
    if (!pooled) {
      return byAnyGrant(
          work, keys, (token, living) -> question.apply(work.call(token), living), idOf);
    }
    try {
      fill(
          outcomes,
          keys,
          question.apply(work.call(null), keys.stream().map(Key::id).distinct().toList()),
          idOf);
    } catch (YouTubeException e) {
      keys.forEach(key -> outcomes.put(key, new Outcome.Failed<>(e)));
    }
    return outcomes;
  }

  private <T> void fill(
      Map<Key, Outcome<T>> outcomes, List<Key> keys, List<T> values, Function<T, String> idOf) {
    Instant at = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    Map<String, T> byId = new HashMap<>();
    values.forEach(value -> byId.put(idOf.apply(value), value));
    for (Key key : keys) {
      T value = byId.get(key.id());
      outcomes.put(key, value == null ? new Outcome.Gone<>() : new Outcome.Got<>(value, at));
    }
  }

  /**
   * Tries the grants of the channels asked for, one after the other: any of them may read what is
   * public of the others. One that does not work is passed over with its channel.
   */
  private <T> Map<Key, Outcome<T>> byAnyGrant(
      FetchWork work,
      List<Key> keys,
      BiFunction<String, List<String>, List<T>> question,
      Function<T, String> idOf) {
    Map<Key, Outcome<T>> outcomes = new HashMap<>();
    Set<String> channelsLeft = new LinkedHashSet<>(keys.stream().map(Key::channelId).toList());
    while (!channelsLeft.isEmpty()) {
      String channel = channelsLeft.iterator().next();
      List<Key> living =
          keys.stream().filter(key -> channelsLeft.contains(key.channelId())).toList();
      try {
        List<T> values =
            grants.with(
                channel,
                token -> question.apply(token, living.stream().map(Key::id).distinct().toList()));
        fill(outcomes, living, values, idOf);
        return outcomes;
      } catch (Grants.NotConnected | YouTubeException e) {
        boolean onlyThisGrant =
            !(e instanceof YouTubeException failed)
                || failed.failure() instanceof Failure.GrantDead
                || failed.failure() instanceof Failure.Unauthenticated
                || failed.failure() instanceof Failure.ScopeMissing;
        for (Key key : living) {
          if (!onlyThisGrant || key.channelId().equals(channel)) {
            outcomes.put(key, new Outcome.Failed<>(e));
          }
        }
        if (!onlyThisGrant) {
          return outcomes;
        }
        channelsLeft.remove(channel);
      }
    }
    return outcomes;
  }

  void channelStatistics(FetchWork work, List<Wanted> all) {
    Map<Key, Outcome<ChannelTotals>> outcomes =
        get(channels, work, all.stream().map(CurrentStatistics::channelKey).distinct().toList());
    for (Wanted one : all) {
      switch (outcomes.get(channelKey(one))) {
        case Outcome.Got<ChannelTotals>(ChannelTotals totals, Instant at) -> {
          ObjectNode row = work.row("channel-statistics", one.channelId());
          row.put("observedAt", at.toString())
              .put("views", totals.views())
              .put("subscribers", totals.subscribers())
              .put("videos", totals.videos());
          marked(row);
          work.keep(one.cacheKey(), List.of(row), null, at);
          work.fresh(one, List.of(row), at);
        }
        case Outcome.Gone<ChannelTotals>() ->
            work.missed(one, "refused", "YouTube no longer shows this channel.", null);
        case Outcome.Failed<ChannelTotals>(RuntimeException cause) -> work.missed(one, cause);
        case null -> throw new IllegalStateException("a channel was forgotten");
      }
    }
  }

  private static Key channelKey(Wanted one) {
    return new Key(one.channelId(), one.channelId());
  }

  /**
   * Fetches totals of videos.
   *
   * @param ids of each request
   */
  void videoStatistics(FetchWork work, Map<Wanted, List<String>> ids) {
    each(
        work,
        ids,
        videos,
        (one, totals, at) -> {
          ObjectNode row = work.row("video-statistics", one.channelId());
          row.put("videoId", totals.videoId())
              .put("observedAt", at.toString())
              .put("views", totals.views())
              .put("likes", totals.likes())
              .put("comments", totals.comments());
          marked(row);
          return row;
        });
  }

  /** As {@link #videoStatistics}, what is written about them. */
  void videoDetails(FetchWork work, Map<Wanted, List<String>> ids) {
    each(
        work,
        ids,
        details,
        (one, video, at) -> {
          ObjectNode row = work.row("video", one.channelId());
          row.put("videoId", video.videoId())
              .put("title", video.title())
              .put("publishedAt", video.publishedAt().toString())
              .put("durationSeconds", video.durationSeconds())
              .put("description", video.description());
          ArrayNode tags = row.putArray("tags");
          video.tags().forEach(tags::add);
          row.put("thumbnailUrl", video.thumbnailUrl());
          return row;
        });
  }

  private void marked(ObjectNode row) {
    if (pooled) {
      row.put("withoutGrant", true);
    }
  }

  @FunctionalInterface
  private interface RowOf<T> {
    JsonNode row(Wanted one, T value, Instant at);
  }

  /** All videos of all requests together; what fails of a request is told beside what came. */
  private <T> void each(
      FetchWork work,
      Map<Wanted, List<String>> ids,
      Batcher<Object, Key, FetchWork, Outcome<T>> batcher,
      RowOf<T> rowOf) {
    Set<Key> keys = new LinkedHashSet<>();
    ids.forEach((one, some) -> some.forEach(id -> keys.add(new Key(one.channelId(), id))));
    Map<Key, Outcome<T>> outcomes = get(batcher, work, keys);
    ids.forEach((one, some) -> {
      List<JsonNode> rows = new ArrayList<>();
      @Nullable RuntimeException failure = null;
      for (String id : some) {
        switch (outcomes.get(new Key(one.channelId(), id))) {
          case Outcome.Got<T>(T value, Instant at) -> rows.add(rowOf.row(one, value, at));
          case Outcome.Gone<T>() -> {}
          case Outcome.Failed<T>(RuntimeException cause) -> failure = cause;
          case null -> throw new IllegalStateException("a video was forgotten");
        }
      }
      if (failure != null) {
        work.missed(one, failure);
      }
      if (failure == null || !rows.isEmpty()) {
        // By plan other videos are asked for each time.
        if (failure == null && one.due() == null) {
          work.keep(one.cacheKey(), rows, null);
        }
        work.fresh(one, rows);
      }
    });
  }

  /** With an ETag where one channel's videos are asked for: the answer may be at hand still. */
  private Map<Key, Outcome<VideoDetails>> askDetails(FetchWork work, List<Key> keys) {
    Set<String> ofChannels = new LinkedHashSet<>(keys.stream().map(Key::channelId).toList());
    if (pooled || ofChannels.size() > 1) {
      return ask(
          work,
          keys,
          (call, ids) -> changed(youTube.videoDetails(call, ids, null)),
          VideoDetails::videoId);
    }
    List<String> sorted = keys.stream().map(Key::id).sorted().toList();
    String cacheKey = ofChannels.iterator().next() + ":details of:" + String.join(",", sorted);
    return byAnyGrant(
        work,
        keys,
        (token, ids) -> {
          @Nullable Kept kept = work.lastKept(cacheKey).orElse(null);
          var answer =
              youTube.videoDetails(work.call(token), sorted, kept == null ? null : kept.etag());
          if (answer.content() == null && kept != null) {
            return kept.rows().stream()
                .map(row -> Json.MAPPER.treeToValue(row, VideoDetails.class))
                .toList();
          }
          List<VideoDetails> content = changed(answer);
          work.keep(
              cacheKey,
              content.stream().map(video -> (JsonNode) Json.MAPPER.valueToTree(video)).toList(),
              answer.etag());
          return content;
        },
        VideoDetails::videoId);
  }

  private static List<VideoDetails> changed(YouTube.Tagged<List<VideoDetails>> answer) {
    List<VideoDetails> content = answer.content();
    if (content == null) {
      throw new IllegalStateException("YouTube says 'unchanged' of what is not at hand");
    }
    return content;
  }
}
