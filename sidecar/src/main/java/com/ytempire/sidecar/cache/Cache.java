package com.ytempire.sidecar.cache;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers worth keeping for a while, in Redis, each under its user, encrypted and bound to its user
 * and key. What Redis answers is not believed: an entry that was changed, copied under another key
 * or written by somebody else is a miss, and reported. A cache that is away is an empty cache. Safe
 * to share between threads.
 */
public final class Cache implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Cache.class);

  private static final Duration WARNING_INTERVAL = Duration.ofMinutes(1);

  private final StatefulRedisConnection<String, byte[]> redis;
  private final Cipher cipher;
  private final Runnable rejected;
  private final Clock clock;
  private final AtomicReference<Instant> nextWarning = new AtomicReference<>(Instant.EPOCH);

  /** Authenticated encryption, bound to a context: it decrypts in that context only. */
  public interface Cipher {
    byte[] encrypt(String text, String boundTo);

    /** Empty when it was encrypted by another key, for another context, or changed since. */
    Optional<String> decrypt(byte[] ciphertext, String boundTo);
  }

  /**
   * Connects.
   *
   * @param rejected called for each entry that does not decrypt
   */
  public Cache(RedisClient client, Cipher cipher, Runnable rejected, Clock clock) {
    this.redis = client.connect(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE));
    this.cipher = cipher;
    this.rejected = rejected;
    this.clock = clock;
  }

  public Optional<String> get(UUID userId, String key) {
    String bound = key(userId, key);
    byte[] entry;
    try {
      entry = redis.sync().get(bound);
    } catch (RedisException e) {
      log.warn("the cache is away: {}", e.getMessage());
      return Optional.empty();
    }
    if (entry == null) {
      return Optional.empty();
    }
    Optional<String> value = cipher.decrypt(entry, bound);
    if (value.isEmpty()) {
      rejected.run();
      warn(bound);
    }
    return value;
  }

  private void warn(String key) {
    Instant now = clock.instant();
    Instant next = nextWarning.get();
    if (!now.isBefore(next) && nextWarning.compareAndSet(next, now.plus(WARNING_INTERVAL))) {
      log.warn(
          "Redis holds an answer under {} that this platform did not write there; it is fetched anew. Somebody else may be writing to this Redis, unless the keyset was changed or an older version wrote it.",
          key);
    }
  }

  public void put(UUID userId, String key, String value, Duration keep) {
    try {
      String bound = key(userId, key);
      redis.sync().set(bound, cipher.encrypt(value, bound), SetArgs.Builder.ex(keep));
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
