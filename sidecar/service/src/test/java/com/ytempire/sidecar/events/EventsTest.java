package com.ytempire.sidecar.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Platform.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import tools.jackson.databind.JsonNode;

/** Events in, counts out: each event once, each answer by event, each tenant its own. */
@TestInstance(Lifecycle.PER_CLASS)
final class EventsTest {
  private static final int DAILY_LIMIT = 5_000;

  private final Platform platform =
      new Platform(2, 2, Map.of("YTEMPIRE_EVENTS_PER_USER_DAY", String.valueOf(DAILY_LIMIT)));
  private final String channel = platform.world.accounts().getFirst().channels().getFirst().id();
  private final String othersChannel = platform.world.accounts().get(1).channels().getFirst().id();
  private String service = "";
  private String user = "";
  private int users;

  @BeforeAll
  void makeOther() {
    service = platform.token("service", null);
    String other = platform.createUser("other@example.com");
    platform.addChannel(other, othersChannel);
  }

  @BeforeEach
  void makeUser() {
    user = platform.createUser("user%d@example.com".formatted(users++));
  }

  @AfterAll
  void close() {
    platform.close();
  }

  private Instant now() {
    return platform.clock.instant();
  }

  private Map<String, Object> event(Instant time) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("id", UUID.randomUUID().toString());
    event.put("source", "n8n/render");
    event.put("type", "video.rendered");
    event.put("time", time.toString());
    return event;
  }

  private Map<String, Object> with(String field, Object value) {
    Map<String, Object> event = event(now());
    event.put(field, value);
    return event;
  }

  private Answer post(List<Map<String, Object>> events) {
    return platform.post("/v1/users/" + user + "/events", service, Map.of("events", events));
  }

  private JsonNode record(List<Map<String, Object>> events) {
    return post(events).expect(200).body();
  }

  private long stored() {
    return platform.count("core.events where user_id = '" + user + "'");
  }

  private long counted() {
    return platform.count(
        "core.event_hours h, generate_series(1, h.events) where user_id = '" + user + "'");
  }

  private List<Map<String, Object>> events(int number, Duration apart) {
    List<Map<String, Object>> events = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      events.add(event(now().minus(apart.multipliedBy(i))));
    }
    return events;
  }

  private void moveArrivals(int days) {
    platform.execute(
        "update core.event_arrivals set arrival_day = arrival_day + %d where user_id = '%s'"
            .formatted(days, user));
  }

  private static void assertCounts(JsonNode answer, int recorded, int unchanged, int rejected) {
    assertEquals(
        "%d %d %d".formatted(recorded, unchanged, rejected),
        "%d %d %d"
            .formatted(
                answer.get("recorded").asInt(),
                answer.get("unchanged").asInt(),
                answer.get("rejected").asInt()),
        answer.toString());
  }

  private void assertRejected(Map<String, Object> bad, String pointer, String message) {
    Map<String, Object> good = event(now());
    JsonNode answer = record(List.of(bad, good));
    assertCounts(answer, 1, 0, 1);
    assertEquals("rejected", answer.at("/events/0/outcome").asString());
    assertEquals(pointer, answer.at("/events/0/faults/0/pointer").asString());
    String said = answer.at("/events/0/faults/0/message").asString();
    assertTrue(said.contains(message), said);
    assertEquals("recorded", answer.at("/events/1/outcome").asString());
    assertEquals(1, stored(), "the good one, and it alone");
    assertEquals(1, counted(), "the good one, and it alone");
  }

  @Test
  void an_event_sent_again_is_recorded_and_counted_once() {
    Map<String, Object> event = event(now());
    assertCounts(record(List.of(event)), 1, 0, 0);
    assertCounts(record(List.of(event, event(now()), event)), 1, 2, 0);
    assertEquals(2, stored());
    assertEquals(2, counted());
  }

  @Test
  void an_event_twice_in_a_batch_is_recorded_once() {
    Map<String, Object> event = event(now());
    JsonNode answer = record(List.of(event, event));
    assertCounts(answer, 1, 1, 0);
    assertEquals("unchanged", answer.at("/events/1/outcome").asString());
    assertEquals(1, counted());
  }

  @Test
  void an_event_of_3_kb_is_rejected_by_itself() {
    assertRejected(
        with("data", Map.of("text", "x".repeat(3_000))), "/data", "at most 2,048 are kept");
  }

  @Test
  void an_event_from_the_future_is_rejected_by_itself() {
    assertRejected(event(now().plus(Duration.ofMinutes(6))), "/time", "future");
  }

  @Test
  void an_event_of_2019_is_rejected_by_itself() {
    assertRejected(event(Instant.parse("2019-05-01T00:00:00Z")), "/time", "more than 90 days back");
  }

  @Test
  void an_event_of_another_users_channel_is_rejected_as_of_an_unknown_one() {
    assertRejected(with("subject", othersChannel), "/subject", "no channel of this user");
  }

  @Test
  void text_that_cannot_be_stored_costs_its_event_alone() {
    assertRejected(with("data", Map.of("a", List.of("x\0y"))), "/data/a/0", "NUL");
  }

  @Test
  void a_number_that_cannot_be_stored_costs_its_event_alone() {
    String bad =
        Platform.JSON
            .writeValueAsString(event(now()))
            .replaceFirst("}$", ",\"data\":{\"n\":1e999999}}");
    String body =
        "{\"events\":[%s,%s]}".formatted(bad, Platform.JSON.writeValueAsString(event(now())));
    JsonNode answer =
        platform.send("POST", "/v1/users/" + user + "/events", service, body).expect(200).body();
    assertCounts(answer, 1, 0, 1);
    assertEquals("/data/n", answer.at("/events/0/faults/0/pointer").asString());
  }

  @Test
  void whole_batches_that_do_not_fit_are_refused() {
    post(List.of()).expectProblem(400, "invalid-request");
    List<Map<String, Object>> many = new ArrayList<>();
    for (int i = 0; i < 5_001; i++) {
      many.add(event(now()));
    }
    post(many).expectProblem(400, "invalid-request");
    assertEquals(0, stored());
  }

  @Test
  void five_thousand_events_of_90_days_are_recorded_in_one_request() {
    assertCounts(record(events(5_000, Duration.ofSeconds(1_555))), 5_000, 0, 0);
    assertEquals(5_000, stored());
    assertEquals(5_000, counted());
  }

  @Test
  void events_beyond_the_daily_limit_are_refused_until_midnight_utc() {
    List<Map<String, Object>> first = events(DAILY_LIMIT - 1, Duration.ofSeconds(1_555));
    record(first);
    List<Map<String, Object>> two = events(2, Duration.ofDays(40));
    Answer refusal = post(two).expectProblem(429, "too-many-events");
    assertEquals("2026-11-21T00:00:00Z", refusal.text("retryAt"));
    assertTrue(refusal.text("detail").contains("room for 1 more"), refusal.text("detail"));
    assertEquals(DAILY_LIMIT - 1, stored(), "nothing of the batch");
    assertCounts(record(two.subList(0, 1)), 1, 0, 0);
    assertCounts(record(first), 0, DAILY_LIMIT - 1, 0);
    post(List.of(event(now()))).expectProblem(429, "too-many-events");

    moveArrivals(1);
    post(List.of(event(now()))).expectProblem(429, "too-many-events");
    moveArrivals(-2);
    assertCounts(record(events(3, Duration.ofSeconds(1))), 3, 0, 0);
    assertEquals(
        List.of(Map.of("day", "2026-11-20", "events", 3L)),
        platform.admin(
            "select arrival_day::text as day, events from core.event_arrivals where user_id = '%s'"
                .formatted(user)));
  }

  @Test
  void batches_at_the_same_moment_share_what_room_is_left() {
    List<CompletableFuture<Answer>> answers =
        IntStream.range(0, 4)
            .mapToObj(i ->
                CompletableFuture.supplyAsync(
                    () -> post(events(DAILY_LIMIT / 2 - 1, Duration.ofSeconds(1)))))
            .toList();
    assertEquals(
        List.of(200, 200, 429, 429),
        answers.stream().map(each -> each.join().status()).sorted().toList());
    assertEquals(2 * (DAILY_LIMIT / 2 - 1), stored());
  }

  @Test
  void an_event_keeps_what_it_is_about_and_the_execution_it_came_from() {
    platform.addChannel(user, channel);
    record(List.of(with("subject", channel + "/dQw4w9WgXcQ")));
    assertEquals(
        channel + " dQw4w9WgXcQ wfTest 42",
        platform
            .admin(
                "select concat_ws(' ', channel_id, video_id, workflow_id, execution_id) as v from core.events where user_id = '"
                    + user
                    + "'")
            .getFirst()
            .get("v"));
  }

  @Test
  void counts_are_read_by_hour_a_page_at_a_time() {
    Instant hour = Instant.parse("2026-11-20T17:00:00Z");
    record(
        List.of(
            event(hour),
            event(hour.plusSeconds(3_599)),
            event(hour.minusSeconds(1)),
            with("type", "video.uploaded")));
    String path = "/v1/users/" + user + "/event-counts";
    JsonNode all = platform.get(path, service).expect(200).body();
    List<String> lines = new ArrayList<>();
    all.get("counts")
        .forEach(each ->
            lines.add(
                each.get("hour").asString()
                    + " "
                    + each.get("type").asString()
                    + " "
                    + each.get("events").asInt()));
    assertEquals(
        List.of(
            "2026-11-20T18:00:00Z video.uploaded 1",
            "2026-11-20T17:00:00Z video.rendered 2",
            "2026-11-20T16:00:00Z video.rendered 1"),
        lines);
    assertTrue(all.get("next").isNull());
    JsonNode page = platform.get(path + "?limit=2", service).expect(200).body();
    JsonNode rest =
        platform
            .get(path + "?limit=2&after=" + page.get("next").asString(), service)
            .expect(200)
            .body();
    assertEquals(all.get("counts").get(2), rest.get("counts").get(0));
    assertEquals(1, rest.get("counts").size());
    JsonNode rendered = platform.get(path + "?type=video.rendered", service).expect(200).body();
    assertEquals(2, rendered.get("counts").size());
    platform.get(path + "?after=x", service).expectProblem(400, "invalid-request");
    platform
        .get(path + "?from=2026-11-21&to=2026-11-20", service)
        .expectProblem(400, "invalid-request");
  }

  @Test
  void types_beyond_the_bound_are_counted_together() {
    List<Map<String, Object>> events = new ArrayList<>();
    for (int i = 0; i < EventDao.MAX_COUNTED_APART + 50; i++) {
      events.add(with("type", "type-%04d".formatted(i)));
    }
    record(events);
    record(List.of(with("type", "type-0001"), with("type", "one-more")));
    assertEquals(EventDao.MAX_COUNTED_APART + 52, counted());
    assertEquals(
        List.of(Map.of("kind", "other", "events", 51L), Map.of("kind", "type-0001", "events", 2L)),
        platform.admin(
            "select kind, events from core.event_hours where events > 1 and user_id = '%s' order by kind"
                .formatted(user)));
  }

  @Test
  void a_users_token_records_its_own_events_and_nobody_elses() {
    String own = platform.token("user", user);
    Map<String, Object> body = Map.of("events", List.of(event(now())));
    platform.post("/v1/users/" + user + "/events", own, body).expect(200);
    String another = platform.createUser("another%d@example.com".formatted(users++));
    platform.post("/v1/users/" + another + "/events", own, body).expectProblem(404, "unknown-user");
    platform.get("/v1/users/" + another + "/event-counts", own).expectProblem(404, "unknown-user");
  }

  @Test
  void erasure_takes_events_and_counts() {
    record(List.of(event(now())));
    platform
        .send(
            "DELETE",
            "/v1/users/"
                + user
                + "?confirm="
                + platform.get("/v1/users/" + user, service).text("email"),
            Platform.OPERATOR_TOKEN,
            null)
        .expect(200);
    assertEquals(0, stored());
    assertEquals(0, counted());
  }

  @Test
  void the_maintenance_deletes_what_is_older_than_90_days() {
    record(List.of(event(now().minus(Duration.ofDays(89))), event(now())));
    String old = now().minus(Duration.ofDays(92)).toString();
    String week = now().minus(Duration.ofDays(110)).toString();
    platform.execute(
        "set role ytempire_owner; call core.make_event_partitions('%s')".formatted(week));
    for (String at : List.of(old, week)) {
      platform.execute(
          "insert into core.events (user_id, at, event_id, kind, source) values ('%s', '%s', gen_random_uuid(), 'old', 'x')"
              .formatted(user, at));
    }
    platform.app.runJobs();
    assertEquals(2, stored());
    assertEquals(
        List.of(),
        platform.admin(
            "select relname from pg_class where relnamespace = 'core'::regnamespace and relname ~ '^events_20' and relkind = 'r' and to_date(right(relname, 8), 'YYYYMMDD') < timestamp '%s' - interval '7 days'"
                .formatted(now().minus(Duration.ofDays(90)).toString().substring(0, 10))));
    assertEquals(List.of(), platform.admin("select * from app.isolation_faults()"));
  }
}
