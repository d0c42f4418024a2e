package com.ytempire.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The incidents of a month. */
final class IncidentTest {
  private static final List<String> CHANNELS =
      IntStream.range(0, 250).mapToObj(i -> "UC" + i).toList();

  private static List<Incident> month(long seed) {
    return Incident.schedule(
        LocalDate.of(2026, 10, 20), 30, CHANNELS, Duration.ofMinutes(15), seed);
  }

  @Test
  void the_same_seed_gives_the_same_incidents_and_another_seed_others() {
    assertEquals(month(1), month(1));
    assertNotEquals(month(1), month(2));
  }

  @Test
  void every_day_has_a_restart_of_each_kind() {
    for (Incident.Kind kind : Incident.Kind.values()) {
      long times = month(1).stream().filter(each -> each.kind() == kind).count();
      assertEquals(kind.isRestart(), times == 30 && kind.isRestart(), kind.words());
    }
  }

  @Test
  void restarts_begin_with_a_tick() {
    month(3).stream()
        .filter(each -> each.kind().isRestart())
        .forEach(each -> assertEquals(0, each.from().getEpochSecond() % 900));
  }
}
