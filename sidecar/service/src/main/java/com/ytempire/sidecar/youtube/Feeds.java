package com.ytempire.sidecar.youtube;

import com.ytempire.sidecar.youtube.YouTube.Upload;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;

/**
 * YouTube's public feeds of new videos, and the WebSub hub that pushes them. They cost no quota and
 * carry no token.
 */
public interface Feeds {
  /**
   * The newest 15 videos of a channel, up to an hour late, and those of them that were removed.
   *
   * @throws YouTubeException with {@link Failure.Unavailable} when the feed does not answer
   */
  Entries latest(String channelId);

  /**
   * Asks the hub to push a channel's new videos, or to go on doing so. The hub confirms by calling
   * back.
   *
   * @param callback where to push to; whoever knows it could pretend to be the hub but for the
   *     secret
   * @param secret that the hub signs what it pushes with (HMAC-SHA1, W3C WebSub section 7)
   * @param lease for how long
   * @throws YouTubeException with {@link Failure.Unavailable} when the hub does not take it now
   */
  void subscribe(String channelId, String callback, String secret, Duration lease);

  /** What the hub names a channel's feed. */
  String topic(String channelId);

  /**
   * The entries of a feed, or of a push of the hub.
   *
   * @param uploads videos that everybody sees
   * @param removedIds videos that were deleted or hidden (tombstones, RFC 6721)
   */
  record Entries(List<Upload> uploads, List<String> removedIds) {}

  /**
   * Reads a feed, or what the hub pushed.
   *
   * @throws IllegalArgumentException when it is no Atom feed
   */
  Entries read(InputStream atom);
}
