package com.ytempire.sidecar.reports;

import static com.ytempire.sidecar.testing.Platform.OPERATOR_TOKEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.insight.WeeklyInsight;
import com.ytempire.sidecar.reports.ReportPage.Section;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.wording.FigureFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What the reports say of a user's stored figures. */
final class ReportPagesTest {
  private static final Instant FRIDAY = Instant.parse("2026-11-20T17:00:00Z");
  private static final List<String> NAMES =
      List.of("Slow Cooking Lab", "Night Trains", "<b>Bold & Co</b>", "Pocket Physics");
  private static Platform platform;
  private static Database database;
  private static UUID user;
  private static UUID empty;

  @BeforeAll
  static void store() {
    platform = new Platform(1, 1, Map.of(), FRIDAY);
    database = Database.open(Config.from(platform.settings()).storage().database(), platform.clock);
    user = UUID.fromString(platform.createUser("ada@example.com"));
    empty = UUID.fromString(platform.createUser("new@example.com"));
    for (int c = 0; c < NAMES.size(); c++) {
      String channel = "UC" + String.valueOf((char) ('a' + c)).repeat(22);
      platform
          .post(
              "/v1/users/" + user + "/channels",
              OPERATOR_TOKEN,
              Map.of("channelId", channel, "channelName", NAMES.get(c)))
          .expect(201);
      platform.execute(
          """
          update core.channels set connection = '%1$s', monetised = true where channel_id = '%2$s';
          insert into core.channel_days (user_id, channel_id, day, views, watch_time_minutes, subscribers_gained, subscribers_lost, revenue_usd, created_at, updated_at)
          select '%3$s', '%2$s', d, v, v * 4, v / 400, v / 2000, round(v * (0.0042 - 0.0003 * %4$d), 4), now(), now()
            from generate_series(date '2026-08-01', date '2026-11-17', '1 day') d
           cross join lateral (select (9000 - 1900 * %4$d + 22 * (d::date - date '2026-08-01') * (case when %4$d = 1 and d > date '2026-11-10' then -1 else 1 end)
                                       + 900 * sin(extract(isodow from d)))::bigint as v) x;
          insert into core.costs (user_id, at, channel_id, category, provider, amount_usd, basis, external_id)
          select '%3$s', d, '%2$s', 'voice', 'elevenlabs', 6.4, 'metered', 'c%4$d' || d from generate_series(timestamptz '2026-08-02', timestamptz '2026-11-17', '3 days') d;
          """
              .formatted(c == 3 ? "reconnect-needed" : "connected", channel, user, c));
      counters(channel, "2026-11-19T07:50:00Z", 5_000_000);
      counters(channel, "2026-11-20T07:50:00Z", 5_008_123 + c);
      video(
          channel,
          "nightvid00" + c,
          "How we cooked number " + c + " for nine hours evil.example/x",
          4_100 - 700 * c);
    }
  }

  private static void counters(String channel, String at, long views) {
    store(
        Map.of(
            "kind",
            "channel-statistics",
            "channelId",
            channel,
            "observedAt",
            at,
            "views",
            views,
            "subscribers",
            9000,
            "videos",
            40));
  }

  private static void video(String channel, String video, String title, int views) {
    store(
        Map.of(
            "kind",
            "video",
            "channelId",
            channel,
            "videoId",
            video,
            "title",
            title,
            "publishedAt",
            "2026-11-12T10:00:00Z"));
    store(
        Map.of(
            "kind",
            "video-day",
            "channelId",
            channel,
            "videoId",
            video,
            "day",
            "2026-11-17",
            "views",
            views));
  }

  private static void store(Map<String, Object> row) {
    Map<String, Object> whole = new HashMap<>(row);
    whole.put("userId", user.toString());
    JsonNode stored =
        platform
            .post("/v1/metrics/store", OPERATOR_TOKEN, Map.of("rows", List.of(whole)))
            .expect(200)
            .body();
    assertEquals(0, stored.get("rejected").asInt(), stored.toString());
  }

  @AfterAll
  static void close() {
    database.close();
    platform.close();
  }

  private static ReportWriter writer(WeeklySentences sentences) {
    return new ReportWriter(
        database, sentences, new ReportTemplates(), "https://dashboards.example.com");
  }

  private static ReportPage page(UUID userId, ReportKind kind, String period, String now) {
    return writer(WeeklySentences.NONE)
        .page(new ReportPeriod(userId, kind, LocalDate.parse(period), Instant.parse(now)), "en-US");
  }

  private static ReportPage daily() {
    return page(user, ReportKind.DAILY, "2026-11-20", "2026-11-20T17:00:00Z");
  }

  private static Mail.Content rendered(ReportPage page, ReportKind kind) {
    return writer(WeeklySentences.NONE)
        .render(
            page, kind, "Ada & Sons", "https://data.example.com/v1/reports/unsubscribe?token=x");
  }

  private static String all(List<Section> sections) {
    return sections.stream().flatMap(each -> each.items().stream()).toList().toString();
  }

  @Test
  void the_daily_report_has_the_newest_told_day_with_its_date() {
    ReportPage page = daily();
    assertTrue(page.headline().label().contains("Tue, Nov 17"), page.headline().label());
    Object stored =
        Objects.requireNonNull(
            platform
                .admin(
                    "select to_char(sum(revenue_usd), 'FM$999,990.00') as n from core.channel_days where day = '2026-11-17' and user_id = '"
                        + user
                        + "'")
                .getFirst()
                .get("n"));
    assertEquals(stored, page.headline().value());
    assertTrue(page.subject().startsWith(stored + " on Tue, Nov 17"), page.subject());
    assertTrue(
        Objects.requireNonNull(page.progress()).note().contains("As of Nov 17, 17 of 30 days"),
        page.progress().note());
    String attention = all(page.sections());
    assertTrue(attention.contains("Pocket Physics: Google no longer lets us read it"), attention);
  }

  @Test
  void revenue_that_is_the_mean_of_seven_days_is_no_change_of_minus_zero() {
    UUID even = UUID.fromString(platform.createUser("even@example.com"));
    String channel = "UC" + "e".repeat(22);
    platform.addChannel(even, channel, "Even");
    platform.execute(
        """
        update core.channels set connection = 'connected', monetised = true where channel_id = '%1$s';
        insert into core.channel_days (user_id, channel_id, day, views, revenue_usd, created_at, updated_at)
        select '%2$s', '%1$s', d, 500, case when d = date '2026-11-17' then 9.98 else 10 end, now(), now()
          from generate_series(date '2026-11-01', date '2026-11-17', '1 day') d;
        """
            .formatted(channel, even));
    ReportPage page = page(even, ReportKind.DAILY, "2026-11-20", "2026-11-20T17:00:00Z");
    assertEquals("As much as your mean of 7 days, $10.00", page.headline().note());
  }

  @Test
  void a_figure_that_is_not_reported_is_not_zero() {
    ReportPage page = daily();
    assertTrue(page.tiles().getFirst().left().value().startsWith("24,37"), "of three channels");
    assertTrue(page.tiles().getFirst().left().note().contains("3 of 3 channels"));
    assertEquals(
        "“How we cooked number 0 for nine hours”",
        Objects.requireNonNull(page.tiles().getFirst().right()).value());
    ReportPage none = page(empty, ReportKind.DAILY, "2026-11-20", "2026-11-20T17:00:00Z");
    assertEquals("No revenue yet", none.headline().value());
    assertEquals(FigureFormat.UNKNOWN, none.tiles().getFirst().left().value(), "no counters");
    for (ReportKind kind : ReportKind.values()) {
      String period = kind.periodAt(LocalDate.parse("2026-11-20")).toString();
      Mail.Content content = rendered(page(empty, kind, period, "2026-11-20T17:00:00Z"), kind);
      assertFalse(content.text().contains("$0.00"), content.text());
    }
  }

  @Test
  void the_weekly_report_compares_the_newest_seven_days() {
    ReportPage page = page(user, ReportKind.WEEKLY, "2026-11-16", "2026-11-16T16:00:00Z");
    assertTrue(page.headline().label().startsWith("Revenue, week over week"));
    assertTrue(page.headline().value().endsWith("%"), page.headline().value());
    assertEquals(4, Objects.requireNonNull(page.bars()).rows().size());
    assertTrue(all(page.sections()).contains("earns the most for its views"));
  }

  private static List<String> items(ReportPage page, String title) {
    return page.sections().stream()
        .filter(section -> section.title().equals(title))
        .flatMap(section -> section.items().stream())
        .toList();
  }

  @Test
  void the_weekly_report_recommends_what_to_look_at_first() {
    ReportPage page = page(user, ReportKind.WEEKLY, "2026-11-16", "2026-11-20T17:00:00Z");
    List<String> recommendations = items(page, "Recommendations");
    assertTrue(
        recommendations.contains("Connect Pocket Physics again: its figures have stopped."),
        recommendations.toString());
    assertTrue(
        recommendations.getLast().startsWith("Look at Night Trains first: its views changed by -"),
        recommendations.toString());
  }

  @Test
  void the_weekly_report_has_hours_and_videos_to_follow_up() {
    UUID slots = UUID.fromString(platform.createUser("slots@example.com"));
    String channel = "UC" + "s".repeat(22);
    platform.addChannel(slots, channel, "Slots");
    platform.execute(
        """
        update core.channels set connection = 'connected' where channel_id = '%1$s';
        insert into core.channel_days (user_id, channel_id, day, views, created_at, updated_at)
        select '%2$s', '%1$s', d, 500, now(), now() from generate_series(date '2026-11-04', date '2026-11-17', '1 day') d;
        insert into core.video_totals (user_id, video_id, channel_id, published_at, views, views_48h, updated_at)
        select uuid '%2$s', 'wednesday0' || n, '%1$s', timestamptz '2026-09-16 12:00Z' + n * interval '7 days', 100, 100, now() from generate_series(0, 8) n
         union all
        select uuid '%2$s', 'saturday00' || n, '%1$s', timestamptz '2026-10-24 17:00Z' + n * interval '7 days', 300, 300, now() from generate_series(1, 3) n;
        insert into core.video_weeks (user_id, week, video_id, channel_id, days, views) values ('%2$s', '2026-11-09', 'saturday003', '%1$s', 2, 300);
        """
            .formatted(channel, slots));
    List<String> opportunities =
        items(
            page(slots, ReportKind.WEEKLY, "2026-11-16", "2026-11-20T17:00:00Z"), "Opportunities");
    assertEquals(2, opportunities.size(), opportunities.toString());
    assertTrue(
        opportunities.getFirst().startsWith("Publish on Sat between 8 and 12 o'clock: "),
        opportunities.getFirst());
    assertTrue(
        opportunities.getLast().startsWith("“Video saturday003” on Slots has "),
        opportunities.getLast());
  }

  @Test
  void the_monthly_statement_ranks_channels_and_shows_how_months_grew() {
    ReportPage whole = page(user, ReportKind.MONTHLY, "2026-11-01", "2026-11-20T17:00:00Z");
    assertEquals(
        NAMES,
        Objects.requireNonNull(whole.bars()).rows().stream().map(ReportPage.Bar::name).toList());
    List<String> growth = items(whole, "Growth");
    Object change =
        Objects.requireNonNull(
            platform
                .admin(
                    """
                    select round(100 * (sum(revenue_usd) filter (where day >= '2026-10-01') / sum(revenue_usd) filter (where day < '2026-10-01') - 1))::text as n
                      from core.channel_days where user_id = '%s' and day between '2026-09-01' and '2026-10-31'
                    """
                        .formatted(user))
                .getFirst()
                .get("n"));
    assertTrue(growth.getLast().startsWith("October 2026: $"), growth.toString());
    assertTrue(growth.getLast().contains("(+" + change), growth + " and " + change);
    ReportPage cut = page(user, ReportKind.MONTHLY, "2026-12-01", "2026-12-01T17:00:00Z");
    assertTrue(items(cut, "Growth").getLast().endsWith(" so far"), items(cut, "Growth").toString());
  }

  @Test
  void a_link_in_a_title_of_a_video_is_in_no_mail() {
    for (ReportKind kind : List.of(ReportKind.DAILY, ReportKind.WEEKLY)) {
      ReportPage page = page(user, kind, "2026-11-16", "2026-11-20T17:00:00Z");
      Mail.Content content = rendered(page, kind);
      assertTrue(content.text().contains("“How we cooked number 0"), content.text());
      assertFalse((content.text() + content.html()).contains("evil.example"), content.text());
    }
  }

  @Test
  void a_first_week_is_counted_and_not_compared() {
    UUID first = UUID.fromString(platform.createUser("first@example.com"));
    String channel = "UC" + "f".repeat(22);
    platform.addChannel(first, channel, "First");
    platform.execute(
        """
        update core.channels set connection = 'connected' where channel_id = '%1$s';
        insert into core.channel_days (user_id, channel_id, day, views, created_at, updated_at)
        select '%2$s', '%1$s', d, 500, now(), now() from generate_series(date '2026-11-11', date '2026-11-17', '1 day') d;
        """
            .formatted(channel, first));
    ReportPage weekly = page(first, ReportKind.WEEKLY, "2026-11-16", "2026-11-20T17:00:00Z");
    assertEquals("Your week: 3,500 views", weekly.subject());
    ReportPage daily = page(first, ReportKind.DAILY, "2026-11-20", "2026-11-20T17:00:00Z");
    String attention = all(daily.sections());
    assertTrue(attention.contains("views of 1 of 1 cannot be compared"), attention);
    assertEquals(
        "[No channel is connected yet.]",
        all(page(empty, ReportKind.DAILY, "2026-11-20", "2026-11-20T17:00:00Z").sections()));
  }

  @Test
  void sentences_introduce_the_weekly_report_alone() {
    ReportWriter writer =
        writer((handle, firstDay, format) ->
            List.of("Night Trains <i>grew</i> since " + firstDay + "."));
    ReportPage weekly =
        writer.page(
            new ReportPeriod(user, ReportKind.WEEKLY, LocalDate.parse("2026-11-16"), FRIDAY),
            "en-US");
    assertEquals(1, weekly.sentences().size());
    String html = rendered(weekly, ReportKind.WEEKLY).html();
    assertTrue(html.contains("&lt;i&gt;grew&lt;/i&gt; since 2026-11-11"), "escaped");
    assertEquals(List.of(), daily().sentences());
  }

  @Test
  void a_video_that_the_introduction_tells_of_is_not_told_of_again() {
    ReportPage weekly =
        writer(WeeklyInsight::sentences)
            .page(
                new ReportPeriod(user, ReportKind.WEEKLY, LocalDate.parse("2026-11-16"), FRIDAY),
                "en-US");
    String title = "“How we cooked number 0 for nine hours”";
    assertTrue(
        weekly
            .sentences()
            .contains("The most viewed video was %s with 4,100 views.".formatted(title)),
        weekly.sentences().toString());
    String advice = all(weekly.sections());
    assertTrue(advice.contains("What in %s could another video repeat?".formatted(title)), advice);
    assertFalse(advice.contains("4,100"), advice);
  }

  @Test
  void the_monthly_statement_adds_up_and_says_which_days_are_missing() {
    ReportPage whole = page(user, ReportKind.MONTHLY, "2026-11-01", "2026-11-20T17:00:00Z");
    assertEquals(
        List.of("Total revenue", "Total costs", "Net profit"),
        whole.statement().stream().map(ReportPage.Statement::label).toList());
    Object profit =
        Objects.requireNonNull(
            platform
                .admin(
                    """
                    select to_char(round((select sum(revenue_usd) from core.channel_days where day between '2026-10-01' and '2026-10-31')
                                   - (select sum(amount_usd) from core.costs where (at at time zone 'America/Los_Angeles')::date between '2026-10-01' and '2026-10-31'), 2), 'FM$999,990.00') as n
                    """)
                .getFirst()
                .get("n"));
    assertEquals(profit, whole.statement().getLast().value());
    assertTrue(whole.headline().note().startsWith("All days are reported"));
    ReportPage cut = page(user, ReportKind.MONTHLY, "2026-12-01", "2026-12-01T17:00:00Z");
    assertTrue(
        cut.headline().note().contains("has not reported the last 13 days yet"),
        cut.headline().note());
  }

  @Test
  void names_of_channels_are_escaped_and_every_mail_is_short_enough_for_gmail() throws Exception {
    for (ReportKind kind : ReportKind.values()) {
      String period = kind == ReportKind.MONTHLY ? "2026-11-01" : "2026-11-20";
      ReportPage page =
          writer(WeeklyInsight::sentences)
              .page(
                  new ReportPeriod(
                      user, kind, LocalDate.parse(period), Instant.parse("2026-11-20T17:00:00Z")),
                  "en-US");
      Mail.Content content = rendered(page, kind);
      assertFalse(content.html().contains("<b>Bold"), "escaped");
      assertTrue(content.html().length() < 102_000);
      assertTrue(content.html().contains("cid:" + Mail.PICTURE_ID));
      assertTrue(content.html().contains("Ada &amp; Sons"));
      assertFalse(content.html().contains("data:"), "Outlook shows no data addresses");
      byte @Nullable [] png = content.png();
      assertTrue(png != null && png[1] == 'P' && png.length < 100_000, "a small PNG");
      assertTrue(content.text().contains("Stop " + kind.label() + " reports: https://"));
      show(kind, content, png);
    }
  }

  /** For whoever wants to look at them: -Dytempire.mails=FOLDER writes them there. */
  private static void show(ReportKind kind, Mail.Content content, byte[] png) throws IOException {
    @Nullable String folder = System.getProperty("ytempire.mails");
    if (folder != null) {
      Files.writeString(
          Path.of(folder, kind.label() + ".html"),
          content
              .html()
              .replace(
                  "cid:" + Mail.PICTURE_ID,
                  "data:image/png;base64," + Base64.getEncoder().encodeToString(png)));
      Files.writeString(Path.of(folder, kind.label() + ".txt"), content.text());
    }
  }
}
