package com.ytempire.sidecar.web;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Platform.Answer;
import com.ytempire.sidecar.testing.Polling;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How many requests of one user run at once. */
final class RequestLimitsTest {
  /** {@code RequestLimits.CONCURRENT_PER_USER}. */
  private static final int CONCURRENT_PER_USER = 8;

  private final Platform platform = new Platform(2, 1);
  private final String ada = platform.createUser("ada@example.com");
  private final String bob = platform.createUser("bob@example.com");

  @AfterEach
  void close() {
    platform.close();
  }

  private Connection blocker(String table) throws SQLException {
    Connection connection =
        Engines.postgres()
            .connect(platform.database, LocalPostgres.ADMIN, Engines.postgres().password());
    connection.setAutoCommit(false);
    connection.createStatement().execute("lock table " + table + " in access exclusive mode");
    return connection;
  }

  private void awaitBlocked(int transactions) {
    Polling.until(
        transactions + " transactions at the lock",
        () ->
            platform
                    .admin(
                        "select pid from pg_stat_activity where usename = 'ytempire_app' and datname = current_database() and wait_event_type = 'Lock'")
                    .size()
                >= transactions);
  }

  @Test
  void a_user_with_many_requests_under_way_waits_and_others_do_not() throws Exception {
    String adas = platform.token("user", ada);
    String bobs = platform.token("user", bob);
    List<CompletableFuture<Answer>> all = new ArrayList<>();
    try (Connection blocker = blocker("core.notices")) {
      for (int i = 0; i < CONCURRENT_PER_USER; i++) {
        all.add(
            CompletableFuture.supplyAsync(
                () -> platform.get("/v1/users/" + ada + "/notices", adas),
                Thread::startVirtualThread));
      }
      awaitBlocked(CONCURRENT_PER_USER);
      platform.get("/v1/users/" + ada, adas, 0).expectProblem(429, "busy");
      platform.get("/v1/users/" + bob, bobs).expect(200);
      all.add(
          CompletableFuture.supplyAsync(
              () -> platform.get("/v1/users/" + ada, adas), Thread::startVirtualThread));
      blocker.rollback();
    }
    for (CompletableFuture<Answer> each : all) {
      each.get(60, TimeUnit.SECONDS).expect(200);
    }
  }

  @Test
  void a_user_exports_once_at_a_time_and_reads_meanwhile() throws Exception {
    String service = platform.token("service", null);
    CompletableFuture<Answer> first;
    try (Connection blocker = blocker("core.videos")) {
      first =
          CompletableFuture.supplyAsync(
              () -> platform.get("/v1/users/" + ada + "/export", service),
              Thread::startVirtualThread);
      awaitBlocked(1);
      platform.get("/v1/users/" + ada + "/export", service, 0).expectProblem(429, "busy");
      platform.get("/v1/users/" + ada, service).expect(200);
      blocker.rollback();
    }
    first.get(60, TimeUnit.SECONDS).expect(200);
  }
}
