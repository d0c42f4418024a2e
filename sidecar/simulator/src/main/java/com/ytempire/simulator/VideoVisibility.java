package com.ytempire.simulator;

import com.ytempire.simulator.Catalog.Channel;
import com.ytempire.simulator.Catalog.Video;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What owners do to published videos: they delete some and hide others for a while, by the seed or
 * because a test says so. Safe to share between threads.
 */
public final class VideoVisibility {
  /** Of all videos: how many are private for a while and then public again. */
  private static final double PRIVATE_SHARE = 0.02;

  /** Of all videos: how many have each of the {@link Oddity oddities}. */
  private static final double ODD_SHARE = 0.01;

  /** What is odd about a video's answers. */
  public enum Oddity {
    NONE,
    /** A stream of more than three weeks, whose length is written with weeks. */
    WEEKS_LONG,
    /** An upcoming broadcast: its length is {@code P0D} until three hours after publication. */
    UPCOMING,
    /** Its statistics come without {@code viewCount}. */
    NO_VIEW_COUNT
  }

  private final Catalog catalog;
  private final Seed seed;
  private final Clock clock;
  private final double deletedShare;

  /** Of the channels that have none left, by index, when the last ones were deleted. */
  private final Map<Integer, Instant> cleared = new ConcurrentHashMap<>();

  /** What a test did to videos, beside what the seed says. */
  private final Map<String, Instant> deletions = new ConcurrentHashMap<>();

  private final Map<String, Instant> hidden = new ConcurrentHashMap<>();

  private final Map<String, Instant> shownAgain = new ConcurrentHashMap<>();

  /**
   * Makes the visibility of a catalog's videos.
   *
   * @param deletedShare of all videos, 0 to 1; 0: nothing else is odd either
   * @param cleared when all videos of a channel were deleted, by its index
   */
  VideoVisibility(
      Catalog catalog, Seed seed, Clock clock, double deletedShare, Map<Integer, Instant> cleared) {
    this.catalog = catalog;
    this.seed = seed;
    this.clock = clock;
    this.deletedShare = deletedShare;
    this.cleared.putAll(cleared);
  }

  /** Videos published until now that were not deleted, newest first. */
  List<Video> videos(Channel channel) {
    return catalog.publishedVideos(channel).stream().filter(video -> !isDeleted(video)).toList();
  }

  /** Of {@link #videos} those that everybody sees, newest first. */
  List<Video> publicVideos(Channel channel) {
    return videos(channel).stream().filter(this::isPublic).toList();
  }

  /** Returns a video that has been published and is not deleted. */
  Optional<Video> video(String id) {
    return catalog.published(id).filter(video -> !isDeleted(video));
  }

  /** When all videos of a channel were deleted; empty: they were not. */
  Optional<Instant> clearedAt(Channel channel) {
    return Optional.ofNullable(cleared.get(channel.index()));
  }

  /** Deletes a video now, as its owner may. */
  void delete(Video video) {
    deletions.put(video.id(), clock.instant());
  }

  /** Undoes what {@link #delete} did. */
  void restore(Video video) {
    deletions.remove(video.id());
  }

  /** Deletes all videos of a channel now; it publishes no more. */
  void clear(Channel channel) {
    cleared.put(channel.index(), clock.instant());
  }

  /** Makes a video private from now on, so that its owner alone sees it. */
  void hide(Video video) {
    hidden.put(video.id(), clock.instant());
  }

  /** Makes a video public again that was hidden. */
  void show(Video video) {
    hidden.remove(video.id());
    shownAgain.put(video.id(), clock.instant());
  }

  /** What is odd about a video. */
  Oddity oddity(Video video) {
    double share = seed.unit(video.channel().index(), 330_000L + video.number());
    if (deletedShare == 0 || share >= 3 * ODD_SHARE) {
      return Oddity.NONE;
    }
    return Oddity.values()[1 + (int) (share / ODD_SHARE)];
  }

  /** Whether everybody sees a video that is not deleted. */
  boolean isPublic(Video video) {
    if (hidden.containsKey(video.id())) {
      return false;
    }
    Instant now = clock.instant();
    return privateFrom(video)
        .filter(from -> !now.isBefore(from) && now.isBefore(publicAgainAt(video)))
        .isEmpty();
  }

  private Optional<Instant> privateFrom(Video video) {
    if (deletedShare == 0
        || seed.unit(video.channel().index(), 250_000L + video.number()) >= PRIVATE_SHARE) {
      return Optional.empty();
    }
    double hours = 1 + seed.unit(video.channel().index(), 290_000L + video.number()) * 72;
    return Optional.of(video.publishedAt().plusSeconds((long) (hours * 3600)));
  }

  private Instant publicAgainAt(Video video) {
    double hours = 2 + seed.unit(video.channel().index(), 310_000L + video.number()) * 46;
    return privateFrom(video).orElse(Instant.EPOCH).plusSeconds((long) (hours * 3600));
  }

  /** When a video that nobody but its owner may see vanished: deleted or made private. */
  Optional<Instant> vanishedAt(Video video) {
    if (isDeleted(video)) {
      return deletedAt(video);
    }
    return isPublic(video)
        ? Optional.empty()
        : Optional.ofNullable(hidden.get(video.id())).or(() -> privateFrom(video));
  }

  /** When a video that everybody sees was made public again. */
  Optional<Instant> shownAgainAt(Video video) {
    if (isDeleted(video) || !isPublic(video)) {
      return Optional.empty();
    }
    return Optional.ofNullable(shownAgain.get(video.id()))
        .or(() ->
            privateFrom(video)
                .map(from -> publicAgainAt(video))
                .filter(at -> !at.isAfter(clock.instant())));
  }

  /** When the owner deletes this video; empty: never. */
  Optional<Instant> deletedAt(Video video) {
    Instant deleted = deletions.get(video.id());
    if (deleted != null) {
      return Optional.of(deleted);
    }
    Instant allDeleted = cleared.get(video.channel().index());
    if (allDeleted != null) {
      return Optional.of(
          video.publishedAt().isAfter(allDeleted) ? video.publishedAt() : allDeleted);
    }
    if (deletedShare == 0
        || seed.unit(video.channel().index(), 170_000L + video.number()) >= deletedShare) {
      return Optional.empty();
    }
    double hours = 1 + seed.unit(video.channel().index(), 210_000L + video.number()) * 20 * 24;
    return Optional.of(video.publishedAt().plusSeconds((long) (hours * 3600)));
  }

  private boolean isDeleted(Video video) {
    return deletedAt(video).filter(at -> !at.isAfter(clock.instant())).isPresent();
  }
}
