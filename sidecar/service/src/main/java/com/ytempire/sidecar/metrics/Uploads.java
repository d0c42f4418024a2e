package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.metrics.FetchWork.Kept;
import com.ytempire.sidecar.metrics.FetchWork.Wanted;
import com.ytempire.sidecar.metrics.Planner.UploadSteps;
import com.ytempire.sidecar.oauth.Grants;
import com.ytempire.sidecar.youtube.Feeds;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTube.Upload;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Finds a channel's new videos: the hub pushes them where it works, the public feed tells of them
 * where it does not, and the uploads playlist, which costs a unit, is read once a day to be sure.
 * Safe to share between threads.
 */
final class Uploads {
  private static final Logger log = LoggerFactory.getLogger(Uploads.class);

  /** Of one page. */
  private static final int MOST = 50;

  private static final int FEW = 10;
  private static final Duration MONTH = Duration.ofDays(30);
  private static final int MOST_PAGES = 10;

  private final Database database;
  private final Grants grants;
  private final YouTube youTube;
  private final Feeds feeds;
  private final Planner planner;
  private final UploadSecrets secrets;
  private final String publicUrl;
  private final SingleFlight<Recent> flights = new SingleFlight<>();

  Uploads(
      Database database,
      Grants grants,
      YouTube youTube,
      Feeds feeds,
      Planner planner,
      UploadSecrets secrets,
      String publicUrl) {
    this.secrets = secrets;
    this.database = database;
    this.grants = grants;
    this.youTube = youTube;
    this.feeds = feeds;
    this.planner = planner;
    this.publicUrl = publicUrl;
  }

  /** The newest uploads, and whether they were at hand. */
  record Recent(Kept kept, boolean wasKept) {}

  /** The newest uploads, asked of the playlist unless they are at hand. */
  Recent recent(FetchWork work, Wanted one, Duration age) {
    int most = one.item().limit() == null ? FEW : Math.min(MOST, one.item().limit());
    String key = one.channelId() + ":recent-uploads:" + most;
    return flights.get(
        work.userId + key,
        () ->
            work.kept(key, age)
                .map(kept -> new Recent(kept, true))
                .orElseGet(() -> {
                  @Nullable Kept last = work.lastKept(key).orElse(null);
                  var answer =
                      grants.with(
                          one.channelId(),
                          token ->
                              youTube.uploads(
                                  work.call(token),
                                  playlist(one),
                                  most,
                                  null,
                                  last == null ? null : last.etag()));
                  List<JsonNode> rows =
                      answer.content() == null && last != null
                          ? last.rows()
                          : rows(work, one, Objects.requireNonNull(answer.content()).uploads());
                  return new Recent(work.keep(key, rows, answer.etag()), false);
                }));
  }

  /** Takes the steps that are due, and answers the videos that they brought. */
  List<JsonNode> due(FetchWork work, Wanted one) {
    Instant now = work.now();
    UploadSteps steps = planner.steps(one.channel(), now);
    if (steps.subscribe()) {
      subscribe(one, now);
    } else if (!one.source().isWatched()) {
      database
          .idempotent()
          .asTenant(handle ->
              handle.attach(PlanDao.class).watch(one.channelId(), secrets.fresh(one.channelId())));
    }
    Map<String, JsonNode> found = new LinkedHashMap<>();
    boolean readPlaylist = steps.readPlaylist();
    if (steps.readFeed()) {
      try {
        Set<String> known =
            one.channel().videos().stream()
                .map(Planner.VideoKnown::videoId)
                .collect(Collectors.toSet());
        List<Upload> fresh =
            feeds.latest(one.channelId()).stream()
                .filter(upload ->
                    upload.channelId().equals(one.channelId()) && !known.contains(upload.videoId()))
                .toList();
        rows(work, one, fresh).forEach(row -> found.put(FetchWork.text(row, "videoId"), row));
        work.feedRead(one.channelId(), now);
      } catch (YouTubeException e) {
        log.info("the feed of channel {} is away: {}", one.channelId(), e.getMessage());
        readPlaylist |= Planner.readPlaylistInstead(one.source(), now);
      }
    }
    if (readPlaylist) {
      Instant since = steps.wholeMonth() ? now.minus(MONTH) : now;
      try {
        rows(work, one, playlistSince(work, one, since))
            .forEach(row -> found.put(FetchWork.text(row, "videoId"), row));
        work.playlistRead(one.channelId(), now);
      } catch (YouTubeException | Grants.NotConnected e) {
        // What the feed told is told all the same.
        work.notFound.put(one.channelId(), e);
        work.missed(one, e);
      }
    }
    return List.copyOf(found.values());
  }

  private void subscribe(Wanted one, Instant now) {
    PlanDao.Watch watch =
        database
            .idempotent()
            .asTenant(handle -> {
              PlanDao dao = handle.attach(PlanDao.class);
              dao.watch(one.channelId(), secrets.fresh(one.channelId()));
              PlanDao.Watch known = dao.watchOf(one.channelId()).getFirst();
              if (secrets.of(known).isEmpty()) {
                // Its key is lost: the hub is told another one.
                dao.changeSecret(one.channelId(), known.secret(), secrets.fresh(one.channelId()));
              }
              dao.subscribeAsked(one.channelId(), now.atOffset(ZoneOffset.UTC));
              return dao.watchOf(one.channelId()).getFirst();
            });
    try {
      feeds.subscribe(
          one.channelId(),
          publicUrl + UploadRoutes.PUSH + watch.subscriptionId(),
          secrets.of(watch).orElseThrow(),
          Planner.LEASE);
    } catch (YouTubeException e) {
      log.info("new videos of channel {} are not pushed: {}", one.channelId(), e.getMessage());
    }
  }

  /** The first page, and those after it until videos are older than this. */
  private List<Upload> playlistSince(FetchWork work, Wanted one, Instant since) {
    List<Upload> uploads = new ArrayList<>();
    @Nullable String page = null;
    for (int pages = 0; pages < MOST_PAGES; pages++) {
      @Nullable String at = page;
      YouTube.UploadPage read =
          Objects.requireNonNull(
              grants
                  .with(
                      one.channelId(),
                      token -> youTube.uploads(work.call(token), playlist(one), MOST, at, null))
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

  private static String playlist(Wanted one) {
    String playlist = one.source().uploadsPlaylistId();
    if (playlist == null) {
      throw new Grants.NotConnected(one.channelId());
    }
    return playlist;
  }

  private static List<JsonNode> rows(FetchWork work, Wanted one, List<Upload> uploads) {
    return uploads.stream()
        .map(upload ->
            (JsonNode)
                work.row("video", one.channelId())
                    .put("videoId", upload.videoId())
                    .put("title", upload.title())
                    .put("publishedAt", upload.publishedAt().toString()))
        .toList();
  }
}
