package com.ytempire.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class SummaryTest {
  private static List<String> next(String dashboards) {
    return Summary.next("http://n8n", "http://api", dashboards, "http://mail")
        .lines()
        .map(String::strip)
        .filter(line -> line.matches("\\d\\. .*"))
        .toList();
  }

  @Test
  void three_lines_say_what_to_look_at_next_each_with_its_address() {
    List<String> lines = next("http://dashboards");
    assertEquals(3, lines.size());
    assertTrue(lines.get(0).startsWith("1. http://n8n: "), lines.get(0));
    assertTrue(lines.get(1).startsWith("2. http://dashboards: "), lines.get(1));
    assertTrue(lines.get(2).startsWith("3. http://mail: "), lines.get(2));
  }

  @Test
  void without_dashboards_the_second_line_leads_to_the_api() {
    List<String> lines = next("not drawn, because of --at");
    assertEquals(3, lines.size());
    assertTrue(lines.get(1).startsWith("2. http://api/docs: "), lines.get(1));
  }
}
