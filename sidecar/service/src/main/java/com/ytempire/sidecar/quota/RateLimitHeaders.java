package com.ytempire.sidecar.quota;

import com.ytempire.sidecar.web.Request;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The headers {@code RateLimit-Policy} and {@code RateLimit}, by which any HTTP client can see what
 * is left of Google's quota (draft-ietf-httpapi-ratelimit-headers-10): a policy for each bucket,
 * {@code q} units a window of {@code w} seconds, of which {@code r} remain for {@code t} seconds.
 */
public final class RateLimitHeaders {
  private RateLimitHeaders() {}

  /** Puts them on the answer; nothing when no bucket is concerned. */
  public static void put(Request request, List<BucketStatus> buckets, Instant now) {
    if (!buckets.isEmpty()) {
      request.answerHeader("RateLimit-Policy", policy(buckets));
      request.answerHeader("RateLimit", limit(buckets, now));
    }
  }

  static String policy(List<BucketStatus> buckets) {
    return buckets.stream()
        .map(bucket ->
            "\"%s\";q=%d;w=%d"
                .formatted(
                    bucket.bucket(),
                    bucket.limit(),
                    Duration.between(bucket.windowStartedAt(), bucket.resetsAt()).toSeconds()))
        .collect(Collectors.joining(", "));
  }

  static String limit(List<BucketStatus> buckets, Instant now) {
    return buckets.stream()
        .map(bucket ->
            "\"%s\";r=%d;t=%d"
                .formatted(
                    bucket.bucket(),
                    bucket.remaining(),
                    Duration.between(now, bucket.resetsAt()).plusMillis(999).toSeconds()))
        .collect(Collectors.joining(", "));
  }
}
