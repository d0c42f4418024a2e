package com.ytempire.sidecar.quality;

import static com.ytempire.sidecar.testing.Platform.OPERATOR_TOKEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Four users: three onboarded, of whom two are old enough, and one of these earned enough. */
final class SuccessTest {
  private static final Platform platform = new Platform(3, 1);
  private static List<String> users = List.of();

  @BeforeAll
  static void connect() {
    users = platform.connectedUsers(3);
    platform.createUser("nobody@example.com");
    platform.execute(
        """
        delete from core.channel_days;
        update core.users set created_at = '2026-08-01' where user_id in ('%1$s', '%2$s');
        update core.users set created_at = '2026-11-01' where user_id = '%3$s';
        -- $5,000 in 30 days on the 44th day, and $10,000 on none by the 90th.
        insert into core.channel_days (user_id, channel_id, day, views, revenue_usd, created_at, updated_at)
        select user_id, channel_id, day, 100, case user_id when '%1$s' then 170 else 12 end, now(), now()
          from core.channels, (select date '2026-08-15' + n as day from generate_series(0, 60) n) d
         where user_id <> '%3$s'\
        """
            .formatted(users.get(0), users.get(1), users.get(2)));
  }

  @AfterAll
  static void close() {
    platform.close();
  }

  private static JsonNode success() {
    return platform.get("/v1/success", OPERATOR_TOKEN).expect(200).body();
  }

  @Test
  void shares_are_of_users_who_are_old_enough_and_onboarded() {
    JsonNode success = success();
    assertEquals(4, success.get("users").intValue());
    assertEquals(3, success.get("usersOnboarded").intValue());
    assertEquals(1.0, success.get("channelsPerUser").doubleValue());
    assertEquals(2, success.get("usersOfDay45").intValue());
    assertEquals(50.0, success.get("at5000ByDay45Percent").doubleValue());
    assertEquals(2, success.get("usersOfDay90").intValue());
    assertEquals(0.0, success.get("at10000ByDay90Percent").doubleValue());
    assertTrue(success.get("dashboardP95Millis").longValue() >= 0);
  }

  /**
   * Counts anew after the revenue of the second user, who earned too little so far, has changed.
   */
  private static JsonNode successWith(String day, int usd) {
    platform.execute(
        """
        delete from core.channel_days where user_id = '%1$s' and revenue_usd > 1000;
        insert into core.channel_days (user_id, channel_id, day, views, revenue_usd, created_at, updated_at)
        select user_id, channel_id, '%2$s', 100, %3$d, now(), now() from core.channels where user_id = '%1$s'
        on conflict (user_id, channel_id, day) do update set revenue_usd = excluded.revenue_usd\
        """
            .formatted(users.get(1), day, usd));
    platform.app.countSuccess();
    return success();
  }

  @Test
  void a_milestone_counts_up_to_its_day_and_not_after_it() {
    LocalDate signUp =
        LocalDate.parse(
            String.valueOf(
                platform
                    .admin(
                        "select core.pacific_day(created_at)::text as day from core.users where user_id = '%s'"
                            .formatted(users.get(1)))
                    .getFirst()
                    .get("day")));
    try {
      JsonNode early = successWith(signUp.plusDays(45).toString(), 5_000);
      assertEquals(100.0, early.get("at5000ByDay45Percent").doubleValue());
      JsonNode late = successWith(signUp.plusDays(46).toString(), 5_000);
      assertEquals(50.0, late.get("at5000ByDay45Percent").doubleValue());
      early = successWith(signUp.plusDays(90).toString(), 10_000);
      assertEquals(50.0, early.get("at10000ByDay90Percent").doubleValue());
      late = successWith(signUp.plusDays(91).toString(), 10_000);
      assertEquals(0.0, late.get("at10000ByDay90Percent").doubleValue());
    } finally {
      platform.execute(
          "delete from core.channel_days where user_id = '%s' and revenue_usd > 1000"
              .formatted(users.get(1)));
      platform.app.countSuccess();
    }
  }

  @Test
  void the_share_of_good_days_leaves_out_days_with_a_failed_check() {
    platform.execute(
        """
        delete from core.quality_results;
        insert into core.quality_results (user_id, check_name, day, checked_at, level, worst_level, value, worst_value)
        values ('%1$s', 'freshness', '2026-11-19', now(), 'ok', 'error', 10, 60), ('%1$s', 'freshness', '2026-11-20', now(), 'ok', 'warn', 10, 30),
               ('%2$s', 'freshness', '2026-11-20', now(), 'ok', 'ok', 10, 10), ('%2$s', 'freshness', '2026-11-10', now(), 'ok', 'error', 10, 60),
               ('%1$s', 'completeness', '2026-11-20', now(), 'error', 'error', 90, 90), ('%2$s', 'completeness', '2026-11-20', now(), 'unknown', 'unknown', null, null),
               ('%1$s', 'revenue-reconciliation', '2026-11-20', now(), 'ok', 'ok', 0.2, 0.2)\
        """
            .formatted(users.get(0), users.get(1)));
    try {
      platform.app.countSuccess();
      JsonNode success = success();
      assertEquals(66.7, success.get("freshPercent").doubleValue());
      assertEquals(0.0, success.get("completePercent").doubleValue());
      assertEquals(100.0, success.get("reconciledPercent").doubleValue());
      assertTrue(success.get("verifiedPercent").isNull(), "nothing to count");
    } finally {
      platform.execute("delete from core.quality_results");
      platform.app.countSuccess();
    }
  }

  @Test
  void no_figure_of_a_user_is_in_it_and_users_may_not_read_it() {
    JsonNode success = success();
    assertEquals(
        Set.of(
            "at",
            "users",
            "usersOnboarded",
            "channels",
            "channelsPerUser",
            "usersOfDay45",
            "at5000ByDay45Percent",
            "usersOfDay90",
            "at10000ByDay90Percent",
            "uptimePercent",
            "freshPercent",
            "completePercent",
            "reconciledPercent",
            "verifiedPercent",
            "dashboardP95Millis"),
        Set.copyOf(success.propertyNames()));
    for (String user : users) {
      assertFalse(success.toString().contains(user));
      platform.get("/v1/success", platform.token("user", user)).expectProblem(403, "forbidden");
    }
  }

  @Test
  void a_service_tokens_read_is_in_the_audit_log_of_each_user() {
    platform.get("/v1/success", platform.token("service", null)).expect(200);
    for (String user : users) {
      assertEquals(
          1,
          platform.count(
              "core.audit_log where action = 'success.read' and token_kind = 'service' and user_id = '%s'"
                  .formatted(user)));
    }
  }

  @Test
  void a_user_who_cannot_be_counted_keeps_nobody_else_out() {
    platform.execute(
        """
        alter function app.observe_milestones(timestamptz) rename to observe_milestones_kept;
        create function app.observe_milestones(p_now timestamptz)
        returns table (days_since_sign_up integer, channels integer, reached5000 integer, reached10000 integer)
        language plpgsql as $$
        begin
          if left(current_setting('app.tenant_id'), 36) = '%s' then
            raise 'as a statement that took too long';
          end if;
          return query select * from app.observe_milestones_kept(p_now);
        end $$;
        grant execute on function app.observe_milestones to ytempire_app\
        """
            .formatted(users.getFirst()));
    try {
      platform.app.countSuccess();
      assertEquals(3, success().get("users").intValue());
    } finally {
      platform.execute(
          "drop function app.observe_milestones(timestamptz); alter function app.observe_milestones_kept(timestamptz) rename to observe_milestones");
    }
    platform.app.countSuccess();
    assertEquals(4, success().get("users").intValue());
  }

  @Test
  void users_are_counted_by_the_job_of_the_hour_and_not_by_whoever_reads() {
    platform.app.countSuccess();
    String counted = success().get("at").stringValue();
    platform.clock.advance(Duration.ofSeconds(1));
    platform.app.runMinuteJobs();
    assertEquals(counted, success().get("at").stringValue());
    platform.app.countSuccess();
    assertNotEquals(counted, success().get("at").stringValue());
  }

  @Test
  void minutes_in_which_nobody_ran_lower_the_uptime() {
    platform.execute("delete from core.uptime_days");
    for (int minute = 0; minute < 10; minute++) {
      platform.app.runMinuteJobs();
      platform.app.runMinuteJobs();
      platform.clock.advance(Duration.ofMinutes(minute == 4 ? 11 : 1));
    }
    // Ten minutes of twenty, and the one that has just begun.
    assertEquals(10, platform.count("core.uptime_days where minutes = 10") * 10);
    assertEquals(47.619, success().get("uptimePercent").doubleValue());
  }

  @Test
  void prometheus_has_each_measure_and_check() throws IOException, InterruptedException {
    platform.app.countSuccess();
    platform.app.runQualityChecks();
    try (HttpClient http = HttpClient.newHttpClient()) {
      String page =
          http.send(
                  HttpRequest.newBuilder(
                          URI.create(
                              "http://127.0.0.1:%d/metrics".formatted(platform.app.metricsPort())))
                      .build(),
                  BodyHandlers.ofString())
              .body();
      for (Success.Gauge gauge : Success.Gauge.values()) {
        String label = gauge.name().toLowerCase(Locale.ROOT).replace('_', '-');
        assertTrue(page.contains("ytempire_success{measure=\"" + label + "\"}"), label);
      }
      // Whatever share operators read, they can watch.
      success().propertyNames().stream()
          .filter(name -> name.endsWith("Percent"))
          .map(name -> name.replaceAll("([A-Z]|(?<=[a-z])[0-9]+)", "-$1").toLowerCase(Locale.ROOT))
          .forEach(label ->
              assertTrue(page.contains("ytempire_success{measure=\"" + label + "\"}"), label));
      for (Check check : Check.values()) {
        assertTrue(
            page.contains("ytempire_quality_incidents{check=\"" + check.label() + "\"}"),
            check.label());
      }
      assertTrue(page.contains("ytempire_success{measure=\"users-onboarded\"} 3"), page);
    }
  }
}
