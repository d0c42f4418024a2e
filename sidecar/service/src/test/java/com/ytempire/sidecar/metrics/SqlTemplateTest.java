package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

final class SqlTemplateTest {
  @Test
  void places_are_filled_by_name_and_once() {
    assertEquals(
        "select a, '{a}' from t where a = '{\"from\":1}'",
        SqlTemplate.of("select {column}, {text} from t where {column} = '{\"from\":1}'")
            .define("column", "a")
            .define("text", "'{a}'")
            .render());
  }

  @Test
  void a_place_without_a_definition_is_refused() {
    assertThrows(IllegalStateException.class, SqlTemplate.of("select {column}")::render);
  }

  @Test
  void a_definition_without_a_place_is_refused() {
    assertThrows(
        IllegalStateException.class, SqlTemplate.of("select 1").define("column", "a")::render);
  }
}
