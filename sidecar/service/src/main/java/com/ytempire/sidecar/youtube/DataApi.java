package com.ytempire.sidecar.youtube;

import com.google.api.client.http.HttpTransport;
import com.google.api.client.json.GenericJson;
import com.google.api.services.youtube.YouTubeRequest;
import com.ytempire.sidecar.config.GoogleSettings;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.youtube.YouTube.Call;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The client of the Data API, with the credentials and checks that all of its calls share. Safe to
 * share between threads.
 */
final class DataApi {
  static final ApiMethod CHANNELS =
      new ApiMethod("channels.list", List.of(Bucket.DATA_GENERAL), true);
  static final ApiMethod PLAYLIST_ITEMS =
      new ApiMethod("playlistItems.list", List.of(Bucket.DATA_GENERAL), true);
  static final ApiMethod VIDEOS = new ApiMethod("videos.list", List.of(Bucket.DATA_GENERAL), true);
  static final ApiMethod BATCH_STATS =
      new ApiMethod("videos.batchGetStats", List.of(Bucket.DATA_BATCH_GET_STATS), true);

  private final com.google.api.services.youtube.YouTube client;
  private final GoogleSettings settings;
  private final MeteredCalls calls;
  private final Clock clock;

  DataApi(HttpTransport transport, GoogleSettings settings, MeteredCalls calls, Clock clock) {
    this.settings = settings;
    this.calls = calls;
    this.clock = clock;
    this.client =
        new com.google.api.services.youtube.YouTube.Builder(
                transport,
                GoogleRequests.JSON,
                request -> GoogleRequests.prepare(request, settings))
            .setRootUrl(settings.urls().data() + "/")
            .setApplicationName(GoogleRequests.APPLICATION)
            .build();
  }

  com.google.api.services.youtube.YouTube client() {
    return client;
  }

  /** The root address. */
  String url() {
    return settings.urls().data();
  }

  Instant now() {
    return clock.instant();
  }

  /** As {@link MeteredCalls#execute}. */
  <T> @Nullable T execute(ApiMethod method, Call call, MeteredCalls.Sender<T> request) {
    return calls.execute(method, call, request);
  }

  /** Credits a request to the grant, or to the API key where there is none. */
  <R extends YouTubeRequest<?>> R credited(R request, Call call) {
    if (call.accessToken() != null) {
      return GoogleRequests.authorized(request, call);
    }
    request.setKey(apiKey());
    return request;
  }

  /** The platform's key, without which there is no call without a grant. */
  String apiKey() {
    return Objects.requireNonNull(settings.apiKey(), "a call without a grant needs an API key");
  }

  /**
   * Refuses an answer that is empty JSON: "no such video" must be said by YouTube, because what is
   * concluded from it is final in the end.
   */
  void requireKind(GenericJson answer) {
    if (answer.get("kind") == null && answer.get("items") == null) {
      throw new YouTubeException(
          new Failure.Unavailable(
              "YouTube sent an empty answer.", clock.instant().plus(GoogleProject.RECHECK)));
    }
  }
}
