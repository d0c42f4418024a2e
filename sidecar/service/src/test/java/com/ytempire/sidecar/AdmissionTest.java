package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Platform.Answer;
import com.ytempire.sidecar.testing.Polling;
import com.ytempire.simulator.Catalog;
import com.ytempire.simulator.Faults;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Fifty users on two connections: whatever happens to the stores meanwhile, nobody is missed. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AdmissionTest {
  private static final int USERS = 50;
  private static final int CHANNELS = 5;
  private static final String LOCKED =
      "select pid from pg_stat_activity where usename = 'ytempire_app' and datname = current_database() and wait_event_type = 'Lock'";

  private final Platform platform =
      new Platform(USERS, CHANNELS, Map.of("YTEMPIRE_DATABASE_POOL_SIZE", "2"));
  private final List<String> users = new ArrayList<>();
  private String service = "";

  @BeforeAll
  void connectUsers() {
    users.addAll(platform.connectedUsers(USERS));
    service = platform.token("service", null);
  }

  @AfterAll
  void close() {
    platform.simulator.faults().release();
    platform.close();
  }

  private List<Map<String, Object>> requests(int ofUsers, String... reports) {
    List<Map<String, Object>> requests = new ArrayList<>();
    for (int account = 0; account < ofUsers; account++) {
      for (Catalog.Channel channel : platform.world.accounts().get(account).channels()) {
        if (platform.world.closingChannels().contains(channel)) {
          continue;
        }
        for (String report : reports) {
          requests.add(
              Map.of("userId", users.get(account), "channelId", channel.id(), "report", report));
        }
      }
    }
    return requests;
  }

  private JsonNode fetch(List<Map<String, Object>> requests, boolean onlyDue, int waitSeconds) {
    return platform
        .post(
            "/v1/metrics/fetch",
            service,
            Map.of("requests", requests, "onlyDue", onlyDue, "waitSeconds", waitSeconds))
        .expect(200)
        .body();
  }

  /** Whatever is at hand is too old by now, access tokens too. */
  private void later() {
    platform.clock.advance(Duration.ofHours(2));
  }

  private static void assertAllFetched(int wanted, JsonNode body) {
    assertEquals(0, body.get("notFetched").size(), body.get("notFetched").toString());
    assertEquals(wanted, body.get("results").size());
  }

  private void awaitHeldCall() {
    Polling.until("a call at YouTube", () -> platform.simulator.faults().waiting() > 0);
  }

  private double meter(String name, String... labels) {
    return platform
        .get("/metrics", null)
        .expect(200)
        .body()
        .asString()
        .lines()
        .filter(line -> line.startsWith(name))
        .filter(line -> List.of(labels).stream().allMatch(line::contains))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Test
  void all_channels_of_fifty_users_are_fetched_on_two_connections() {
    later();
    double before = meter("ytempire_database_permits_rejected_total");
    List<Map<String, Object>> requests = requests(USERS, "channel-statistics", "recent-uploads");
    assertTrue(requests.size() >= 2 * USERS * CHANNELS - 2, requests.size() + " requests");
    assertAllFetched(requests.size(), fetch(requests, false, 300));
    assertEquals(before, meter("ytempire_database_permits_rejected_total"));
  }

  @Test
  void planning_takes_few_transactions_however_many_channels() {
    later();
    JsonNode fetched = fetch(requests(USERS, "channel-statistics"), true, 300);
    List<JsonNode> rows = new ArrayList<>();
    fetched.get("results").forEach(result -> result.get("rows").forEach(rows::add));
    platform.post("/v1/metrics/store", service, Map.of("rows", rows)).expect(200);

    long forAll = transactionsOf(requests(USERS, "channel-statistics"));
    long forOne = transactionsOf(requests(1, "channel-statistics"));
    assertEquals(forOne, forAll, "transactions grow with the channels");
    assertTrue(forAll <= 10, forAll + " transactions");
  }

  private long transactionsOf(List<Map<String, Object>> requests) {
    double before =
        meter("ytempire_database_transactions_total", "for=\"request\"", "pool=\"postgres\"");
    assertEquals(requests.size(), fetch(requests, true, 300).get("notDue").size());
    return Math.round(
        meter("ytempire_database_transactions_total", "for=\"request\"", "pool=\"postgres\"")
            - before);
  }

  @Test
  void a_restart_of_postgresql_in_the_middle_of_a_fetch_misses_nobody() throws Exception {
    assumeTrue(Engines.isEmbedded(), "a server that others run is not restarted");
    later();
    platform.simulator.faults().next(Faults.Kind.SLOW, 1);
    List<Map<String, Object>> requests = requests(USERS, "channel-statistics", "recent-uploads");
    CompletableFuture<JsonNode> fetching =
        CompletableFuture.supplyAsync(() -> fetch(requests, false, 300));
    awaitHeldCall();
    Engines.postgres().kill();
    platform.simulator.faults().release();
    Engines.postgres().restart();
    assertAllFetched(requests.size(), fetching.get(300, TimeUnit.SECONDS));
  }

  @Test
  void a_restart_of_redis_in_the_middle_of_a_fetch_misses_nobody() throws Exception {
    later();
    platform.simulator.faults().next(Faults.Kind.SLOW, 1);
    List<Map<String, Object>> requests = requests(USERS, "channel-statistics", "recent-uploads");
    CompletableFuture<JsonNode> fetching =
        CompletableFuture.supplyAsync(() -> fetch(requests, false, 300));
    awaitHeldCall();
    platform.redis.kill();
    platform.simulator.faults().release();
    platform.redis.restart();
    assertAllFetched(requests.size(), fetching.get(300, TimeUnit.SECONDS));
  }

  @Test
  void a_token_endpoint_that_is_unavailable_for_a_moment_is_retried() {
    later();
    platform.simulator.faults().failRefreshes(3);
    assertAllFetched(CHANNELS, fetch(requests(1, "channel-statistics"), false, 60));
  }

  @Test
  void a_channel_whose_deadline_passes_while_it_waits_is_missed_as_busy() throws Exception {
    later();
    platform.simulator.faults().next(Faults.Kind.SLOW, 1);
    CompletableFuture<JsonNode> fetching =
        CompletableFuture.supplyAsync(
            () -> fetch(requests(1, "thumbnail-day").subList(0, 1), false, 15));
    awaitHeldCall();
    try (Connection blocker = blocker("core.channels")) {
      CompletableFuture<Answer> blocked = blockedRead(users.get(1));
      platform.simulator.faults().release();
      JsonNode missed = fetching.get(60, TimeUnit.SECONDS).get("notFetched").get(0);
      assertEquals("busy", missed.get("reason").stringValue(), missed.toString());
      assertFalse(missed.get("retryAt").isNull(), missed.toString());

      platform.get("/v1/users", service, 0).expectProblem(429, "busy");
      platform.get("/health/ready", null).expect(200);
      assertTrue(meter("ytempire_quota_limit") > 0, "meters are read while others wait");
      blocker.rollback();
      blocked.get(60, TimeUnit.SECONDS).expect(200);
    }
  }

  /** Keeps everybody from a table until it is rolled back. */
  private Connection blocker(String table) throws SQLException {
    Connection connection =
        Engines.postgres()
            .connect(platform.database, LocalPostgres.ADMIN, Engines.postgres().password());
    connection.setAutoCommit(false);
    connection.createStatement().execute("lock table " + table + " in access exclusive mode");
    return connection;
  }

  /** A read that holds the only connection, because its table is locked. */
  private CompletableFuture<Answer> blockedRead(String userId) {
    CompletableFuture<Answer> read =
        CompletableFuture.supplyAsync(
            () -> platform.get("/v1/users/" + userId + "/channels", service));
    Polling.until("a statement at the lock", () -> !platform.admin(LOCKED).isEmpty());
    return read;
  }
}
