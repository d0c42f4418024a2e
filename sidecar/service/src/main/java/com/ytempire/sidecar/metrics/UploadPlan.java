package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.PlanDao.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Plans how a channel's new videos are looked for: pushed by YouTube's hub where it is asked to and
 * does, else read from the public feed; and read from the uploads playlist to be sure.
 *
 * @param asksHub whether the hub is asked to push new videos
 */
record UploadPlan(boolean asksHub) {
  /** How long the feed is read because the hub did not push, unless it pushes again before. */
  static final Duration HUB_SILENCE = Duration.ofDays(7);

  /** The hub's lease, and when to renew it: it answers badly at times, so early. */
  static final Duration LEASE = Duration.ofDays(10);

  private static final Duration RENEW_BEFORE_END = LEASE.dividedBy(2);

  private static final Duration READ_PLAYLIST = Duration.ofHours(24);
  private static final Duration READ_PLAYLIST_WITHOUT_FEED = Duration.ofHours(2);
  private static final Duration READ_FEED = Duration.ofMinutes(55);
  private static final Duration SUBSCRIBE_AGAIN = Duration.ofHours(1);

  /** What is not pushed so long after its publication is not pushed. */
  private static final Duration PUSHED_WITHIN = Duration.ofHours(2);

  /**
   * The steps by which new videos are looked for now.
   *
   * @param wholeMonth read the playlist back to what was published 30 days ago
   */
  record Steps(boolean subscribe, boolean readFeed, boolean readPlaylist, boolean wholeMonth) {
    boolean isEmpty() {
      return !subscribe && !readFeed && !readPlaylist;
    }
  }

  DuePart due(KnownChannel channel, Instant now) {
    Source source = channel.source();
    Instant next =
        Stream.of(
                playlistAt(source, now),
                isPushed(source, now) ? now.plus(READ_PLAYLIST) : feedAt(source, now))
            .min(Comparator.naturalOrder())
            .orElseThrow();
    boolean isDue = !steps(channel, now).isEmpty();
    return new DuePart(
        isDue,
        isDue ? now : next,
        List.of(),
        List.of(),
        isPushed(source, now)
            ? "YouTube's hub pushes new videos; the uploads playlist is read once a day, to be sure"
            : hasLease(source, now)
                ? "YouTube's hub did not push a video that it should have pushed, so the public feed is read hourly for a week, or until it pushes again"
                : "the public feed is read hourly, the uploads playlist once a day, or every 2 hours while the feed is unavailable");
  }

  Steps steps(KnownChannel channel, Instant now) {
    Source source = channel.source();
    return new Steps(
        asksHub
            && (source.uploads().leaseUntil() == null
                || !now.isBefore(source.uploads().leaseUntil().minus(RENEW_BEFORE_END)))
            && !DuePart.after(source.uploads().subscribeAskedAt(), SUBSCRIBE_AGAIN, now)
                .isAfter(now),
        !isPushed(source, now) && !feedAt(source, now).isAfter(now),
        !playlistAt(source, now).isAfter(now),
        channel.videos().isEmpty());
  }

  private static Instant feedAt(Source source, Instant now) {
    return DuePart.after(source.uploads().feedReadAt(), READ_FEED, now);
  }

  private static Instant playlistAt(Source source, Instant now) {
    return DuePart.after(source.uploads().playlistReadAt(), READ_PLAYLIST, now);
  }

  /** Whether to read the playlist because the feed, which should have been read, is unavailable. */
  static boolean readPlaylistInstead(Source source, Instant now) {
    return !DuePart.after(source.uploads().playlistReadAt(), READ_PLAYLIST_WITHOUT_FEED, now)
        .isAfter(now);
  }

  /** Whether the hub pushes a channel's new videos. */
  boolean isPushed(Source source, Instant now) {
    return hasLease(source, now)
        && (source.uploads().hubSilentSince() == null
            || !now.isBefore(source.uploads().hubSilentSince().plus(HUB_SILENCE)));
  }

  private boolean hasLease(Source source, Instant now) {
    return asksHub
        && source.uploads().leaseUntil() != null
        && now.isBefore(source.uploads().leaseUntil());
  }

  /**
   * Whether the hub should have pushed a video that was found in another way. A push comes within
   * minutes; what was published before the hub was asked, or before the playlist was read last,
   * says nothing.
   */
  boolean isHubSilent(Source source, Instant publishedAt, Instant now) {
    return hasLease(source, now)
        && source.uploads().subscribeAskedAt() != null
        && publishedAt.isAfter(source.uploads().subscribeAskedAt())
        && source.uploads().playlistReadAt() != null
        && publishedAt.isAfter(source.uploads().playlistReadAt())
        && publishedAt.isBefore(now.minus(PUSHED_WITHIN));
  }
}
