package com.ytempire.sidecar.quality;

import static com.ytempire.sidecar.testing.Platform.OPERATOR_TOKEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.db.PacificTime;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Receiver;
import com.ytempire.sidecar.testing.Receiver.Call;
import com.ytempire.sidecar.web.Contract;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/**
 * Each check against data that is well, and against the fault that it is there for. Ada has two
 * channels with 100 days of an even weekly pattern, all of it told, and statistics of this minute.
 */
final class QualityTest {
  private static final Contract CONTRACT = Contract.load();
  private static final Platform platform = new Platform(2, 2);
  private static final Receiver receiver = new Receiver();
  private static String ada = "";
  private static String bob = "";
  private static String one = "";

  @BeforeAll
  static void connect() {
    ada = platform.connectedUser(0);
    bob = platform.connectedUser(1);
    one = platform.world.accounts().getFirst().channels().getFirst().id();
    platform
        .post(
            "/v1/subscriptions",
            OPERATOR_TOKEN,
            Map.of("url", receiver.url(), "events", List.of("quality-incident")))
        .expect(201);
  }

  @AfterAll
  static void close() {
    platform.close();
    receiver.close();
  }

  private static LocalDate today() {
    return LocalDate.ofInstant(platform.clock.instant(), PacificTime.ZONE);
  }

  /** Data of both users that are well in every respect. */
  @BeforeEach
  void seed() {
    platform.execute(
        """
        delete from core.quality_results; delete from core.quality_incidents; delete from core.webhook_deliveries;
        delete from core.rejected_rows;
        delete from core.channel_days; delete from core.video_days; delete from core.video_totals; delete from core.video_weeks;
        delete from core.channel_statistics; delete from core.channel_statistics_days; delete from core.costs; delete from core.day_checks;
        update core.oauth_grants set connected_at = timestamp '%1$s' - interval '60 days';
        update core.channels set monetised = false;
        insert into core.channel_days (user_id, channel_id, day, views, watch_time_minutes, revenue_usd, created_at, updated_at)
        select user_id, channel_id, day, case when extract(isodow from day) >= 6 then 3000 else 2000 end, 60, 10, now(), now()
          from core.channels, (select date '%2$s' - n as day from generate_series(3, 100) n) d;
        insert into core.video_days (user_id, channel_id, video_id, day, views, created_at, updated_at)
        select user_id, channel_id, right(channel_id, 11), day, views, now(), now() from core.channel_days
         where day > date '%2$s' - 40;
        insert into core.video_totals (user_id, video_id, channel_id, days, first_day, last_day, views, updated_at)
        select user_id, video_id, channel_id, count(*), min(day), max(day), sum(views), now()
          from core.video_days group by user_id, video_id, channel_id;
        insert into core.channel_statistics_days (user_id, channel_id, day, views, subscribers, videos, observed_at, observations)
        select user_id, channel_id, day, sum(views) over (partition by channel_id order by day), 10, 3,
               (day + 1)::timestamp at time zone 'America/Los_Angeles' - interval '10 minutes', 96
          from core.channel_days\
        """
            .formatted(platform.clock.instant().toString().replace("Z", ""), today()));
    refresh();
  }

  /** As a sync does every 15 minutes. */
  private static void refresh() {
    platform.execute(
        "insert into core.channel_statistics (user_id, channel_id, observed_at, views, subscribers, videos) select user_id, channel_id, '%s', 500000, 10, 3 from core.channels on conflict do nothing"
            .formatted(platform.clock.instant()));
  }

  private static List<JsonNode> incidents(String user, String state) {
    return StreamSupport.stream(
            platform
                .get("/v1/users/" + user + "/quality/incidents?state=" + state, OPERATOR_TOKEN)
                .expect(200)
                .body()
                .get("incidents")
                .spliterator(),
            false)
        .toList();
  }

  private static List<String> checks(String user, String state) {
    return incidents(user, state).stream()
        .map(incident -> incident.get("check").stringValue())
        .toList();
  }

  private static List<JsonNode> results(String query) {
    return StreamSupport.stream(
            platform
                .get("/v1/users/" + ada + "/quality" + query, OPERATOR_TOKEN)
                .expect(200)
                .body()
                .get("results")
                .spliterator(),
            false)
        .toList();
  }

  @Test
  void data_that_are_well_open_no_incident_and_every_check_has_a_result() {
    platform.app.runQualityChecks();
    assertEquals(List.of(), checks(ada, "open"));
    assertEquals(List.of(), checks(bob, "open"));
    TreeSet<String> made = new TreeSet<>();
    for (JsonNode result : results("")) {
      made.add(result.get("check").stringValue());
      assertEquals("ok", result.get("level").stringValue(), result.toString());
    }
    TreeSet<String> declared = new TreeSet<>();
    for (Check check : Check.values()) {
      if (check != Check.REVENUE) { // no channel has any
        declared.add(check.label());
      }
    }
    assertEquals(declared, made);
    for (String measured :
        List.of("freshness", "completeness", "video-coverage", "view-verification", "anomalies")) {
      assertEquals(
          2,
          results("?check=" + measured).stream()
              .filter(result -> !result.get("channelId").isNull() && !result.get("value").isNull())
              .count(),
          measured);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          completeness      | delete from core.channel_days where channel_id = '{one}' and day in (date '{today}' - 20, date '{today}' - 21)
          video-coverage    | update core.video_days set views = views * 0.9 where channel_id = '{one}'; update core.video_totals set views = (select sum(views) from core.video_days d where d.video_id = video_totals.video_id)
          view-verification | update core.channel_statistics_days set views = views + 2000 where channel_id = '{one}' and day >= date '{today}' - 5
          validity          | update core.channel_days set watch_time_minutes = -1 where channel_id = '{one}' and day = date '{today}' - 12
          validity          | update core.channel_statistics_days set views = views / 2 where channel_id = '{one}' and day between date '{today}' - 25 and date '{today}' - 20
          anomalies         | update core.channel_days set views = views / 4 where channel_id = '{one}' and day = date '{today}' - 4
          rollups           | update core.video_totals set views = views + 1 where channel_id = '{one}'
          """)
  void a_check_finds_its_fault_and_closes_the_incident_when_it_is_repaired(
      String check, String fault) {
    platform.execute(
        fault
            .replace("{one}", one)
            .replace("{ada}", ada)
            .replace("{today}", today().toString())
            .replace("{now}", platform.clock.instant().toString()));
    platform.app.runQualityChecks();
    assertTrue(checks(ada, "open").contains(check), checks(ada, "open") + " of " + results(""));
    assertEquals(List.of(), checks(bob, "open"));
    String id =
        incidents(ada, "open").stream()
            .filter(incident -> incident.get("check").stringValue().equals(check))
            .findFirst()
            .orElseThrow()
            .get("incidentId")
            .stringValue();
    repair(id);
  }

  private void repair(String id) {
    platform.clock.advance(Duration.ofMinutes(61));
    seedKeeping();
    platform.app.runQualityChecks();
    assertEquals(List.of(), checks(ada, "open"));
    assertTrue(
        incidents(ada, "closed").stream()
            .anyMatch(incident -> incident.get("incidentId").stringValue().equals(id)));
  }

  /** {@link #seed} without forgetting what the checks found. */
  private void seedKeeping() {
    platform.execute(
        """
        create table public.kept_results as select * from core.quality_results;
        create table public.kept_incidents as select * from core.quality_incidents\
        """);
    seed();
    platform.execute(
        """
        insert into core.quality_results select * from public.kept_results;
        insert into core.quality_incidents select * from public.kept_incidents;
        drop table public.kept_results, public.kept_incidents\
        """);
  }

  @Test
  void revenue_that_the_days_of_videos_lack_is_found() {
    platform.execute(
        """
        update core.channels set monetised = true where channel_id = '%1$s';
        update core.video_days set revenue_usd = 10 where channel_id = '%1$s';
        update core.video_totals set revenue_usd = days * 10 where channel_id = '%1$s'\
        """
            .formatted(one));
    platform.app.runQualityChecks();
    assertFalse(checks(ada, "open").contains("video-coverage"));
    nextDay();
    platform.execute(
        """
        update core.video_days set revenue_usd = 9 where channel_id = '%1$s';
        update core.video_totals set revenue_usd = days * 9 where channel_id = '%1$s'\
        """
            .formatted(one));
    platform.app.runQualityChecks();
    assertTrue(checks(ada, "open").contains("video-coverage"), results("").toString());
  }

  @Test
  void equal_entries_of_the_cost_ledger_are_not_taken_for_a_fault() {
    platform.execute(
        """
        insert into core.costs (user_id, at, category, provider, model, quantity, amount_usd, basis, external_id)
        select '%s', timestamptz '%s' - interval '1 day', 'text', 'openai', 'm', 10, 1, 'metered', n::text
          from generate_series(1, 2) n\
        """
            .formatted(ada, platform.clock.instant()));
    platform.app.runQualityChecks();
    assertEquals(List.of(), checks(ada, "open"));
  }

  @Test
  void an_incident_stays_open_while_its_channel_cannot_be_judged() {
    platform.execute(
        "update core.video_days set views = views * 0.9 where channel_id = '%1$s'; update core.video_totals set views = (select sum(views) from core.video_days d where d.video_id = video_totals.video_id)"
            .formatted(one));
    platform.app.runQualityChecks();
    assertEquals(List.of("video-coverage"), checks(ada, "open"));

    // Too few views to judge by, on the same day and on the next ones.
    String few = "update core.channel_days set views = 100 where channel_id = '%s'".formatted(one);
    for (Duration later : List.of(Duration.ofMinutes(61), Duration.ofDays(1), Duration.ofDays(1))) {
      platform.clock.advance(later);
      seedKeeping();
      platform.execute(few);
      platform.app.runQualityChecks();
      assertTrue(checks(ada, "open").contains("video-coverage"), later.toString());
    }
    assertTrue(
        results("?check=video-coverage").stream()
            .anyMatch(result ->
                result.get("level").stringValue().equals("unknown")
                    && result.get("channelId").asString("").equals(one)));

    // A channel that is not watched any more is not waited for.
    platform.clock.advance(Duration.ofMinutes(61));
    platform.execute(
        "update core.channels set connection = 'reconnect-needed' where channel_id = '%s'"
            .formatted(one));
    platform.app.runQualityChecks();
    assertFalse(checks(ada, "open").contains("video-coverage"));
    platform.execute("update core.channels set connection = 'connected'");
  }

  @Test
  void days_that_became_final_while_nobody_checked_are_judged() {
    platform.app.runQualityChecks();
    platform.clock.advance(Duration.ofDays(5));
    seedKeeping();
    platform.execute(
        "update core.channel_days set views = views / 4 where channel_id = '%s' and day = date '%s' - 7"
            .formatted(one, today()));
    platform.app.runQualityChecks();
    assertTrue(checks(ada, "open").contains("anomalies"), results("?check=anomalies").toString());
  }

  @Test
  void rejected_rows_are_counted_and_refused_ones_open_an_incident() {
    Map<String, Object> good = row(Map.of("day", "2026-11-10"));
    store(
        good,
        row(Map.of("day", "2026-11-11", "views", -1)),
        row(Map.of("day", "2999-01-01")),
        row(Map.of("kind", "nothing")),
        row(Map.of("channelId", "UC" + "x".repeat(22))));
    store(row(Map.of("day", "2999-01-01")));
    assertEquals(
        List.of(
            "channel-day future 2",
            "channel-day invalid 1",
            "channel-day unknown-channel 1",
            "unknown invalid 1"),
        rejections(ada));
    assertEquals(List.of(), rejections(bob));
    assertEquals(2, metered("kind=\"channel-day\",reason=\"future\""));

    platform.app.runQualityChecks();
    assertEquals(List.of(), checks(ada, "open"), "rows that were sent wrongly");
    platform.clock.advance(Duration.ofDays(1));
    seedKeeping();
    platform.execute(
        "insert into core.rejected_rows (user_id, day, kind, reason, row_count, last_at) select '%s', core.pacific_day('%2$s'), 'channel-day', r, 2, '%2$s' from unnest('{refused,not-tried}'::text[]) r"
            .formatted(ada, platform.clock.instant()));
    platform.app.runQualityChecks();
    assertEquals(List.of("validity"), checks(ada, "open"));
    JsonNode incident = incidents(ada, "open").getFirst();
    assertEquals(4, incident.get("value").intValue());
    assertEquals(0, incident.get("channels").intValue());
    platform.clock.advance(Duration.ofDays(2));
    seedKeeping();
    platform.app.runQualityChecks();
    assertEquals(List.of(), checks(ada, "open"));
  }

  @Test
  void a_dry_run_counts_no_rejected_rows() {
    Map<String, Object> future = row(Map.of("day", "2999-01-01"));
    platform
        .post("/v1/metrics/store", OPERATOR_TOKEN, Map.of("rows", List.of(future), "dryRun", true))
        .expect(200);
    assertEquals(List.of(), rejections(ada));
  }

  private static Map<String, Object> row(Map<String, Object> fields) {
    Map<String, Object> row =
        new HashMap<>(
            Map.of(
                "kind",
                "channel-day",
                "userId",
                ada,
                "channelId",
                one,
                "day",
                "2026-11-10",
                "views",
                2000));
    row.putAll(fields);
    return row;
  }

  @SafeVarargs
  private static void store(Map<String, Object>... rows) {
    platform.post("/v1/metrics/store", OPERATOR_TOKEN, Map.of("rows", List.of(rows))).expect(200);
  }

  private static List<String> rejections(String user) {
    return platform
        .admin(
            "select concat_ws(' ', kind, reason, row_count) as r from core.rejected_rows where user_id = '%s' order by 1"
                .formatted(user))
        .stream()
        .map(row -> String.valueOf(row.get("r")))
        .toList();
  }

  private static double metered(String labels) {
    return platform
        .get("/metrics", null)
        .body()
        .asString()
        .lines()
        .filter(line -> line.startsWith("ytempire_rows_rejected_total{" + labels))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf('}') + 2)))
        .sum();
  }

  @Test
  void any_view_that_shows_rows_of_others_is_found() {
    platform.execute(
        """
        create view analytics.leak as select user_id from core.users;
        grant select on analytics.leak to ytempire_app\
        """);
    try {
      platform.app.runQualityChecks();
      assertTrue(checks(ada, "open").contains("isolation"));
    } finally {
      platform.execute("drop view analytics.leak");
    }
  }

  @Test
  void an_outage_opens_one_incident_which_is_told_and_closes_again() {
    platform.clock.advance(Duration.ofMinutes(30));
    platform.app.runQualityChecks();
    assertEquals(List.of(), checks(ada, "open"), "30 minutes is a warning");
    platform.clock.advance(Duration.ofMinutes(20));
    platform.app.runQualityChecks();
    platform.clock.advance(Duration.ofMinutes(5));
    platform.app.runQualityChecks();
    assertEquals(List.of("freshness"), checks(ada, "open"));
    JsonNode incident = incidents(ada, "open").getFirst();
    assertEquals(2, incident.get("channels").intValue());
    assertEquals(55.0, incident.get("value").doubleValue(), 0.2);
    String id = incident.get("incidentId").stringValue();
    assertEquals("freshness", told(id, "open").text("check"));
    assertEquals(1, events(), "one incident is told once");

    refresh();
    platform.app.runQualityChecks();
    assertEquals(List.of(), checks(ada, "open"));
    assertEquals(List.of("freshness"), checks(ada, "closed"));
    assertEquals(ada, told(id, "closed").text("userId"));
    assertEquals(2, events());
  }

  @ParameterizedTest
  @CsvSource({
    "freshness, 19.9, ok",
    "freshness, 20, warn",
    "freshness, 44.9, warn",
    "freshness, 45, error",
    "completeness, 98, ok",
    "completeness, 97.9, warn",
    "completeness, 95, warn",
    "completeness, 94.9, error",
    "revenue-reconciliation, 0.49, ok",
    "revenue-reconciliation, 0.5, warn",
    "revenue-reconciliation, 1, error",
    "view-verification, 2.9, ok",
    "view-verification, 3, warn",
    "view-verification, 5, error",
  })
  void each_threshold_is_the_documented_one(String check, BigDecimal value, String level) {
    assertEquals(level, Check.find(check).orElseThrow().judge(value).label());
  }

  @Test
  void a_warning_opens_no_incident_and_closes_none() {
    platform.clock.advance(Duration.ofMinutes(30));
    platform.app.runQualityChecks();
    assertEquals("warn", results("?check=freshness").getFirst().get("level").stringValue());
    assertEquals(List.of(), checks(ada, "open"));
    platform.clock.advance(Duration.ofMinutes(20));
    platform.app.runQualityChecks();
    assertEquals(List.of("freshness"), checks(ada, "open"));

    refresh();
    platform.clock.advance(Duration.ofMinutes(30));
    platform.app.runQualityChecks();
    assertEquals(List.of("freshness"), checks(ada, "open"), "30 minutes do not flutter");
    refresh();
    platform.app.runQualityChecks();
    assertEquals(List.of(), checks(ada, "open"));
  }

  /** The event of an incident, past those of other tests. */
  private static Call told(String incidentId, String state) {
    while (true) {
      Call call = receiver.next();
      if (call.text("incidentId").equals(incidentId)) {
        assertEquals(List.of(), CONTRACT.faults("event", call.json()), call.body());
        assertEquals(state, call.text("state"));
        return call;
      }
    }
  }

  private static long events() {
    return platform.count(
        "core.webhook_deliveries where kind = 'quality-incident' and user_id = '%s'"
            .formatted(ada));
  }

  @Test
  void a_check_that_fails_is_held_back_longer_each_time_and_stops_no_other() {
    platform.execute(
        """
        create sequence public.attempts; grant usage on sequence public.attempts to ytempire_app;
        grant usage on schema public to ytempire_app;
        alter function app.observe_validity(timestamptz) rename to observe_validity_kept;
        create function app.observe_validity(p_now timestamptz) returns table (channel_id text, value numeric)
        language plpgsql as $$
        begin
          if left(current_setting('app.tenant_id'), 36) = '%s' then
            perform nextval('public.attempts');
            raise 'as a statement that took too long';
          end if;
          return query select * from app.observe_validity_kept(p_now);
        end $$;
        grant execute on function app.observe_validity to ytempire_app\
        """
            .formatted(ada));
    try {
      for (int run = 0; run < 8; run++) {
        platform.app.runQualityChecks();
        platform.clock.advance(Duration.ofMinutes(5));
      }
      // At 0, 10 and 30 minutes.
      assertEquals(1, platform.count("public.attempts where last_value = 3"));
      assertEquals(List.of(), results("?check=validity"));
      assertFalse(results("?check=rollups").isEmpty());
      assertEquals(
          1,
          platform.count(
              "core.quality_results where check_name = 'validity' and channel_id is null and user_id = '%s'"
                  .formatted(bob)));
    } finally {
      platform.execute(
          "drop function app.observe_validity(timestamptz); alter function app.observe_validity_kept(timestamptz) rename to observe_validity; drop sequence public.attempts");
    }
  }

  @Test
  void revenue_that_was_stored_wrong_is_found_by_one_query_a_channel() {
    platform.execute(
        "delete from core.channel_days; update core.channels set monetised = true where user_id = '%s'"
            .formatted(ada));
    platform
        .post(
            "/v1/metrics/sync",
            OPERATOR_TOKEN,
            Map.of(
                "reports",
                List.of("channel-day", "channel-revenue-day"),
                "users",
                List.of(Map.of("userId", ada))))
        .expect(200);
    long before = queries();
    platform.app.runQualityChecks();
    platform.app.runQualityChecks();
    assertEquals(2, queries() - before, "one a channel and day");
    List<JsonNode> found = results("?check=revenue-reconciliation");
    assertEquals(3, found.size());
    found.forEach(
        result -> assertEquals("0.0", result.get("value").asString("null"), found.toString()));

    nextDay();
    platform.execute(
        "update core.channel_days set revenue_usd = revenue_usd * 1.02 + 1 where channel_id = '%s'"
            .formatted(one));
    platform.app.runQualityChecks();
    assertTrue(checks(ada, "open").contains("revenue-reconciliation"));

    nextDay();
    platform.execute(
        "update core.channel_days set revenue_usd = (revenue_usd - 1) / 1.02 where channel_id = '%s'"
            .formatted(one));
    platform.app.runQualityChecks();
    assertFalse(checks(ada, "open").contains("revenue-reconciliation"));
  }

  private static void nextDay() {
    platform.clock.advance(Duration.ofDays(1));
    refresh();
  }

  private static long queries() {
    return platform.simulator.usage().today().getOrDefault("analytics.day", 0L);
  }

  @Test
  void a_hidden_or_stopped_channel_is_not_watched() {
    platform.execute("update core.channels set connection = 'reconnect-needed'");
    platform.clock.advance(Duration.ofHours(3));
    platform.app.runQualityChecks();
    assertEquals(List.of(), checks(ada, "open"));
    platform.execute("update core.channels set connection = 'connected'");
  }

  @Test
  void lists_are_read_to_the_last_page_each_row_once() {
    platform.clock.advance(Duration.ofHours(1));
    platform.app.runQualityChecks();
    nextDay();
    platform.app.runQualityChecks();
    platform.execute(
        """
        insert into core.quality_incidents (user_id, check_name, opened_at, updated_at, closed_at, channels)
        select user_id, 'validity', timestamptz '%1$s', '%1$s', '%1$s', 1
          from core.users, generate_series(1, 4) n where user_id in ('%2$s', '%3$s')\
        """
            .formatted(platform.clock.instant(), ada, bob));
    String user = "/v1/users/" + ada;
    for (String path :
        List.of(
            user + "/quality?days=90",
            user + "/quality?check=freshness",
            user + "/quality/incidents?days=9",
            "/v1/quality/incidents?days=9")) {
      String list = path.contains("incidents") ? "incidents" : "results";
      List<JsonNode> whole = pages(path + "&limit=500", list);
      assertTrue(whole.size() > 2, path);
      assertEquals(whole, pages(path + "&limit=2", list), path);
      platform.get(path + "&after=x", OPERATOR_TOKEN).expectProblem(400, "invalid-request");
    }
  }

  private static List<JsonNode> pages(String path, String list) {
    List<JsonNode> rows = new ArrayList<>();
    String after = "";
    while (true) {
      JsonNode page = platform.get(path + after, OPERATOR_TOKEN).expect(200).body();
      page.get(list).forEach(rows::add);
      if (page.get("next").isNull()) {
        return rows;
      }
      after = "&after=" + page.get("next").stringValue();
    }
  }

  @Test
  void whether_the_newest_results_or_all_are_meant_is_said() {
    platform.app.runQualityChecks();
    nextDay();
    platform.app.runQualityChecks();
    String check = "?check=rollups";
    int newest = results(check).size();
    assertEquals(newest, results(check + "&results=newest").size());
    assertEquals(2 * newest, results(check + "&results=all").size());
    assertEquals(newest, results(check + "&results=all&days=1").size());
    assertEquals(2 * newest, results(check + "&days=2").size());
    for (String query : List.of("?results=some", "?results=newest&days=2", "?days=0")) {
      platform
          .get("/v1/users/" + ada + "/quality" + query, OPERATOR_TOKEN)
          .expectProblem(400, "invalid-request");
    }
  }

  @Test
  void users_read_their_own_and_operators_the_incidents_of_all() {
    platform.clock.advance(Duration.ofHours(1));
    platform.app.runQualityChecks();
    String own = platform.token("user", ada);
    String service = platform.token("service", null);
    assertEquals(
        1,
        platform
            .get("/v1/users/" + ada + "/quality/incidents", own)
            .expect(200)
            .body()
            .get("incidents")
            .size());
    platform.get("/v1/users/" + bob + "/quality/incidents", own).expectProblem(404, "unknown-user");
    platform.get("/v1/quality/incidents", own).expectProblem(403, "forbidden");
    assertEquals(
        2,
        platform
            .get("/v1/quality/incidents?state=open", service)
            .expect(200)
            .body()
            .get("incidents")
            .size());
    platform.get("/v1/quality/incidents?state=half", service).expectProblem(400, "invalid-request");
    platform
        .get("/v1/users/" + ada + "/quality?check=none", own)
        .expectProblem(400, "invalid-request");
  }
}
