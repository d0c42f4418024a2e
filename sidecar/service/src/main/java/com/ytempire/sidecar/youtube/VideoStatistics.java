package com.ytempire.sidecar.youtube;

import com.google.api.client.googleapis.json.GoogleJsonResponseException;
import com.google.api.client.http.GenericUrl;
import com.google.api.client.http.HttpRequest;
import com.google.api.client.json.GenericJson;
import com.google.api.client.util.Key;
import com.ytempire.sidecar.youtube.YouTube.Call;
import com.ytempire.sidecar.youtube.YouTube.VideoTotals;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Statistics of videos by {@code videos:batchGetStats}, which Google's client library does not have
 * (youtube v3-rev20260430). Safe to share between threads.
 */
final class VideoStatistics {
  private final DataApi data;

  VideoStatistics(DataApi data) {
    this.data = data;
  }

  /** The answer. */
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

  List<VideoTotals> videoTotals(Call call, List<String> videoIds) {
    return new IdBisection().ask(videoIds, some -> askTotals(call, some));
  }

  private List<VideoTotals> askTotals(Call call, List<String> videoIds) {
    GenericUrl url = new GenericUrl(data.url() + "/youtube/v3/videos:batchGetStats");
    url.set("part", "id,statistics");
    url.set("id", String.join(",", videoIds));
    if (call.accessToken() == null) {
      url.set("key", data.apiKey());
    }
    BatchStats answer =
        GoogleRequests.changed(data.execute(DataApi.BATCH_STATS, call, () -> send(url, call)));
    if (answer.items == null) {
      data.requireKind(answer);
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

  private BatchStats send(GenericUrl url, Call call) throws IOException {
    HttpRequest request = data.client().getRequestFactory().buildGetRequest(url);
    if (call.accessToken() != null) {
      request.getHeaders().setAuthorization("Bearer " + call.accessToken());
    }
    request.setThrowExceptionOnExecuteError(false);
    var response = request.execute();
    if (!response.isSuccessStatusCode()) {
      throw GoogleJsonResponseException.from(GoogleRequests.JSON, response);
    }
    return response.parseAs(BatchStats.class);
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
