package com.ytempire.sidecar.cache;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers worth keeping for a while, in Redis, each under its user. A cache that is away is an
 * empty cache. Safe to share between threads.
 */
public final class Cache implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Cache.class);

  private final StatefulRedisConnection<String, String> redis;

  public Cache(RedisClient client) {
    this.redis = client.connect();
  }

  public Optional<String> get(UUID userId, String key) {
    try {
      return Optional.ofNullable(redis.sync().get(key(userId, key)));
    } catch (RedisException e) {
      log.warn("the cache is away: {}", e.getMessage());
      return Optional.empty();
    }
  }

  public void put(UUID userId, String key, String value, Duration keep) {
    try {
      redis.sync().set(key(userId, key), value, SetArgs.Builder.ex(keep));
    } catch (RedisException e) {
      log.warn("the cache is away: {}", e.getMessage());
    }
  }

  /** Forgets everything of a user. What cannot be reached now is forgotten when its time is up. */
  public void forget(UUID userId) {
    forgetMatching(key(userId, "*"));
  }

  /** Forgets everything of one of a user's channels, as {@link #forget(UUID)}. */
  public void forget(UUID userId, String channelId) {
    forgetMatching(key(userId, channelId + ":*"));
  }

  private void forgetMatching(String pattern) {
    try {
      ScanIterator.scan(redis.sync(), ScanArgs.Builder.matches(pattern).limit(1000))
          .forEachRemaining(key -> redis.sync().del(key));
    } catch (RedisException e) {
      log.warn("the cache is away: {}", e.getMessage());
    }
  }

  private static String key(UUID userId, String key) {
    return "cache:" + userId + ":" + key;
  }

  @Override
  public void close() {
    redis.close();
  }
}
