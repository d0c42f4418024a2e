package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.simulator.Catalog;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Rows that the sidecar holds between fetch and store, and the leases of what is fetched. */
final class HeldBatchTest {
  private static final List<String> REPORTS =
      List.of("channel-statistics", "recent-uploads", "channel-day", "video-day");

  private final Platform platform = new Platform(3, 1);
  private String ada = "";
  private String ben = "";
  private String service = "";

  @BeforeEach
  void users() {
    ada = platform.connectedUser(0);
    ben = platform.connectedUser(1);
    service = platform.token("service", null);
  }

  @AfterEach
  void close() {
    platform.close();
  }

  private Catalog.Channel channel(int account) {
    return platform.world.accounts().get(account).channels().getFirst();
  }

  /** What is due of a user, by reference. */
  private JsonNode fetch(String userId, int account) {
    return fetch(userId, account, true);
  }

  private JsonNode fetch(String userId, int account, boolean onlyDue) {
    List<Map<String, Object>> requests = new ArrayList<>();
    for (String report : REPORTS) {
      requests.add(Map.of("userId", userId, "channelId", channel(account).id(), "report", report));
    }
    return platform
        .post(
            "/v1/metrics/fetch",
            service,
            Map.of(
                "requests",
                requests,
                "onlyDue",
                onlyDue,
                "output",
                "references",
                "waitSeconds",
                60))
        .expect(200)
        .body();
  }

  private static List<JsonNode> references(JsonNode fetched) {
    return StreamSupport.stream(fetched.get("results").spliterator(), false)
        .map(result -> result.get("reference"))
        .toList();
  }

  private JsonNode store(String userId, List<String> batches) {
    List<Map<String, Object>> references = new ArrayList<>();
    batches.forEach(batch -> references.add(Map.of("userId", userId, "batchId", batch)));
    return platform
        .post("/v1/metrics/store", service, Map.of("references", references))
        .expect(200)
        .body();
  }

  /** Lets time pass: the product's clock, and leases, which go by the database's. */
  private void pass(Duration time) {
    platform.clock.advance(time);
    platform.execute(
        "update core.fetch_leases set leased_until = leased_until - make_interval(secs => %d)"
            .formatted(time.toSeconds()));
  }

  private void run(String sql) throws SQLException {
    try (Connection admin = Engines.admin(platform.database);
        var statement = admin.createStatement()) {
      statement.execute(sql);
    }
  }

  private static List<String> ids(JsonNode fetched) {
    return references(fetched).stream()
        .map(reference -> reference.get("batchId").stringValue())
        .toList();
  }

  private static List<String> outcomes(JsonNode stored) {
    return StreamSupport.stream(stored.get("references").spliterator(), false)
        .map(each -> each.get("outcome").stringValue())
        .toList();
  }

  private static List<String> reasons(JsonNode fetched) {
    return StreamSupport.stream(fetched.get("notDue").spliterator(), false)
        .map(each -> each.get("reason").stringValue())
        .toList();
  }

  @Test
  void references_carry_counts_and_no_figure_and_storing_them_stores_the_rows() {
    JsonNode fetched = fetch(ada, 0);
    assertEquals(4, references(fetched).size(), fetched.toString());
    assertFalse(fetched.toString().contains("views"), "no figure is answered");
    int rows = 0;
    for (JsonNode reference : references(fetched)) {
      assertEquals(ada, reference.get("userId").stringValue());
      assertTrue(
          reference.get("sizeBytes").longValue() > 20L * reference.get("rowCount").intValue(),
          reference.toString());
      rows += reference.get("rowCount").intValue();
    }
    assertEquals(0, platform.count("core.channel_days"));
    JsonNode stored = store(ada, ids(fetched));
    assertEquals(List.of("stored", "stored", "stored", "stored"), outcomes(stored));
    assertEquals(rows, stored.get("stored").intValue());
    assertTrue(platform.count("core.channel_days") > 20);
    assertEquals(0, platform.count("core.held_batches where content is not null"));
    assertEquals(0, platform.count("core.fetch_leases"), "storing ends the leases");
    platform.execution = "43";
    JsonNode next = fetch(ada, 0);
    assertTrue(reasons(next).contains("not-due"), next.toString());
    assertFalse(reasons(next).contains("in-progress"), next.toString());
  }

  @Test
  void a_batch_is_stored_once_and_answered_so_the_second_time() {
    List<String> batches = ids(fetch(ada, 0));
    assertEquals("stored", outcomes(store(ada, batches)).getFirst());
    long days = platform.count("core.channel_days");
    JsonNode again = store(ada, batches);
    assertEquals(
        List.of("already-stored", "already-stored", "already-stored", "already-stored"),
        outcomes(again));
    assertEquals(0, again.get("stored").intValue());
    assertEquals(days, platform.count("core.channel_days"));
    String other = ids(fetch(ben, 1)).getFirst();
    assertEquals(List.of("stored", "already-stored"), outcomes(store(ben, List.of(other, other))));
  }

  @Test
  void another_users_batch_is_answered_as_one_that_nobody_has() {
    String batch = ids(fetch(ada, 0)).getFirst();
    JsonNode foreign = store(ben, List.of(batch)).get("references").get(0);
    String nobodys = UUID.randomUUID().toString();
    JsonNode unknown = store(ben, List.of(nobodys)).get("references").get(0);
    assertEquals("unknown-batch", foreign.get("outcome").stringValue());
    assertEquals(foreign.toString().replace(batch, nobodys), unknown.toString());
    assertEquals(List.of("stored"), outcomes(store(ada, List.of(batch))));
  }

  @Test
  void an_expired_batch_is_unknown_and_deleted() {
    List<String> batches = ids(fetch(ada, 0));
    // The batches for an hour, and the leases for an hour after the time to store.
    pass(Duration.ofHours(2));
    assertEquals("unknown-batch", outcomes(store(ada, batches)).getFirst());
    assertEquals(4, platform.count("core.held_batches"));
    platform.app.runMinuteJobs();
    assertEquals(0, platform.count("core.held_batches"));
    assertEquals(0, platform.count("core.fetch_leases"));
  }

  @Test
  void a_dry_run_leaves_a_batch_as_it_is() {
    String batch = ids(fetch(ada, 0)).getFirst();
    JsonNode result =
        platform
            .post(
                "/v1/metrics/store",
                service,
                Map.of(
                    "references", List.of(Map.of("userId", ada, "batchId", batch)), "dryRun", true))
            .expect(200)
            .body();
    assertEquals(List.of("stored"), outcomes(result));
    assertEquals(0, platform.count("core.channel_statistics"));
    assertEquals(List.of("stored"), outcomes(store(ada, List.of(batch))));
  }

  @Test
  void rows_fetched_and_not_yet_stored_cost_the_next_tick_nothing() {
    platform.execution = "1";
    assertEquals(4, references(fetch(ada, 0)).size());
    platform.execution = "2";
    JsonNode second = fetch(ada, 0);
    assertEquals("{}", second.get("unitsSpent").toString());
    assertEquals(0, second.get("results").size());
    // The feed was read, so that it is not due: the answer says that nothing is to be done.
    assertEquals(List.of("in-progress", "not-due", "in-progress", "in-progress"), reasons(second));
    Instant now = platform.clock.instant();
    Instant next = Instant.parse(second.get("notDue").get(0).get("nextDueAt").stringValue());
    assertTrue(
        next.isAfter(now) && !next.isAfter(now.plus(Duration.ofMinutes(3))), next.toString());
    assertEquals(4, references(fetch(ben, 1)).size(), "other users go on");
  }

  @Test
  void the_next_tick_stores_what_a_crashed_one_left_and_pays_nothing_for_it() {
    platform.execution = "1";
    List<String> left = ids(fetch(ada, 0));
    platform.execution = "2";
    pass(Duration.ofMinutes(5));
    platform.restart();
    JsonNode next = fetch(ada, 0);
    assertEquals(left.stream().sorted().toList(), ids(next).stream().sorted().toList());
    assertEquals("{}", next.get("unitsSpent").toString());
    assertEquals(List.of("stored", "stored", "stored", "stored"), outcomes(store(ada, left)));
    platform.execution = "1";
    assertEquals(
        List.of("already-stored", "already-stored", "already-stored", "already-stored"),
        outcomes(store(ada, left)),
        "the first one was only slow");
  }

  @Test
  void what_a_crashed_tick_left_too_long_ago_is_stored_and_fetched_anew() {
    platform.execution = "1";
    List<String> left = ids(fetch(ada, 0));
    platform.execution = "2";
    pass(Duration.ofMinutes(15));
    JsonNode next = fetch(ada, 0);
    assertEquals("{\"data.general\":1}", next.get("unitsSpent").toString(), "live totals alone");
    assertTrue(ids(next).containsAll(left));
    assertEquals(5, ids(next).size());
    assertEquals(0, store(ada, ids(next)).get("rejected").intValue());
    assertEquals(2, platform.count("core.channel_statistics"));
  }

  @Test
  void a_report_that_fails_is_free_for_the_next_run_at_once() {
    platform.execution = "1";
    platform.admin(
        "update core.channels set connection = 'connected' where user_id = '%s' returning 1 as n"
            .formatted(ada));
    platform.admin(
        "delete from core.oauth_grants where user_id = '%s' returning 1 as n".formatted(ada));
    JsonNode failed = fetch(ada, 0);
    assertTrue(failed.get("notFetched").size() >= 3, failed.toString());
    // The feed of new videos needs no grant.
    assertEquals(
        "[{report=recent-uploads}]",
        platform.admin("select report from core.fetch_leases").toString());
  }

  @Test
  void what_the_database_could_not_hold_is_free_for_the_next_run_at_once() throws SQLException {
    platform.execution = "1";
    run("alter table core.held_batches add constraint full_disk check (size_bytes < 0) not valid");
    JsonNode lost = fetch(ada, 0);
    assertEquals(4, lost.get("notFetched").size(), lost.toString());
    run("alter table core.held_batches drop constraint full_disk");
    platform.execution = "2";
    assertEquals(4, references(fetch(ada, 0)).size());
  }

  @Test
  void rows_beyond_the_bound_are_not_held_and_say_busy() {
    String held = ids(fetch(ada, 0)).getFirst();
    platform.admin(
        "update core.held_batches set row_count = 500000 where batch_id = '%s' returning 1 as n"
            .formatted(held));
    JsonNode refused = fetch(ada, 0, false);
    assertEquals(0, references(refused).size(), refused.toString());
    assertEquals(4, refused.get("notFetched").size());
    refused
        .get("notFetched")
        .forEach(each -> {
          assertEquals("busy", each.get("reason").stringValue());
          assertEquals(
              platform.clock.instant().plus(Duration.ofHours(1)).toString(),
              each.get("retryAt").stringValue());
        });
    assertEquals(4, references(fetch(ben, 1)).size(), "another user is not held up");
  }

  @Test
  void uploads_that_were_found_and_not_held_are_found_again() {
    String held = ids(fetch(ben, 1)).getFirst();
    // All the room there is, of ada.
    platform.admin(
        "update core.held_batches set row_count = 500000, user_id = '%s', channel_id = '%s' where batch_id = '%s' returning 1 as n"
            .formatted(ada, channel(0).id(), held));
    JsonNode refused = fetch(ada, 0);
    assertTrue(reports(refused.get("notFetched")).contains("recent-uploads"), refused.toString());
    platform.admin(
        "delete from core.held_batches where batch_id = '%s' returning 1 as n".formatted(held));
    assertTrue(
        reports(fetch(ada, 0).get("results")).contains("recent-uploads"), "they are due again");
  }

  private static List<String> reports(JsonNode answers) {
    return StreamSupport.stream(answers.spliterator(), false)
        .map(each -> each.has("reference") ? each.get("reference") : each)
        .map(each -> each.path("report").asString(""))
        .toList();
  }

  @Test
  void held_rows_are_erased_with_their_channel_and_their_user() {
    fetch(ada, 0);
    fetch(ben, 1);
    platform
        .delete(
            "/v1/users/%s/channels/%s/connection".formatted(ada, channel(0).id()),
            Platform.OPERATOR_TOKEN)
        .expect(204);
    pass(Duration.ofDays(8));
    platform.app.runJobs();
    assertEquals(0, platform.count("core.held_batches where user_id = '%s'".formatted(ada)));
    assertEquals(0, platform.count("core.fetch_leases where user_id = '%s'".formatted(ada)));
    assertEquals(4, platform.count("core.held_batches where user_id = '%s'".formatted(ben)));
    platform
        .delete(
            "/v1/users/%s?confirm=%s".formatted(ben, platform.world.accounts().get(1).email()),
            Platform.OPERATOR_TOKEN)
        .expect(200);
    assertEquals(0, platform.count("core.held_batches"));
  }

  @Test
  void a_disconnected_channels_batch_can_no_longer_be_stored() {
    List<String> batches = ids(fetch(ada, 0));
    platform
        .delete(
            "/v1/users/%s/channels/%s/connection".formatted(ada, channel(0).id()),
            Platform.OPERATOR_TOKEN)
        .expect(204);
    assertEquals("unknown-batch", outcomes(store(ada, batches)).getFirst());
    assertEquals(0, platform.count("core.channel_days"));
  }

  @Test
  void a_group_that_fails_is_kept_and_fails_no_other() throws SQLException {
    List<String> adas = ids(fetch(ada, 0));
    List<String> bens = ids(fetch(ben, 1));
    run(
        """
        create function public.refuse() returns trigger language plpgsql as $$ begin
          if new.user_id = '%s' then raise exception 'not now'; end if; return new; end $$;
        create trigger refuse before insert on core.channel_days for each row execute function public.refuse()
        """
            .formatted(ada));
    List<Map<String, Object>> both = new ArrayList<>();
    adas.forEach(batch -> both.add(Map.of("userId", ada, "batchId", batch)));
    bens.forEach(batch -> both.add(Map.of("userId", ben, "batchId", batch)));
    JsonNode answer =
        platform.post("/v1/metrics/store", service, Map.of("references", both)).expect(200).body();
    List<String> outcomes = outcomes(answer);
    assertEquals("unavailable", outcomes.getFirst());
    assertEquals("stored", outcomes.getLast());
    assertEquals(
        0, platform.count("core.channel_statistics where user_id = '%s'".formatted(ada)), "whole");
    run("drop trigger refuse on core.channel_days");
    assertEquals(List.of("stored", "stored", "stored", "stored"), outcomes(store(ada, adas)));
  }

  @Test
  void a_group_whose_commit_nobody_saw_says_that_it_is_in_doubt() throws SQLException {
    List<String> batches = ids(fetch(ada, 0));
    run(
        """
        create function public.die() returns trigger language plpgsql security definer as $$ begin
          perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
        create constraint trigger die after insert on core.channel_days
          deferrable initially deferred for each row execute function public.die()
        """);
    JsonNode first = store(ada, batches).get("references").get(0);
    assertEquals("unavailable", first.get("outcome").stringValue());
    assertTrue(first.get("message").stringValue().contains("nobody knows"), first.toString());
    run("drop trigger die on core.channel_days");
    assertEquals(List.of("stored", "stored", "stored", "stored"), outcomes(store(ada, batches)));
  }

  @Test
  void users_of_one_request_share_the_bytes_that_are_free() {
    String cleo = platform.connectedUser(2);
    fetch(cleo, 2, false);
    long one = bytesHeld();
    String free = "%d".formatted((2L << 30) - one * 3 / 2);
    platform.admin(
        "update core.held_batches set size_bytes = case when report = 'video-day' then %s else 0 end returning 1 as n"
            .formatted(free));
    List<Map<String, Object>> requests = new ArrayList<>();
    for (String report : REPORTS) {
      requests.add(Map.of("userId", ada, "channelId", channel(0).id(), "report", report));
      requests.add(Map.of("userId", ben, "channelId", channel(1).id(), "report", report));
    }
    platform
        .post(
            "/v1/metrics/fetch",
            service,
            Map.of("requests", requests, "output", "references", "waitSeconds", 60))
        .expect(200);
    assertTrue(bytesHeld() <= 2L << 30, "held " + bytesHeld());
    assertTrue(platform.count("core.held_batches") > 4, "what is free is used");
  }

  private long bytesHeld() {
    return Long.parseLong(
        String.valueOf(
            platform
                .admin("select sum(size_bytes)::bigint as n from core.held_batches")
                .getFirst()
                .get("n")));
  }

  @Test
  void storing_what_was_fetched_by_hand_ends_no_lease_of_a_running_tick() {
    List<String> byHand = ids(fetch(ada, 0, false));
    platform.admin(
        "insert into core.fetch_leases (user_id, channel_id, report, holder, leased_until) select user_id, channel_id, report, 'execution 7', fetched_at + interval '10 minutes' from core.held_batches returning 1 as n");
    store(ada, byHand);
    assertEquals(byHand.size(), platform.count("core.fetch_leases"));
  }

  @Test
  void a_batch_that_expired_keeps_no_lease() {
    platform.execution = "1";
    fetch(ada, 0);
    pass(Duration.ofMinutes(61));
    platform.execution = "2";
    List<String> due = ids(fetch(ada, 0));
    assertTrue(due.size() >= 3, due.toString());
    store(ada, due);
    assertEquals(0, platform.count("core.fetch_leases where leased_until > clock_timestamp()"));
  }

  @Test
  void rows_and_references_travel_in_one_request() {
    String batch = ids(fetch(ada, 0)).getFirst();
    Map<String, Object> row = new HashMap<>();
    row.put("kind", "channel-day");
    row.put("userId", ben);
    row.put("channelId", channel(1).id());
    row.put("day", "2026-10-01");
    row.put("views", 5);
    JsonNode answer =
        platform
            .post(
                "/v1/metrics/store",
                service,
                Map.of(
                    "rows",
                    List.of(row),
                    "references",
                    List.of(Map.of("userId", ada, "batchId", batch))))
            .expect(200)
            .body();
    assertEquals("stored", answer.get("rows").get(0).get("outcome").stringValue());
    assertEquals(List.of("stored"), outcomes(answer));
    assertEquals(
        1 + answer.get("references").get(0).get("stored").intValue(),
        answer.get("stored").intValue());
  }

  @Test
  void a_users_token_gets_no_references_and_reports_to_read_are_refused() {
    Map<String, Object> body =
        Map.of(
            "output",
            "references",
            "requests",
            List.of(Map.of("userId", ada, "channelId", channel(0).id(), "report", "top-videos")));
    platform
        .post("/v1/metrics/fetch", platform.token("user", ada), body)
        .expectProblem(400, "invalid-request");
    JsonNode refused = platform.post("/v1/metrics/fetch", service, body).expect(200).body();
    assertEquals("refused", refused.get("notFetched").get(0).get("reason").stringValue());
    assertEquals("{}", refused.get("unitsSpent").toString());
  }
}
