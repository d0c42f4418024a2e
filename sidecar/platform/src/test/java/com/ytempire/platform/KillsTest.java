package com.ytempire.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class KillsTest {
  @Test
  void eight_strikes_hit_every_part_in_both_ways() {
    List<Strike> twenty = Strike.schedule(20, new Random(7));
    assertEquals(20, twenty.size());
    for (int first : List.of(0, 8)) {
      assertEquals(
          8,
          twenty.subList(first, first + 8).stream()
              .map(strike -> strike.part() + strike.signal())
              .distinct()
              .count());
    }
  }

  @Test
  void eight_strikes_come_at_all_moments() {
    assertEquals(
        4, Strike.schedule(8, new Random(7)).stream().map(Strike::moment).distinct().count());
  }

  @Test
  void strikes_in_32_hit_every_part_at_every_moment() {
    assertEquals(32, new HashSet<>(Strike.schedule(32, new Random(7))).size());
  }

  @Test
  void a_seed_determines_the_strikes() {
    assertEquals(Strike.schedule(8, new Random(7)), Strike.schedule(8, new Random(7)));
    assertNotEquals(Strike.schedule(8, new Random(7)), Strike.schedule(8, new Random(8)));
  }

  @Test
  void an_error_code_is_no_sentence() {
    assertTrue(SyncExecutions.isSentence("The sidecar cannot be reached."));
    assertFalse(SyncExecutions.isSentence("connect ECONNREFUSED 127.0.0.1:8080"));
    assertFalse(SyncExecutions.isSentence("Error"));
    assertFalse(SyncExecutions.isSentence(null));
  }
}
