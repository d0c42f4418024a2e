package com.ytempire.sidecar.reports;

import static com.ytempire.sidecar.testing.Platform.OPERATOR_TOKEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import com.ytempire.simulator.Mailbox;
import com.ytempire.simulator.ReceivedMail;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The mails of one week, sent by the ticks of the workflow on a clock that is moved. */
final class ReportWeekTest {
  private static final String RECIPIENT = "ada@example.com";

  /** Midnight in Berlin, before a Monday. */
  private static final Instant MONDAY = Instant.parse("2026-11-15T23:00:00Z");

  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final Duration TICK = Duration.ofMinutes(15);
  private static final Pattern LINK =
      Pattern.compile(Pattern.quote(ReportLinks.VERIFY) + "\\?token=[\\w-]+");

  private static final Mailbox mailbox = Mailbox.start(0);

  /** When the workflow sent each report, by kind, in the user's time. */
  private static final Map<String, Set<LocalTime>> sentAt = new TreeMap<>();

  private static Platform platform;

  @BeforeAll
  static void week() {
    platform =
        new Platform(
            1,
            1,
            Map.of(
                "YTEMPIRE_SMTP_HOST",
                "127.0.0.1",
                "YTEMPIRE_SMTP_PORT",
                String.valueOf(mailbox.port()),
                "YTEMPIRE_SMTP_SECURITY",
                "none",
                "YTEMPIRE_MAIL_FROM",
                "YTEMPIRE <reports@ytempire.example>"),
            MONDAY);
    String user = platform.connectedUser(0);
    // What YouTube has told until Thursday: 10 dollars a day, and 12 in the week to be written of.
    platform.execute(
        """
        insert into core.channel_days (user_id, channel_id, day, views, watch_time_minutes, revenue_usd, created_at, updated_at)
        select user_id, channel_id, day, 2000, 60, case when day between '2026-11-02' and '2026-11-08' then 12 else 10 end, now(), now()
          from core.channels, (select date '2026-10-01' + n as day from generate_series(0, 42) n) d\
        """);
    verify(user);
    for (Instant end = MONDAY.plus(Duration.ofDays(7));
        platform.clock.instant().isBefore(end);
        platform.clock.advance(TICK)) {
      tick();
    }
  }

  private static void verify(String user) {
    platform
        .patch(
            "/v1/users/" + user + "/notification-settings",
            OPERATOR_TOKEN,
            Map.of("timeZone", BERLIN.getId(), "recipients", List.of(RECIPIENT)))
        .expect(200);
    platform.app.runReportVerifications();
    Matcher link = LINK.matcher(mailbox.mailsTo(RECIPIENT).getFirst().text());
    assertTrue(link.find(), "no link was mailed");
    platform.send("POST", link.group(), null, "").expect(200);
  }

  /** As the workflow does: Get Due, then Send for each. */
  private static void tick() {
    for (JsonNode due :
        platform.get("/v1/reports/due", OPERATOR_TOKEN).expect(200).body().get("reports")) {
      sentAt
          .computeIfAbsent(due.get("kind").stringValue(), kind -> new TreeSet<>())
          .add(platform.clock.instant().atZone(BERLIN).toLocalTime());
      platform
          .post(
              "/v1/users/" + due.get("userId").stringValue() + "/reports/send",
              OPERATOR_TOKEN,
              Map.of("kind", due.get("kind").stringValue()))
          .expect(200);
    }
  }

  @AfterAll
  static void close() {
    platform.close();
    mailbox.close();
  }

  /** The reports of a kind; a Message-ID begins with the kind and its date. */
  private static List<ReceivedMail> reports(String kind) {
    return mailbox.mailsTo(RECIPIENT).stream()
        .filter(mail -> mail.header("Message-ID").startsWith("<" + kind + "-"))
        .toList();
  }

  @Test
  void each_day_of_a_week_brings_one_daily_report() {
    assertEquals(
        Stream.of(16, 17, 18, 19, 20, 21, 22).map("<daily-2026-11-%d"::formatted).toList(),
        reports("daily").stream()
            .map(mail -> mail.header("Message-ID").substring(0, "<daily-2026-11-16".length()))
            .sorted()
            .toList());
  }

  @Test
  void by_default_reports_are_sent_at_nine_and_on_monday_at_eight() {
    assertEquals(
        Map.of("daily", Set.of(LocalTime.of(9, 0)), "weekly", Set.of(LocalTime.of(8, 0))), sentAt);
  }

  @Test
  void a_week_brings_one_weekly_report_and_no_monthly_one() {
    assertEquals(1, reports("weekly").size());
    assertTrue(reports("weekly").getFirst().header("Message-ID").startsWith("<weekly-2026-11-16"));
    assertEquals(0, reports("monthly").size());
    assertEquals(9, mailbox.mailsTo(RECIPIENT).size(), "one of them is the link");
  }

  @Test
  void the_weekly_report_begins_with_sentences_about_its_own_days() {
    String text = reports("weekly").getFirst().text().replaceAll("\\s+", " ");
    String week = "Nov 6 – Nov 12: your channels earned $76.00, down 2.6% on the 7 days before.";
    assertTrue(text.contains(week), text);
    assertTrue(text.indexOf(week) < text.indexOf("Revenue, week over week"), text);
  }
}
