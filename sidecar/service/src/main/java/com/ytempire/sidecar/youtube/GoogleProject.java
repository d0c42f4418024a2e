package com.ytempire.sidecar.youtube;

import com.ytempire.sidecar.quota.Bucket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Faults of our Google Cloud project, which its operator has to fix and no channel is to blame for:
 * an API that is not enabled, a consent screen in Testing. Each is logged once, however many
 * channels meet it; while an API is not enabled a single call in a quarter of an hour asks whether
 * it is by now, and the others are refused here without spending. Each replica finds out by itself.
 * Safe to share between threads.
 */
public final class GoogleProject {
  private static final Logger log = LoggerFactory.getLogger(GoogleProject.class);

  /** When to ask again what somebody has to fix first. */
  static final Duration RECHECK = Duration.ofMinutes(15);

  /**
   * Refresh tokens of an app in Testing live for 7 days
   * (developers.google.com/identity/protocols/oauth2, "Refresh token expiration"). An owner may
   * choose 30 days or more for an app in production.
   */
  private static final Duration TESTING_LIFETIME = Duration.ofDays(7);

  /** Names for people, by the first word of a bucket's label. */
  private static final Map<String, String> NAMES =
      Map.of(
          "data", "YouTube Data API v3",
          "analytics", "YouTube Analytics API",
          "reporting", "YouTube Reporting API");

  private record DisabledApi(String message, Instant recheckAt) {}

  private final Clock clock;
  private final Map<String, DisabledApi> disabled = new ConcurrentHashMap<>();
  private volatile @Nullable Instant shortGrantAt;

  public GoogleProject(Clock clock) {
    this.clock = clock;
  }

  private static String api(Bucket bucket) {
    return bucket.label().split("\\.", 2)[0];
  }

  /**
   * Refuses a call to an API that is not enabled, unless it is the one that is to ask again.
   *
   * @param bucket that the call is charged to
   * @throws YouTubeException with {@link Failure.ApiDisabled}
   */
  void check(Bucket bucket) {
    String api = api(bucket);
    DisabledApi known = disabled.get(api);
    if (known == null) {
      return;
    }
    Instant now = clock.instant();
    if (now.isBefore(known.recheckAt())) {
      throw failure(known, null);
    }
    DisabledApi next = new DisabledApi(known.message(), now.plus(RECHECK));
    if (!disabled.replace(api, known, next)) {
      throw failure(next, null);
    }
  }

  /** Records that an API is not enabled, and returns what to throw. */
  YouTubeException recordDisabled(Bucket bucket, String message, Throwable cause) {
    String api = api(bucket);
    DisabledApi now = new DisabledApi(message, clock.instant().plus(RECHECK));
    if (disabled.put(api, now) == null) {
      log.error(
          "{} is not enabled in the Google project; enable it in Google's console. Until then nothing is fetched by it, and it is asked once in {} minutes. {}",
          NAMES.getOrDefault(api, api),
          RECHECK.toMinutes(),
          message);
    }
    return failure(now, cause);
  }

  /** Records that an API answered. */
  void recordAnswer(Bucket bucket) {
    if (!disabled.isEmpty() && disabled.remove(api(bucket)) != null) {
      log.info("{} is enabled again", NAMES.getOrDefault(api(bucket), api(bucket)));
    }
  }

  private static YouTubeException failure(DisabledApi disabled, @Nullable Throwable cause) {
    Failure failure =
        new Failure.ApiDisabled(
            "An API is not enabled in this platform's Google project; its operator has to enable it: "
                + disabled.message(),
            disabled.recheckAt());
    return cause == null ? new YouTubeException(failure) : new YouTubeException(failure, cause);
  }

  /**
   * Records how long a new grant lives.
   *
   * @param lifetime null: until it is revoked
   */
  void recordGrant(@Nullable Duration lifetime) {
    if (lifetime == null || lifetime.compareTo(TESTING_LIFETIME) > 0) {
      if (lifetime == null) {
        shortGrantAt = null;
      }
      return;
    }
    boolean isNews = shortGrantAt == null;
    shortGrantAt = clock.instant();
    if (isNews) {
      log.warn(
          "a grant that Google gave ends after {} days: the consent screen of the Google project is in Testing. Publish the app (\"In production\"), then have the channels connected again that were connected meanwhile.",
          lifetime.toDays());
    }
  }

  /** How many of the APIs are not enabled. */
  public int disabledApis() {
    return disabled.size();
  }

  /** 1 while Google gives grants that end after 7 days, otherwise 0. */
  public int isInTesting() {
    return shortGrantAt == null ? 0 : 1;
  }

  /** What the operator has to fix; empty when nothing is known. */
  public Optional<String> warning() {
    List<String> faults = new ArrayList<>();
    disabled.keySet().stream()
        .sorted()
        .forEach(api ->
            faults.add(NAMES.getOrDefault(api, api) + " is not enabled in the Google project"));
    if (shortGrantAt != null) {
      faults.add(
          "the consent screen is in Testing, so grants end after 7 days; publish the app in Google's console");
    }
    return faults.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", faults));
  }
}
