package com.ytempire.sidecar.quota;

import com.ytempire.sidecar.quota.Bucket.Window;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.distributed.BucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * A fast copy of what the ledger's accounts have left, in Redis, shared by all replicas: a bucket
 * of tokens for each account of each window. It is never refilled by time, for the next window has
 * buckets of its own. A bucket that Redis does not have, or has forgotten, begins with what the
 * ledger says. Safe to share between threads. All methods throw {@link Quota.Unavailable} when
 * Redis is away.
 */
final class RedisBuckets implements AutoCloseable {
  /**
   * Long enough for a machine that is busy. A token that was taken but not confirmed in time is
   * found again when the copy is compared with the ledger.
   */
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private static final Duration NEVER = Duration.ofDays(3650);
  private static final Executor THREADS = Thread::startVirtualThread;

  private final Ledger ledger;
  private final StatefulRedisConnection<String, byte[]> redis;
  private final ProxyManager<String> ofDays;
  private final ProxyManager<String> ofMinutes;

  /** A part of a window that some may draw from; {@link Shares}. */
  record Account(Window window, String name) {
    String key() {
      return "quota:%s:%s:%s".formatted(window.bucket().label(), window.start(), name);
    }
  }

  RedisBuckets(RedisClient client, Ledger ledger, Clock clock) {
    this.ledger = ledger;
    this.redis = client.connect(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE));
    this.ofDays = manager(redis, clock, Duration.ofDays(2));
    this.ofMinutes = manager(redis, clock, Duration.ofMinutes(5));
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

  /** Takes as many units as there are, at most these; answers how many. */
  long take(Account account, long units) {
    return guarded(() -> proxy(account).tryConsumeAsMuchAsPossible(units));
  }

  void giveBack(Account account, long units) {
    guarded(() -> {
      proxy(account).addTokens(units);
      return true;
    });
  }

  /** Has the next who asks look into the ledger. */
  void forget(Account account) {
    guarded(() -> {
      manager(account).removeProxy(account.key());
      return true;
    });
  }

  /** What these accounts have left together; asked in one go. */
  long left(List<Account> accounts) {
    List<CompletableFuture<Long>> asked = new ArrayList<>();
    return guarded(() -> {
      for (Account account : accounts) {
        asked.add(
            manager(account)
                .asAsync()
                .getProxy(
                    account.key(),
                    () -> CompletableFuture.supplyAsync(() -> beginning(account), THREADS))
                .getAvailableTokens());
      }
      long left = 0;
      for (CompletableFuture<Long> each : asked) {
        left += each.orTimeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS).join();
      }
      return left;
    });
  }

  /** Has this name forgotten in all windows. */
  void forget(String name) {
    guarded(() -> {
      ScanIterator.scan(redis.sync(), ScanArgs.Builder.matches("quota:*:" + name).limit(1000))
          .forEachRemaining(key -> redis.sync().del(key));
      return true;
    });
  }

  /** Does nothing, but that Redis must be there. */
  void ping() {
    guarded(() -> redis.sync().ping());
  }

  private ProxyManager<String> manager(Account account) {
    return account.window().bucket().isOfTheMinute() ? ofMinutes : ofDays;
  }

  private BucketProxy proxy(Account account) {
    return manager(account).getProxy(account.key(), () -> beginning(account));
  }

  /** Of a bucket that Redis does not have. */
  private BucketConfiguration beginning(Account account) {
    long left = ledger.left(account.window(), List.of(account.name()));
    // Room for all that may come back to it.
    long capacity = Math.max(1, Math.max(left, ledger.limit(account.window().bucket())));
    return BucketConfiguration.builder()
        .addLimit(bandwidth ->
            bandwidth.capacity(capacity).refillIntervally(capacity, NEVER).initialTokens(left))
        .build();
  }

  private static <T> T guarded(Supplier<T> work) {
    try {
      return work.get();
    } catch (RedisException | io.github.bucket4j.TimeoutException e) {
      throw new Quota.Unavailable("Redis", e);
    } catch (CompletionException e) {
      throw switch (e.getCause()) {
        case RedisException cause -> new Quota.Unavailable("Redis", cause);
        case TimeoutException cause -> new Quota.Unavailable("Redis", cause);
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
