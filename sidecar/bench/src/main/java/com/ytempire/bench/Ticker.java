package com.ytempire.bench;

import com.ytempire.platform.Http;
import com.ytempire.simulator.Catalog;
import com.ytempire.simulator.Simulator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** Does what a workflow does every 15 minutes: fetches what is due, stores what came. */
final class Ticker {
  static final Duration LENGTH = Duration.ofMinutes(15);

  private final Http api;
  private final Consumer<Duration> advance;
  private final Simulator simulator;
  private final List<Map<String, Object>> requests;
  long notFetched;

  /**
   * Makes a ticker that has fetched nothing.
   *
   * @param advance moves the clock that the sidecar and the simulated YouTube go by
   */
  Ticker(
      Http api,
      Consumer<Duration> advance,
      Simulator simulator,
      List<Map<String, Object>> requests) {
    this.api = api;
    this.advance = advance;
    this.simulator = simulator;
    this.requests = requests;
  }

  void tick() {
    simulator.push();
    // As the shipped sync does; rows of a first sync would be hundreds of megabytes.
    JsonNode answer =
        api.post(
            "/v1/metrics/fetch",
            Map.of("requests", requests, "onlyDue", true, "output", "references"));
    notFetched += answer.get("notFetched").size();
    storeReferences(api, answer);
    advance.accept(LENGTH);
  }

  /** Stores what was fetched by reference; answers how many rows. */
  static long storeReferences(Http api, JsonNode answer) {
    List<Map<String, Object>> references = new ArrayList<>();
    answer
        .get("results")
        .forEach(result -> {
          JsonNode reference = result.get("reference");
          if (reference != null) {
            references.add(
                Map.of(
                    "userId",
                    reference.get("userId").stringValue(),
                    "batchId",
                    reference.get("batchId").stringValue()));
          }
        });
    if (references.isEmpty()) {
      return 0;
    }
    JsonNode stored = api.post("/v1/metrics/store", Map.of("references", references));
    for (JsonNode each : stored.get("references")) {
      if (!each.get("outcome").stringValue().equals("stored")) {
        throw new IllegalStateException("a batch was not stored: " + each);
      }
    }
    if (stored.get("rejected").intValue() > 0) {
      throw new IllegalStateException("rows were rejected: " + stored);
    }
    return stored.get("stored").longValue()
        + stored.get("updated").longValue()
        + stored.get("unchanged").longValue();
  }

  /** Every report of every channel. */
  static List<Map<String, Object>> requests(Map<Catalog.Account, String> users) {
    List<Map<String, Object>> requests = new ArrayList<>();
    users.forEach((account, user) ->
        account
            .channels()
            .forEach(channel ->
                SyncCycle.REPORTS.forEach(report ->
                    requests.add(
                        Map.of("userId", user, "channelId", channel.id(), "report", report)))));
    return requests;
  }
}
