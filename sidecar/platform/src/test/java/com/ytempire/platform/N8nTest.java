package com.ytempire.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

final class N8nTest {
  /** All of n8n's type {@code ExecutionStatus}. */
  private static final List<String> STATUSES =
      List.of("canceled", "crashed", "error", "new", "running", "success", "unknown", "waiting");

  @Test
  void an_execution_that_waits_or_is_unknown_is_unfinished() {
    assertEquals(
        List.of("new", "running", "unknown", "waiting"),
        STATUSES.stream().filter(N8n::isUnfinished).toList());
  }
}
