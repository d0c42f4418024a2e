package com.ytempire.sidecar.quota;

import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.distributed.BucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * A cache of what the ledger's accounts have left, in Redis, shared by all replicas: one token
 * bucket for each account of each window. It answers in a fraction of the ledger's time and may be
 * wrong; it knows nothing of the ledger, and whoever asks for an account that is not in the cache
 * reads the ledger and {@link #seed}s it. A bucket is never refilled by time, for the next window
 * has buckets of its own. Safe to share between threads. All methods throw {@link QuotaUnavailable}
 * when Redis is unavailable.
 */
final class QuotaCache implements AutoCloseable {
  /**
   * Long enough for a machine that is busy. A token that was taken but not confirmed in time is
   * found again when the cache is compared with the ledger.
   */
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private static final Duration NEVER = Duration.ofDays(3650);

  private final StatefulRedisConnection<String, byte[]> redis;
  private final ProxyManager<String> dayBuckets;
  private final ProxyManager<String> minuteBuckets;

  private final TakeCombiner takes = new TakeCombiner(this::takeAtOnce);

  /** Thrown into Bucket4j, which asks how to configure a bucket that Redis does not have. */
  private static final class CacheMiss extends RuntimeException {
    private static final long serialVersionUID = 1;
    static final CacheMiss INSTANCE = new CacheMiss();

    private CacheMiss() {
      super("not in the cache", null, false, false);
    }
  }

  QuotaCache(RedisClient client, Clock clock) {
    this.redis = client.connect(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE));
    this.dayBuckets = manager(redis, clock, Duration.ofDays(2));
    this.minuteBuckets = manager(redis, clock, Duration.ofMinutes(5));
  }

  private static ProxyManager<String> manager(
      StatefulRedisConnection<String, byte[]> redis, Clock clock, Duration lifetime) {
    return Bucket4jLettuce.casBasedBuilder(redis)
        .expirationAfterWrite(ExpirationAfterWriteStrategy.fixedTimeToLive(lifetime))
        .clientClock(wallClock(clock))
        .requestTimeout(TIMEOUT)
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
   * Takes units of an account, as many as there are and at most these.
   *
   * @return units taken, 0 to {@code units}; empty when the account is not in the cache
   */
  OptionalLong take(Account account, long units) {
    return takes.take(account, units);
  }

  private OptionalLong takeAtOnce(Account account, long units) {
    try {
      return OptionalLong.of(translated(() -> existing(account).tryConsumeAsMuchAsPossible(units)));
    } catch (CacheMiss e) {
      return OptionalLong.empty();
    }
  }

  /** Gives units back; an account that is not in the cache stays out. */
  void giveBack(Account account, long units) {
    try {
      translated(() -> {
        existing(account).addTokens(units);
        return true;
      });
    } catch (CacheMiss e) {
      // Whoever asks next seeds it with what the ledger says, these units included.
    }
  }

  /**
   * Returns the units that accounts have left, of those that are in the cache, read in one round
   * trip.
   */
  Map<Account, Long> balances(List<Account> accounts) {
    return translated(() -> {
      Map<Account, CompletableFuture<Long>> answers = new LinkedHashMap<>();
      for (Account account : accounts) {
        answers.put(
            account,
            manager(account)
                .asAsync()
                .getProxy(key(account), () -> CompletableFuture.failedFuture(CacheMiss.INSTANCE))
                .getAvailableTokens()
                .orTimeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
      }
      Map<Account, Long> balances = new LinkedHashMap<>();
      answers.forEach((account, answer) -> {
        try {
          balances.put(account, answer.join());
        } catch (CompletionException e) {
          if (!(e.getCause() instanceof CacheMiss)) {
            throw e;
          }
        }
      });
      return balances;
    });
  }

  /**
   * Puts an account into the cache; one that is there already is left as it is.
   *
   * @param balance units that the ledger says are left
   * @param limit units that may come back to it at most
   */
  void seed(Account account, long balance, long limit) {
    long capacity = Math.max(1, Math.max(balance, limit));
    BucketConfiguration configuration =
        BucketConfiguration.builder()
            .addLimit(bandwidth ->
                bandwidth
                    .capacity(capacity)
                    .refillIntervally(capacity, NEVER)
                    .initialTokens(balance))
            .build();
    translated(
        () -> manager(account).getProxy(key(account), () -> configuration).getAvailableTokens());
  }

  /** Removes an account, so that whoever asks next reads the ledger. */
  void evict(Account account) {
    translated(() -> {
      manager(account).removeProxy(key(account));
      return true;
    });
  }

  /** Removes the accounts of this name in all windows. */
  void evictAll(String name) {
    translated(() -> {
      ScanIterator.scan(redis.sync(), ScanArgs.Builder.matches("quota:*:" + name).limit(1000))
          .forEachRemaining(key -> redis.sync().del(key));
      return true;
    });
  }

  /** Returns normally when Redis answers. */
  void ping() {
    translated(() ->
        LettuceFutures.awaitOrCancel(
            redis.async().ping(), redis.getTimeout().toMillis(), TimeUnit.MILLISECONDS));
  }

  private static String key(Account account) {
    return "quota:%s:%s:%s"
        .formatted(account.window().bucket().label(), account.window().start(), account.name());
  }

  private ProxyManager<String> manager(Account account) {
    return account.window().bucket().isPerMinute() ? minuteBuckets : dayBuckets;
  }

  private BucketProxy existing(Account account) {
    return manager(account)
        .getProxy(
            key(account),
            () -> {
              throw CacheMiss.INSTANCE;
            });
  }

  private static <T> T translated(Supplier<T> work) {
    try {
      return work.get();
    } catch (RedisException | io.github.bucket4j.TimeoutException e) {
      throw new QuotaUnavailable("Redis", e);
    } catch (CompletionException e) {
      throw switch (e.getCause()) {
        case RedisException cause -> new QuotaUnavailable("Redis", cause);
        case TimeoutException cause -> new QuotaUnavailable("Redis", cause);
        case RuntimeException cause -> cause;
        case null, default -> e;
      };
    }
  }

  @Override
  public void close() {
    redis.close();
  }
}
