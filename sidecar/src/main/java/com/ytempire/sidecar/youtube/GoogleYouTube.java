package com.ytempire.sidecar.youtube;

import com.google.api.client.googleapis.services.AbstractGoogleClientRequest;
import com.google.api.client.http.GenericUrl;
import com.google.api.client.http.HttpRequest;
import com.google.api.client.http.HttpTransport;
import com.google.api.client.json.GenericJson;
import com.google.api.client.json.JsonFactory;
import com.google.api.client.json.JsonObjectParser;
import com.google.api.client.json.gson.GsonFactory;
import com.google.api.client.util.Key;
import com.google.api.services.youtube.model.PlaylistItem;
import com.google.api.services.youtubeAnalytics.v2.YouTubeAnalytics;
import com.google.api.services.youtubeAnalytics.v2.model.QueryResponse;
import com.google.api.services.youtubeAnalytics.v2.model.ResultTableColumnHeader;
import com.ytempire.sidecar.config.Config.Google;
import com.ytempire.sidecar.fairness.Turns;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.quota.Quota;
import com.ytempire.sidecar.quota.QuotaExhausted;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.ConnectException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@link YouTube} by Google's own client libraries. Safe to share between threads. */
public final class GoogleYouTube implements YouTube {
  private static final String APPLICATION = "YTEMPIRE Data";
  private static final JsonFactory JSON = GsonFactory.getDefaultInstance();
  private static final int TRIES = 4;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final List<Bucket> DATA = List.of(Bucket.DATA_GENERAL);
  private static final List<Bucket> BATCH_STATS = List.of(Bucket.DATA_BATCH_GET_STATS);
  private static final List<Bucket> ANALYTICS =
      List.of(Bucket.ANALYTICS_DAY, Bucket.ANALYTICS_MINUTE);
  private static final int TOP_VIDEOS = 200;

  private final com.google.api.services.youtube.YouTube data;
  private final YouTubeAnalytics analytics;
  private final Google settings;
  private final Quota quota;
  private final Turns dataTurns;
  private final Turns analyticsTurns;
  private final Observer observer;
  private final Clock clock;

  /** Told of each call that went out. */
  @FunctionalInterface
  public interface Observer {
    void called(String method, String outcome, Duration took);
  }

  /**
   * Makes the door.
   *
   * @param dataTurns whose turn it is at the Data API, and {@code analyticsTurns} at Analytics:
   *     two, so that those who wait for Analytics' quota of the minute do not hold up the others
   */
  public GoogleYouTube(
      HttpTransport transport,
      Google settings,
      Quota quota,
      Turns dataTurns,
      Turns analyticsTurns,
      Observer observer,
      Clock clock) {
    this.settings = settings;
    this.quota = quota;
    this.dataTurns = dataTurns;
    this.analyticsTurns = analyticsTurns;
    this.observer = observer;
    this.clock = clock;
    this.data =
        new com.google.api.services.youtube.YouTube.Builder(transport, JSON, this::prepare)
            .setRootUrl(settings.dataUrl() + "/")
            .setApplicationName(APPLICATION)
            .build();
    this.analytics =
        new YouTubeAnalytics.Builder(transport, JSON, this::prepare)
            .setRootUrl(settings.analyticsUrl() + "/")
            .setApplicationName(APPLICATION)
            .build();
  }

  private void prepare(HttpRequest request) {
    request.setConnectTimeout((int) settings.timeout().toMillis());
    request.setReadTimeout((int) settings.timeout().toMillis());
    request.setNumberOfRetries(0);
    request.setParser(new JsonObjectParser(JSON));
  }

  @Override
  public OwnChannel ownChannel(Call call) {
    var answer =
        pay(
            "channels.list",
            call,
            DATA,
            dataTurns,
            () ->
                authorised(
                        data.channels()
                            .list(List.of("id", "snippet", "contentDetails"))
                            .setMine(true),
                        call)
                    .execute());
    if (answer.getItems() == null || answer.getItems().isEmpty()) {
      throw new YouTubeException(
          new Failure.Refused("The Google account that was picked has no YouTube channel."));
    }
    var channel = answer.getItems().getFirst();
    return new OwnChannel(
        channel.getId(),
        channel.getSnippet().getTitle(),
        channel.getContentDetails().getRelatedPlaylists().getUploads());
  }

  @Override
  public List<ChannelTotals> channelTotals(Call call, List<String> channelIds) {
    var answer =
        pay(
            "channels.list",
            call,
            DATA,
            dataTurns,
            () ->
                authorised(
                        data.channels()
                            .list(List.of("id", "statistics"))
                            .setId(channelIds)
                            .setMaxResults(50L),
                        call)
                    .execute());
    return Objects.requireNonNullElse(
            answer.getItems(), List.<com.google.api.services.youtube.model.Channel>of())
        .stream()
        .map(channel -> {
          var statistics = channel.getStatistics();
          boolean hidden = Boolean.TRUE.equals(statistics.getHiddenSubscriberCount());
          return new ChannelTotals(
              channel.getId(),
              number(statistics.getViewCount(), 0L),
              hidden ? null : orNull(statistics.getSubscriberCount()),
              number(statistics.getVideoCount(), 0L));
        })
        .toList();
  }

  @Override
  public List<Upload> recentUploads(Call call, String uploadsPlaylistId, int most) {
    var answer =
        pay(
            "playlistItems.list",
            call,
            DATA,
            dataTurns,
            () ->
                authorised(
                        data.playlistItems()
                            .list(List.of("snippet", "contentDetails"))
                            .setPlaylistId(uploadsPlaylistId)
                            .setMaxResults((long) most),
                        call)
                    .execute());
    return Objects.requireNonNullElse(answer.getItems(), List.<PlaylistItem>of()).stream()
        // A private or deleted video stays in the list without the time it was published.
        .filter(item -> item.getContentDetails().getVideoPublishedAt() != null)
        .map(item ->
            new Upload(
                item.getContentDetails().getVideoId(),
                item.getSnippet().getChannelId(),
                item.getSnippet().getTitle(),
                Instant.ofEpochMilli(item.getContentDetails().getVideoPublishedAt().getValue())))
        .toList();
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
    GenericUrl url = new GenericUrl(settings.dataUrl() + "/youtube/v3/videos:batchGetStats");
    url.set("part", "id,statistics");
    url.set("id", String.join(",", videoIds));
    BatchStats answer =
        pay(
            "videos.batchGetStats",
            call,
            BATCH_STATS,
            dataTurns,
            () -> {
              HttpRequest request = data.getRequestFactory().buildGetRequest(url);
              request.getHeaders().setAuthorization("Bearer " + call.accessToken());
              request.setThrowExceptionOnExecuteError(false);
              var response = request.execute();
              if (!response.isSuccessStatusCode()) {
                throw com.google.api.client.googleapis.json.GoogleJsonResponseException.from(
                    JSON, response);
              }
              return response.parseAs(BatchStats.class);
            });
    List<VideoTotals> totals = new ArrayList<>();
    for (VideoStats video : Objects.requireNonNullElse(answer.items, List.<VideoStats>of())) {
      if (video.statistics != null && video.statistics.viewCount != null) {
        totals.add(
            new VideoTotals(
                video.id,
                new BigDecimal(video.statistics.viewCount.toString()).longValueExact(),
                countOrNull(video.statistics.likeCount),
                countOrNull(video.statistics.commentCount)));
      }
    }
    return totals;
  }

  @Override
  public List<Measured> channelDays(Call call, String channelId, LocalDate first, LocalDate last) {
    return query(call, channelId, Metric.CORE, "day", first, last, null);
  }

  @Override
  public List<Measured> channelRevenueDays(
      Call call, String channelId, LocalDate first, LocalDate last) {
    return query(call, channelId, Metric.REVENUE, "day", first, last, null);
  }

  @Override
  public List<Measured> videosOfDay(Call call, String channelId, LocalDate day) {
    return query(call, channelId, Metric.CORE, "video", day, day, Metric.VIEWS);
  }

  @Override
  public List<Measured> videoRevenueOfDay(Call call, String channelId, LocalDate day) {
    return query(
        call,
        channelId,
        List.of(Metric.ESTIMATED_REVENUE),
        "video",
        day,
        day,
        Metric.ESTIMATED_REVENUE);
  }

  /**
   * Top-video reports must say how many, at most 200, and by which of their metrics, largest first;
   * by-day reports need neither.
   */
  private List<Measured> query(
      Call call,
      String channelId,
      List<Metric> metrics,
      String dimension,
      LocalDate first,
      LocalDate last,
      @Nullable Metric top) {
    boolean revenue = metrics.contains(Metric.ESTIMATED_REVENUE);
    QueryResponse table;
    try {
      table =
          pay(
              "reports.query",
              call,
              ANALYTICS,
              analyticsTurns,
              () -> {
                var query =
                    analytics
                        .reports()
                        .query()
                        .setIds("channel==" + channelId)
                        .setStartDate(first.toString())
                        .setEndDate(last.toString())
                        .setDimensions(dimension)
                        .setMetrics(
                            metrics.stream().map(Metric::label).collect(Collectors.joining(",")));
                if (top != null) {
                  query.setSort("-" + top.label()).setMaxResults(TOP_VIDEOS);
                }
                return authorised(query, call).execute();
              });
    } catch (YouTubeException e) {
      // A channel outside the partner programme answers a bare 403 to revenue, and to nothing else
      // that is its own.
      if (revenue
          && e.failure() instanceof Failure.Refused
          && GoogleErrors.read((IOException) Objects.requireNonNull(e.getCause()))
              == GoogleErrors.Trouble.FORBIDDEN) {
        throw new YouTubeException(
            new Failure.NotMonetised("YouTube shows no revenue of this channel."), e);
      }
      throw e;
    }
    return measured(table, dimension);
  }

  /** Columns by their names: Google does not promise their order. */
  private static List<Measured> measured(QueryResponse table, String dimension) {
    List<Measured> rows = new ArrayList<>();
    List<ResultTableColumnHeader> headers =
        Objects.requireNonNullElse(table.getColumnHeaders(), List.of());
    for (List<Object> row : Objects.requireNonNullElse(table.getRows(), List.<List<Object>>of())) {
      String key = "";
      Map<Metric, BigDecimal> metrics = new EnumMap<>(Metric.class);
      for (int column = 0; column < headers.size(); column++) {
        Object value = row.get(column);
        String name = headers.get(column).getName();
        if (name.equals(dimension)) {
          key = String.valueOf(value);
        } else if (value != null) {
          Metric.of(name)
              .ifPresent(metric -> metrics.put(metric, new BigDecimal(value.toString())));
        }
      }
      rows.add(new Measured(key, metrics));
    }
    return rows;
  }

  private static <R extends AbstractGoogleClientRequest<?>> R authorised(R request, Call call) {
    request.getRequestHeaders().setAuthorization("Bearer " + call.accessToken());
    return request;
  }

  @FunctionalInterface
  private interface Sent<T> {
    T send() throws IOException;
  }

  /** What every call owes. All our calls only read, so they may be sent again. */
  private <T> T pay(String method, Call call, List<Bucket> buckets, Turns turns, Sent<T> request) {
    try {
      for (int tried = 1; ; tried++) {
        Instant pauseUntil;
        try (Turns.Turn turn = turns.take(call.userId(), call.weight(), call.deadline())) {
          List<Quota.Reservation> reserved = reserve(buckets, call.deadline());
          Instant sentAt = clock.instant();
          try {
            T answer = request.send();
            settle(method, "ok", sentAt, buckets, call);
            return answer;
          } catch (ConnectException e) {
            // Nothing was sent, so Google has counted nothing.
            reserved.forEach(quota::refund);
            observer.called(method, "unreachable", Duration.between(sentAt, clock.instant()));
            pauseUntil = pauseOrFail(e, buckets, call, tried);
          } catch (IOException e) {
            settle(
                method,
                GoogleErrors.read(e).name().toLowerCase(Locale.ROOT),
                sentAt,
                buckets,
                call);
            pauseUntil = pauseOrFail(e, buckets, call, tried);
          }
        }
        Thread.sleep(positive(Duration.between(clock.instant(), pauseUntil)));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new YouTubeException(new Failure.Busy("The call was cancelled.", clock.instant()), e);
    } catch (Turns.Busy e) {
      throw new YouTubeException(
          new Failure.Busy(
              e.getMessage() + " Wait longer, or ask for less at once.",
              clock.instant().plusSeconds(30)),
          e);
    } catch (Quota.Unavailable e) {
      throw new YouTubeException(
          new Failure.Unavailable(String.valueOf(e.getMessage()), quota.retryAfterOutage()), e);
    }
  }

  /** Waits for the quota of the minute where the deadline allows; the day's is not waited for. */
  private List<Quota.Reservation> reserve(List<Bucket> buckets, Instant deadline)
      throws InterruptedException {
    while (true) {
      try {
        return quota.reserve(buckets, 1);
      } catch (QuotaExhausted e) {
        boolean worthWaiting =
            e.bucket() == Bucket.ANALYTICS_MINUTE && e.resetsAt().isBefore(deadline);
        if (!worthWaiting) {
          throw new YouTubeException(
              new Failure.QuotaExhausted(String.valueOf(e.getMessage()), e.resetsAt()), e);
        }
        Thread.sleep(positive(Duration.between(clock.instant(), e.resetsAt())));
      }
    }
  }

  private void settle(
      String method, String outcome, Instant sentAt, List<Bucket> buckets, Call call) {
    observer.called(method, outcome, Duration.between(sentAt, clock.instant()));
    buckets.stream()
        .filter(bucket -> bucket != Bucket.ANALYTICS_MINUTE)
        .forEach(bucket -> call.spending().add(bucket, 1));
  }

  /** Until when to pause before the next try. */
  private Instant pauseOrFail(IOException failure, List<Bucket> buckets, Call call, int tried) {
    String message = GoogleErrors.message(failure);
    GoogleErrors.Trouble trouble = GoogleErrors.read(failure);
    return switch (trouble) {
      case RATE, SERVER -> {
        Instant until = clock.instant().plus(jittered(tried)).plus(askedToWait(failure));
        if (tried >= TRIES || until.isAfter(call.deadline())) {
          throw new YouTubeException(
              trouble == GoogleErrors.Trouble.RATE
                  ? new Failure.RateLimited("Google asks to slow down: " + message, until)
                  : new Failure.Unavailable(
                      "YouTube does not answer: " + message, clock.instant().plusSeconds(60)),
              failure);
        }
        yield until;
      }
      case DAY_EXHAUSTED -> {
        // Of the buckets that a call is charged to, the first is the one of the day.
        Bucket bucket = buckets.getFirst();
        throw new YouTubeException(
            new Failure.QuotaExhausted(
                "Google says that %s is used up: %s".formatted(bucket.label(), message),
                quota.close(bucket)),
            failure);
      }
      case GRANT_DEAD ->
          throw new YouTubeException(
              new Failure.GrantDead("Google no longer takes our grant of this channel: " + message),
              failure);
      case SCOPE_MISSING ->
          throw new YouTubeException(
              new Failure.ScopeMissing("The owner's grant does not cover this: " + message),
              failure);
      case FORBIDDEN, REFUSED ->
          throw new YouTubeException(new Failure.Refused("Google refuses: " + message), failure);
    };
  }

  /** Full jitter over a doubling pause. */
  private static Duration jittered(int tried) {
    return Duration.ofMillis(
        ThreadLocalRandom.current().nextLong(FIRST_PAUSE.toMillis() << (tried - 1)));
  }

  private static Duration askedToWait(IOException failure) {
    if (failure instanceof com.google.api.client.http.HttpResponseException answer
        && answer.getHeaders().getRetryAfter() != null) {
      try {
        return Duration.ofSeconds(Long.parseLong(answer.getHeaders().getRetryAfter().strip()));
      } catch (NumberFormatException e) {
        return Duration.ZERO; // a date: the pause of our own has to do
      }
    }
    return Duration.ZERO;
  }

  private static Duration positive(Duration duration) {
    return duration.isNegative() ? Duration.ZERO : duration;
  }

  private static long number(@Nullable BigInteger value, long missing) {
    return value == null ? missing : value.longValueExact();
  }

  private static @Nullable Long orNull(@Nullable BigInteger value) {
    return value == null ? null : value.longValueExact();
  }

  private static @Nullable Long countOrNull(@Nullable Object value) {
    return value == null ? null : new BigDecimal(value.toString()).longValueExact();
  }
}
