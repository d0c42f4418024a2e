package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Google's units after all workflows have run. */
@EndToEnd
@Order(100)
final class UnitsTest {
  @Test
  void all_workflows_together_count_the_units_that_youtube_counts(SyncedPlatform synced)
      throws Exception {
    assertEquals(List.of(), synced.checks().units(synced.settledForOwnCalls()));
  }
}
