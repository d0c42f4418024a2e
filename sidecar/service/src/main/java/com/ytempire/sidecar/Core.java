package com.ytempire.sidecar;

import com.ytempire.sidecar.cache.Cache;
import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.events.ActivityRecorder;
import com.ytempire.sidecar.oauth.GrantCipher;
import com.ytempire.sidecar.oauth.StoredSecretCipher;
import com.ytempire.sidecar.quota.Quota;
import com.ytempire.sidecar.telemetry.Telemetry;
import com.ytempire.sidecar.tenancy.SecretCipher;
import com.ytempire.sidecar.tenancy.Users;
import com.ytempire.sidecar.web.Contract;
import io.lettuce.core.RedisClient;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** The parts that all features stand on: settings, contract, keys, PostgreSQL and Redis. */
record Core(
    Config config,
    Contract contract,
    Telemetry telemetry,
    GrantCipher cipher,
    Postgres postgres,
    Redis redis,
    Clock clock) {

  /**
   * PostgreSQL.
   *
   * @param operator the same database by the second login
   */
  record Postgres(Database database, Database operator, ActivityRecorder activities) {}

  /** Redis, and what is kept in it. */
  record Redis(RedisClient client, Quota quota, Cache cache) {}

  static Core open(Config config, Parts parts, StartPhases phases, Clock clock) {
    // Neither needs the database, nor the database them.
    CompletableFuture<Contract> reading =
        CompletableFuture.supplyAsync(Contract::load, Thread::startVirtualThread);
    CompletableFuture<GrantCipher> unsealing =
        CompletableFuture.supplyAsync(
            () -> new GrantCipher(config.security().grantKeyset()), Thread::startVirtualThread);
    Telemetry telemetry = parts.opened(new Telemetry());
    Postgres postgres = postgres(config, telemetry, parts, clock);
    phases.end("database");
    Contract contract = result(reading);
    GrantCipher cipher = result(unsealing);
    phases.end("contract and keys");
    RedisClient redis = parts.opened(new RedisConnection(config.storage().redis())).client();
    Quota quota = parts.opened(quota(config, postgres.database(), redis, clock));
    Cache cache =
        parts.opened(
            new Cache(redis, cacheCipher(cipher), telemetry::recordRejectedCacheEntry, clock));
    phases.end("redis");
    return new Core(
        config, contract, telemetry, cipher, postgres, new Redis(redis, quota, cache), clock);
  }

  private static Postgres postgres(Config config, Telemetry telemetry, Parts parts, Clock clock) {
    Database database =
        parts.opened(Database.open(config.storage().database(), telemetry.registry(), clock));
    ActivityRecorder activities =
        parts.opened(new ActivityRecorder(database, telemetry::recordDroppedEvents, clock));
    return new Postgres(database, database.operator(), activities);
  }

  private static Quota quota(Config config, Database database, RedisClient redis, Clock clock) {
    return new Quota(
        redis,
        database,
        config.quotas().limits(),
        config.quotas().sharing(),
        () -> Users.weights(database),
        config.fetching().isStatisticsPooled(),
        clock);
  }

  private static Cache.Cipher cacheCipher(GrantCipher cipher) {
    return new Cache.Cipher() {
      @Override
      public byte[] encrypt(byte[] content, String boundTo) {
        return cipher.encryptBytes(content, boundTo);
      }

      @Override
      public Optional<byte[]> decrypt(byte[] ciphertext, String boundTo) {
        return cipher.decryptBytes(ciphertext, boundTo);
      }
    };
  }

  /** What a thread beside made, or its failure as if it had been made here. */
  private static <T> T result(CompletableFuture<T> made) {
    try {
      return made.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  Database database() {
    return postgres.database();
  }

  Database operator() {
    return postgres.operator();
  }

  ActivityRecorder activities() {
    return postgres.activities();
  }

  Quota quota() {
    return redis.quota();
  }

  Cache cache() {
    return redis.cache();
  }

  SecretCipher secretCipher() {
    return new StoredSecretCipher(cipher);
  }

  void recordCall(@Nullable UUID userId, String method, String outcome, Duration took) {
    telemetry.recordCall(method, outcome, took);
    activities().recordCall(userId, method, outcome);
  }
}
