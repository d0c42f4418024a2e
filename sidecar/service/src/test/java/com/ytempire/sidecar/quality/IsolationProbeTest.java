package com.ytempire.sidecar.quality;

import static com.ytempire.sidecar.testing.Platform.OPERATOR_TOKEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Database logins of two real users, which try to see each other. */
final class IsolationProbeTest {
  private static final Platform platform = new Platform(2, 1);
  private static String ada = "";
  private static String bob = "";

  @BeforeAll
  static void create() {
    ada = platform.createUser("ada@example.com");
    bob = platform.createUser("bob@example.com");
  }

  @BeforeEach
  void sixHoursLater() {
    platform.clock.advance(Duration.ofHours(7));
  }

  @AfterAll
  static void close() {
    platform.close();
  }

  private static double gauge(String name) {
    return platform
        .get("/metrics", null)
        .body()
        .asString()
        .lines()
        .filter(line -> line.startsWith("ytempire_quality_isolation_" + name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf('}') + 2)))
        .sum();
  }

  private static double leaks() {
    return gauge("leaks");
  }

  @Test
  void isolated_users_see_nothing_of_each_other_and_no_login_is_left() {
    platform.app.runQualityChecks();
    assertEquals(0, leaks());
    assertEquals(platform.clock.instant().getEpochSecond(), gauge("probe_timestamp_seconds"));
    assertEquals(0, platform.count("sec.login_role where probe_since is not null"));
    platform.execute("select app.drop_retired_logins()");
    assertEquals(0, platform.count("sec.retired_login"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          create view analytics.leak as select user_id from core.users; grant select on analytics.leak to ytempire_reader | drop view analytics.leak | 4
          create view analytics.leak as select user_id from core.users where user_id::text = current_setting('app.tenant_id', true); grant select on analytics.leak to ytempire_reader | drop view analytics.leak | 2
          grant ytempire_app to ytempire_reader | revoke ytempire_app from ytempire_reader | 1
          """)
  void a_leak_is_found_by_the_logins_of_both(String leak, String repair, int found) {
    platform.execute(leak);
    try {
      platform.app.runQualityChecks();
      // The enforcement may take the membership back before the second login is tried.
      assertTrue(leaks() >= found, leaks() + " leaks");
    } finally {
      platform.execute(repair);
    }
    sixHoursLater();
    platform.app.runQualityChecks();
    assertEquals(0, leaks());
  }

  @Test
  void a_probe_that_cannot_be_made_is_tried_again_and_shows_in_its_age() {
    platform.app.runQualityChecks();
    double before = gauge("probe_timestamp_seconds");
    sixHoursLater();
    platform.execute("alter function app.provision_probe_login(text) rename to provision_kept");
    try {
      platform.app.runQualityChecks();
      assertEquals(before, gauge("probe_timestamp_seconds"));
    } finally {
      platform.execute("alter function app.provision_kept(text) rename to provision_probe_login");
    }
    platform.clock.advance(Duration.ofMinutes(16));
    platform.app.runQualityChecks();
    assertEquals(platform.clock.instant().getEpochSecond(), gauge("probe_timestamp_seconds"));
  }

  @Test
  void logins_that_a_killed_sidecar_left_behind_are_dropped() {
    platform.execute(
        "create role tenant_0000000000000000000000000000dead nologin; insert into sec.login_role (role_name, kind, user_id, probe_since) values ('tenant_0000000000000000000000000000dead', 'tenant', '%s', now() - interval '1 hour')"
            .formatted(ada));
    platform.app.runQualityChecks();
    assertEquals(0, platform.count("sec.login_role where role_name like '%dead'"));
    // The enforcement may have dropped the role already.
    platform.execute("select app.drop_retired_logins()");
    assertEquals(0, platform.count("pg_roles where rolname like 'tenant_%dead'"));
  }

  @Test
  void a_user_with_all_the_logins_that_it_may_have_is_probed_all_the_same() {
    String path = "/v1/users/" + ada + "/database-login";
    platform.post(path, OPERATOR_TOKEN, Map.of()).expect(201);
    platform.post(path, OPERATOR_TOKEN, Map.of()).expect(201);
    platform.app.runQualityChecks();
    assertEquals(platform.clock.instant().getEpochSecond(), gauge("probe_timestamp_seconds"));
    assertEquals(0, leaks());
  }

  @Test
  void a_relation_that_times_out_hides_no_leak_of_others_and_clears_none() {
    String slow =
        "create view analytics.a_slow as select user_id from core.users where case when current_setting('app.tenant_id', true) = '%s' then pg_sleep(30) is not null else false end; grant select on analytics.a_slow to ytempire_reader"
            .formatted(ada);
    platform.app.runQualityChecks();
    double before = gauge("probe_timestamp_seconds");
    sixHoursLater();
    platform.execute(
        slow
            + "; create view analytics.leak as select user_id from core.users; grant select on analytics.leak to ytempire_reader");
    try {
      platform.app.runQualityChecks();
      assertEquals(4, leaks());
      assertEquals(before, gauge("probe_timestamp_seconds"), "not all was tried");
      platform.execute("drop view analytics.leak");
      platform.clock.advance(Duration.ofMinutes(16));
      platform.app.runQualityChecks();
      assertEquals(4, leaks(), "not all was tried");
    } finally {
      platform.execute("drop view if exists analytics.leak; drop view analytics.a_slow");
    }
    platform.clock.advance(Duration.ofMinutes(16));
    platform.app.runQualityChecks();
    assertEquals(0, leaks());
  }

  @Test
  void a_leak_stands_until_the_same_users_are_probed_without_one() {
    String leak =
        "create view analytics.leak as select user_id from core.users where session_user in (select role_name from sec.login_role where user_id = '%s') and user_id = '%s'; grant select on analytics.leak to ytempire_reader"
            .formatted(ada, bob);
    platform.execute(leak);
    List<String> others = new ArrayList<>();
    try {
      platform.app.runQualityChecks();
      assertEquals(2, leaks());
      for (int i = 0; i < 3; i++) {
        others.add(platform.createUser("other%d@example.com".formatted(i)));
      }
      for (int i = 0; i < 3; i++) {
        platform.clock.advance(Duration.ofMinutes(16));
        platform.app.runQualityChecks();
        assertEquals(2, leaks());
      }
    } finally {
      platform.execute("drop view analytics.leak");
      others.forEach(user -> setActive(user, false));
    }
    platform.clock.advance(Duration.ofMinutes(16));
    platform.app.runQualityChecks();
    assertEquals(0, leaks());
  }

  @Test
  void with_fewer_than_two_active_users_no_probe_is_made_and_none_is_missing() {
    setActive(bob, false);
    try {
      platform.app.runQualityChecks();
      assertTrue(Double.isNaN(gauge("probe_timestamp_seconds")));
      assertEquals(0, platform.count("sec.login_role where probe_since is not null"));
    } finally {
      setActive(bob, true);
    }
    platform.clock.advance(Duration.ofMinutes(16));
    platform.app.runQualityChecks();
    assertEquals(platform.clock.instant().getEpochSecond(), gauge("probe_timestamp_seconds"));
  }

  private static void setActive(String user, boolean isActive) {
    platform.patch("/v1/users/" + user, OPERATOR_TOKEN, Map.of("isActive", isActive)).expect(200);
  }
}
