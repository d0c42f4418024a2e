package com.ytempire.sidecar.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How many meters there can be, whatever is counted. */
final class LabelLimitTest {
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  @BeforeEach
  void limit() {
    meters.config().meterFilter(new LabelLimit());
  }

  @Test
  void a_label_has_a_bounded_number_of_values() {
    for (int i = 0; i < 10 * LabelLimit.VALUES; i++) {
      meters.counter("requests", "method", "M" + i).increment();
    }
    assertEquals(LabelLimit.VALUES, meters.getMeters().size());
    // Known values, and other labels and meters, go on.
    meters.counter("requests", "method", "M0").increment();
    assertEquals(2, meters.counter("requests", "method", "M0").count());
    meters.counter("answers", "method", "M" + LabelLimit.VALUES).increment();
    assertEquals(LabelLimit.VALUES + 1, meters.getMeters().size());
  }

  @Test
  void there_is_a_bounded_number_of_meters_in_all() {
    for (int i = 0; i < 100; i++) {
      for (int j = 0; j < 100; j++) {
        meters.counter("calls", "a", "v" + i, "b", "w" + j).increment();
      }
    }
    assertEquals(LabelLimit.METERS, meters.getMeters().size());
  }
}
