package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import com.ytempire.simulator.Catalog;
import com.ytempire.simulator.Moments;
import com.ytempire.simulator.Moments.Moment;
import com.ytempire.simulator.World;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** What depends on the time holds at every moment at which it could go wrong. */
final class MomentsTest {
  private static final List<String> REPORTS =
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

  private static final Duration TICK = Duration.ofMinutes(15);

  static List<Moment> moments() {
    return Moments.all();
  }

  private static List<Map<String, Object>> requests(Platform platform, String user) {
    List<Map<String, Object>> requests = new ArrayList<>();
    for (Catalog.Channel channel : platform.world.accounts().getFirst().channels()) {
      REPORTS.forEach(report ->
          requests.add(Map.of("userId", user, "channelId", channel.id(), "report", report)));
    }
    return requests;
  }

  /** A tick as the sync's workflow makes it; answers what was fetched. */
  private static JsonNode tick(Platform platform, String user) {
    JsonNode fetched =
        platform
            .post(
                "/v1/metrics/fetch",
                Platform.OPERATOR_TOKEN,
                Map.of("requests", requests(platform, user), "onlyDue", true))
            .expect(200)
            .body();
    assertEquals(0, fetched.get("notFetched").size(), fetched.get("notFetched").toString());
    List<JsonNode> rows = new ArrayList<>();
    fetched.get("results").forEach(result -> result.get("rows").forEach(rows::add));
    if (!rows.isEmpty()) {
      JsonNode stored =
          platform
              .post("/v1/metrics/store", Platform.OPERATOR_TOKEN, Map.of("rows", rows))
              .expect(200)
              .body();
      assertEquals(0, stored.get("rejected").intValue(), stored.toString());
    }
    return fetched;
  }

  /** Ours and Google's, of each day that has been charged. */
  private static void assertUnitsAreGooglesUnits(Platform platform) {
    List<Map<String, Object>> days =
        platform.admin(
            """
            select bucket, extract(epoch from starts_at)::bigint as start, sum(spent)::bigint as units
              from core.quota_accounts join core.quota_windows using (bucket, starts_at)
             where ends_at - starts_at > interval '1 minute'
             group by bucket, starts_at
            """);
    assertFalse(days.isEmpty());
    for (Map<String, Object> day : days) {
      Instant start = Instant.ofEpochSecond((Long) Objects.requireNonNull(day.get("start")));
      Long google = platform.simulator.usage().at(start).get(day.get("bucket"));
      if (google != null) {
        assertEquals(google, day.get("units"), day.toString());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("moments")
  void every_channel_has_its_rows_after_a_sync_at(Moment moment) {
    try (Platform platform = new Platform(1, 2, Map.of(), moment.instant())) {
      String ada = platform.connectedUser(0);
      tick(platform, ada);
      for (Catalog.Channel channel : platform.world.accounts().getFirst().channels()) {
        for (String table :
            List.of(
                "channel_days",
                "video_days",
                "channel_statistics",
                "video_statistics",
                "videos",
                "traffic_source_days")) {
          assertTrue(
              platform.count("core.%s where channel_id = '%s'".formatted(table, channel.id())) > 0,
              table + " of " + channel.id());
        }
        // Channels ask for the newest day spread over the four hours after midnight.
        boolean mayBeDueLater = moment.instant().atZone(World.PACIFIC).getHour() < 4;
        LocalDate newest = platform.world.lastDay(channel, false);
        LocalDate expected = mayBeDueLater ? newest.minusDays(1) : newest;
        while (platform.world.isQuiet(channel, expected)) {
          expected = expected.minusDays(1);
        }
        assertEquals(
            1,
            platform.count(
                "core.channel_days where views is not null and channel_id = '%s' and day = '%s'"
                    .formatted(channel.id(), expected)),
            "the newest day that can be due, " + expected);
      }
      assertUnitsAreGooglesUnits(platform);

      platform.clock.advance(TICK);
      JsonNode next = tick(platform, ada);
      assertEquals(1, next.get("unitsSpent").get("data.general").longValue(), next.toString());
      assertEquals(4, platform.count("core.channel_statistics"));
      assertUnitsAreGooglesUnits(platform);

      // The next day has a newer day for each channel, whatever the night was like.
      LocalDate today = platform.world.today();
      platform.clock.advance(
          Duration.between(
              platform.clock.instant(),
              today.plusDays(1).atTime(23, 0).atZone(World.PACIFIC).toInstant()));
      for (int part = 0; part < 3; part++) {
        tick(platform, ada);
      }
      for (Catalog.Channel channel : platform.world.accounts().getFirst().channels()) {
        assertEquals(
            1,
            platform.count(
                "core.channel_days where views is not null and channel_id = '%s' and day = '%s'"
                    .formatted(channel.id(), platform.world.lastDay(channel, false))));
      }
      assertUnitsAreGooglesUnits(platform);
    }
  }

  @ParameterizedTest
  @MethodSource("moments")
  void a_used_up_bucket_refuses_until_pacific_midnight_from(Moment moment) {
    try (Platform platform =
        new Platform(1, 1, Map.of("YTEMPIRE_QUOTA_INTERACTIVE_PERCENT", "0"), moment.instant())) {
      Map<String, Object> all = Map.of("bucket", "data.search", "units", 100, "leaseMinutes", 1440);
      Map<String, Object> one = Map.of("bucket", "data.search", "units", 1);
      String path = "/v1/quota/reservations";
      String settle =
          path
              + "/"
              + platform.post(path, Platform.OPERATOR_TOKEN, all).expect(201).text("reservationId")
              + "/settle";
      platform.post(settle, Platform.OPERATOR_TOKEN, Map.of("unitsSpent", 100)).expect(200);
      Instant midnight =
          LocalDate.ofInstant(moment.instant(), World.PACIFIC)
              .plusDays(1)
              .atStartOfDay(World.PACIFIC)
              .toInstant();
      assertEquals(
          midnight.toString(),
          platform
              .post(path, Platform.OPERATOR_TOKEN, one)
              .expectProblem(429, "quota-exhausted")
              .text("resetsAt"));
      platform.clock.advance(Duration.between(platform.clock.instant(), midnight.minusSeconds(1)));
      platform.post(path, Platform.OPERATOR_TOKEN, one).expectProblem(429, "quota-exhausted");
      platform.clock.advance(Duration.ofSeconds(1));
      platform.post(path, Platform.OPERATOR_TOKEN, all).expect(201);
    }
  }

  @Test
  void every_stored_time_is_the_products_not_the_databases() {
    Instant start = Clock.systemUTC().instant().plus(Duration.ofDays(1000));
    try (Platform platform = new Platform(1, 2, Map.of(), start)) {
      String ada = platform.connectedUser(0);
      platform.token("user", ada);
      platform
          .post(
              "/v1/quota/reservations",
              Platform.OPERATOR_TOKEN,
              Map.of("bucket", "data.search", "units", 1))
          .expect(201);
      tick(platform, ada);
      int looked = 0;
      for (Map<String, Object> column :
          platform.admin(
              """
              select c.relname as table, a.attname as column
                from pg_attribute a join pg_class c on c.oid = a.attrelid
               where c.relnamespace = 'core'::regnamespace and c.relkind in ('r', 'p')
                 and a.atttypid = 'timestamptz'::regtype and not a.attisdropped
              """)) {
        // Compared with PostgreSQL's clock alone, whatever a sidecar's says.
        if (column.equals(Map.of("table", "oauth_grants", "column", "stored_at"))) {
          continue;
        }
        assertEquals(
            0,
            platform.count(
                "core.%1$s where %2$s between now() - interval '1 day' and now() + interval '1 day'"
                    .formatted(column.get("table"), column.get("column"))),
            column + " has the database's time");
        looked++;
      }
      assertTrue(looked > 20, looked + " columns");
    }
  }
}
