package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTube.Upload;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The playlist of a channel's uploads, newest first; a page costs a unit. Safe to share between
 * threads.
 */
final class UploadsPlaylist {
  /** Videos on the largest page. */
  static final int PAGE_SIZE = 50;

  private static final int MAX_PAGES = 10;

  private final YouTube youTube;

  UploadsPlaylist(YouTube youTube) {
    this.youTube = youTube;
  }

  /**
   * Reads the newest videos.
   *
   * @param size how many, at most {@value #PAGE_SIZE}
   * @param etag of a cached page; null: none
   * @throws YouTubeException when YouTube does not answer, or the channel is not connected
   */
  YouTube.TaggedContent<YouTube.UploadPage> first(
      FetchContext context, PlannedRequest request, int size, @Nullable String etag) {
    return youTube.uploads(context.call(request.channelId()), playlist(request), size, null, etag);
  }

  /** The first page, and those after it until videos are older than this. */
  List<Upload> since(FetchContext context, PlannedRequest request, Instant since) {
    List<Upload> uploads = new ArrayList<>();
    @Nullable String page = null;
    for (int pages = 0; pages < MAX_PAGES; pages++) {
      YouTube.UploadPage read =
          Objects.requireNonNull(
              youTube
                  .uploads(
                      context.call(request.channelId()), playlist(request), PAGE_SIZE, page, null)
                  .content());
      uploads.addAll(read.uploads());
      page = read.next();
      if (page == null
          || read.uploads().isEmpty()
          || !read.uploads().getLast().publishedAt().isAfter(since)) {
        break;
      }
    }
    return uploads;
  }

  private static String playlist(PlannedRequest request) {
    String playlist = request.channel().source().uploads().uploadsPlaylistId();
    if (playlist == null) {
      throw new YouTubeException(
          new Failure.NotConnected("The channel " + request.channelId() + " is not connected."));
    }
    return playlist;
  }

  /** Makes the rows of videos. */
  static List<FetchedRow> rows(FetchContext context, PlannedRequest request, List<Upload> uploads) {
    return uploads.stream()
        .map(upload ->
            // The row of a video, whichever report of the channel asks for it.
            new FetchedRow(RowKind.VIDEO, context.userId(), request.channelId())
                .set("videoId", upload.videoId())
                .set("title", upload.title())
                .set("publishedAt", upload.publishedAt()))
        .toList();
  }
}
