package com.ytempire.sidecar.metrics;

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
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Statistics and details of channels and videos as they are now, from the Data API. Fifty travel in
 * a call: of one user, by any of its grants that lives; or, where the platform pools public
 * statistics, of all users, by the API key. Figures that come without a grant say so, for they may
 * be kept for 30 days only (Developer Policies III.E.4.b). Safe to share between threads.
 */
final class CurrentStatistics implements ReportSource {
  /** Long enough for jobs of one fetch to meet, too short to be felt. */
  private static final Duration WINDOW = Duration.ofMillis(20);

  private static final Logger log = LoggerFactory.getLogger(CurrentStatistics.class);

  private static final String ALL_USERS = "all users";

  private final YouTube youTube;
  private final Uploads uploads;
  private final VideoChecks checks;
  private final boolean isPooled;
  private final Clock clock;
  private final Batcher<Object, Key, FetchContext, Lookup<ChannelTotals>> channels;
  private final Batcher<Object, Key, FetchContext, Lookup<VideoTotals>> videos;
  private final Batcher<Object, Key, FetchContext, Lookup<VideoDetails>> details;

  /**
   * Makes the source.
   *
   * @param uploads says which videos are meant where a request names none
   * @param isPooled whether public statistics of all users travel together
   */
  CurrentStatistics(
      YouTube youTube, Uploads uploads, VideoChecks checks, boolean isPooled, Clock clock) {
    this.checks = checks;
    this.youTube = youTube;
    this.uploads = uploads;
    this.isPooled = isPooled;
    this.clock = clock;
    this.channels =
        batcher((context, keys) ->
            ask(context, keys, youTube::channelTotals, ChannelTotals::channelId));
    this.videos =
        batcher((context, keys) -> ask(context, keys, youTube::videoTotals, VideoTotals::videoId));
    this.details = batcher(this::askDetails);
  }

  /**
   * A channel, or a video of it.
   *
   * @param isStored whether it is a video that we have
   */
  private record Key(String channelId, String id, boolean isStored) {}

  /** The result of looking one key up. */
  private sealed interface Lookup<T> {
    /**
     * YouTube showed it.
     *
     * @param isPublic false: to its owner alone
     */
    record Hit<T>(T value, Instant at, boolean isPublic) implements Lookup<T> {}

    /**
     * It is not in the answer.
     *
     * @param isByOwner whether the grant of its own channel asked
     * @param isConfirmed whether YouTube says that it is not there for its owner either
     */
    record Absence<T>(boolean isByOwner, boolean isConfirmed) implements Lookup<T> {}

    /** It is there, or YouTube refuses to say; what it says of it makes no sense. */
    record Unknown<T>() implements Lookup<T> {}

    record Error<T>(Failure failure) implements Lookup<T> {}
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
              case CHANNEL_STATISTICS -> channelStatistics(context, some);
              case VIDEO_STATISTICS ->
                  ofVideos(
                      context,
                      some,
                      new Question<>(
                          videos, youTube::videoTotals, VideoTotals::videoId, this::row));
              default ->
                  ofVideos(
                      context,
                      some,
                      new Question<>(
                          details,
                          (call, ids) -> changed(youTube.videoDetails(call, ids, null)),
                          VideoDetails::videoId,
                          CurrentStatistics::row));
            }));
    return outcomes;
  }

  private <T> Batcher<Object, Key, FetchContext, Lookup<T>> batcher(
      BiFunction<FetchContext, List<Key>, Map<Key, Lookup<T>>> asker) {
    return new Batcher<>(
        YouTube.IDS_PER_CALL,
        WINDOW,
        (contexts, keys) -> {
          // Whoever waits longest waits for all of them.
          FetchContext leader =
              contexts.stream().max(Comparator.comparing(FetchContext::remaining)).orElseThrow();
          return leader.runAsUser(() -> asker.apply(leader, keys));
        });
  }

  private <T> Map<Key, Lookup<T>> get(
      Batcher<Object, Key, FetchContext, Lookup<T>> batcher,
      FetchContext context,
      Collection<Key> keys) {
    try {
      return batcher.get(isPooled ? ALL_USERS : context.userId(), context, keys);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while fetching", e);
    }
  }

  private <T> Map<Key, Lookup<T>> ask(
      FetchContext context,
      List<Key> keys,
      BiFunction<YouTube.Call, List<String>, List<T>> question,
      Function<T, String> idOf) {
    if (!isPooled) {
      return byAnyGrant(context, keys, question, idOf);
    }
    Map<Key, Lookup<T>> lookups = new HashMap<>();
    try {
      fill(lookups, keys, question.apply(context.publicCall(), ids(keys)), idOf, null);
    } catch (YouTubeException e) {
      keys.forEach(key -> lookups.put(key, new Lookup.Error<>(e.failure())));
    }
    return lookups;
  }

  private static List<String> ids(List<Key> keys) {
    return keys.stream().map(Key::id).distinct().toList();
  }

  /**
   * Enters what YouTube answered.
   *
   * @param asker the channel whose grant asked; null: none
   */
  private <T> void fill(
      Map<Key, Lookup<T>> lookups,
      List<Key> keys,
      List<T> values,
      Function<T, String> idOf,
      @Nullable String asker) {
    Instant at = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    Map<String, T> byId = new HashMap<>();
    values.forEach(value -> byId.put(idOf.apply(value), value));
    for (Key key : keys) {
      T value = byId.get(key.id());
      lookups.put(
          key,
          value == null
              ? new Lookup.Absence<>(key.channelId().equals(asker), false)
              : new Lookup.Hit<>(value, at, true));
    }
  }

  /**
   * Tries the grants of the channels asked for, one after the other: any of them may read what is
   * public of the others. One that does not work is passed over with its channel.
   */
  private <T> Map<Key, Lookup<T>> byAnyGrant(
      FetchContext context,
      List<Key> keys,
      BiFunction<YouTube.Call, List<String>, List<T>> question,
      Function<T, String> idOf) {
    Map<Key, Lookup<T>> lookups = new HashMap<>();
    Set<String> channelsLeft = new LinkedHashSet<>(keys.stream().map(Key::channelId).toList());
    while (!channelsLeft.isEmpty()) {
      String channel = channelsLeft.iterator().next();
      List<Key> living =
          keys.stream().filter(key -> channelsLeft.contains(key.channelId())).toList();
      try {
        fill(lookups, living, question.apply(context.call(channel), ids(living)), idOf, channel);
        return lookups;
      } catch (YouTubeException e) {
        boolean isOfThisGrant = isOfGrant(e.failure());
        for (Key key : living) {
          if (!isOfThisGrant || key.channelId().equals(channel)) {
            lookups.put(key, new Lookup.Error<>(e.failure()));
          }
        }
        if (!isOfThisGrant) {
          return lookups;
        }
        channelsLeft.remove(channel);
      }
    }
    return lookups;
  }

  /** Whether another grant may succeed. */
  private static boolean isOfGrant(Failure failure) {
    return failure instanceof Failure.NotConnected
        || failure instanceof Failure.GrantDead
        || failure instanceof Failure.AccountClosed
        || failure instanceof Failure.Unauthenticated
        || failure instanceof Failure.ScopeMissing;
  }

  private List<Outcome> channelStatistics(FetchContext context, List<PlannedRequest> requests) {
    Map<Key, Lookup<ChannelTotals>> lookups =
        get(channels, context, requests.stream().map(CurrentStatistics::key).distinct().toList());
    return requests.stream()
        .<Outcome>map(request ->
            switch (lookup(lookups, key(request))) {
              case Lookup.Hit<ChannelTotals>(ChannelTotals totals, Instant at, boolean _) -> {
                // Without views there is nothing to store: unknown is not 0.
                List<FetchedRow> rows =
                    totals.views() == null ? List.of() : List.of(row(context, request, totals, at));
                context.cache().put(request.cacheKey(), rows, null, at);
                yield Outcome.Rows.of(request, rows, at, false);
              }
              case Lookup.Absence<ChannelTotals> _, Lookup.Unknown<ChannelTotals> _ ->
                  new Outcome.Missed(
                      request.index(),
                      Reason.REFUSED,
                      "YouTube no longer shows this channel.",
                      null);
              case Lookup.Error<ChannelTotals>(Failure failure) ->
                  Outcome.Missed.of(request.index(), failure);
            })
        .toList();
  }

  private static Key key(PlannedRequest request) {
    return new Key(request.channelId(), request.channelId(), false);
  }

  private static <T> Lookup<T> lookup(Map<Key, Lookup<T>> lookups, Key key) {
    return Objects.requireNonNull(lookups.get(key), "a channel or video was forgotten");
  }

  @FunctionalInterface
  private interface RowFactory<T> {
    /** Returns a row; null where there are no figures. */
    @Nullable FetchedRow row(FetchContext context, PlannedRequest request, T value, Instant at);
  }

  /**
   * How to ask for videos: together with others, or by one grant, and what follows of an answer.
   */
  private record Question<T>(
      Batcher<Object, Key, FetchContext, Lookup<T>> batcher,
      BiFunction<YouTube.Call, List<String>, List<T>> byGrant,
      Function<T, String> idOf,
      RowFactory<T> factory) {}

  /** All videos of all requests together; a failure stands beside what came. */
  private <T> List<Outcome> ofVideos(
      FetchContext context, List<PlannedRequest> requests, Question<T> question) {
    List<Outcome> outcomes = new ArrayList<>();
    Map<PlannedRequest, List<Key>> keys = new LinkedHashMap<>();
    for (PlannedRequest request : requests) {
      try {
        Set<String> stored =
            request.channel().videos().stream()
                .map(KnownChannel.KnownVideo::videoId)
                .collect(Collectors.toSet());
        keys.put(
            request,
            videoIds(context, request).stream()
                .map(id -> new Key(request.channelId(), id, stored.contains(id)))
                .toList());
      } catch (YouTubeException e) {
        outcomes.add(context.missed(request, e));
      }
    }
    Map<Key, Lookup<T>> lookups =
        new HashMap<>(
            get(
                question.batcher(),
                context,
                keys.values().stream().flatMap(List::stream).distinct().toList()));
    Map<String, KnownChannel.KnownVideo> known = new HashMap<>();
    keys.keySet()
        .forEach(request ->
            request.channel().videos().forEach(video -> known.put(video.videoId(), video)));
    askOwners(context, lookups, question);
    confirmAbsences(
        context,
        lookups,
        key ->
            Optional.ofNullable(known.get(key.id()))
                .filter(video -> VideoPlan.isYoung(video, context.now()))
                .isPresent());
    List<VideoChecks.Check> checked = new ArrayList<>();
    keys.forEach((request, some) -> {
      Set<String> absent =
          request.channel().videos().stream()
              .filter(video -> video.absence() != null)
              .map(KnownChannel.KnownVideo::videoId)
              .collect(Collectors.toSet());
      List<FetchedRow> rows = new ArrayList<>();
      List<String> foreign = new ArrayList<>();
      @Nullable Failure failure = null;
      for (Key key : some) {
        switch (lookup(lookups, key)) {
          case Lookup.Hit<T>(VideoDetails video, Instant _, boolean _)
              when !video.channelId().equals(request.channelId()) -> {
            foreign.add(key.id());
            if (key.isStored()) {
              // Not of this channel: as good as gone, so that it is erased.
              checked.add(new VideoChecks.Check(key.id(), VideoChecks.Result.MISSED));
            }
          }
          case Lookup.Hit<T>(T value, Instant at, boolean isPublic) -> {
            @Nullable FetchedRow row = question.factory().row(context, request, value, at);
            if (row != null) {
              rows.add(row);
            }
            if (key.isStored() && (row == null || !isPublic || absent.contains(key.id()))) {
              checked.add(
                  new VideoChecks.Check(
                      key.id(),
                      row != null && isPublic
                          ? VideoChecks.Result.PUBLIC
                          : VideoChecks.Result.HIDDEN));
            }
          }
          case Lookup.Absence<T>(boolean _, boolean isConfirmed) -> {
            KnownChannel.@Nullable KnownVideo video = known.get(key.id());
            if (isConfirmed && key.isStored()) {
              checked.add(new VideoChecks.Check(key.id(), VideoChecks.Result.MISSED));
            } else if (video != null && VideoPlan.isYoung(video, context.now()) && !video.isGone()) {
              // YouTube may be behind with a new video: that is no miss.
              checked.add(new VideoChecks.Check(key.id(), VideoChecks.Result.HIDDEN));
            }
          }
          case Lookup.Unknown<T> _ -> {
            KnownChannel.@Nullable KnownVideo video = known.get(key.id());
            if (video != null && !video.isGone()) {
              checked.add(new VideoChecks.Check(key.id(), VideoChecks.Result.HIDDEN));
            }
          }
          case Lookup.Error<T>(Failure error) -> failure = error;
        }
      }
      if (failure != null) {
        outcomes.add(Outcome.Missed.of(request.index(), failure));
      } else if (!request.isByPlan() && foreign.isEmpty()) {
        // By plan other videos are asked for each time.
        context.cache().put(request.cacheKey(), rows, null);
      }
      if (!foreign.isEmpty() && !request.isByPlan()) {
        outcomes.add(VideoChannels.missed(request, foreign));
      }
      boolean isOfOthersAlone =
          !request.isByPlan() && !foreign.isEmpty() && foreign.size() == some.size();
      if ((failure == null && !isOfOthersAlone) || !rows.isEmpty()) {
        outcomes.add(context.rows(request, rows));
      }
    });
    checks.note(context.userId(), checked, context.now());
    return outcomes;
  }

  /**
   * Asks for stored videos that another grant was not shown by the grant of their own channel: a
   * private video is shown to its owner, a deleted one to nobody.
   */
  private <T> void askOwners(
      FetchContext context, Map<Key, Lookup<T>> lookups, Question<T> question) {
    absences(lookups, absence -> !absence.isByOwner())
        .forEach((channel, keys) ->
            inCalls(
                channel,
                keys,
                some -> {
                  Map<Key, Lookup<T>> own = new HashMap<>();
                  fill(
                      own,
                      some,
                      question.byGrant().apply(context.call(channel), ids(some)),
                      question.idOf(),
                      channel);
                  own.forEach((key, lookup) ->
                      lookups.put(
                          key,
                          lookup instanceof Lookup.Hit<T>(T value, Instant at, boolean _)
                              ? new Lookup.Hit<>(value, at, false)
                              : lookup));
                }));
  }

  /**
   * Asks YouTube whether stored videos that are missing from answers are there for their owner.
   * Only that is a miss: figures or details may also lack what makes no sense or was refused.
   */
  private <T> void confirmAbsences(
      FetchContext context, Map<Key, Lookup<T>> lookups, Predicate<Key> isYoung) {
    absences(lookups, Lookup.Absence::isByOwner)
        .forEach((channel, keys) ->
            inCalls(
                channel,
                keys.stream().filter(isYoung.negate()).toList(),
                some -> {
                  List<String> absent = youTube.absentVideos(context.call(channel), ids(some));
                  if (absent.size() == some.size()
                      && youTube.channelTotals(context.call(channel), List.of(channel)).isEmpty()) {
                    // Of a channel that YouTube does not show, this says nothing of the videos.
                    absent = List.of();
                  }
                  Set<String> missed = Set.copyOf(absent);
                  some.forEach(key ->
                      lookups.put(
                          key,
                          missed.contains(key.id())
                              ? new Lookup.Absence<>(true, true)
                              : new Lookup.Unknown<>()));
                }));
  }

  /** The stored videos that are missing from an answer, by their channels. */
  private static <T> Map<String, List<Key>> absences(
      Map<Key, Lookup<T>> lookups, Predicate<Lookup.Absence<T>> filter) {
    return lookups.entrySet().stream()
        .filter(entry ->
            entry.getKey().isStored()
                && entry.getValue() instanceof Lookup.Absence<T> absence
                && filter.test(absence))
        .map(Map.Entry::getKey)
        .collect(Collectors.groupingBy(Key::channelId));
  }

  private static void inCalls(String channel, List<Key> keys, Consumer<List<Key>> call) {
    for (int from = 0; from < keys.size(); from += YouTube.IDS_PER_CALL) {
      try {
        call.accept(keys.subList(from, Math.min(keys.size(), from + YouTube.IDS_PER_CALL)));
      } catch (YouTubeException e) {
        log.info("whether videos of channel {} are gone is not known: {}", channel, e.getMessage());
      }
    }
  }

  /** The videos of a request: those named, those due, or the recent uploads. */
  private List<String> videoIds(FetchContext context, PlannedRequest request) {
    if (request.selection() instanceof Selection.Plan plan) {
      return plan.videoIds();
    }
    List<String> named = request.item().videoIds();
    return named == null ? uploads.recentIds(context, request) : named;
  }

  /** With an ETag where one channel's videos are asked for: the answer may be cached still. */
  private Map<Key, Lookup<VideoDetails>> askDetails(FetchContext context, List<Key> keys) {
    Set<String> ofChannels = new LinkedHashSet<>(keys.stream().map(Key::channelId).toList());
    if (isPooled || ofChannels.size() > 1) {
      return ask(
          context,
          keys,
          (call, ids) -> changed(youTube.videoDetails(call, ids, null)),
          VideoDetails::videoId);
    }
    List<String> sorted = keys.stream().map(Key::id).sorted().toList();
    String cacheKey = ofChannels.iterator().next() + ":details of:" + String.join(",", sorted);
    return byAnyGrant(
        context,
        keys,
        (call, ids) -> {
          @Nullable CachedAnswer<VideoDetails> cached =
              context.cache().find(cacheKey, VideoDetails.class).orElse(null);
          var answer = youTube.videoDetails(call, sorted, cached == null ? null : cached.etag());
          if (answer.content() == null && cached != null) {
            return cached.rows();
          }
          return context.cache().put(cacheKey, changed(answer), answer.etag()).rows();
        },
        VideoDetails::videoId);
  }

  private static List<VideoDetails> changed(YouTube.Tagged<List<VideoDetails>> answer) {
    List<VideoDetails> content = answer.content();
    if (content == null) {
      throw new IllegalStateException("YouTube says 'unchanged' of what is not cached");
    }
    return content;
  }

  private FetchedRow row(
      FetchContext context, PlannedRequest request, ChannelTotals totals, Instant at) {
    return marked(
        context
            .row(request)
            .set("observedAt", at)
            .set("views", totals.views())
            .set("subscribers", totals.subscribers())
            .set("videos", totals.videos()));
  }

  private @Nullable FetchedRow row(
      FetchContext context, PlannedRequest request, VideoTotals totals, Instant at) {
    if (totals.views() == null) {
      // Unknown is not 0.
      return null;
    }
    return marked(
        context
            .row(request)
            .set("videoId", totals.videoId())
            .set("observedAt", at)
            .set("views", totals.views())
            .set("likes", totals.likes())
            .set("comments", totals.comments()));
  }

  private FetchedRow marked(FetchedRow row) {
    return isPooled ? row.set("withoutGrant", true) : row;
  }

  private static FetchedRow row(
      FetchContext context, PlannedRequest request, VideoDetails video, Instant at) {
    return context
        .row(request)
        .set("videoId", video.videoId())
        .set("title", video.title())
        .set("publishedAt", video.publishedAt())
        .set("durationSeconds", video.durationSeconds())
        .set("description", video.description())
        .set("tags", video.tags())
        .set("thumbnailUrl", video.thumbnailUrl());
  }
}
