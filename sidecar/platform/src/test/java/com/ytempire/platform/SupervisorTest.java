package com.ytempire.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.engines.LocalRedis;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parts that die are started again, and not for ever. */
final class SupervisorTest {
  @TempDir Path folder;

  private final BlockingQueue<String> reports = new LinkedBlockingQueue<>();

  /** A small process in place of a part. */
  private static final class Sleeper implements Part, AutoCloseable {
    private final Path folder;
    private final String script;
    private volatile Child child;
    private volatile boolean isStopped;

    /** Runs before the next answer to whether this is stopped. */
    private volatile Runnable beforeAnswer = () -> {};

    Sleeper(Path folder, String script) {
      this.folder = folder;
      this.script = script;
      this.child = start();
    }

    private Child start() {
      return Child.start(
          "sleeper", folder.resolve("log"), folder, Map.of(), List.of("sh", "-c", script));
    }

    @Override
    public ProcessHandle process() {
      return child.handle();
    }

    @Override
    public OptionalInt exitStatus() {
      return child.exitStatus();
    }

    @Override
    public boolean isStopped() {
      beforeAnswer.run();
      return isStopped;
    }

    @Override
    public void restart() {
      child = start();
      isStopped = false;
    }

    @Override
    public String tail() {
      return child.tail();
    }

    @Override
    public void close() {
      isStopped = true;
      child.close();
    }
  }

  @SuppressWarnings("NullAway.Init") // made before each test
  private Supervisor supervisor;

  @BeforeEach
  void supervise() {
    supervisor = new Supervisor(folder.resolve("pids.json"), reports::add, Clock.systemUTC());
  }

  @AfterEach
  void close() throws InterruptedException {
    supervisor.close();
  }

  private String report() throws InterruptedException {
    String report = reports.poll(5, TimeUnit.MINUTES);
    assertTrue(report != null, "nothing was reported");
    return report;
  }

  private long recordedPid(String name) throws Exception {
    return Http.JSON.readTree(Files.readString(folder.resolve("pids.json"))).get(name).longValue();
  }

  @Test
  void parts_that_outlive_their_supervisor_are_ended_where_they_run(@TempDir Path elsewhere)
      throws Exception {
    Path pids = folder.resolve("pids.json");
    try (Sleeper sleeper = new Sleeper(folder, "exec sleep 600")) {
      supervisor.supervise("sleeper", sleeper);
      supervisor.close();
      Supervisor.endLeftOver(elsewhere.resolve("pids.json"), elsewhere);
      Supervisor.endLeftOver(pids, elsewhere);
      assertTrue(sleeper.process().isAlive(), "its number is another process's by now");
      Supervisor.endLeftOver(pids, folder);
      assertFalse(sleeper.process().isAlive());
      Supervisor.endLeftOver(pids, folder);
    }
  }

  @Test
  void a_postgresql_starts_again_on_what_an_earlier_one_stored() throws Exception {
    LocalPostgres first = LocalPostgres.start(folder.resolve("kept"), 0);
    try (first) {
      first.execute("postgres", "create table kept as select 7 as x");
    }
    try (LocalPostgres again =
            LocalPostgres.startAgain(folder.resolve("kept"), 0, first.password());
        Connection admin = again.connect("postgres", LocalPostgres.ADMIN, first.password());
        ResultSet kept = admin.createStatement().executeQuery("select x from kept")) {
      assertTrue(kept.next());
      assertEquals(7, kept.getInt(1));
    }
  }

  @Test
  void a_killed_part_is_restarted_and_its_new_pid_recorded() throws Exception {
    try (Sleeper sleeper = new Sleeper(folder, "exec sleep 600")) {
      supervisor.supervise("sleeper", sleeper);
      long first = recordedPid("sleeper");
      assertEquals(sleeper.process().pid(), first);
      sleeper.process().destroyForcibly();
      String report = report();
      assertTrue(
          report.matches("sleeper stopped \\(exit 137\\); restarted after \\d+\\.\\d s"), report);
      assertNotEquals(first, recordedPid("sleeper"));
      assertEquals(sleeper.process().pid(), recordedPid("sleeper"));
      assertEquals(1, supervisor.restarts());
      supervisor.close();
    }
  }

  @Test
  void a_part_that_keeps_dying_is_given_up_with_its_log() throws Exception {
    try (Sleeper sleeper = new Sleeper(folder, "echo the disk is gone; exit 3")) {
      supervisor.supervise("sleeper", sleeper);
      String failure = supervisor.awaitFailure();
      assertTrue(failure.startsWith("sleeper stopped (exit 3) more than 5 times"), failure);
      assertTrue(failure.contains("the disk is gone"), failure);
      assertEquals(Supervisor.RESTARTS, supervisor.restarts());
    }
  }

  @Test
  void a_part_ended_on_purpose_stays_down_until_started() throws Exception {
    try (Sleeper sleeper = new Sleeper(folder, "exec sleep 600")) {
      supervisor.supervise("sleeper", sleeper);
      long first = recordedPid("sleeper");
      sleeper.close();
      sleeper.restart();
      // Watched again: when it is killed now, that is reported, and nothing was before.
      sleeper.process().destroyForcibly();
      String report = report();
      assertTrue(report.startsWith("sleeper stopped (exit 137)"), report);
      assertEquals(1, supervisor.restarts());
      assertNotEquals(first, recordedPid("sleeper"));
      supervisor.close();
    }
  }

  @Test
  void a_part_started_again_before_its_end_was_noticed_is_not_started_twice() throws Exception {
    try (Sleeper sleeper = new Sleeper(folder, "exec sleep 600")) {
      supervisor.supervise("sleeper", sleeper);
      CompletableFuture<Void> isBack = new CompletableFuture<>();
      sleeper.beforeAnswer =
          () -> {
            if (!isBack.isDone()) {
              sleeper.restart();
              isBack.complete(null);
            }
          };
      sleeper.close();
      isBack.get(5, TimeUnit.MINUTES);
      sleeper.process().destroyForcibly();
      String report = report();
      assertTrue(report.startsWith("sleeper stopped (exit 137)"), report);
      assertEquals(1, supervisor.restarts());
      supervisor.close();
    }
  }

  @Test
  void engines_come_back_on_their_port_with_what_was_committed() throws Exception {
    try (LocalPostgres postgres = LocalPostgres.start(folder.resolve("postgres"), 0);
        LocalRedis redis = LocalRedis.start(folder.resolve("redis"), 0)) {
      supervisor.supervise("postgresql", Engine.of(postgres));
      supervisor.supervise("redis", Engine.of(redis));
      postgres.execute("postgres", "create table kept as select 42 as answer");
      int port = postgres.port();
      // The first process alone: those that it leaves behind must not be in the way.
      ProcessHandle.of(recordedPid("postgresql")).orElseThrow().destroyForcibly();
      assertTrue(report().startsWith("postgresql stopped; restarted after"));
      try (Connection connection =
              postgres.connect("postgres", LocalPostgres.ADMIN, postgres.password());
          var statement = connection.createStatement();
          ResultSet answer = statement.executeQuery("select answer from kept")) {
        assertTrue(answer.next());
        assertEquals(42, answer.getInt(1));
      }
      assertEquals(port, postgres.port());
      ProcessHandle.of(recordedPid("redis")).orElseThrow().destroyForcibly();
      assertTrue(report().startsWith("redis stopped; restarted after"));
      assertTrue(redis.process().isAlive());
      assertFalse(supervisor.failure().isPresent());
      supervisor.close();
    }
  }
}
