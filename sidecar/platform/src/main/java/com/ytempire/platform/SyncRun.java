package com.ytempire.platform;

import com.ytempire.simulator.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Runs the sync workflow until every channel has its rows, or no part has died meanwhile. Used by
 * one thread.
 */
public final class SyncRun {
  private static final Duration SYNC_TIMEOUT = Duration.ofMinutes(30);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** After a crash in the middle of a sync, the ticks that may be needed to heal it. */
  private static final int TICKS_AFTER_CRASH = 3;

  /** The statement for the number of rows that are stored. */
  private static final String ROWS =
      Checks.TABLES.stream()
          .map(table -> "(select count(*) from core.%s)".formatted(table))
          .collect(Collectors.joining(" + ", "select ", ""));

  private final Platform platform;

  /** Makes a run on a platform, whose progress it notes. */
  public SyncRun(Platform platform) {
    this.platform = platform;
  }

  /** Runs the sync, and again as the next tick does when a part died meanwhile. */
  public Sync run() throws Exception {
    List<Map.Entry<String, String>> executions = new ArrayList<>();
    Checks checks = new Checks(platform);
    while (true) {
      int before = platform.supervisor().restarts();
      String execution =
          platform.whileAway(() -> platform.n8n().run(platform.syncWorkflow(), "Run Now"));
      executions.add(Map.entry(execution, awaitSync(execution)));
      Sync sync = new Sync(executions);
      boolean isWhole =
          sync.isSuccess() && platform.whileAway(checks::incompleteChannels).isEmpty();
      if (isWhole
          || platform.supervisor().restarts() == before
          || executions.size() > TICKS_AFTER_CRASH) {
        return sync;
      }
      platform
          .progress()
          .note("a part died during execution " + execution + "; the next tick follows");
    }
  }

  private String awaitSync(String execution) throws Exception {
    return new ExecutionWatch(platform, platform.syncWorkflow(), PAUSE)
        .awaitEnd(execution, SYNC_TIMEOUT, this::showProgress)
        .orElseThrow(() ->
            new IllegalStateException(
                "the sync did not end within %d minutes:%n%s"
                    .formatted(SYNC_TIMEOUT.toMinutes(), platform.n8n().tail())));
  }

  private void showProgress(String status) throws Exception {
    Map<String, Long> usage = platform.simulator().usage().today();
    platform
        .progress()
        .at(
            "%,d Analytics queries, %,d Data API units, %,d rows stored%s"
                .formatted(
                    usage.getOrDefault("analytics.day", 0L),
                    usage.getOrDefault("data.general", 0L)
                        + usage.getOrDefault("data.batchGetStats", 0L),
                    platform.whileAway(() -> platform.number(ROWS)),
                    status.equals("waiting")
                        ? ", n8n pauses until the next pass"
                        : platform.simulator().usage().isUsedUp(Usage.Bucket.ANALYTICS_MINUTE)
                            ? ", waiting for the minute's quota of Analytics"
                            : ""));
  }
}
