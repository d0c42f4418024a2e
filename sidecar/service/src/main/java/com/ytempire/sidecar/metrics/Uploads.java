package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Fetches the newest uploads of channels. Safe to share between threads. */
final class Uploads implements ReportSource {
  private static final int DEFAULT_LIMIT = 10;

  private final UploadsPlaylist playlist;
  private final SingleFlight<RecentUploads> flights = new SingleFlight<>();

  Uploads(UploadsPlaylist playlist) {
    this.playlist = playlist;
  }

  @Override
  public Set<Report> reports() {
    return Report.of(Report.Provider.UPLOADS);
  }

  @Override
  public List<Outcome> fetch(FetchContext context, List<PlannedRequest> requests) {
    return requests.stream().map(request -> fetch(context, request)).toList();
  }

  private Outcome fetch(FetchContext context, PlannedRequest request) {
    try {
      RecentUploads recent = recent(context, request, context.maxAge(request.report()));
      return recent.isFromCache()
          ? FetchContext.cached(request, recent.answer())
          : context.rows(request, recent.answer().rows());
    } catch (YouTubeException e) {
      return context.missed(request, e);
    }
  }

  /** The newest uploads, and whether they were cached. */
  private record RecentUploads(CachedAnswer<FetchedRow> answer, boolean isFromCache) {}

  /**
   * The ids of a channel's newest uploads.
   *
   * @throws YouTubeException when they are not cached and YouTube does not say
   */
  List<String> recentIds(FetchContext context, PlannedRequest request) {
    return recent(context, request, Report.RECENT_UPLOADS.fresh()).answer().rows().stream()
        .map(row -> row.text("videoId"))
        .toList();
  }

  private RecentUploads recent(FetchContext context, PlannedRequest request, Duration maxAge) {
    Integer limit = request.item().limit();
    int size = limit == null ? DEFAULT_LIMIT : Math.min(UploadsPlaylist.PAGE_SIZE, limit);
    String key = request.channelId() + ":recent-uploads:" + size;
    return flights.get(
        context.userId() + key,
        () ->
            context
                .cache()
                .find(key, maxAge, FetchedRow.class)
                .map(answer -> new RecentUploads(answer, true))
                .orElseGet(
                    () -> new RecentUploads(readRecent(context, request, key, size), false)));
  }

  private CachedAnswer<FetchedRow> readRecent(
      FetchContext context, PlannedRequest request, String key, int size) {
    @Nullable CachedAnswer<FetchedRow> last =
        context.cache().find(key, FetchedRow.class).orElse(null);
    var page = playlist.first(context, request, size, last == null ? null : last.etag());
    List<FetchedRow> rows =
        page.content() == null && last != null
            ? last.rows()
            : UploadsPlaylist.rows(
                context, request, Objects.requireNonNull(page.content()).uploads());
    return context.cache().put(key, rows, page.etag());
  }
}
