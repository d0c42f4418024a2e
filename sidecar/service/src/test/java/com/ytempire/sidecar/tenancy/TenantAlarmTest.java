package com.ytempire.sidecar.tenancy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A token that tries one user id after the other. */
final class TenantAlarmTest {
  private static final int MARGIN = 5;

  private final Platform platform =
      new Platform(1, 1, Map.of("YTEMPIRE_TENANT_ALARM_MARGIN", String.valueOf(MARGIN)));
  private String ada = "";
  private String service = "";

  @BeforeEach
  void fill() {
    ada = platform.createUser("ada@example.com");
    service = platform.token("service", null);
    endMinute();
  }

  @AfterEach
  void close() {
    platform.close();
  }

  /** Asks for users that there are not, each once, and for the one that there is. */
  private void tryIds(int count) {
    platform.get("/v1/users/" + ada, service).expect(200);
    platform.get("/v1/users/" + ada, service).expect(200);
    for (int i = 0; i < count; i++) {
      platform.get("/v1/users/" + UUID.randomUUID(), service).expect(404);
    }
  }

  private void endMinute() {
    platform.clock.advance(Duration.ofMinutes(1));
    platform.app.runMinuteJobs();
  }

  private List<Map<String, Object>> alarms() {
    return platform.admin(
        "select details::text as details from core.audit_log where action = 'tenants.many-entered'");
  }

  @Test
  void a_token_that_tries_many_ids_is_noted_in_the_audit_log() {
    tryIds(MARGIN + 1);
    endMinute();
    assertEquals(List.of(Map.of("details", "{\"tenants\": 7, \"activeUsers\": 1}")), alarms());
  }

  @Test
  void as_many_tenants_as_the_margin_allows_raise_no_alarm() {
    tryIds(MARGIN);
    endMinute();
    assertEquals(List.of(), alarms());
  }

  @Test
  void tenants_of_a_fetch_are_counted() {
    List<Map<String, String>> requests =
        Stream.generate(() -> UUID.randomUUID().toString())
            .limit(MARGIN + 2)
            .map(id ->
                Map.of(
                    "userId",
                    id,
                    "channelId",
                    "UCaaaaaaaaaaaaaaaaaaaaaa",
                    "report",
                    "channel-statistics"))
            .toList();
    platform.post("/v1/metrics/fetch", service, Map.of("requests", requests)).expect(200);
    endMinute();
    assertEquals(1, alarms().size());
  }

  @Test
  void tenants_of_references_are_counted() {
    List<Map<String, String>> references =
        Stream.generate(() -> UUID.randomUUID().toString())
            .limit(MARGIN + 2)
            .map(id -> Map.of("userId", id, "batchId", UUID.randomUUID().toString()))
            .toList();
    platform.post("/v1/metrics/store", service, Map.of("references", references)).expect(200);
    endMinute();
    assertEquals(1, alarms().size());
  }

  @Test
  void meters_count_tenants_without_naming_one() {
    tryIds(2);
    platform.clock.advance(Duration.ofMinutes(1));
    String meters = platform.get("/metrics", null).body().asString();
    assertTrue(meters.contains("ytempire_database_tenants 3.0"), meters);
    assertTrue(meters.contains("ytempire_database_tenant_entries_total"), meters);
    assertTrue(!meters.contains(ada), "a meter names a user");
  }
}
