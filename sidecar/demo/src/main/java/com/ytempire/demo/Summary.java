package com.ytempire.demo;

import com.ytempire.platform.Fault;
import com.ytempire.simulator.Usage;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** The result of a demo, on one screen. */
record Summary(
    Options options,
    double syncSeconds,
    Duration elapsed,
    Findings findings,
    String outcome,
    int restarts,
    int workflows,
    JsonNode quota,
    Map<String, Long> google) {

  private static final int FAULTS_SHOWN = 20;

  String text() {
    StringBuilder text = new StringBuilder();
    int all = options.allChannels();
    int incomplete = findings.incomplete().size();
    text.append("\n  YTEMPIRE Data: what came of it\n\n");
    line(text, "users", "%,d".formatted(options.users()));
    line(
        text,
        "channels",
        "%,d of %,d have their rows%s"
            .formatted(
                all - incomplete,
                all,
                findings.closed().isEmpty()
                    ? ""
                    : ", or the reason why not: %,d of a closed account"
                        .formatted(findings.closed().size())));
    line(text, "sync", outcome);
    if (restarts > 0) {
      line(text, "parts restarted", "%,d times".formatted(restarts));
    }
    line(
        text,
        "seconds",
        "%.1f for the sync, %.1f in all".formatted(syncSeconds, elapsed.toMillis() / 1e3));
    findings.rows().forEach((table, rows) -> line(text, "rows in " + table, "%,d".formatted(rows)));
    Map<String, JsonNode> buckets = new TreeMap<>();
    quota.forEach(bucket -> buckets.put(bucket.get("bucket").stringValue(), bucket));
    buckets.forEach((name, bucket) -> {
      if (google.containsKey(name) && Usage.Bucket.isOfDay(name)) {
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
        findings.has(Fault.Kind.ISOLATION)
            ? "FAULTS, see below"
            : findings.isolationProbes() + " probes, no leak");
    line(text, "checks", findings.words(all));
    line(text, "workflows in n8n", "the sync and %d more".formatted(workflows));
    findings.faults().stream()
        .limit(FAULTS_SHOWN)
        .forEach(fault -> line(text, "FAULT (%s)".formatted(fault.kind().label()), fault.detail()));
    if (findings.faults().size() > FAULTS_SHOWN) {
      line(text, "", "and %,d more".formatted(findings.faults().size() - FAULTS_SHOWN));
    }
    return text.toString();
  }

  /**
   * What to look at next while the demo runs, in three lines.
   *
   * @param n8n the address of the editor
   * @param api the address of the API
   * @param dashboards their address, or why there are none
   * @param mailbox the address of the page with every mail
   */
  static String next(String n8n, String api, String dashboards, String mailbox) {
    String second =
        dashboards.startsWith("http")
            ? "2. %s: a customer's revenue on its way to the target, by channel and day"
                .formatted(dashboards)
            : "2. %s/docs: every request of the API, to try in the page".formatted(api);
    return """

      Look at next
      1. %s: open Multi-User Sync, and under Executions the items of each node
      %s
      3. %s: the first daily report, as a customer gets it
    """
        .formatted(n8n, second, mailbox);
  }

  private static void line(StringBuilder text, String label, String value) {
    text.append("  %-28s %s%n".formatted(label, value));
  }
}
