package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Polling;
import com.ytempire.simulator.Catalog;
import com.ytempire.simulator.Faults;
import java.sql.Connection;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Videos under channels that they do not belong to. */
final class VideoChannelTest {
  /** The third account's channels are connected to nobody here. */
  private final Platform platform = new Platform(3, 2);

  private String ada = "";
  private String service = "";
  private Catalog.Channel own = platform.world.accounts().getFirst().channels().getFirst();
  private Catalog.Video mine = video(own);

  @BeforeEach
  void users() {
    ada = platform.connectedUser(0);
    String unused = platform.connectedUser(1);
    service = platform.token("service", null);
  }

  @AfterEach
  void close() {
    platform.close();
  }

  private Catalog.Channel channel(int account, int index) {
    return platform.world.accounts().get(account).channels().get(index);
  }

  private Catalog.Video video(Catalog.Channel channel) {
    return platform.world.publicVideos(channel).getFirst();
  }

  private Map<String, Object> request(String report, Catalog.Video... videos) {
    return Map.of(
        "userId",
        ada,
        "channelId",
        own.id(),
        "report",
        report,
        "videoIds",
        List.of(videos).stream().map(Catalog.Video::id).toList());
  }

  private JsonNode fetch(Map<String, Object> request) {
    return platform
        .post("/v1/metrics/fetch", service, Map.of("requests", List.of(request)))
        .expect(200)
        .body();
  }

  @Test
  void a_video_of_another_channel_is_missed_with_that_reason() {
    Catalog.Video theirs = video(channel(1, 0));
    for (String report :
        List.of("video-statistics", "video-details", "video-day", "retention", "geography")) {
      JsonNode body = fetch(request(report, theirs));
      assertEquals("[]", body.get("results").toString(), report);
      JsonNode missed = body.get("notFetched").get(0);
      assertEquals("video-of-another-channel", missed.get("reason").stringValue());
      assertEquals(
          "YouTube names another channel for video %s. Fetch a video under its own channel."
              .formatted(theirs.id()),
          missed.get("message").stringValue());
    }
  }

  @Test
  void the_channels_own_videos_are_fetched_beside_a_foreign_one() {
    Catalog.Video theirs = video(channel(1, 0));
    for (String report : List.of("video-statistics", "video-details")) {
      JsonNode body = fetch(request(report, mine, theirs));
      JsonNode rows = body.get("results").get(0).get("rows");
      assertEquals(1, rows.size(), rows.toString());
      assertEquals(mine.id(), rows.get(0).get("videoId").stringValue());
      assertEquals(1, body.get("notFetched").size());
      // It is said again when the answer is cached.
      assertEquals(1, fetch(request(report, mine, theirs)).get("notFetched").size());
    }
  }

  @Test
  void whose_a_video_is_costs_one_unit_for_fifty_and_is_asked_once() {
    Catalog.Video another = platform.world.publicVideos(own).get(1);
    assertEquals(
        "{\"data.batchGetStats\":1,\"data.general\":1}",
        fetch(request("video-statistics", mine, another)).get("unitsSpent").toString());
    assertEquals(
        "{\"analytics.day\":1}", fetch(request("retention", mine)).get("unitsSpent").toString());
  }

  private Map<String, Object> row(Catalog.Channel channel, String videoId) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("kind", "video-statistics");
    row.put("userId", ada);
    row.put("channelId", channel.id());
    row.put("videoId", videoId);
    row.put("observedAt", "2026-11-20T17:00:00Z");
    row.put("views", 5);
    return row;
  }

  private JsonNode store(List<?> rows) {
    return platform.post("/v1/metrics/store", service, Map.of("rows", rows)).expect(200).body();
  }

  private static List<String> outcomes(JsonNode answer) {
    return StreamSupport.stream(answer.get("rows").spliterator(), false)
        .map(row -> row.get("outcome").stringValue())
        .toList();
  }

  @Test
  void the_store_answers_alike_for_anothers_video_and_nobodys() {
    Catalog.Video theirs = video(channel(1, 0));
    Catalog.Video nobodys = video(channel(2, 0));
    String bob =
        String.valueOf(
            platform
                .admin(
                    "select user_id::text as id from core.channels where channel_id = '%s'"
                        .formatted(theirs.channel().id()))
                .getFirst()
                .get("id"));
    Map<String, Object> known = new LinkedHashMap<>(row(theirs.channel(), theirs.id()));
    known.put("userId", bob);
    assertEquals(List.of("stored"), outcomes(store(List.of(known))), "the platform has it");
    JsonNode another = store(List.of(row(own, theirs.id())));
    JsonNode nobody = store(List.of(row(own, nobodys.id())));
    assertEquals(List.of("rejected"), outcomes(another));
    assertEquals(nobody.toString(), another.toString());
    assertTrue(
        another.toString().contains("is a video of another channel; store its rows under"),
        another.toString());
    assertEquals(0, platform.count("core.video_statistics where user_id = '%s'".formatted(ada)));
  }

  @Test
  void a_video_stored_under_another_of_the_users_channels_is_rejected() {
    // Neither YouTube nor anybody but this user knows the video.
    Catalog.Channel second = channel(0, 1);
    assertEquals(
        List.of("stored", "rejected"),
        outcomes(store(List.of(row(own, "gonegonegon"), row(second, "gonegonegon")))),
        "in one batch");
    assertEquals(List.of("stored"), outcomes(store(List.of(video(own, "gonegonegon")))));
    assertEquals(List.of("rejected"), outcomes(store(List.of(row(second, "gonegonegon")))));
  }

  @Test
  void rows_are_stored_while_youtube_cannot_say_whose_a_video_is() {
    platform.simulator.faults().next(Faults.Kind.SERVER_ERROR, 100);
    assertEquals(List.of("stored"), outcomes(store(List.of(row(own, mine.id())))));
  }

  /** Stores rows of the first channel's video under the second while YouTube cannot be asked. */
  private List<Map<String, Object>> storeUnderWrongChannel() {
    Catalog.Channel second = channel(0, 1);
    platform.simulator.faults().next(Faults.Kind.SERVER_ERROR, 100);
    List<Map<String, Object>> rows =
        List.of(video(second, mine.id()), day(second, mine.id()), thumbnail(second, mine.id()));
    assertEquals(List.of("stored", "stored", "stored"), outcomes(store(rows)));
    // Of another video of that channel, which is not moved.
    platform.execute(
        "update core.reach_days set videos = 2, impressions = impressions + 10, clicks = clicks + 1");
    platform.simulator.faults().next(Faults.Kind.SERVER_ERROR, 0);
    return rows;
  }

  private Map<String, Object> video(Catalog.Channel channel, String videoId) {
    Map<String, Object> video = new LinkedHashMap<>(row(channel, videoId));
    video.put("kind", "video");
    List.of("observedAt", "views").forEach(video::remove);
    video.put("title", "A video");
    video.put("publishedAt", "2026-11-01T00:00:00Z");
    return video;
  }

  private Map<String, Object> day(Catalog.Channel channel, String videoId) {
    Map<String, Object> day = new LinkedHashMap<>(row(channel, videoId));
    day.put("kind", "video-day");
    day.remove("observedAt");
    day.put("day", "2026-11-15");
    return day;
  }

  private Map<String, Object> thumbnail(Catalog.Channel channel, String videoId) {
    Map<String, Object> thumbnail = day(channel, videoId);
    thumbnail.put("kind", "thumbnail-day");
    thumbnail.remove("views");
    thumbnail.put("impressions", 40);
    thumbnail.put("clickThroughRate", 0.5);
    return thumbnail;
  }

  private void assertMoved() {
    assertEquals(
        Map.of(own.id(), "1|40|20.000000", channel(0, 1).id(), "1|10|1.000000"),
        platform
            .admin(
                "select channel_id, concat_ws('|', videos, impressions, clicks) as reach from core.reach_days")
            .stream()
            .collect(
                Collectors.toMap(
                    row -> String.valueOf(row.get("channel_id")),
                    row -> String.valueOf(row.get("reach")))));
    for (String table : List.of("videos", "video_days", "video_totals", "video_weeks")) {
      assertEquals(
          List.of(Map.of("channel_id", own.id())),
          platform.admin(
              "select distinct channel_id from core.%s where video_id = '%s'"
                  .formatted(table, mine.id())),
          table);
    }
    assertEquals(List.of(), platform.admin("select * from core.wrong_rollups(null)"));
  }

  @Test
  void a_fetched_batch_moves_a_video_from_a_wrong_channel_to_its_own() {
    storeUnderWrongChannel();
    JsonNode reference =
        platform
            .post(
                "/v1/metrics/fetch",
                service,
                Map.of("requests", List.of(request("video-details", mine)), "output", "references"))
            .expect(200)
            .body()
            .get("results")
            .get(0)
            .get("reference");
    platform
        .post(
            "/v1/metrics/store",
            service,
            Map.of(
                "references",
                List.of(Map.of("userId", ada, "batchId", reference.get("batchId").stringValue()))))
        .expect(200);
    assertMoved();
  }

  @Test
  void rows_of_the_channel_that_youtube_names_win() {
    storeUnderWrongChannel();
    platform.clock.advance(Duration.ofHours(1));
    JsonNode answer = store(List.of(day(own, mine.id())));
    assertEquals(List.of("unchanged"), outcomes(answer), answer.toString());
    assertMoved();
  }

  @Test
  void a_row_of_an_unknown_channel_rejects_no_other_row() {
    Catalog.Channel theirs = channel(1, 0);
    JsonNode answer = store(List.of(row(theirs, "gonegonegon"), row(own, "gonegonegon")));
    assertEquals(List.of("rejected", "stored"), outcomes(answer));
    assertTrue(
        answer.get("rows").get(0).toString().contains("is no channel of this user"),
        answer.toString());
    // Of the user's own video, too.
    assertEquals(List.of("stored"), outcomes(store(List.of(video(own, "gonegonegon")))));
    assertTrue(
        store(List.of(row(theirs, "gonegonegon")))
            .get("rows")
            .get(0)
            .toString()
            .contains("is no channel of this user"));
  }

  @Test
  void a_dry_run_asks_youtube_nothing() {
    Map<String, Long> before = platform.simulator.usage().today();
    JsonNode answer =
        platform
            .post(
                "/v1/metrics/store",
                service,
                Map.of("rows", List.of(row(own, mine.id())), "dryRun", true))
            .expect(200)
            .body();
    assertEquals(List.of("stored"), outcomes(answer));
    assertEquals(before, platform.simulator.usage().today());
  }

  @Test
  void all_users_of_a_batch_have_one_deadline_for_their_videos() throws Exception {
    Catalog.Channel theirs = channel(1, 0);
    Map<String, Object> bobs = new LinkedHashMap<>(row(theirs, video(theirs).id()));
    bobs.put(
        "userId",
        platform
            .admin(
                "select user_id::text as id from core.channels where channel_id = '%s'"
                    .formatted(theirs.id()))
            .getFirst()
            .get("id"));
    CompletableFuture<JsonNode> storing;
    try (Connection admin = Engines.admin(platform.database);
        var statement = admin.createStatement()) {
      admin.setAutoCommit(false);
      statement.execute("lock table core.channels in access exclusive mode");
      storing = CompletableFuture.supplyAsync(() -> store(List.of(row(own, mine.id()), bobs)));
      Polling.until(
          "the store itself at the lock",
          () ->
              !platform
                  .admin(
                      "select pid from pg_stat_activity where usename = 'ytempire_app' and datname = current_database() and wait_event_type = 'Lock' and query !~ 'is_hidden'")
                  .isEmpty());
      admin.rollback();
    }
    assertEquals(List.of("stored", "stored"), outcomes(storing.get(60, TimeUnit.SECONDS)));
  }

  @Test
  void a_video_erased_while_a_store_waits_for_its_channel_stays_erased() throws Exception {
    assertEquals(
        List.of("stored", "stored"),
        outcomes(store(List.of(video(own, mine.id()), day(own, mine.id())))));
    try (Connection admin = Engines.admin(platform.database);
        var statement = admin.createStatement()) {
      admin.setAutoCommit(false);
      statement.execute(
          "select from core.channels where channel_id = '%s' for no key update"
              .formatted(own.id()));
      CompletableFuture<JsonNode> storing =
          CompletableFuture.supplyAsync(() -> store(List.of(day(own, mine.id()))));
      Polling.until(
          "a store that waits for the channel",
          () ->
              !platform
                  .admin(
                      "select pid from pg_stat_activity where usename = 'ytempire_app' and datname = current_database() and wait_event_type = 'Lock'")
                  .isEmpty());
      statement.execute(
          "call core.erase_video('%s', '%s', '%s')".formatted(ada, own.id(), mine.id()));
      statement.execute(
          "call core.note_erased_video('%s', '%s', '%s', '%s')"
              .formatted(ada, own.id(), mine.id(), platform.clock.instant()));
      admin.commit();
      assertEquals(List.of("unchanged"), outcomes(storing.get(30, TimeUnit.SECONDS)));
    }
    assertEquals(0, platform.count("core.video_days where video_id = '%s'".formatted(mine.id())));
  }
}
