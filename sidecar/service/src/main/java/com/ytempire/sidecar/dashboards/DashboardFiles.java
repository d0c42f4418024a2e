package com.ytempire.sidecar.dashboards;

import com.ytempire.sidecar.web.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The dashboards of the top-level folder {@code grafana/dashboards}, which travel in the jar, and
 * what a user's settings make of them. A file that cannot be used is reported and left out, so that
 * the others are provisioned all the same. Immutable.
 */
final class DashboardFiles {
  /** The first is what a user sees first. */
  static final List<String> NAMES =
      List.of("revenue_tracker", "channel_analytics", "cost_analysis");

  private static final Logger log = LoggerFactory.getLogger(DashboardFiles.class);

  /** To be raised when {@link #render} changes, so that all dashboards are provisioned anew. */
  private static final String RENDERING = "1";

  private final Map<String, ObjectNode> dashboards;
  private final List<String> faults;
  private final String hash;

  private DashboardFiles(Map<String, ObjectNode> dashboards, List<String> faults) {
    this.dashboards = dashboards;
    this.faults = List.copyOf(faults);
    this.hash = hash(RENDERING + Json.MAPPER.writeValueAsString(dashboards.values()));
  }

  /** Reads the files of the jar. */
  static DashboardFiles load() {
    Map<String, byte[]> texts = new LinkedHashMap<>();
    for (String name : NAMES) {
      try (InputStream in =
          DashboardFiles.class.getResourceAsStream("/grafana/dashboards/" + name + ".json")) {
        texts.put(name, in == null ? new byte[0] : in.readAllBytes());
      } catch (IOException e) {
        texts.put(name, new byte[0]);
      }
    }
    return of(texts);
  }

  static DashboardFiles of(Map<String, byte[]> texts) {
    Map<String, ObjectNode> dashboards = new LinkedHashMap<>();
    List<String> faults = new ArrayList<>();
    texts.forEach((name, text) -> {
      @Nullable String fault = null;
      try {
        if (Json.MAPPER.readTree(text) instanceof ObjectNode dashboard) {
          fault = faultOf(dashboard);
          if (fault == null) {
            dashboards.put(name, dashboard);
          }
        } else {
          fault = "is no JSON object";
        }
      } catch (JacksonException e) {
        fault = "is no JSON";
      }
      if (fault != null) {
        faults.add("grafana/dashboards/%s.json %s".formatted(name, fault));
        log.warn("grafana/dashboards/{}.json {}; it is left out", name, fault);
      }
    });
    return new DashboardFiles(dashboards, faults);
  }

  private static @Nullable String faultOf(ObjectNode dashboard) {
    if (dashboard.has("elements")) {
      return "is in the format of version 2; save it as classic";
    }
    if (!dashboard.path("uid").asString("").matches("[A-Za-z0-9_-]{1,40}")) {
      return "has no usable uid";
    }
    if (dashboard.path("title").asString("").isBlank()) {
      return "has no title";
    }
    return dashboard.path("panels").isArray() ? null : "has no panels";
  }

  /** What is wrong with files, a sentence each. */
  List<String> faults() {
    return faults;
  }

  /** Changes whenever a file does. */
  String hash() {
    return hash;
  }

  /** The uid of what a user sees first; empty when no file can be used. */
  String home() {
    return dashboards.values().stream()
        .findFirst()
        .map(dashboard -> dashboard.path("uid").asString(""))
        .orElse("");
  }

  /** Titles by uid. */
  Map<String, String> titles() {
    Map<String, String> titles = new LinkedHashMap<>();
    dashboards
        .values()
        .forEach(
            each -> titles.put(each.path("uid").asString(""), each.path("title").asString("")));
    return titles;
  }

  /** The names by which panels can be hidden: file and title, such as cost-analysis/break-even. */
  Set<String> panels() {
    Set<String> panels = new TreeSet<>();
    dashboards.forEach((name, dashboard) ->
        dashboard.path("panels").forEach(panel -> panels.add(panelName(name, panel))));
    return panels;
  }

  private static String panelName(String dashboard, JsonNode panel) {
    String title = panel.path("title").asString("").toLowerCase(Locale.ROOT);
    return dashboard.replace('_', '-') + "/" + title.replaceAll("[^a-z0-9]+", "-");
  }

  /** The dashboards as a user's settings have them. */
  List<ObjectNode> render(DashboardSettings settings) {
    List<ObjectNode> rendered = new ArrayList<>();
    dashboards.forEach((name, file) -> {
      ObjectNode dashboard = file.deepCopy();
      // Grafana's own id is another one in each organization.
      dashboard.remove("id");
      dashboard.remove("version");
      ArrayNode panels = dashboard.putArray("panels");
      for (JsonNode panel : file.get("panels")) {
        if (!settings.hiddenPanels().contains(panelName(name, panel))) {
          panels.add(panel.deepCopy());
        }
      }
      if (settings.currencyFormat().equals("code")) {
        replaceUnits(panels);
      }
      if (settings.defaultPeriod() != null) {
        dashboard.putObject("time").put("from", "now-" + settings.defaultPeriod()).put("to", "now");
      }
      rendered.add(dashboard);
    });
    return rendered;
  }

  /** The amounts stay USD; only how they are written changes. */
  private static void replaceUnits(JsonNode node) {
    if (node instanceof ObjectNode object) {
      for (String name : List.copyOf(object.propertyNames())) {
        JsonNode value = object.get(name);
        if ((name.equals("unit") || name.equals("value"))
            && value.asString("").equals("currencyUSD")) {
          object.put(name, "suffix: USD");
        } else {
          replaceUnits(value);
        }
      }
    } else {
      node.forEach(DashboardFiles::replaceUnits);
    }
  }

  static String hash(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)))
          .substring(0, 32);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
