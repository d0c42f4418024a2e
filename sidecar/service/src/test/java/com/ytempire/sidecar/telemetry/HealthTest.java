package com.ytempire.sidecar.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import com.ytempire.simulator.Catalog;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What readiness says of a sidecar that works, but not well. */
final class HealthTest {
  private final Platform platform = new Platform(1, 5);

  @AfterEach
  void close() {
    platform.close();
  }

  private JsonNode warnings() {
    Platform.Answer ready = platform.get("/health/ready", null).expect(200);
    JsonNode warnings = ready.body().get("warnings");
    assertEquals(warnings.isEmpty() ? "up" : "degraded", ready.text("status"));
    return warnings;
  }

  /** Stores statistics of a channel as of now. */
  private void store(String userId, Catalog.Channel channel) {
    platform
        .post(
            "/v1/metrics/store",
            platform.token("service", null),
            Map.of(
                "rows",
                List.of(
                    Map.of(
                        "kind",
                        "channel-statistics",
                        "userId",
                        userId,
                        "channelId",
                        channel.id(),
                        "observedAt",
                        platform.clock.instant().toString(),
                        "views",
                        1,
                        "videos",
                        1))))
        .expect(200);
  }

  @Test
  void readiness_warns_when_many_channels_have_no_recent_statistics() {
    String ada = platform.connectedUser(0);
    List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
    channels.forEach(channel -> store(ada, channel));
    platform.app.runMinuteJobs();
    assertFalse(warnings().has("channels"), warnings().toString());

    platform.clock.advance(Duration.ofHours(6).plusSeconds(1));
    channels.subList(1, 5).forEach(channel -> store(ada, channel));
    platform.app.runMinuteJobs();
    String warning = warnings().path("channels").asString("");
    assertTrue(warning.startsWith("20 % of the connected channels"), warning);
    String meters = platform.get("/metrics", null).body().asString();
    assertTrue(meters.contains("ytempire_channels_stale{of=\"connected\"} 20.0"), meters);
    assertTrue(meters.contains("ytempire_channels{state=\"connected\"} 5.0"), meters);
    assertTrue(meters.contains("ytempire_channels{state=\"reconnect-needed\"} 0.0"), meters);

    store(ada, channels.getFirst());
    platform.app.runMinuteJobs();
    assertFalse(warnings().has("channels"), warnings().toString());
  }

  @Test
  void readiness_warns_of_a_job_that_keeps_failing() {
    long started = platform.clock.instant().getEpochSecond();
    platform.clock.advance(Duration.ofMinutes(1));
    platform.execute("revoke execute on function app.maintain from ytempire_operator");
    platform.app.runJobs();
    platform.app.runJobs();
    assertFalse(warnings().has("jobs"), warnings().toString());
    platform.app.runJobs();
    String warning = warnings().path("jobs").asString("");
    assertTrue(warning.startsWith("maintenance failed 3 times in a row"), warning);
    String meters = platform.get("/metrics", null).body().asString();
    assertTrue(meters.contains("ytempire_jobs_failures{job=\"maintenance\"} 3.0"), meters);
    assertTrue(meters.contains("ytempire_jobs_failures{job=\"policy-jobs\"} 0.0"), meters);
    assertEquals(started, succeededAt(meters, "maintenance"), "not since the start");
    long now = started + 60;
    assertEquals(now, succeededAt(meters, "policy-jobs"));

    platform.execute("grant execute on function app.maintain to ytempire_operator");
    platform.app.runJobs();
    assertFalse(warnings().has("jobs"), warnings().toString());
    meters = platform.get("/metrics", null).body().asString();
    assertEquals(now, succeededAt(meters, "maintenance"));
  }

  /** When a job last ended well, by its meter. */
  private static long succeededAt(String meters, String job) {
    String meter = "ytempire_jobs_success_timestamp_seconds{job=\"%s\"} ".formatted(job);
    return meters
        .lines()
        .filter(line -> line.startsWith(meter))
        .map(line -> (long) Double.parseDouble(line.substring(meter.length())))
        .findFirst()
        .orElseThrow(() -> new AssertionError(meters));
  }
}
