package com.ytempire.sidecar.quota;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.engines.LocalRedis;
import com.ytempire.sidecar.config.QuotaSettings.Limits;
import com.ytempire.sidecar.config.QuotaSettings.Sharing;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Polling;
import com.ytempire.simulator.MovedClock;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The quota on a real PostgreSQL and a real Redis, which forgets, lies and goes away. */
final class QuotaTest {
  private static final UUID ADA = new UUID(0, 10);
  private static final UUID BOB = new UUID(0, 11);
  private static final Payer ADAS = Payer.user(ADA, false);
  private static final Payer BOBS = Payer.user(BOB, false);
  private static final Payer ADA_WAITING = Payer.user(ADA, true);
  private static final List<Bucket> GENERAL = List.of(Bucket.DATA_GENERAL);

  @TempDir Path folder;

  /** Ten in the morning in California. */
  private final MovedClock clock = new MovedClock(Instant.parse("2026-11-20T18:00:00Z"));

  private final Map<UUID, Integer> weights = new ConcurrentHashMap<>(Map.of(ADA, 1, BOB, 1));
  private final List<AutoCloseable> open = new ArrayList<>();
  private final Database database = Engines.openDatabase();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    database.close();
  }

  private LocalRedis redis() {
    LocalRedis redis = LocalRedis.start(folder, 0);
    open.add(redis);
    return redis;
  }

  private Quota quota(LocalRedis redis, long limit) {
    return quota(redis, limit, new Sharing(50, 10, Duration.ofHours(4)));
  }

  private Quota quota(LocalRedis redis, long limit, Sharing sharing) {
    RedisClient client = RedisClient.create(redis.url());
    client.setOptions(
        ClientOptions.builder()
            .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
            .build());
    open.add(client::shutdown);
    Quota quota =
        new Quota(
            client,
            database,
            new Limits(
                new Limits.DataLimits(limit, limit, limit, limit),
                new Limits.AnalyticsLimits(limit, limit, limit),
                new Limits.ReportingLimits(limit, limit)),
            sharing,
            () -> Map.copyOf(weights),
            false,
            clock);
    open.add(quota);
    return quota;
  }

  /** Takes a unit after the other until there is none; answers how many. */
  private static int drain(Quota quota, Payer payer) {
    for (int taken = 0; ; taken++) {
      try {
        quota.charge(GENERAL, 1, payer);
      } catch (QuotaExhausted e) {
        return taken;
      }
    }
  }

  private void awaitRedis(Quota quota) {
    Polling.until("Redis", quota::isUp);
  }

  @Test
  void no_user_takes_anothers_guarantee_or_the_interactive_share() {
    Quota quota = quota(redis(), 100);
    assertEquals(25 + 40, drain(quota, ADAS), "her own share, and what is common");
    assertEquals(10, drain(quota, ADA_WAITING), "and, waiting herself, what is kept for people");
    assertEquals(25, drain(quota, BOBS));
    assertEquals(0, quota.report().status(Bucket.DATA_GENERAL).remaining());
    List<Share> shares = quota.report().shares(Bucket.DATA_GENERAL);
    assertEquals(
        List.of(
            new Share("data.general", ADA.toString(), 25, 75, 50),
            new Share("data.general", BOB.toString(), 25, 25, 0)),
        shares);
  }

  @Test
  void units_reserved_for_others_are_released_before_the_day_ends() {
    Quota quota = quota(redis(), 100);
    drain(quota, ADAS);
    QuotaExhausted kept = assertThrows(QuotaExhausted.class, () -> quota.charge(GENERAL, 1, ADAS));
    assertTrue(String.valueOf(kept.getMessage()).contains("35 units"), kept.getMessage());
    assertTrue(String.valueOf(kept.getMessage()).contains("is released"), kept.getMessage());
    assertEquals(
        Instant.parse("2026-11-21T04:05:00Z"),
        kept.retryAt(),
        "when the first of them are released");
    assertEquals(Instant.parse("2026-11-21T08:00:00Z"), kept.resetsAt());
    clock.advance(Duration.ofHours(12)); // two hours before midnight in California
    assertEquals(18, drain(quota, ADAS), "half of the 35, rounded for each account");
    assertEquals(13 - 1, drain(quota, BOBS));
    clock.advance(Duration.ofHours(2).minusMillis(1));
    assertEquals(5, drain(quota, ADAS));
    QuotaExhausted empty = assertThrows(QuotaExhausted.class, () -> quota.charge(GENERAL, 1, ADAS));
    assertEquals(empty.resetsAt(), empty.retryAt());
    clock.advance(Duration.ofMillis(1));
    assertEquals(65, drain(quota, ADAS), "a new day");
  }

  @Test
  void a_redis_that_forgot_everything_is_restored_from_the_ledger() {
    LocalRedis redis = redis();
    Quota quota = quota(redis, 100);
    for (int i = 0; i < 30; i++) {
      quota.charge(GENERAL, 1, ADAS);
    }
    redis.kill();
    assertThrows(QuotaUnavailable.class, () -> quota.charge(GENERAL, 1, ADAS));
    redis.loseMemory();
    redis.restart();
    awaitRedis(quota);
    assertEquals(35, drain(quota, ADAS));
    assertEquals(25, drain(quota, BOBS));
  }

  @Test
  void a_redis_that_remembers_an_earlier_hour_cannot_give_a_unit_twice() {
    LocalRedis redis = redis();
    Quota quota = quota(redis, 100);
    quota.charge(GENERAL, 1, ADAS);
    quota.charge(GENERAL, 1, BOBS);
    redis.kill();
    Path early = redis.copyMemory();
    redis.restart();
    awaitRedis(quota);
    assertEquals(64, drain(quota, ADAS));
    redis.kill();
    redis.putMemory(early);
    redis.restart();
    awaitRedis(quota);
    assertTrue(
        quota.report().available(Bucket.DATA_GENERAL, ADAS) > 0, "the copy is not the early one");
    assertEquals(0, drain(quota, ADAS));
    assertEquals(
        0, quota.report().available(Bucket.DATA_GENERAL, ADAS), "and is set after the ledger");
    assertEquals(24, drain(quota, BOBS));
  }

  @Test
  void a_reservation_of_whoever_died_comes_back_by_itself() {
    LocalRedis redis = redis();
    Quota dead = quota(redis, 100);
    dead.reserve(Bucket.DATA_GENERAL, 60, ADAS, Duration.ofMinutes(15));
    dead.close();
    Quota other = quota(redis, 100);
    assertEquals(60, other.report().status(Bucket.DATA_GENERAL).reserved());
    assertEquals(5, drain(other, ADAS));
    QuotaExhausted held = assertThrows(QuotaExhausted.class, () -> other.charge(GENERAL, 1, ADAS));
    assertEquals(clock.instant().plusSeconds(300), held.retryAt(), "some may come back soon");
    clock.advance(Duration.ofMinutes(15));
    assertEquals(60, drain(other, ADAS));
    assertEquals(0, other.report().status(Bucket.DATA_GENERAL).reserved());
  }

  @Test
  void many_expiring_reservations_do_not_delay_charges() throws Exception {
    Quota quota = quota(redis(), 100_000);
    for (int i = 0; i < 40; i++) {
      // Each on two accounts or three, in whatever order their names have.
      quota.reserve(Bucket.DATA_GENERAL, 40, i % 2 == 0 ? ADAS : BOBS, Duration.ofMinutes(5));
      quota.reserve(Bucket.DATA_GENERAL, 30_000 / 40, ADA_WAITING, Duration.ofMinutes(5));
    }
    clock.advance(Duration.ofMinutes(5));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        Payer payer = i % 2 == 0 ? ADA_WAITING : BOBS;
        all.add(threads.submit(quota::expireReservations));
        all.add(
            threads.submit(() -> {
              for (int taken = 0; taken < 50; taken++) {
                quota.charge(GENERAL, 700, payer);
              }
            }));
      }
      for (Future<?> each : all) {
        each.get(60, TimeUnit.SECONDS);
      }
    } catch (ExecutionException e) {
      assertInstanceOf(QuotaExhausted.class, e.getCause());
    }
    assertEquals(0, quota.report().status(Bucket.DATA_GENERAL).reserved());
  }

  @Test
  void nobody_is_refused_while_there_is_enough_however_many_take_at_once() throws Exception {
    LocalRedis redis = redis();
    List<Quota> replicas = List.of(quota(redis, 400), quota(redis, 400));
    int available = 100 + 160;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Charge>> all = new ArrayList<>();
      for (int i = 0; i < available; i++) {
        Quota replica = replicas.get(i % 2);
        all.add(threads.submit(() -> replica.charge(GENERAL, 1, ADAS)));
      }
      for (Future<Charge> each : all) {
        each.get(60, TimeUnit.SECONDS);
      }
    }
    assertThrows(QuotaExhausted.class, () -> replicas.getFirst().charge(GENERAL, 1, ADAS));
  }

  @Test
  void nothing_is_taken_of_a_minute_that_google_would_count_in_the_next() {
    Quota quota = quota(redis(), 100);
    List<Bucket> minute = List.of(Bucket.ANALYTICS_MINUTE);
    clock.advance(Duration.ofMillis(59_400));
    Charge taken = quota.charge(minute, 1, ADAS);
    assertFalse(taken.isStale(clock.instant()));
    clock.advance(Duration.ofMillis(200));
    QuotaExhausted late = assertThrows(QuotaExhausted.class, () -> quota.charge(minute, 1, ADAS));
    assertEquals(Instant.parse("2026-11-20T18:01:00Z"), late.retryAt());
    clock.advance(Duration.ofMillis(400));
    assertTrue(taken.isStale(clock.instant()));
    quota.charge(minute, 1, ADAS);
  }

  @Test
  void a_reservation_is_settled_and_the_rest_released_once() {
    Quota quota = quota(redis(), 100);
    Quota.Reservation reservation =
        quota.reserve(Bucket.DATA_GENERAL, 40, ADAS, Duration.ofMinutes(15));
    QuotaLedger.Settlement settled = quota.settle(reservation.id(), 12).orElseThrow();
    assertEquals(28, settled.returned());
    assertTrue(quota.settle(reservation.id(), 12).isEmpty());
    assertEquals(12, quota.report().status(Bucket.DATA_GENERAL).used());
    assertEquals(65 - 12, drain(quota, ADAS));
  }

  @Test
  void a_reservation_never_outlives_its_window() {
    Quota quota = quota(redis(), 100);
    clock.advance(Duration.ofHours(13).plusMinutes(55));
    Quota.Reservation reservation =
        quota.reserve(Bucket.DATA_GENERAL, 10, ADAS, Duration.ofMinutes(15));
    assertEquals(Instant.parse("2026-11-21T08:00:00Z"), reservation.expiresAt());
    clock.advance(Duration.ofMinutes(5));
    assertEquals(65, drain(quota, ADAS), "of the new day, not 75");
    assertTrue(quota.find(reservation.id()).isEmpty());
  }

  @Test
  void what_was_not_sent_is_refunded_to_where_it_came_from() {
    Quota quota = quota(redis(), 100);
    Charge taken = quota.charge(GENERAL, 1, BOBS);
    quota.refund(taken);
    assertEquals(0, quota.report().status(Bucket.DATA_GENERAL).used());
    assertEquals(65, drain(quota, ADAS));
    assertEquals(25, drain(quota, BOBS));
  }

  @Test
  void what_google_closed_stays_closed_whatever_redis_forgets() {
    LocalRedis redis = redis();
    Quota quota = quota(redis, 100);
    quota.charge(GENERAL, 1, ADAS);
    assertEquals(Instant.parse("2026-11-21T08:00:00Z"), quota.close(Bucket.DATA_GENERAL));
    assertEquals(0, drain(quota, ADAS));
    redis.kill();
    redis.loseMemory();
    redis.restart();
    awaitRedis(quota);
    assertEquals(0, drain(quota, BOBS));
    assertEquals(0, quota.report().status(Bucket.DATA_GENERAL).remaining());
    clock.advance(Duration.ofHours(14));
    assertEquals(65, drain(quota, ADAS));
  }

  @Test
  void another_limit_takes_effect_in_the_middle_of_the_day() {
    LocalRedis redis = redis();
    Quota before = quota(redis, 100);
    assertEquals(65, drain(before, ADAS));
    before.close();
    Quota more = quota(redis, 200);
    assertEquals(200, more.report().status(Bucket.DATA_GENERAL).limit());
    assertEquals(65, drain(more, ADAS), "50 of her own and 80 common, less what she has");
    more.close();
    Quota less = quota(redis, 150);
    assertEquals(0, drain(less, ADAS), "she has more than her own and all that was common");
    assertEquals(
        15, drain(less, BOBS), "what there is, and what rounding leaves, but for what people have");
    assertTrue(less.report().status(Bucket.DATA_GENERAL).used() <= 150);
  }

  @Test
  void all_buckets_of_a_call_are_paid_or_none() {
    Quota quota = quota(redis(), 3, new Sharing(0, 0, Duration.ZERO));
    List<Bucket> both = List.of(Bucket.ANALYTICS_DAY, Bucket.ANALYTICS_USER_MINUTE);
    for (int i = 0; i < 3; i++) {
      quota.charge(List.of(Bucket.ANALYTICS_USER_MINUTE), 1, ADAS);
    }
    QuotaExhausted minute = assertThrows(QuotaExhausted.class, () -> quota.charge(both, 1, ADAS));
    assertEquals(Bucket.ANALYTICS_USER_MINUTE, minute.bucket());
    assertEquals(Instant.parse("2026-11-20T18:01:00Z"), minute.resetsAt());
    assertEquals(0, quota.report().status(Bucket.ANALYTICS_DAY).used());
    // Each user has its minute for itself.
    quota.charge(both, 1, BOBS);
    clock.advance(Duration.ofMinutes(1));
    quota.charge(both, 1, ADAS);
    assertEquals(2, quota.report().status(Bucket.ANALYTICS_DAY).used());
  }

  @Test
  void a_new_user_has_a_share_within_a_minute() {
    Quota quota = quota(redis(), 100);
    assertEquals(65, drain(quota, ADAS));
    UUID eve = new UUID(0, 12);
    assertEquals(0, drain(quota, Payer.user(eve, false)));
    weights.put(eve, 1);
    clock.advance(Duration.ofMinutes(1));
    // 16 of 50, cut to what others have left of them, and one that was left over.
    assertEquals(14, drain(quota, Payer.user(eve, false)));
    assertTrue(drain(quota, BOBS) >= 13);
  }

  @Test
  void a_day_of_25_hours_is_one_window() {
    clock.advance(Duration.between(clock.instant(), Instant.parse("2027-11-07T07:30:00Z")));
    Quota quota = quota(redis(), 100);
    quota.charge(GENERAL, 1, ADAS);
    clock.advance(Duration.ofHours(24));
    assertEquals(1, quota.report().status(Bucket.DATA_GENERAL).used());
    assertEquals(
        Instant.parse("2027-11-08T08:00:00Z"),
        quota.report().status(Bucket.DATA_GENERAL).resetsAt());
    clock.advance(Duration.ofMinutes(30));
    assertEquals(0, quota.report().status(Bucket.DATA_GENERAL).used());
  }

  @Test
  void the_headers_say_what_is_left_and_for_how_long() {
    Quota quota = quota(redis(), 100);
    quota.charge(GENERAL, 7, ADAS);
    List<BucketStatus> status =
        quota.report().status(List.of(Bucket.DATA_GENERAL, Bucket.ANALYTICS_MINUTE));
    assertEquals(
        "\"data.general\";q=100;w=86400, \"analytics.minute\";q=100;w=60",
        RateLimitHeaders.policy(status));
    assertEquals(
        "\"data.general\";r=93;t=50400, \"analytics.minute\";r=100;t=60",
        RateLimitHeaders.limit(status, clock.instant()));
  }

  @Test
  void without_postgres_nothing_is_given() {
    Quota quota = quota(redis(), 100);
    quota.charge(GENERAL, 1, ADAS);
    database.close();
    RuntimeException away =
        assertThrows(RuntimeException.class, () -> quota.charge(GENERAL, 1, ADAS));
    assertFalse(away instanceof QuotaExhausted, away.toString());
  }

  @Test
  void a_caller_cancelled_while_units_are_taken_knows_that_they_are() throws Exception {
    Quota quota = quota(redis(), 100);
    quota.charge(GENERAL, 1, ADAS);
    CompletableFuture<Boolean> wasInterrupted = new CompletableFuture<>();
    try (Connection admin = Engines.admin(Engines.nameOf(database))) {
      admin.setAutoCommit(false);
      try (var statement = admin.createStatement()) {
        statement.execute("select from core.quota_accounts for update");
        Thread caller =
            Thread.ofVirtual()
                .start(() -> {
                  try {
                    Charge charge = quota.charge(GENERAL, 1, ADAS);
                    boolean interrupted = Thread.interrupted();
                    quota.refund(charge);
                    wasInterrupted.complete(interrupted);
                  } catch (RuntimeException e) {
                    wasInterrupted.completeExceptionally(e);
                  }
                });
        awaitLockWait(admin);
        caller.interrupt();
        admin.commit();
      }
    }
    assertTrue(wasInterrupted.get(30, TimeUnit.SECONDS), "the interrupt is kept for the caller");
    assertEquals(1, quota.report().status(Bucket.DATA_GENERAL).used(), "and it was refunded");
  }

  /** Waits until a transaction of the sidecar waits for a lock. */
  static void awaitLockWait(Connection admin) throws Exception {
    try (var statement = admin.createStatement()) {
      Polling.until("a transaction that waits for a lock", () -> isLockAwaited(statement));
    }
  }

  private static boolean isLockAwaited(Statement statement) {
    try {
      statement.execute("select pg_stat_clear_snapshot()");
      try (ResultSet waiting =
          statement.executeQuery(
              "select from pg_stat_activity where usename = 'ytempire_app' and datname = current_database() and wait_event_type = 'Lock'")) {
        return waiting.next();
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
