package com.ytempire.sidecar.quota;

import com.ytempire.sidecar.config.Config.Limits;
import com.ytempire.sidecar.quota.Bucket.Window;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.distributed.BucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * What is left of Google's quota, counted in Redis and shared by all replicas. A bucket of a window
 * begins full and is never refilled: the next window has a bucket of its own, so a race or a slow
 * clock can never add a unit. {@code reserve} throws, {@code status} answers; it never sleeps. Safe
 * to share between threads.
 */
public final class Quota implements AutoCloseable {
  /**
   * Long enough for a machine that is busy. A reservation that was taken but not confirmed in time
   * is a unit that nobody spends; it never is one too many.
   */
  private static final Duration REDIS_TIMEOUT = Duration.ofSeconds(5);

  /**
   * Longer than any window can matter, so that a bucket is never forgotten and refilled while its
   * window lasts.
   */
  private static final Duration BUCKET_LIFETIME = Duration.ofDays(2);

  private static final Duration NEVER = Duration.ofDays(3650);

  private final Limits limits;
  private final Clock clock;
  private final StatefulRedisConnection<String, byte[]> redis;
  private final ProxyManager<String> buckets;

  /** Redis cannot be reached; no call to Google goes out blindly. */
  public static final class Unavailable extends RuntimeException {
    private static final long serialVersionUID = 1;

    private Unavailable(RuntimeException cause) {
      super("Redis, which keeps the quota, is not available: " + cause.getMessage(), cause);
    }
  }

  /** Units taken from one window of a bucket. */
  public record Reservation(Bucket bucket, long units, String windowKey) {}

  /** How a bucket stands; {@code schemas/quota-bucket.json}. Units. */
  public record BucketStatus(
      String bucket,
      long limit,
      long used,
      long remaining,
      Instant windowStartedAt,
      Instant resetsAt) {}

  public Quota(RedisClient client, Limits limits, Clock clock) {
    this.limits = limits;
    this.clock = clock;
    this.redis = client.connect(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE));
    this.buckets =
        Bucket4jLettuce.casBasedBuilder(redis)
            .expirationAfterWrite(ExpirationAfterWriteStrategy.fixedTimeToLive(BUCKET_LIFETIME))
            .clientClock(wallClock(clock))
            .requestTimeout(REDIS_TIMEOUT)
            .build();
  }

  private static TimeMeter wallClock(Clock clock) {
    return new TimeMeter() {
      @Override
      public long currentTimeNanos() {
        return Math.multiplyExact(clock.millis(), 1_000_000L);
      }

      @Override
      public boolean isWallClockBased() {
        return true;
      }
    };
  }

  /**
   * Takes units, from all the buckets or from none.
   *
   * @throws QuotaExhausted naming the bucket that has too little, and when it is full again
   * @throws Unavailable when Redis is away
   */
  public List<Reservation> reserve(List<Bucket> from, long units) {
    List<Reservation> taken = new ArrayList<>();
    for (Bucket bucket : from) {
      Window window = bucket.window(clock.instant());
      boolean enough = guarded(() -> proxy(bucket, window.key()).tryConsume(units));
      if (!enough) {
        taken.forEach(this::refund);
        throw new QuotaExhausted(bucket, window.end());
      }
      taken.add(new Reservation(bucket, units, window.key()));
    }
    return taken;
  }

  /**
   * Gives units back that Google was never asked for. A window that has ended takes nothing back.
   */
  public void refund(Reservation reservation) {
    if (reservation.windowKey().equals(reservation.bucket().window(clock.instant()).key())) {
      guarded(() -> {
        proxy(reservation.bucket(), reservation.windowKey()).addTokens(reservation.units());
        return true;
      });
    }
  }

  /**
   * Google says that the bucket is empty, whatever we counted: nothing more goes out until its
   * window ends.
   */
  public Instant close(Bucket bucket) {
    Window window = bucket.window(clock.instant());
    guarded(() -> proxy(bucket, window.key()).tryConsumeAsMuchAsPossible());
    return window.end();
  }

  public BucketStatus status(Bucket bucket) {
    Window window = bucket.window(clock.instant());
    long limit = bucket.limit(limits);
    long remaining =
        limit == 0 ? 0 : guarded(() -> proxy(bucket, window.key()).getAvailableTokens());
    return new BucketStatus(
        bucket.label(), limit, limit - remaining, remaining, window.start(), window.end());
  }

  /**
   * Keeps a reservation of an outside caller, so that it can be given back by name until its window
   * ends.
   */
  UUID keep(Reservation reservation) {
    UUID id = UUID.randomUUID();
    String text =
        reservation.bucket().name() + " " + reservation.units() + " " + reservation.windowKey();
    guarded(() ->
        redis
            .sync()
            .set(
                reservationKey(id),
                text.getBytes(StandardCharsets.UTF_8),
                SetArgs.Builder.ex(BUCKET_LIFETIME)));
    return id;
  }

  /** Gives a kept reservation back, once; answers false when there is none of this name. */
  boolean release(UUID id) {
    byte[] found =
        guarded(
            () -> Objects.requireNonNullElse(redis.sync().getdel(reservationKey(id)), new byte[0]));
    if (found.length == 0) {
      return false;
    }
    String[] parts = new String(found, StandardCharsets.UTF_8).split(" ", 3);
    refund(new Reservation(Bucket.valueOf(parts[0]), Long.parseLong(parts[1]), parts[2]));
    return true;
  }

  /** Whether Redis answers now. */
  public boolean isUp() {
    try {
      return "PONG".equals(guarded(() -> redis.sync().ping()));
    } catch (Unavailable e) {
      return false;
    }
  }

  /** When it makes sense to try again after {@link Unavailable}. */
  public Instant retryAfterOutage() {
    return clock.instant().plusSeconds(5);
  }

  private BucketProxy proxy(Bucket bucket, String windowKey) {
    long limit = Math.max(1, bucket.limit(limits));
    return buckets.getProxy(
        "quota:" + windowKey,
        () ->
            BucketConfiguration.builder()
                .addLimit(bandwidth ->
                    bandwidth
                        .capacity(limit)
                        .refillIntervally(limit, NEVER)
                        .initialTokens(bucket.limit(limits)))
                .build());
  }

  private static String reservationKey(UUID id) {
    return "quota:reservation:" + id;
  }

  private static <T> T guarded(Supplier<T> work) {
    try {
      return work.get();
    } catch (RedisException | io.github.bucket4j.TimeoutException e) {
      throw new Unavailable(e);
    }
  }

  @Override
  public void close() {
    redis.close();
  }
}
