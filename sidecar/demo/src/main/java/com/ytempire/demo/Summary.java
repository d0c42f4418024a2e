package com.ytempire.demo;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** What came of a demo, on one screen. */
record Summary(
    Options options,
    double syncSeconds,
    Duration elapsed,
    Demo.Findings findings,
    String outcome,
    JsonNode quota,
    Map<String, Long> google) {

  String text() {
    StringBuilder text = new StringBuilder();
    int all = options.allChannels();
    int failed = findings.failedChannels().size();
    text.append("\n  YTEMPIRE Data: what came of it\n\n");
    line(text, "users", "%,d".formatted(options.users()));
    line(text, "channels", "%,d of %,d have their rows".formatted(all - failed, all));
    line(text, "n8n's execution", outcome);
    line(
        text,
        "seconds",
        "%.1f for the sync, %.1f in all".formatted(syncSeconds, elapsed.toMillis() / 1e3));
    findings.rows().forEach((table, rows) -> line(text, "rows in " + table, "%,d".formatted(rows)));
    Map<String, JsonNode> buckets = new TreeMap<>();
    quota.forEach(bucket -> buckets.put(bucket.get("bucket").stringValue(), bucket));
    buckets.forEach((name, bucket) -> {
      if (google.containsKey(name) && !name.equals("analytics.minute")) {
        line(
            text,
            "units of " + name,
            "%,d of %,d (YouTube counted %,d)"
                .formatted(
                    bucket.get("used").longValue(),
                    bucket.get("limit").longValue(),
                    google.getOrDefault(name, 0L)));
      }
    });
    line(
        text,
        "isolation",
        findings.faults().isEmpty()
            ? findings.isolationProbes() + " probes, no leak"
            : "FAULTS, see below");
    line(
        text,
        "failed channels",
        failed == 0
            ? "none"
            : String.join(" ", findings.failedChannels().subList(0, Math.min(10, failed))));
    findings.faults().forEach(fault -> line(text, "FAULT", fault));
    return text.toString();
  }

  private static void line(StringBuilder text, String label, String value) {
    text.append("  %-28s %s%n".formatted(label, value));
  }
}
