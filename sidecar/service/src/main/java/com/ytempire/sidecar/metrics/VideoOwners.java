package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTube.VideoDetails;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Asks YouTube, or the cache, which channels videos are of. A video that YouTube does not show, as
 * a deleted or a private one, is nobody's. Safe to share between threads.
 */
final class VideoOwners {
  /** A video never changes its channel; YouTube's policies let us keep that for 30 days. */
  private static final Duration KEPT = Duration.ofDays(30);

  /** A video that YouTube does not show is asked for again after this time. */
  private static final Duration ABSENCE_KEPT = Duration.ofDays(1);

  private final YouTube youTube;
  private final boolean isPooled;

  /**
   * Makes the question.
   *
   * @param isPooled whether YouTube is asked by the platform's key rather than by a channel's grant
   */
  VideoOwners(YouTube youTube, boolean isPooled) {
    this.youTube = youTube;
    this.isPooled = isPooled;
  }

  boolean isPooled() {
    return isPooled;
  }

  /**
   * Videos whose channel YouTube names.
   *
   * @param own that it names this channel for
   * @param foreign that it names another one for
   */
  record VideoIds(Set<String> own, Set<String> foreign) {}

  /**
   * Asks for videos under a channel; a call for 50 that were not asked for lately.
   *
   * @throws YouTubeException when YouTube does not answer
   */
  VideoIds ask(FetchContext context, String channelId, List<String> videoIds) {
    VideoIds answer = new VideoIds(new HashSet<>(), new HashSet<>());
    List<String> unknown = new ArrayList<>();
    for (String id : videoIds) {
      @Nullable CachedAnswer<String> known =
          context.cache().find(key(channelId, id), KEPT, String.class).orElse(null);
      if (known == null) {
        unknown.add(id);
      } else {
        known.rows().forEach(owner -> add(answer, channelId, id, owner));
      }
    }
    for (int from = 0; from < unknown.size(); from += YouTube.IDS_PER_CALL) {
      List<String> some =
          unknown.subList(from, Math.min(unknown.size(), from + YouTube.IDS_PER_CALL));
      List<VideoDetails> shown =
          youTube
              .videoDetails(isPooled ? context.publicCall() : context.call(channelId), some, null)
              .content();
      Map<String, String> owners =
          (shown == null ? List.<VideoDetails>of() : shown)
              .stream()
                  .collect(
                      Collectors.toMap(
                          VideoDetails::videoId, VideoDetails::channelId, (one, other) -> one));
      for (String id : some) {
        @Nullable String owner = owners.get(id);
        context
            .cache()
            .putFor(
                owner == null ? ABSENCE_KEPT : KEPT,
                key(channelId, id),
                owner == null ? List.of() : List.of(owner));
        if (owner != null) {
          add(answer, channelId, id, owner);
        }
      }
    }
    return answer;
  }

  private static void add(VideoIds answer, String channelId, String videoId, String owner) {
    var _ = (owner.equals(channelId) ? answer.own() : answer.foreign()).add(videoId);
  }

  /** A key that is forgotten together with the channel. */
  private static String key(String channelId, String videoId) {
    return channelId + ":video-channel:" + videoId;
  }
}
