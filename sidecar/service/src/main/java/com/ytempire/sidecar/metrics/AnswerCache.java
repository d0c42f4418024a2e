package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.cache.Cache;
import com.ytempire.sidecar.web.Json;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/** The cached answers of YouTube to one user's requests. Safe to share between threads. */
final class AnswerCache {
  private static final Logger log = LoggerFactory.getLogger(AnswerCache.class);
  private static final Duration TTL = Duration.ofDays(1);

  private final Cache cache;
  private final UUID userId;
  private final Clock clock;

  AnswerCache(Cache cache, UUID userId, Clock clock) {
    this.cache = cache;
    this.userId = userId;
    this.clock = clock;
  }

  /** The answer of a key, if it is at most this old. */
  <T> Optional<CachedAnswer<T>> find(String key, Duration maxAge, Class<T> type) {
    return maxAge.isZero() ? Optional.empty() : findSince(key, clock.instant().minus(maxAge), type);
  }

  /**
   * The answer of a key, if it was given at this moment or later; an older one is not decrypted.
   */
  <T> Optional<CachedAnswer<T>> findSince(String key, Instant notBefore, Class<T> type) {
    return cache
        .get(userId, key, notBefore)
        .flatMap(json -> read(key, json, type))
        .filter(answer -> !answer.fetchedAt().isBefore(notBefore));
  }

  /** The answer of a key, however old. */
  <T> Optional<CachedAnswer<T>> find(String key, Class<T> type) {
    return cache.get(userId, key).flatMap(json -> read(key, json, type));
  }

  /** An entry of another version of this program may have other fields: it is as good as none. */
  private static <T> Optional<CachedAnswer<T>> read(String key, byte[] json, Class<T> type) {
    try {
      return Optional.of(
          Json.MAPPER.readValue(
              json,
              Json.MAPPER.getTypeFactory().constructParametricType(CachedAnswer.class, type)));
    } catch (JacksonException | IllegalArgumentException e) {
      log.warn("the cached answer {} cannot be read: {}", key, e.getMessage());
      return Optional.empty();
    }
  }

  /** Caches an answer that YouTube gives now. */
  <T> CachedAnswer<T> put(String key, List<T> rows, @Nullable String etag) {
    return put(key, rows, etag, clock.instant());
  }

  /** Caches an answer that YouTube gave at this moment. */
  <T> CachedAnswer<T> put(String key, List<T> rows, @Nullable String etag, Instant fetchedAt) {
    return put(key, rows, etag, fetchedAt, TTL);
  }

  /** Caches an answer that YouTube gives now for another time than usual. */
  <T> CachedAnswer<T> putFor(Duration ttl, String key, List<T> rows) {
    return put(key, rows, null, clock.instant(), ttl);
  }

  private <T> CachedAnswer<T> put(
      String key, List<T> rows, @Nullable String etag, Instant fetchedAt, Duration ttl) {
    CachedAnswer<T> answer =
        new CachedAnswer<>(fetchedAt.truncatedTo(ChronoUnit.SECONDS), rows, etag);
    cache.put(userId, key, Json.MAPPER.writeValueAsBytes(answer), answer.fetchedAt(), ttl);
    return answer;
  }

  /** A refusal that holds until a moment. */
  record Refusal(Reason reason, String message, Instant until, @Nullable String videoId) {
    Refusal(Reason reason, String message, Instant until) {
      this(reason, message, until, null);
    }
  }

  /** The refusal of a key, if it still holds. */
  Optional<Refusal> refusal(String key) {
    try {
      return cache
          .get(userId, key)
          .map(json -> Json.MAPPER.readValue(json, Refusal.class))
          .filter(refusal -> clock.instant().isBefore(refusal.until()));
    } catch (RuntimeException e) {
      log.warn("the cached refusal {} cannot be read: {}", key, e.getMessage());
      return Optional.empty();
    }
  }

  void putRefusal(String key, Refusal refusal) {
    Duration rest = Duration.between(clock.instant(), refusal.until());
    cache.put(
        userId, key, Json.MAPPER.writeValueAsBytes(refusal), rest.compareTo(TTL) > 0 ? rest : TTL);
  }
}
