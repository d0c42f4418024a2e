package com.ytempire.platform;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Runs the sync workflow in n8n, also while a part is away, and reads how its executions end. Used
 * by one thread.
 */
final class SyncExecutions {
  private static final Duration EXECUTION_LIMIT = Duration.ofMinutes(8);

  /**
   * After which an execution that PostgreSQL was struck under counts as ended without a record: n8n
   * writes the end once, does not try again while its database is away, and shows the execution as
   * running until it is started again (n8n 2.38, hook {@code workflowExecuteAfter}).
   */
  private static final Duration UNRECORDED_AFTER = Duration.ofMinutes(2);

  /** The status of an execution whose end n8n has not recorded. */
  private static final String UNRECORDED = "unrecorded";

  private static final Duration POLL = Duration.ofMillis(200);

  private final Platform platform;
  private final FaultLog faults;
  private final Map<String, Integer> sentences = new TreeMap<>();

  SyncExecutions(Platform platform, FaultLog faults) {
    this.platform = platform;
    this.faults = faults;
  }

  /** Whether a message is useful to a person: several words, and not a bare error code. */
  static boolean isSentence(@Nullable String message) {
    return message != null
        && message.strip().split("\\s+").length >= 4
        && Character.isUpperCase(message.strip().charAt(0));
  }

  /** Starts an execution; returns its id. */
  String run() throws Exception {
    return platform.whileAway(() -> platform.n8n().run(platform.syncWorkflow(), "Run Now"));
  }

  /** Whether n8n says now that an execution runs. */
  boolean isRunning(String execution) throws Exception {
    return platform.n8n().status(platform.syncWorkflow(), execution).equals("running");
  }

  /** Waits for the status that an execution ends with. */
  String awaitEnd(String execution) throws Exception {
    return findEnd(execution, EXECUTION_LIMIT).orElseThrow(() -> endless(execution));
  }

  private IllegalStateException endless(String execution) {
    return new IllegalStateException(
        "execution %s did not end within %d minutes of its start; n8n's log ends:%n%s"
            .formatted(execution, EXECUTION_LIMIT.toMinutes(), platform.n8n().tail()));
  }

  /** Waits for the status that an execution ends with; empty when n8n records none so long. */
  private Optional<String> findEnd(String execution, Duration limit) throws Exception {
    return new ExecutionWatch(platform, platform.syncWorkflow(), POLL)
        .awaitEnd(execution, limit, status -> {});
  }

  /** Waits for the status that an execution ends with, which n8n may have been unable to record. */
  String awaitEndIfRecorded(String execution) throws Exception {
    return findEnd(execution, UNRECORDED_AFTER).orElse(UNRECORDED);
  }

  /**
   * Describes how an execution ended, in n8n's words where it did not succeed; notes a fault where
   * those are no sentence.
   */
  String describeEnd(String label, String execution, String status) throws Exception {
    if (status.equals("success")) {
      return "success";
    }
    if (status.equals(UNRECORDED)) {
      return "nothing of its end, which it could not record";
    }
    @Nullable String message = platform.whileAway(() -> platform.n8n().errorMessage(execution));
    if (!isSentence(message)) {
      faults.add(
          Fault.Kind.EXECUTION,
          "%s execution %s ended with %s and no sentence, but '%s'"
              .formatted(label, execution, status, message));
    }
    sentences.merge(String.valueOf(message), 1, Integer::sum);
    return "%s \"%s\"".formatted(status, message);
  }

  /** What n8n said of executions that did not succeed, and how often. */
  Map<String, Integer> sentences() {
    return sentences;
  }
}
