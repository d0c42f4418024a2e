package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.engines.LocalRedis;
import com.ytempire.sidecar.oauth.GrantCipher;
import com.ytempire.sidecar.testing.ClassArchive;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Replica;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * A sidecar and a PostgreSQL as processes of their own, killed with {@code kill -9} at random
 * moments while batches are being stored.
 */
final class DurabilityTest {
  /** {@code -Dytempire.kills=200} makes it a longer run. */
  private static final int KILLS = Integer.getInteger("ytempire.kills", 20);

  private static final int ROWS = 40;
  private static final int WRITERS = 3;
  private static final Duration SESSION_POLL = Duration.ofMillis(10);

  /** What is killed is not waited for. */
  private static final Duration TO_BE_KILLED = Duration.ofSeconds(1);

  /**
   * For what must succeed: readiness is asked on a connection of its own, and the pool may still
   * have to open its own after a restart, which a busy machine does not do in a second.
   */
  private static final Duration PATIENT = Duration.ofSeconds(50);

  private final Set<Integer> sent = ConcurrentHashMap.newKeySet();
  private final Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
  private final AtomicInteger batches = new AtomicInteger();
  private final Path folder = Engines.folder("durability");

  /** Set before a kill: what is not answered before is not the kill's, and is sent again. */
  private volatile boolean isKilling;

  private volatile @Nullable Replica running;
  private String ada = "";
  private String bob = "";

  private Replica sidecar() {
    return Objects.requireNonNull(running);
  }

  /** Within retention: the job that deletes what is older may run while the test does. */
  private final Instant firstMoment =
      Instant.now().minus(Duration.ofDays(60)).truncatedTo(ChronoUnit.SECONDS);

  @Test
  void no_kill_stores_half_a_batch_or_loses_an_answered_one() throws Exception {
    Random random = new Random(20_261_123);
    try (LocalPostgres postgres = LocalPostgres.start(folder.resolve("postgres"), 0);
        LocalRedis redis = Engines.redis()) {
      postgres.createDatabase("ytempire");
      Map<String, String> settings = settings(postgres, redis);
      ClassArchive classes = ClassArchive.in(folder);
      running = Replica.start(settings, folder, classes);
      try {
        ada = createUser("ada@example.com", "UCaaaaaaaaaaaaaaaaaaaaaa");
        bob = createUser("bob@example.com", "UCbbbbbbbbbbbbbbbbbbbbbb");
        int first = batches.incrementAndGet();
        sent.add(first);
        assertEquals(200, send(first, PATIENT).status(), "before the first kill");
        acknowledged.add(first);
        // Stopped, it writes the archive that the others start from.
        sidecar().stop();
        assertTrue(classes.isWritten(), () -> "no archive:\n" + sidecar().log());
        // As in production: what starts anew does not migrate.
        settings.remove("YTEMPIRE_DATABASE_ADMIN_PASSWORD");
        running = Replica.start(settings, folder, classes);
        int cut = 0;
        for (int kill = 0; kill < KILLS; kill++) {
          boolean killSidecar = kill % 2 == 0;
          List<Thread> writers = write();
          // A random moment: some batches are being read, some written, some committed.
          LockSupport.parkNanos(random.nextLong(2_000_000, 120_000_000));
          isKilling = true;
          if (killSidecar) {
            sidecar().close();
          } else {
            postgres.kill();
          }
          for (Thread writer : writers) {
            writer.join();
          }
          if (killSidecar) {
            awaitNoSession(postgres);
            running = Replica.start(settings, folder, classes);
          } else {
            postgres.restart();
            sidecar().awaitReady();
          }
          cut += check(postgres);
        }
        System.out.printf(
            "Durability: %d kills, %d batches sent, %d answered, %d cut (all of them whole or absent), none lost%n",
            KILLS, sent.size(), acknowledged.size(), cut);
        assertTrue(cut >= KILLS / 4, "the kills hit only " + cut + " batches");
      } finally {
        sidecar().close();
      }
    }
  }

  /**
   * Writers that send one batch after another until one is not answered because of a kill; returns
   * at the first answer.
   */
  private List<Thread> write() throws InterruptedException {
    isKilling = false;
    CountDownLatch answered = new CountDownLatch(1);
    List<Thread> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      writers.add(
          Thread.ofPlatform()
              .start(() -> {
                boolean going = true;
                while (going) {
                  int batch = batches.incrementAndGet();
                  sent.add(batch);
                  boolean isAnswered = send(batch, TO_BE_KILLED).status() == 200;
                  if (isAnswered) {
                    acknowledged.add(batch);
                    answered.countDown();
                  }
                  going = isAnswered || !isKilling;
                }
              }));
    }
    assertTrue(answered.await(30, TimeUnit.SECONDS), "nothing is answered");
    return writers;
  }

  /**
   * Half of the rows are one user's observations, half another's days; all say which batch it is.
   */
  private Replica.Answer send(int batch, Duration wait) {
    List<Map<String, Object>> rows = new ArrayList<>(ROWS);
    Instant moment = firstMoment.plusSeconds(batch * 100L);
    for (int i = 0; i < ROWS / 2; i++) {
      rows.add(
          Map.of(
              "kind",
              "channel-statistics",
              "userId",
              ada,
              "channelId",
              "UCaaaaaaaaaaaaaaaaaaaaaa",
              "observedAt",
              moment.plusSeconds(i).toString(),
              "views",
              batch,
              "videos",
              1));
      rows.add(
          Map.of(
              "kind",
              "video-day",
              "userId",
              bob,
              "channelId",
              "UCbbbbbbbbbbbbbbbbbbbbbb",
              "videoId",
              "%011d".formatted(batch),
              "day",
              LocalDate.of(2020, 1, 1).plusDays(i).toString(),
              "views",
              batch));
    }
    return sidecar().post("/v1/metrics/store", Map.of("rows", rows), wait);
  }

  private String createUser(String email, String channel) {
    Replica.Answer user =
        sidecar().post("/v1/users", Map.of("email", email, "displayName", email), PATIENT);
    assertEquals(201, user.status(), user.body());
    String userId = Platform.JSON.readTree(user.body()).get("userId").stringValue();
    Replica.Answer added =
        sidecar()
            .post(
                "/v1/users/" + userId + "/channels",
                Map.of("channelId", channel, "channelName", channel),
                PATIENT);
    assertEquals(201, added.status(), added.body());
    return userId;
  }

  /**
   * Every batch is there whole or not at all, and whole if it was answered; then those that were
   * cut are sent again, which stores them or finds them, never both.
   *
   * @return how many were cut
   */
  private int check(LocalPostgres postgres) throws SQLException {
    Map<Integer, Long> observed = new HashMap<>();
    Map<Integer, Long> days = new HashMap<>();
    try (Connection admin =
        postgres.connect("ytempire", LocalPostgres.ADMIN, postgres.password())) {
      count(admin, "core.channel_statistics", observed);
      count(admin, "core.video_days", days);
    }
    Set<Integer> cut = new TreeSet<>();
    for (int batch : sent) {
      long one = observed.getOrDefault(batch, 0L);
      long two = days.getOrDefault(batch, 0L);
      assertEquals(one, two, "batch " + batch + " is stored by halves");
      assertTrue(one == 0 || one == ROWS / 2, "batch " + batch + " has " + one + " rows");
      if (acknowledged.contains(batch)) {
        assertEquals(ROWS / 2, one, "batch " + batch + " was answered and is lost");
      } else {
        cut.add(batch);
        Replica.Answer again = send(batch, PATIENT);
        assertEquals(200, again.status(), again.body());
        JsonNode result = Platform.JSON.readTree(again.body());
        assertEquals(one == 0 ? ROWS : 0, result.get("stored").intValue(), again.body());
        assertEquals(one == 0 ? 0 : ROWS, result.get("unchanged").intValue(), again.body());
        acknowledged.add(batch);
      }
    }
    return cut.size();
  }

  private static void count(Connection admin, String table, Map<Integer, Long> into)
      throws SQLException {
    for (Map<String, Object> row :
        Platform.rows(admin, "select views, count(*) as n from " + table + " group by views")) {
      into.put(
          Integer.parseInt(String.valueOf(row.get("views"))),
          Long.parseLong(String.valueOf(row.get("n"))));
    }
  }

  // ---- processes ----

  private static Map<String, String> settings(LocalPostgres postgres, LocalRedis redis) {
    Map<String, String> settings =
        Platform.settings("ytempire", redis.url(), "http://127.0.0.1:1", GrantCipher.newKeyset());
    settings.put("YTEMPIRE_DATABASE_URL", postgres.url("ytempire"));
    settings.put("YTEMPIRE_DATABASE_ADMIN_PASSWORD", postgres.password());
    settings.put("YTEMPIRE_HTTP_PORT", "0");
    return settings;
  }

  /** What the killed sidecar had under way is committed or rolled back. */
  private static void awaitNoSession(LocalPostgres postgres) throws SQLException {
    try (Connection admin =
        postgres.connect("ytempire", LocalPostgres.ADMIN, postgres.password())) {
      while (!Platform.rows(
              admin, "select pid from pg_stat_activity where usename = 'ytempire_app'")
          .isEmpty()) {
        LockSupport.parkNanos(SESSION_POLL.toNanos());
      }
    }
  }
}
