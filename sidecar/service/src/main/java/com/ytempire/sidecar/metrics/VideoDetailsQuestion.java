package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.Lookup.Key;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTube.VideoDetails;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the questions for details of videos. */
final class VideoDetailsQuestion {
  private VideoDetailsQuestion() {}

  static LookupQuestion<VideoDetails> of(YouTube youTube) {
    return new LookupQuestion<>(
        (call, ids) -> changed(youTube.videoDetails(call, ids, null)), VideoDetails::videoId);
  }

  /**
   * With an ETag where one channel's videos are asked for by its grant: the answer may be cached
   * still.
   */
  static LookupQuestion<VideoDetails> byGrant(
      YouTube youTube, FetchContext context, List<Key> keys) {
    List<String> channels = keys.stream().map(Key::channelId).distinct().toList();
    if (channels.size() > 1) {
      return of(youTube);
    }
    List<String> sorted = keys.stream().map(Key::id).sorted().toList();
    String cacheKey = channels.getFirst() + ":details of:" + String.join(",", sorted);
    return new LookupQuestion<>(
        (call, ids) -> {
          @Nullable CachedAnswer<VideoDetails> cached =
              context.cache().find(cacheKey, VideoDetails.class).orElse(null);
          var answer = youTube.videoDetails(call, sorted, cached == null ? null : cached.etag());
          if (answer.content() == null && cached != null) {
            return cached.rows();
          }
          return context.cache().put(cacheKey, changed(answer), answer.etag()).rows();
        },
        VideoDetails::videoId);
  }

  private static List<VideoDetails> changed(YouTube.TaggedContent<List<VideoDetails>> answer) {
    List<VideoDetails> content = answer.content();
    if (content == null) {
      throw new IllegalStateException("YouTube says 'unchanged' of what is not cached");
    }
    return content;
  }
}
