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
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cache of answers in Redis, each under its user, encrypted and bound to its user and key. What
 * Redis answers is not believed: an entry that was changed, copied under another key or written by
 * somebody else is a miss, and reported. A cache that is unavailable is an empty cache. Safe to
 * share between threads.
 */
public final class Cache implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Cache.class);

  /**
   * First byte of an entry with a time, which follows in eight bytes before the ciphertext. An
   * older version wrote the ciphertext alone, which Tink begins with 1.
   */
  private static final byte WITH_TIME = 2;

  private static final int HEADER_LENGTH = 1 + Long.BYTES;

  private static final Duration WARNING_INTERVAL = Duration.ofMinutes(1);

  private final StatefulRedisConnection<String, byte[]> redis;
  private final Cipher cipher;
  private final Runnable rejected;
  private final Clock clock;
  private final AtomicReference<Instant> nextWarning = new AtomicReference<>(Instant.EPOCH);

  /** Authenticated encryption, bound to a context: it decrypts in that context only. */
  public interface Cipher {
    byte[] encrypt(byte[] content, String boundTo);

    /** Empty when it was encrypted by another key, for another context, or changed since. */
    Optional<byte[]> decrypt(byte[] ciphertext, String boundTo);
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

  /** Returns what is cached under a key, whenever that was written. */
  public Optional<byte[]> get(UUID userId, String key) {
    return get(userId, key, Instant.MIN);
  }

  /**
   * Returns what is cached under a key, unless its time is before a moment; then it is not even
   * decrypted. A time that was forged to be earlier makes a miss, and one that was forged to be
   * later does not decrypt. Entries that an older version wrote have no time and are returned
   * whenever they were written.
   *
   * @param notBefore to the second
   */
  public Optional<byte[]> get(UUID userId, String key, Instant notBefore) {
    String bound = key(userId, key);
    byte[] entry;
    try {
      entry = redis.sync().get(bound);
    } catch (RedisException e) {
      log.warn("the cache is unavailable: {}", e.getMessage());
      return Optional.empty();
    }
    if (entry == null) {
      return Optional.empty();
    }
    Optional<byte[]> content;
    if (entry.length > HEADER_LENGTH && entry[0] == WITH_TIME) {
      ByteBuffer read = ByteBuffer.wrap(entry);
      read.get();
      long second = read.getLong();
      if (second < notBefore.getEpochSecond()) {
        return Optional.empty();
      }
      byte[] ciphertext = new byte[read.remaining()];
      read.get(ciphertext);
      content = cipher.decrypt(ciphertext, context(bound, second));
    } else {
      content = cipher.decrypt(entry, bound);
    }
    Optional<byte[]> value = content.flatMap(PackedContent::unpack);
    if (value.isEmpty()) {
      rejected.run();
      warn(bound);
    }
    return value;
  }

  /** What an entry with a time is bound to; no key begins like this. */
  private static String context(String key, long second) {
    return "at " + second + " " + key;
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

  /**
   * Caches a value as of now.
   *
   * @param value text in UTF-8
   * @param keep how long
   */
  public void put(UUID userId, String key, byte[] value, Duration keep) {
    put(userId, key, value, clock.instant(), keep);
  }

  /**
   * Caches a value in place of what is there.
   *
   * @param value text in UTF-8
   * @param time the value's own, to the second; not secret
   * @param keep how long
   */
  public void put(UUID userId, String key, byte[] value, Instant time, Duration keep) {
    try {
      String bound = key(userId, key);
      long second = time.getEpochSecond();
      byte[] ciphertext = cipher.encrypt(PackedContent.pack(value), context(bound, second));
      byte[] entry =
          ByteBuffer.allocate(HEADER_LENGTH + ciphertext.length)
              .put(WITH_TIME)
              .putLong(second)
              .put(ciphertext)
              .array();
      redis.sync().set(bound, entry, SetArgs.Builder.ex(keep));
    } catch (RedisException e) {
      log.warn("the cache is unavailable: {}", e.getMessage());
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
      log.warn("the cache is unavailable: {}", e.getMessage());
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
