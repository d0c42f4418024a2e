package com.ytempire.platform;

import java.time.Duration;
import java.util.Optional;

/**
 * Waits for the ends of a workflow's executions in n8n, also while a part is away. Used by one
 * thread.
 */
final class ExecutionWatch {
  /** Is called with the status of an execution that has not ended. */
  @FunctionalInterface
  interface Listener {
    void onStatus(String status) throws Exception;
  }

  private final Platform platform;
  private final String workflow;
  private final Duration poll;

  /**
   * Makes a watch.
   *
   * @param workflow its id in n8n
   * @param poll between two looks at an execution
   */
  ExecutionWatch(Platform platform, String workflow, Duration poll) {
    this.platform = platform;
    this.workflow = workflow;
    this.poll = poll;
  }

  /** Waits for the status that an execution ends with; empty when n8n records none so long. */
  Optional<String> awaitEnd(String execution, Duration limit, Listener listener) throws Exception {
    long until = System.nanoTime() + limit.toNanos();
    while (System.nanoTime() < until) {
      String status = platform.whileAway(() -> platform.n8n().status(workflow, execution));
      if (!N8n.isUnfinished(status)) {
        return Optional.of(status);
      }
      listener.onStatus(status);
      Thread.sleep(poll);
    }
    return Optional.empty();
  }
}
