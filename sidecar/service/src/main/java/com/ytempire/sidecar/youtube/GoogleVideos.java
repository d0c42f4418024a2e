package com.ytempire.sidecar.youtube;

import com.google.api.services.youtube.model.PlaylistItem;
import com.google.api.services.youtube.model.ThumbnailDetails;
import com.google.api.services.youtube.model.Video;
import com.google.api.services.youtube.model.VideoSnippet;
import com.ytempire.sidecar.youtube.YouTube.Call;
import com.ytempire.sidecar.youtube.YouTube.TaggedContent;
import com.ytempire.sidecar.youtube.YouTube.Upload;
import com.ytempire.sidecar.youtube.YouTube.UploadPage;
import com.ytempire.sidecar.youtube.YouTube.VideoDetails;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Uploads and videos by the Data API's {@code playlistItems.list} and {@code videos.list}. Safe to
 * share between threads.
 */
final class GoogleVideos {
  private static final Logger log = LoggerFactory.getLogger(GoogleVideos.class);

  /** How long after its publication a broadcast may begin or end. */
  private static final Duration MAY_BEGIN = Duration.ofDays(7);

  private final DataApi data;

  GoogleVideos(DataApi data) {
    this.data = data;
  }

  TaggedContent<UploadPage> uploads(
      Call call,
      String uploadsPlaylistId,
      int limit,
      @Nullable String page,
      @Nullable String etag) {
    TaggedContent<UploadPage> none = new TaggedContent<>(new UploadPage(List.of(), null), null);
    if (uploadsPlaylistId.isBlank()) {
      return none;
    }
    try {
      return uploadsOf(call, uploadsPlaylistId, limit, page, etag);
    } catch (YouTubeException e) {
      // A channel without videos has no such playlist yet.
      if (GoogleErrors.isPlaylistNotFound(e.getCause())) {
        return none;
      }
      throw e;
    }
  }

  private TaggedContent<UploadPage> uploadsOf(
      Call call,
      String uploadsPlaylistId,
      int limit,
      @Nullable String page,
      @Nullable String etag) {
    var answer =
        data.execute(
            DataApi.PLAYLIST_ITEMS,
            call,
            () -> {
              var request =
                  GoogleRequests.authorized(
                      data.client()
                          .playlistItems()
                          .list(List.of("snippet", "contentDetails"))
                          .setPlaylistId(uploadsPlaylistId)
                          .setMaxResults((long) limit),
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
      return new TaggedContent<>(null, etag);
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
    return new TaggedContent<>(
        new UploadPage(uploads, answer.getNextPageToken()), answer.getEtag());
  }

  List<String> absentVideos(Call call, List<String> videoIds) {
    return new IdBisection().ask(videoIds, some -> askAbsent(call, some));
  }

  private List<String> askAbsent(Call call, List<String> videoIds) {
    var answer =
        GoogleRequests.changed(
            data.execute(
                DataApi.VIDEOS,
                call,
                () ->
                    data.credited(
                            data.client()
                                .videos()
                                .list(List.of("id"))
                                .setId(videoIds)
                                .setMaxResults((long) YouTube.IDS_PER_CALL),
                            call)
                        .execute()));
    data.requireKind(answer);
    List<String> absent = new ArrayList<>(videoIds);
    Objects.requireNonNullElse(answer.getItems(), List.<Video>of())
        .forEach(video -> absent.remove(video.getId()));
    return absent;
  }

  TaggedContent<List<VideoDetails>> videoDetails(
      Call call, List<String> videoIds, @Nullable String etag) {
    var answer =
        data.execute(
            DataApi.VIDEOS,
            call,
            () -> {
              var request =
                  data.credited(
                      data.client()
                          .videos()
                          .list(List.of("id", "snippet", "contentDetails"))
                          .setId(videoIds)
                          .setMaxResults((long) YouTube.IDS_PER_CALL),
                      call);
              if (etag != null) {
                request.getRequestHeaders().setIfNoneMatch(etag);
              }
              return request.execute();
            });
    if (answer == null) {
      return new TaggedContent<>(null, etag);
    }
    data.requireKind(answer);
    List<VideoDetails> details =
        Objects.requireNonNullElse(answer.getItems(), List.<Video>of()).stream()
            .flatMap(video -> details(video).stream())
            .toList();
    return new TaggedContent<>(details, answer.getEtag());
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
                .isAfter(data.now().minus(MAY_BEGIN));
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
}
