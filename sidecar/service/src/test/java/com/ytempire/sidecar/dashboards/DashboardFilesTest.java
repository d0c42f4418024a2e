package com.ytempire.sidecar.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class DashboardFilesTest {
  private static final String GOOD =
      "{\"uid\":\"a\",\"title\":\"A\",\"id\":7,\"panels\":[{\"title\":\"One Two\",\"unit\":\"currencyUSD\"}]}";

  private static DashboardFiles of(String... texts) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (int i = 0; i < texts.length; i++) {
      files.put("file_" + i, texts[i].getBytes(StandardCharsets.UTF_8));
    }
    return DashboardFiles.of(files);
  }

  private static DashboardSettings settings(
      String currency, @Nullable String period, String... hidden) {
    return new DashboardSettings(BigDecimal.TEN, "UTC", currency, period, List.of(hidden));
  }

  @Test
  void the_shipped_files_can_be_used() {
    DashboardFiles files = DashboardFiles.load();
    assertEquals(List.of(), files.faults());
    assertEquals("ytempire-revenue", files.home());
    assertEquals(3, files.titles().size());
    assertTrue(files.panels().contains("revenue-tracker/days-to-the-target"));
  }

  @Test
  void a_broken_file_is_named_and_the_others_are_used() {
    for (String broken :
        List.of(
            "",
            "{",
            "[]",
            "{\"uid\":\"b\",\"title\":\"B\"}",
            "{\"uid\":\"b/c\",\"title\":\"B\",\"panels\":[]}",
            "{\"uid\":\"b\",\"title\":\" \",\"panels\":[]}",
            "{\"elements\":{},\"uid\":\"b\",\"title\":\"B\",\"panels\":[]}")) {
      DashboardFiles files = of(broken, GOOD);
      assertEquals(1, files.faults().size(), broken);
      assertTrue(files.faults().getFirst().startsWith("grafana/dashboards/file_0.json "), broken);
      assertEquals(1, files.render(settings("symbol", null)).size(), broken);
      assertEquals("a", files.home());
    }
  }

  @Test
  void the_hash_changes_with_a_file() {
    assertEquals(of(GOOD).hash(), of(GOOD).hash());
    assertNotEquals(of(GOOD).hash(), of(GOOD.replace("One", "Other")).hash());
  }

  @Test
  void settings_change_what_is_rendered() {
    DashboardFiles files = of(GOOD);
    JsonNode plain = files.render(settings("symbol", null)).getFirst();
    assertEquals("currencyUSD", plain.at("/panels/0/unit").asString());
    assertTrue(plain.path("id").isMissingNode(), "Grafana's own");
    assertTrue(plain.path("time").isMissingNode(), "as the file has it");
    JsonNode changed = files.render(settings("code", "7d")).getFirst();
    assertEquals("suffix: USD", changed.at("/panels/0/unit").asString());
    assertEquals("now-7d", changed.at("/time/from").asString());
    assertEquals(
        0,
        files.render(settings("symbol", null, "file-0/one-two")).getFirst().get("panels").size());
  }
}
