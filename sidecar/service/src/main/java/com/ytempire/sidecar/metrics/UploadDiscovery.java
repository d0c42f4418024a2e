package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.youtube.Feeds;
import com.ytempire.sidecar.youtube.YouTube.Upload;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds a channel's new videos: the hub pushes them where it works, the public feed lists them
 * where it does not, and the uploads playlist, which costs a unit, is read once a day to be sure.
 * Safe to share between threads.
 */
final class UploadDiscovery {
  private static final Logger log = LoggerFactory.getLogger(UploadDiscovery.class);

  private static final Duration MONTH = Duration.ofDays(30);

  private final UploadPlan plan;
  private final HubSubscriptions subscriptions;
  private final Feeds feeds;
  private final UploadsPlaylist playlist;
  private final UploadNotes notes;

  UploadDiscovery(
      UploadPlan plan,
      HubSubscriptions subscriptions,
      Feeds feeds,
      UploadsPlaylist playlist,
      UploadNotes notes) {
    this.plan = plan;
    this.subscriptions = subscriptions;
    this.feeds = feeds;
    this.playlist = playlist;
    this.notes = notes;
  }

  /** Looks for a channel's new videos in the ways that are due. */
  Discovery discover(FetchContext context, PlannedRequest request) {
    Instant now = context.now();
    UploadPlan.Steps steps = plan.steps(request.channel(), now);
    if (steps.subscribe()) {
      subscriptions.subscribe(request, now);
    } else if (!request.channel().source().uploads().isWatched()) {
      subscriptions.watch(request);
    }
    Search search = new Search(context, request, now);
    boolean isFeedUnavailable = steps.readFeed() && !search.readFeed();
    if (steps.readPlaylist()
        || (isFeedUnavailable && UploadPlan.readPlaylistInstead(request.channel().source(), now))) {
      search.readPlaylist(steps.wholeMonth() ? now.minus(MONTH) : now);
    }
    notes.listed(request, search.found.keySet());
    return search.discovery();
  }

  /** Records what was read, of all users at once. */
  void note(List<Discovery> discoveries, Deadline deadline) {
    notes.read(discoveries, deadline);
  }

  /** A search for the new videos of one channel. For one thread. */
  private final class Search {
    private final FetchContext context;
    private final PlannedRequest request;
    private final Instant now;
    private final Map<String, Upload> found = new LinkedHashMap<>();
    private Optional<Outcome.Missed> failure = Optional.empty();
    private @Nullable Instant feedReadAt;
    private @Nullable Instant playlistReadAt;
    private boolean isHubSilent;

    Search(FetchContext context, PlannedRequest request, Instant now) {
      this.context = context;
      this.request = request;
      this.now = now;
    }

    /** Reads the feed; false when it is unavailable. */
    boolean readFeed() {
      try {
        Feeds.Entries entries = feeds.latest(request.channelId());
        newUploads(request, entries, now).forEach(upload -> found.put(upload.videoId(), upload));
        notes.removed(request, entries, now);
        feedReadAt = now;
        return true;
      } catch (YouTubeException e) {
        log.info("the feed of channel {} is unavailable: {}", request.channelId(), e.getMessage());
        return false;
      }
    }

    /** Reads the playlist back to what was published before a moment. */
    void readPlaylist(Instant since) {
      try {
        playlist
            .since(context, request, since)
            .forEach(upload -> found.put(upload.videoId(), upload));
        playlistReadAt = now;
        isHubSilent = isHubSilent(request, found.values(), now);
      } catch (YouTubeException e) {
        failure = Optional.of(context.missed(request, e));
      }
    }

    Discovery discovery() {
      List<Outcome> outcomes = new ArrayList<>(failure.stream().toList());
      // What the feed listed is returned all the same.
      if (failure.isEmpty() || !found.isEmpty()) {
        outcomes.add(
            context.rows(
                request, UploadsPlaylist.rows(context, request, List.copyOf(found.values()))));
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
  }

  /** Whether there are new videos that the hub should have pushed. */
  private boolean isHubSilent(PlannedRequest request, Collection<Upload> found, Instant now) {
    Set<String> known = request.channel().videoIds();
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

  /**
   * The recent videos in the feed that are not stored, and those that were given up. Of a channel
   * that publishes rarely the feed has old ones, of which nothing is due.
   */
  private static List<Upload> newUploads(
      PlannedRequest request, Feeds.Entries entries, Instant now) {
    Set<String> known = request.channel().videoIds();
    Set<String> gone = request.channel().goneVideoIds();
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
}
