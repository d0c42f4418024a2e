package com.ytempire.sidecar;

import com.ytempire.sidecar.testing.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * The queries of the customers' dashboards as Grafana's PostgreSQL data source sends them: of
 * panels, variables and annotations, with macros and variables expanded.
 */
final class GrafanaQueries {
  private static final List<String> DASHBOARDS =
      List.of("revenue_tracker", "channel_analytics", "cost_analysis");

  /** More days than anybody has figures of. */
  private static final String FROM = "'2000-01-01T00:00:00Z'";

  private static final String TO = "'2100-01-01T00:00:00Z'";

  private final List<String> raw = new ArrayList<>();

  GrafanaQueries() {
    for (String name : DASHBOARDS) {
      JsonNode dashboard = read(name);
      for (JsonNode panel : dashboard.get("panels")) {
        panel.get("targets").forEach(target -> raw.add(target.get("rawSql").asString()));
      }
      for (JsonNode annotation : dashboard.at("/annotations/list")) {
        raw.add(annotation.at("/target/rawSql").asString());
      }
      for (JsonNode variable : dashboard.at("/templating/list")) {
        if (variable.get("type").asString().equals("query")) {
          raw.add(variable.get("query").asString());
        }
      }
    }
  }

  private static JsonNode read(String name) {
    try (InputStream in =
        GrafanaQueries.class.getResourceAsStream("/grafana/dashboards/" + name + ".json")) {
      return Platform.JSON.readTree(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All of them, of these channels and this video. */
  List<String> of(List<String> channels, String video) {
    String quoted = channels.stream().map(GrafanaQueries::literal).collect(Collectors.joining(","));
    return raw.stream()
        .map(sql ->
            sql.replaceAll("\\$__timeFilter\\((\\w+)\\)", "$1 between " + FROM + " and " + TO)
                .replace("$__timeFrom()", FROM)
                .replace("$__timeTo()", TO)
                .replace("${channel:sqlstring}", quoted)
                .replace("${video:sqlstring}", literal(video))
                .replace("${period:sqlstring}", "'90'")
                .replace("${measure:sqlstring}", "'views'"))
        .toList();
  }

  private static String literal(String value) {
    return "'" + value.replace("'", "''") + "'";
  }
}
