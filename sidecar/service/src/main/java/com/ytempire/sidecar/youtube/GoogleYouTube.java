package com.ytempire.sidecar.youtube;

import com.google.api.client.googleapis.json.GoogleJsonResponseException;
import com.google.api.client.http.GenericUrl;
import com.google.api.client.http.HttpRequest;
import com.google.api.client.http.HttpResponseException;
import com.google.api.client.http.HttpTransport;
import com.google.api.client.json.GenericJson;
import com.google.api.client.util.Key;
import com.google.api.services.youtube.YouTubeRequest;
import com.google.api.services.youtube.model.PlaylistItem;
import com.google.api.services.youtube.model.ThumbnailDetails;
import com.google.api.services.youtube.model.Video;
import com.google.api.services.youtube.model.VideoSnippet;
import com.ytempire.sidecar.config.Config.Google;
import com.ytempire.sidecar.fairness.FairScheduler;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.quota.Quota;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link YouTube} by Google's own client libraries. Safe to share between threads. */
public final class GoogleYouTube implements YouTube {
  private static final Logger log = LoggerFactory.getLogger(GoogleYouTube.class);
  private static final MeteredCalls.Method CHANNELS =
      new MeteredCalls.Method("channels.list", List.of(Bucket.DATA_GENERAL), true);
  private static final MeteredCalls.Method PLAYLIST_ITEMS =
      new MeteredCalls.Method("playlistItems.list", List.of(Bucket.DATA_GENERAL), true);
  private static final MeteredCalls.Method VIDEOS =
      new MeteredCalls.Method("videos.list", List.of(Bucket.DATA_GENERAL), true);
  private static final MeteredCalls.Method BATCH_STATS =
      new MeteredCalls.Method("videos.batchGetStats", List.of(Bucket.DATA_BATCH_GET_STATS), true);

  /** How long after its publication a broadcast may begin or end. */
  private static final Duration MAY_BEGIN = Duration.ofDays(7);

  private final com.google.api.services.youtube.YouTube data;
  private final GoogleAnalytics analytics;
  private final GoogleReporting reporting;
  private final Google settings;
  private final MeteredCalls calls;
  private final FairScheduler scheduler;
  private final Clock clock;

  /**
   * Connects to nothing yet.
   *
   * @param dataScheduler of calls to the Data API, and {@code analyticsScheduler} at Analytics and
   *     Reporting: two, so that those who wait for Analytics' quota of the minute do not hold up
   *     the others
   */
  public GoogleYouTube(
      HttpTransport transport,
      Google settings,
      Quota quota,
      FairScheduler dataScheduler,
      FairScheduler analyticsScheduler,
      CallObserver observer,
      GoogleProject project,
      Clock clock) {
    this.settings = settings;
    this.clock = clock;
    this.scheduler = dataScheduler;
    this.calls = new MeteredCalls(quota, observer, project, clock);
    this.data =
        new com.google.api.services.youtube.YouTube.Builder(
                transport,
                GoogleRequests.JSON,
                request -> GoogleRequests.prepare(request, settings))
            .setRootUrl(settings.dataUrl() + "/")
            .setApplicationName(GoogleRequests.APPLICATION)
            .build();
    this.analytics = new GoogleAnalytics(transport, settings, calls, analyticsScheduler);
    this.reporting = new GoogleReporting(transport, settings, calls, analyticsScheduler);
  }

  /** By the grant, or by the API key where there is none. */
  private <R extends YouTubeRequest<?>> R credited(R request, Call call) {
    if (call.accessToken() != null) {
      return GoogleRequests.authorized(request, call);
    }
    request.setKey(apiKey());
    return request;
  }

  private String apiKey() {
    return Objects.requireNonNull(settings.apiKey(), "a call without a grant needs an API key");
  }

  @Override
  public OwnChannel ownChannel(Call call) {
    var answer =
        GoogleRequests.changed(
            calls.execute(
                CHANNELS,
                call,
                scheduler,
                () ->
                    GoogleRequests.authorized(
                            data.channels()
                                .list(List.of("id", "snippet", "contentDetails"))
                                .setMine(true),
                            call)
                        .execute()));
    requireKind(answer);
    if (answer.getItems() == null || answer.getItems().isEmpty()) {
      throw new YouTubeException(
          new Failure.NoChannel("The Google account has no YouTube channel."));
    }
    var channel = answer.getItems().getFirst();
    return new OwnChannel(
        channel.getId(),
        channel.getSnippet().getTitle(),
        // Empty where a channel has none yet.
        Objects.requireNonNullElse(
            channel.getContentDetails().getRelatedPlaylists().getUploads(), ""));
  }

  @Override
  public Optional<PublicChannel> channelByHandle(Call call, String handle) {
    var answer =
        GoogleRequests.changed(
            calls.execute(
                CHANNELS,
                call,
                scheduler,
                () ->
                    credited(
                            data.channels().list(List.of("id", "snippet")).setForHandle(handle),
                            call)
                        .execute()));
    requireKind(answer);
    return Objects.requireNonNullElse(
            answer.getItems(), List.<com.google.api.services.youtube.model.Channel>of())
        .stream()
        .findFirst()
        .map(channel ->
            new PublicChannel(
                channel.getId(),
                channel.getSnippet().getTitle(),
                Objects.requireNonNullElse(channel.getSnippet().getCustomUrl(), handle)));
  }

  @Override
  public List<ChannelTotals> channelTotals(Call call, List<String> channelIds) {
    var answer =
        GoogleRequests.changed(
            calls.execute(
                CHANNELS,
                call,
                scheduler,
                () ->
                    credited(
                            data.channels()
                                .list(List.of("id", "statistics"))
                                .setId(channelIds)
                                .setMaxResults((long) IDS_PER_CALL),
                            call)
                        .execute()));
    requireKind(answer);
    return Objects.requireNonNullElse(
            answer.getItems(), List.<com.google.api.services.youtube.model.Channel>of())
        .stream()
        .map(channel -> {
          var statistics = channel.getStatistics();
          boolean hidden = Boolean.TRUE.equals(statistics.getHiddenSubscriberCount());
          return new ChannelTotals(
              channel.getId(),
              orNull(statistics.getViewCount()),
              hidden ? null : orNull(statistics.getSubscriberCount()),
              number(statistics.getVideoCount(), 0L));
        })
        .toList();
  }

  /**
   * Refuses an answer that is empty JSON: "no such video" must be said by YouTube, because what is
   * concluded from it is final in the end.
   */
  private void requireKind(GenericJson answer) {
    if (answer.get("kind") == null && answer.get("items") == null) {
      throw new YouTubeException(
          new Failure.Unavailable(
              "YouTube sent an empty answer.", clock.instant().plus(GoogleProject.RECHECK)));
    }
  }

  @Override
  public Tagged<UploadPage> uploads(
      Call call, String uploadsPlaylistId, int most, @Nullable String page, @Nullable String etag) {
    Tagged<UploadPage> none = new Tagged<>(new UploadPage(List.of(), null), null);
    if (uploadsPlaylistId.isBlank()) {
      return none;
    }
    try {
      return uploadsOf(call, uploadsPlaylistId, most, page, etag);
    } catch (YouTubeException e) {
      // A channel without videos has no such playlist yet.
      if (GoogleErrors.isPlaylistNotFound(e.getCause())) {
        return none;
      }
      throw e;
    }
  }

  private Tagged<UploadPage> uploadsOf(
      Call call, String uploadsPlaylistId, int most, @Nullable String page, @Nullable String etag) {
    var answer =
        calls.execute(
            PLAYLIST_ITEMS,
            call,
            scheduler,
            () -> {
              var request =
                  GoogleRequests.authorized(
                      data.playlistItems()
                          .list(List.of("snippet", "contentDetails"))
                          .setPlaylistId(uploadsPlaylistId)
                          .setMaxResults((long) most),
                      call);
              if (page != null) {
                request.setPageToken(page);
              }
              if (etag != null) {
                request.getRequestHeaders().setIfNoneMatch(etag);
              }
              return request.execute();
            });
    if (answer == null) {
      return new Tagged<>(null, etag);
    }
    List<Upload> uploads =
        Objects.requireNonNullElse(answer.getItems(), List.<PlaylistItem>of()).stream()
            // A private or deleted video stays in the list without the time it was published.
            .filter(item -> item.getContentDetails().getVideoPublishedAt() != null)
            .map(item ->
                new Upload(
                    item.getContentDetails().getVideoId(),
                    item.getSnippet().getChannelId(),
                    item.getSnippet().getTitle(),
                    Instant.ofEpochMilli(
                        item.getContentDetails().getVideoPublishedAt().getValue())))
            .toList();
    return new Tagged<>(new UploadPage(uploads, answer.getNextPageToken()), answer.getEtag());
  }

  @Override
  public List<String> absentVideos(Call call, List<String> videoIds) {
    return new Bisection().ask(videoIds, some -> askAbsent(call, some));
  }

  private List<String> askAbsent(Call call, List<String> videoIds) {
    var answer =
        GoogleRequests.changed(
            calls.execute(
                VIDEOS,
                call,
                scheduler,
                () ->
                    credited(
                            data.videos()
                                .list(List.of("id"))
                                .setId(videoIds)
                                .setMaxResults((long) IDS_PER_CALL),
                            call)
                        .execute()));
    requireKind(answer);
    List<String> absent = new ArrayList<>(videoIds);
    Objects.requireNonNullElse(answer.getItems(), List.<Video>of())
        .forEach(video -> absent.remove(video.getId()));
    return absent;
  }

  @Override
  public Tagged<List<VideoDetails>> videoDetails(
      Call call, List<String> videoIds, @Nullable String etag) {
    var answer =
        calls.execute(
            VIDEOS,
            call,
            scheduler,
            () -> {
              var request =
                  credited(
                      data.videos()
                          .list(List.of("id", "snippet", "contentDetails"))
                          .setId(videoIds)
                          .setMaxResults((long) IDS_PER_CALL),
                      call);
              if (etag != null) {
                request.getRequestHeaders().setIfNoneMatch(etag);
              }
              return request.execute();
            });
    if (answer == null) {
      return new Tagged<>(null, etag);
    }
    requireKind(answer);
    List<VideoDetails> details =
        Objects.requireNonNullElse(answer.getItems(), List.<Video>of()).stream()
            .flatMap(video -> details(video).stream())
            .toList();
    return new Tagged<>(details, answer.getEtag());
  }

  /** Returns a video's details; empty when they make no sense, so that the others still count. */
  private Optional<VideoDetails> details(Video video) {
    try {
      var snippet = video.getSnippet();
      String duration = video.getContentDetails().getDuration();
      return Optional.of(
          new VideoDetails(
              video.getId(),
              snippet.getChannelId(),
              snippet.getTitle(),
              Objects.requireNonNullElse(snippet.getDescription(), ""),
              Objects.requireNonNullElse(snippet.getTags(), List.of()),
              Instant.ofEpochMilli(snippet.getPublishedAt().getValue()),
              seconds(duration, snippet),
              largest(snippet.getThumbnails()).orElse(null)));
    } catch (NullPointerException | DateTimeParseException | ArithmeticException e) {
      log.warn("the details of video {} were left out: {}", video.getId(), e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * Returns a length in seconds; null for a broadcast that is upcoming or live, which has none yet.
   * One that has none a week later never was.
   */
  private @Nullable Long seconds(@Nullable String duration, VideoSnippet snippet) {
    long seconds = duration == null ? 0 : VideoDuration.parse(duration).toSeconds();
    boolean mayHaveOneLater =
        "upcoming".equals(snippet.getLiveBroadcastContent())
            || "live".equals(snippet.getLiveBroadcastContent())
            || Instant.ofEpochMilli(snippet.getPublishedAt().getValue())
                .isAfter(clock.instant().minus(MAY_BEGIN));
    return seconds == 0 && mayHaveOneLater ? null : seconds;
  }

  /** Returns the address of the widest thumbnail, of whatever name: YouTube adds sizes. */
  private static Optional<String> largest(@Nullable ThumbnailDetails thumbnails) {
    if (thumbnails == null) {
      return Optional.empty();
    }
    Map<@Nullable String, Long> widths = new LinkedHashMap<>();
    thumbnails
        .values()
        .forEach(size -> {
          // A size that the client library knows is a Thumbnail, a newer one a map.
          if (size instanceof Map<?, ?> thumbnail && thumbnail.get("url") instanceof String url) {
            widths.put(
                url, thumbnail.get("width") instanceof Number width ? width.longValue() : 0L);
          }
        });
    return widths.entrySet().stream().max(Map.Entry.comparingByValue()).map(Map.Entry::getKey);
  }

  /**
   * {@code videos:batchGetStats}, which Google's client library does not have (youtube
   * v3-rev20260430).
   */
  public static final class BatchStats extends GenericJson {
    @Key private @Nullable List<VideoStats> items;
  }

  /** One video of it. */
  public static final class VideoStats extends GenericJson {
    @Key private String id = "";
    @Key private @Nullable Counts statistics;
  }

  /**
   * Its counts. The Data API writes such numbers as strings; both are read, since no recorded
   * answer of this method was to be had.
   */
  public static final class Counts extends GenericJson {
    @Key private @Nullable Object viewCount;
    @Key private @Nullable Object likeCount;
    @Key private @Nullable Object commentCount;
  }

  @Override
  public List<VideoTotals> videoTotals(Call call, List<String> videoIds) {
    return new Bisection().ask(videoIds, some -> askTotals(call, some));
  }

  private List<VideoTotals> askTotals(Call call, List<String> videoIds) {
    GenericUrl url = new GenericUrl(settings.dataUrl() + "/youtube/v3/videos:batchGetStats");
    url.set("part", "id,statistics");
    url.set("id", String.join(",", videoIds));
    if (call.accessToken() == null) {
      url.set("key", apiKey());
    }
    BatchStats answer =
        GoogleRequests.changed(
            calls.execute(
                BATCH_STATS,
                call,
                scheduler,
                () -> {
                  HttpRequest request = data.getRequestFactory().buildGetRequest(url);
                  if (call.accessToken() != null) {
                    request.getHeaders().setAuthorization("Bearer " + call.accessToken());
                  }
                  request.setThrowExceptionOnExecuteError(false);
                  var response = request.execute();
                  if (!response.isSuccessStatusCode()) {
                    throw GoogleJsonResponseException.from(GoogleRequests.JSON, response);
                  }
                  return response.parseAs(BatchStats.class);
                }));
    if (answer.items == null) {
      requireKind(answer);
    }
    List<VideoTotals> totals = new ArrayList<>();
    for (VideoStats video : Objects.requireNonNullElse(answer.items, List.<VideoStats>of())) {
      Counts counts = Objects.requireNonNullElseGet(video.statistics, Counts::new);
      totals.add(
          new VideoTotals(
              video.id,
              countOrNull(counts.viewCount),
              countOrNull(counts.likeCount),
              countOrNull(counts.commentCount)));
    }
    return totals;
  }

  @Override
  public List<Line> analytics(Call call, AnalyticsQuery query) {
    LegalReport.check(query);
    return query.videoIds().size() < 2
        ? analytics.query(call, query)
        : new Bisection()
            .ask(query.videoIds(), some -> analytics.query(call, query.ofVideos(some)));
  }

  @Override
  public VideoDays videoDays(Call call, AnalyticsQuery query) {
    LegalReport.check(query);
    return analytics.videoDays(call, query);
  }

  @Override
  public String reachJob(Call call) {
    return reporting.reachJob(call);
  }

  @Override
  public List<BulkReport> reachReports(Call call, String jobId) {
    return reporting.reports(call, jobId);
  }

  @Override
  public List<Reach> reach(Call call, BulkReport report) {
    return reporting.reach(call, report);
  }

  @Override
  public String bulkJob(Call call, BulkQuery query) {
    return reporting.job(call, query.reportType());
  }

  @Override
  public List<BulkSum> bulkSums(Call call, BulkReport report, BulkQuery query) {
    return reporting.sums(call, report, query);
  }

  /**
   * Finds the ids that Google refuses a whole batch for, by halving, and does without them. A
   * refusal that is not the ids' fault would be repeated for each of them, so it gives up early.
   */
  private static final class Bisection {
    /** Enough for two bad ids in fifty; each takes two calls a halving. */
    private static final int MOST_REFUSALS = 16;

    private int refusals;

    <T> List<T> ask(List<String> ids, Function<List<String>, List<T>> call) {
      try {
        return call.apply(ids);
      } catch (YouTubeException e) {
        boolean badRequest =
            e.failure() instanceof Failure.Refused
                && e.getCause() instanceof HttpResponseException answer
                && answer.getStatusCode() == 400;
        if (!badRequest || ++refusals > MOST_REFUSALS) {
          throw e;
        }
        if (ids.size() == 1) {
          return List.of();
        }
        List<T> all = new ArrayList<>(ask(ids.subList(0, ids.size() / 2), call));
        all.addAll(ask(ids.subList(ids.size() / 2, ids.size()), call));
        return all;
      }
    }
  }

  private static long number(@Nullable BigInteger value, long missing) {
    return value == null ? missing : value.longValueExact();
  }

  private static @Nullable Long orNull(@Nullable BigInteger value) {
    return value == null ? null : value.longValueExact();
  }

  /** Returns a count; null where there is none, or none that makes sense. */
  private static @Nullable Long countOrNull(@Nullable Object value) {
    try {
      return value == null ? null : new BigDecimal(value.toString()).longValueExact();
    } catch (NumberFormatException | ArithmeticException e) {
      return null;
    }
  }
}
