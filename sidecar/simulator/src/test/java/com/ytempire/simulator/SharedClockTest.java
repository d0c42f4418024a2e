package com.ytempire.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A clock of several processes. */
final class SharedClockTest {
  @Test
  void a_clock_that_is_set_in_one_place_has_moved_in_another(@TempDir Path folder) {
    SharedClock here = SharedClock.open(folder.resolve("clock"));
    SharedClock there = SharedClock.open(folder.resolve("clock"));
    Instant moment = Instant.parse("2030-01-01T00:00:00Z");
    here.set(moment);
    assertFalse(there.instant().isBefore(moment));
    assertTrue(there.instant().isBefore(moment.plus(Duration.ofHours(1))));
    there.advance(Duration.ofDays(2));
    assertFalse(here.instant().isBefore(moment.plus(Duration.ofDays(2))));
    assertEquals(here.offset(), there.offset());
  }
}
