package com.ytempire.sidecar.metrics;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Videos of one user that were erased because YouTube shows them no more. Analytics and report
 * files still answer days of a deleted video, which must not be stored again (Developer Policies
 * III.E.4.b: figures last while the video does). A video that YouTube shows again is erased no
 * longer: its details and current statistics are what says so. For one thread and one transaction.
 */
final class ErasedVideos {
  /**
   * Rows of these kinds come from YouTube's list of videos, so that they prove that it shows one.
   */
  private static final Set<RowKind> PROOFS = Set.of(RowKind.VIDEO, RowKind.VIDEO_STATISTICS);

  private final UUID userId;
  private final Map<String, Set<String>> hashes = new HashMap<>();

  /**
   * Makes the collection.
   *
   * @param videos as they are stored
   */
  ErasedVideos(UUID userId, List<ErasedVideo> videos) {
    this.userId = userId;
    videos.forEach(each ->
        hashes
            .computeIfAbsent(each.channelId(), channel -> new HashSet<>())
            .add(HexFormat.of().formatHex(each.videoHash())));
  }

  /**
   * An erased video.
   *
   * @param videoHash SHA-256 of the user's id, a space and the video's id
   */
  record ErasedVideo(String channelId, byte[] videoHash) {}

  /** Removes the videos that these rows prove to be shown again, and returns them. */
  List<ErasedVideo> restore(List<TypedRow> rows) {
    List<ErasedVideo> restored = new ArrayList<>();
    for (TypedRow row : rows) {
      if (PROOFS.contains(row.kind()) && contains(row)) {
        byte[] hash = hash(row.text("videoId"));
        hashes.getOrDefault(row.channelId(), Set.of()).remove(HexFormat.of().formatHex(hash));
        restored.add(new ErasedVideo(row.channelId(), hash));
      }
    }
    return restored;
  }

  /** Whether a row is of an erased video. */
  boolean contains(TypedRow row) {
    Set<String> ofChannel = hashes.getOrDefault(row.channelId(), Set.of());
    return !ofChannel.isEmpty()
        && row.kind().hasField("videoId")
        && row.value("videoId") instanceof String id
        && ofChannel.contains(HexFormat.of().formatHex(hash(id)));
  }

  private byte[] hash(String videoId) {
    try {
      return MessageDigest.getInstance("SHA-256")
          .digest((userId + " " + videoId).getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
