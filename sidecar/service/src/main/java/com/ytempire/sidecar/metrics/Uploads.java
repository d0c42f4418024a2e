package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.Feeds;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTube.Upload;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds a channel's new videos: the hub pushes them where it works, the public feed tells of them
 * where it does not, and the uploads playlist, which costs a unit, is read once a day to be sure.
 * Safe to share between threads.
 */
final class Uploads implements ReportSource {
  private static final Logger log = LoggerFactory.getLogger(Uploads.class);

  private static final int PAGE_SIZE = 50;

  private static final int DEFAULT_LIMIT = 10;
  private static final Duration MONTH = Duration.ofDays(30);
  private static final int MAX_PAGES = 10;

  private final Database database;
  private final YouTube youTube;
  private final Feeds feeds;
  private final UploadPlan plan;
  private final UploadSecrets secrets;
  private final String publicUrl;
  private final SingleFlight<RecentUploads> flights = new SingleFlight<>();

  Uploads(
      Database database,
      YouTube youTube,
      Feeds feeds,
      UploadPlan plan,
      UploadSecrets secrets,
      String publicUrl) {
    this.secrets = secrets;
    this.database = database;
    this.youTube = youTube;
    this.feeds = feeds;
    this.plan = plan;
    this.publicUrl = publicUrl;
  }

  @Override
  public Set<Report> reports() {
    return Report.of(Report.Provider.UPLOADS);
  }

  /** Fetches the newest uploads of channels. */
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
    int size = limit == null ? DEFAULT_LIMIT : Math.min(PAGE_SIZE, limit);
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
    var page =
        youTube.uploads(
            context.call(request.channelId()),
            playlist(request),
            size,
            null,
            last == null ? null : last.etag());
    List<FetchedRow> rows =
        page.content() == null && last != null
            ? last.rows()
            : rows(context, request, Objects.requireNonNull(page.content()).uploads());
    return context.cache().put(key, rows, page.etag());
  }

  /** Looks for a channel's new videos in the ways that are due. */
  Discovery discover(FetchContext context, PlannedRequest request) {
    Instant now = context.now();
    UploadPlan.Steps steps = plan.steps(request.channel(), now);
    if (steps.subscribe()) {
      subscribe(request, now);
    } else if (!request.channel().source().uploads().isWatched()) {
      String secret = secrets.fresh(request.channelId());
      database
          .idempotent()
          .asTenant(handle -> handle.attach(PlanDao.class).watch(request.channelId(), secret));
    }
    Map<String, Upload> found = new LinkedHashMap<>();
    boolean readPlaylist = steps.readPlaylist();
    @Nullable Instant feedReadAt = null;
    if (steps.readFeed()) {
      try {
        Feeds.Entries entries = feeds.latest(request.channelId());
        newUploads(request, entries, now).forEach(upload -> found.put(upload.videoId(), upload));
        noteRemoved(request, entries, now);
        feedReadAt = now;
      } catch (YouTubeException e) {
        log.info("the feed of channel {} is unavailable: {}", request.channelId(), e.getMessage());
        readPlaylist |= UploadPlan.readPlaylistInstead(request.channel().source(), now);
      }
    }
    Optional<Outcome.Missed> failure = Optional.empty();
    @Nullable Instant playlistReadAt = null;
    boolean isHubSilent = false;
    if (readPlaylist) {
      Instant since = steps.wholeMonth() ? now.minus(MONTH) : now;
      try {
        playlistSince(context, request, since)
            .forEach(upload -> found.put(upload.videoId(), upload));
        playlistReadAt = now;
        isHubSilent = isHubSilent(request, found.values(), now);
      } catch (YouTubeException e) {
        failure = Optional.of(context.missed(request, e));
      }
    }
    noteListed(request, found.keySet());
    List<Outcome> outcomes = new ArrayList<>(failure.stream().toList());
    // What the feed listed is returned all the same.
    if (failure.isEmpty() || !found.isEmpty()) {
      outcomes.add(context.rows(request, rows(context, request, List.copyOf(found.values()))));
    }
    return new Discovery(
        request,
        outcomes,
        found.values().stream()
            .filter(upload -> isRecent(upload, now))
            .map(Upload::videoId)
            .toList(),
        failure,
        feedReadAt,
        playlistReadAt,
        isHubSilent);
  }

  /** Whether there are new videos that the hub should have pushed. */
  private boolean isHubSilent(PlannedRequest request, Collection<Upload> found, Instant now) {
    Set<String> known = knownIds(request);
    Optional<Upload> silent =
        found.stream()
            .filter(upload ->
                !known.contains(upload.videoId())
                    && plan.isHubSilent(request.channel().source(), upload.publishedAt(), now))
            .findFirst();
    silent.ifPresent(upload ->
        log.warn(
            "YouTube's hub did not push video {} of channel {}; the channel's feed is read hourly until it pushes again",
            upload.videoId(),
            request.channelId()));
    return silent.isPresent();
  }

  private static Set<String> knownIds(PlannedRequest request) {
    return request.channel().videos().stream()
        .map(KnownChannel.KnownVideo::videoId)
        .collect(Collectors.toSet());
  }

  private static Set<String> goneIds(PlannedRequest request) {
    return request.channel().videos().stream()
        .filter(KnownChannel.KnownVideo::isGone)
        .map(KnownChannel.KnownVideo::videoId)
        .collect(Collectors.toSet());
  }

  /** Notes that videos are listed which were given up: a request for them will show. */
  private void noteListed(PlannedRequest request, Set<String> found) {
    Set<String> back = goneIds(request);
    back.retainAll(found);
    if (back.isEmpty()) {
      return;
    }
    try {
      database
          .idempotent()
          .asTenant(handle ->
              handle
                  .attach(PlanDao.class)
                  .listed(request.channelId(), back.toArray(String[]::new)));
    } catch (DatabaseBusy | DatabaseUnavailable e) {
      log.warn("videos that are listed again are not noted: {}", e.getMessage());
    }
  }

  /**
   * Notes that videos were removed: a request for them will show whether they are gone. One that
   * the same feed lists is public again, however long the feed keeps saying that it was removed.
   */
  private void noteRemoved(PlannedRequest request, Feeds.Entries entries, Instant at) {
    Set<String> removed = new HashSet<>(entries.removedIds());
    entries.uploads().forEach(upload -> removed.remove(upload.videoId()));
    request.channel().videos().stream()
        .filter(video -> video.absence() != null)
        .forEach(video -> removed.remove(video.videoId()));
    if (removed.isEmpty()) {
      return;
    }
    try {
      database
          .idempotent()
          .useTenant(handle ->
              handle
                  .attach(PlanDao.class)
                  .vanished(request.channelId(), removed.toArray(String[]::new), at));
    } catch (DatabaseBusy | DatabaseUnavailable e) {
      // The feed says it again in an hour.
      log.warn("videos that the feed calls removed are not noted: {}", e.getMessage());
    }
  }

  /**
   * The recent videos in the feed that are not stored, and those that were given up. Of a channel
   * that publishes rarely the feed has old ones, of which nothing is due.
   */
  private static List<Upload> newUploads(
      PlannedRequest request, Feeds.Entries entries, Instant now) {
    Set<String> known = knownIds(request);
    Set<String> gone = goneIds(request);
    return entries.uploads().stream()
        .filter(upload ->
            upload.channelId().equals(request.channelId())
                && (gone.contains(upload.videoId())
                    || (!known.contains(upload.videoId()) && isRecent(upload, now))))
        .toList();
  }

  /** Whether a video is young enough for its statistics to be fetched by plan. */
  private static boolean isRecent(Upload upload, Instant now) {
    return upload.publishedAt().isAfter(now.minus(MONTH));
  }

  /**
   * Notes what was read, of all users at once. If that fails it is read once more next time, which
   * is a unit lost and no harm done.
   */
  void note(List<Discovery> discoveries, Deadline deadline) {
    List<Discovery> reads =
        discoveries.stream()
            .filter(each -> each.feedReadAt() != null || each.playlistReadAt() != null)
            .toList();
    if (reads.isEmpty()) {
      return;
    }
    UUID[] users = reads.stream().map(each -> each.request().item().userId()).toArray(UUID[]::new);
    String[] channels =
        reads.stream().map(each -> each.request().channelId()).toArray(String[]::new);
    try {
      deadline.run(
          () -> database.idempotent().useTenants(handle -> note(handle, reads, users, channels)));
    } catch (DatabaseBusy | DatabaseUnavailable e) {
      log.warn("what was read of uploads is not noted: {}", e.getMessage());
    }
  }

  private static void note(Handle handle, List<Discovery> reads, UUID[] users, String[] channels) {
    PlanDao dao = handle.attach(PlanDao.class);
    String[] tenants = Database.tenants(handle, users);
    dao.uploadsRead(
        tenants,
        channels,
        texts(reads, Discovery::feedReadAt),
        texts(reads, Discovery::playlistReadAt));
    int[] silent =
        IntStream.range(0, tenants.length).filter(i -> reads.get(i).isHubSilent()).toArray();
    if (silent.length > 0) {
      Instant at = Objects.requireNonNull(reads.get(silent[0]).playlistReadAt());
      dao.hubSilent(
          Arrays.stream(silent).mapToObj(i -> tenants[i]).toArray(String[]::new),
          Arrays.stream(silent).mapToObj(i -> channels[i]).toArray(String[]::new),
          at);
    }
  }

  private static @Nullable String[] texts(
      List<Discovery> reads, Function<Discovery, @Nullable Instant> moment) {
    @Nullable String[] texts = new String[reads.size()];
    for (int i = 0; i < texts.length; i++) {
      @Nullable Instant at = moment.apply(reads.get(i));
      texts[i] = at == null ? null : at.toString();
    }
    return texts;
  }

  private void subscribe(PlannedRequest request, Instant now) {
    PlanDao.Watch watch =
        database
            .idempotent()
            .asTenant(handle -> {
              PlanDao dao = handle.attach(PlanDao.class);
              dao.watch(request.channelId(), secrets.fresh(request.channelId()));
              PlanDao.Watch known = dao.watchOf(request.channelId()).getFirst();
              if (secrets.of(known).isEmpty()) {
                // Its key is lost: the hub is given another one.
                dao.changeSecret(
                    request.channelId(), known.secret(), secrets.fresh(request.channelId()));
              }
              dao.subscribeAsked(request.channelId(), now);
              return dao.watchOf(request.channelId()).getFirst();
            });
    try {
      feeds.subscribe(
          request.channelId(),
          publicUrl + UploadRoutes.PUSH + watch.subscriptionId(),
          secrets.of(watch).orElseThrow(),
          UploadPlan.LEASE);
    } catch (YouTubeException e) {
      log.info("new videos of channel {} are not pushed: {}", request.channelId(), e.getMessage());
    }
  }

  /** The first page, and those after it until videos are older than this. */
  private List<Upload> playlistSince(FetchContext context, PlannedRequest request, Instant since) {
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

  private static List<FetchedRow> rows(
      FetchContext context, PlannedRequest request, List<Upload> uploads) {
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
