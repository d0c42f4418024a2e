package com.ytempire.bench;

import com.ytempire.bench.SidecarClient.Answer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * The steps of the shipped 15-minute workflow over HTTP: list the active users and their channels,
 * check the quota, fetch what is due, store it, and fetch again what was missed for a passing
 * reason. A step that finds the sidecar away is tried again when it is back, as a node with Retry
 * On Fail. Used by one thread.
 */
final class SyncCycle {
  static final Duration TICK = Duration.ofMinutes(15);

  /** The reports of the shipped workflow. */
  static final List<String> REPORTS =
      List.of(
          "channel-statistics",
          "recent-uploads",
          "video-statistics",
          "video-details",
          "channel-day",
          "channel-revenue-day",
          "video-day",
          "video-revenue-day",
          "traffic-source-day",
          "thumbnail-day",
          "content-type-day",
          "subscribed-status-day",
          "device-type-day",
          "operating-system-day",
          "geography",
          "demographics",
          "traffic-source-details",
          "retention",
          "country-day",
          "thumbnail-source-day");

  /** As many requests as the shipped workflow's node sends at once. */
  static final int REQUESTS_AT_ONCE = 5000;

  /** So few that the history of all their channels is fetched within the deadline. */
  static final int HISTORY_REQUESTS_AT_ONCE = 300;

  private static final int TRIES = 5;

  /** Their ids fit into an address. */
  private static final int USERS_AT_ONCE = 100;

  /** What the shipped workflow fetches again, how long and how often; its node "Try Again?". */
  private static final Set<String> RETRYABLE = Set.of("busy", "quota-exhausted", "unavailable");

  private static final Duration RETRY_PERIOD = Duration.ofMinutes(10);
  private static final int PASSES = 61;

  /** Between passes, at least and at most; its node "Wait Until Then". */
  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(5);

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

  private final SidecarClient client;
  private final Clock clock;
  private final Hooks hooks;
  private final List<String> reports;

  /** The steps of the benchmark around those of the cycle. */
  interface Hooks {
    /** Returns when the sidecar is there again, or at once when it is. */
    void awaitSidecar();

    /** Lets simulated time pass until this moment. */
    void passUntil(Instant moment);

    /** Before references are sent to be stored. */
    void storing();

    /** These statistics of a channel have been acknowledged as stored. */
    void stored(String channelId, Instant observedAt);
  }

  /**
   * The result of a cycle.
   *
   * @param missed requests that were not fetched by the last pass in which they were tried, by
   *     reason
   * @param passes fetches, with those again
   * @param failures steps that were answered with an error, by problem
   */
  record Outcome(
      int channels,
      long rows,
      long rejected,
      Map<String, Long> missed,
      int passes,
      Map<String, Long> failures,
      boolean wasQuotaShort) {}

  SyncCycle(SidecarClient client, Clock clock, Hooks hooks, List<String> reports) {
    this.client = client;
    this.clock = clock;
    this.hooks = hooks;
    this.reports = reports;
  }

  /** As {@link #run(Instant, int)}, with requests as the shipped workflow sends them. */
  Outcome run(Instant deadline) {
    return run(deadline, REQUESTS_AT_ONCE);
  }

  /**
   * Runs one cycle; what cannot be done in ten minutes, or until {@code deadline}, is left to the
   * next one.
   */
  Outcome run(Instant deadline, int requestsAtOnce) {
    client.beginExecution();
    Instant retryUntil = clock.instant().plus(RETRY_PERIOD);
    if (deadline.isBefore(retryUntil)) {
      retryUntil = deadline;
    }
    Map<String, Long> failures = new TreeMap<>();
    Map<String, Long> missed = new TreeMap<>();
    List<String> users = new ArrayList<>();
    String after = "";
    do {
      JsonNode page = step(failures, () -> client.get(usersPath(users)));
      page.path("users").forEach(user -> users.add(user.path("userId").asString()));
      after = page.path("next").asString("");
    } while (!after.isEmpty());
    List<Map<String, Object>> requests = new ArrayList<>();
    Set<String> channels = new HashSet<>();
    for (int from = 0; from < users.size(); from += USERS_AT_ONCE) {
      String query =
          String.join(
              "&",
              users.subList(from, Math.min(from + USERS_AT_ONCE, users.size())).stream()
                  .map(user -> "userId=" + user)
                  .toList());
      JsonNode page = step(failures, () -> client.get("/v1/channels?active=true&" + query));
      page.path("channels")
          .forEach(channel -> {
            channels.add(channel.path("channelId").asString());
            reports.forEach(report ->
                requests.add(
                    Map.of(
                        "userId", channel.path("userId").asString(),
                        "channelId", channel.path("channelId").asString(),
                        "report", report)));
          });
    }
    Map<String, Object> check =
        Map.of("bucket", "data.general", "units", Math.max(1, users.size() + channels.size()));
    JsonNode quota =
        step(failures, () -> client.post("/v1/quota/check", check, Duration.ofSeconds(60)));
    if (!quota.path("enough").asBoolean(false)) {
      return new Outcome(channels.size(), 0, 0, missed, 0, failures, true);
    }
    long[] counts = new long[2];
    int passes = 0;
    Map<String, Long> retried = new TreeMap<>();
    List<Map<String, Object>> left = requests;
    while (!left.isEmpty()) {
      passes++;
      // What is tried again counts by its last pass.
      retried.forEach((reason, requestsOf) -> missed.merge(reason, -requestsOf, Long::sum));
      retried.clear();
      List<Map<String, Object>> again = new ArrayList<>();
      Duration[] pause = {LONGEST_PAUSE};
      for (int from = 0; from < left.size(); from += requestsAtOnce) {
        List<Map<String, Object>> some =
            left.subList(from, Math.min(from + requestsAtOnce, left.size()));
        JsonNode answer =
            step(
                failures,
                () ->
                    client.post(
                        "/v1/metrics/fetch",
                        Map.of("requests", some, "onlyDue", true, "output", "references"),
                        Duration.ofSeconds(600)));
        answer
            .path("notFetched")
            .forEach(one -> {
              String reason = one.path("reason").asString("");
              missed.merge(reason, 1L, Long::sum);
              Duration wait = Duration.ofSeconds(one.path("retryAfterSeconds").asLong(0));
              if (RETRYABLE.contains(reason) && wait.compareTo(RETRY_PERIOD) <= 0) {
                again.add(some.get(one.path("request").asInt()));
                retried.merge(reason, 1L, Long::sum);
                Duration own = reason.equals("busy") ? SHORTEST_PAUSE : wait;
                pause[0] = own.compareTo(pause[0]) < 0 ? own : pause[0];
              }
            });
        List<JsonNode> references = new ArrayList<>();
        answer
            .path("results")
            .forEach(result -> {
              if (result.has("reference")) {
                references.add(result.path("reference"));
              }
            });
        store(references, counts, failures);
      }
      left = again;
      Instant now = clock.instant();
      if (passes == PASSES || !now.isBefore(retryUntil)) {
        break;
      }
      if (!left.isEmpty()) {
        Instant retryAt =
            now.plus(pause[0].compareTo(SHORTEST_PAUSE) < 0 ? SHORTEST_PAUSE : pause[0]);
        hooks.passUntil(retryAt.isBefore(deadline) ? retryAt : deadline);
      }
    }
    missed.values().removeIf(requestsOf -> requestsOf == 0);
    return new Outcome(channels.size(), counts[0], counts[1], missed, passes, failures, false);
  }

  private static String usersPath(List<String> users) {
    return "/v1/users?active=true&limit=500" + (users.isEmpty() ? "" : "&after=" + users.getLast());
  }

  private void store(List<JsonNode> references, long[] counts, Map<String, Long> failures) {
    if (references.isEmpty()) {
      return;
    }
    List<Map<String, String>> batches =
        references.stream()
            .map(each ->
                Map.of(
                    "userId", each.path("userId").asString(),
                    "batchId", each.path("batchId").asString()))
            .toList();
    hooks.storing();
    JsonNode stored =
        step(
            failures,
            () ->
                client.post(
                    "/v1/metrics/store", Map.of("references", batches), Duration.ofSeconds(600)));
    for (String outcome : List.of("stored", "updated", "unchanged", "rejected")) {
      counts[0] += stored.path(outcome).asLong();
    }
    counts[1] += stored.path("rejected").asLong();
    for (JsonNode outcome : stored.path("references")) {
      JsonNode reference = references.get(outcome.path("reference").asInt());
      boolean isThere = outcome.path("outcome").asString().endsWith("stored");
      if (!isThere) {
        failures.merge(outcome.path("outcome").asString(), 1L, Long::sum);
      } else if (reference.path("report").asString().equals("channel-statistics")) {
        hooks.stored(
            reference.path("channelId").asString(),
            Instant.parse(reference.path("fetchedAt").asString()));
      }
    }
  }

  @FunctionalInterface
  private interface Step {
    Answer ask();
  }

  private JsonNode step(Map<String, Long> failures, Step step) {
    for (int tried = 1; ; tried++) {
      Answer answer = step.ask();
      if (answer.isOk()) {
        return answer.body();
      }
      failures.merge(answer.problem(), 1L, Long::sum);
      boolean mayPass = answer.status() == 0 || answer.status() == 503 || answer.status() == 429;
      if (!mayPass || tried == TRIES) {
        throw new IllegalStateException("answered " + answer.status() + " " + answer.body());
      }
      hooks.awaitSidecar();
      if (answer.status() != 0) {
        hooks.passUntil(clock.instant().plusSeconds(5));
      }
    }
  }

  /** What a stream of outcomes came to. */
  static void add(Map<String, Long> to, Map<String, Long> some) {
    Consumer<Map.Entry<String, Long>> merge =
        each -> to.merge(each.getKey(), each.getValue(), Long::sum);
    some.entrySet().forEach(merge);
  }
}
