package com.ytempire.sidecar.reports;

import static com.ytempire.sidecar.testing.Platform.OPERATOR_TOKEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.sidecar.App;
import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.reports.FaultyMailServer.Mode;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Platform.Answer;
import com.ytempire.sidecar.testing.Polling;
import com.ytempire.sidecar.testing.Replica;
import jakarta.mail.BodyPart;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reports from settings to mailbox, against a mail server that can fail. */
final class ReportMailsTest {
  /** Nine on a Friday morning in Berlin. */
  private static final Instant NINE = Instant.parse("2026-11-20T08:00:00Z");

  private final FaultyMailServer mailServer = new FaultyMailServer();
  private Platform platform;
  private String user;

  @BeforeEach
  void start() {
    platform =
        new Platform(
            1,
            1,
            Map.of(
                "YTEMPIRE_SMTP_HOST",
                "127.0.0.1",
                "YTEMPIRE_SMTP_PORT",
                String.valueOf(mailServer.port()),
                "YTEMPIRE_SMTP_SECURITY",
                "none",
                "YTEMPIRE_SMTP_TIMEOUT_SECONDS",
                "4",
                "YTEMPIRE_MAIL_FROM",
                "YTEMPIRE <reports@ytempire.example>"),
            NINE);
    user = platform.createUser("ada@example.com");
  }

  @AfterEach
  void close() {
    platform.close();
    mailServer.close();
  }

  private Answer update(Map<String, Object> settings) {
    return platform.patch("/v1/users/" + user + "/notification-settings", OPERATOR_TOKEN, settings);
  }

  private Answer send(String kind) {
    return platform.post(
        "/v1/users/" + user + "/reports/send", OPERATOR_TOKEN, Map.of("kind", kind));
  }

  private List<String> due() {
    List<String> kinds = new ArrayList<>();
    platform
        .get("/v1/reports/due", OPERATOR_TOKEN)
        .expect(200)
        .body()
        .get("reports")
        .forEach(report -> kinds.add(report.get("kind").asString()));
    return kinds;
  }

  /** Verifies the addresses by the links that were mailed to them, and forgets those mails. */
  private void recipients(String... addresses) {
    update(Map.of("timeZone", "Europe/Berlin", "recipients", List.of(addresses))).expect(200);
    platform.app.runReportVerifications();
    for (String mail : mailServer.await(addresses.length)) {
      post(link(message(mail), ReportLinks.VERIFY)).expect(200);
    }
    mailServer.mails.clear();
  }

  private String mailTo(String address) {
    return mailServer.mails.stream()
        .filter(each -> header(each, "To").equals(address))
        .findFirst()
        .orElseThrow();
  }

  private Answer post(String path) {
    return platform.send("POST", path, null, "List-Unsubscribe=One-Click");
  }

  @Test
  void an_address_receives_nothing_before_its_link_was_used() {
    Answer settings =
        update(Map.of("timeZone", "Europe/Berlin", "recipients", List.of("Ada@Example.com")))
            .expect(200);
    assertEquals("ada@example.com", settings.body().at("/recipients/0/email").asString());
    assertEquals("pending", settings.body().at("/recipients/0/state").asString());
    platform.app.runReportVerifications();
    String mail = mailServer.await(1).getFirst();
    assertEquals(List.of(), due());
    send("daily").expect(200);
    assertEquals(1, mailServer.mails.size(), "the link alone");
    String link = link(message(mail), ReportLinks.VERIFY);
    Answer page = platform.get(link, null).expect(200);
    assertTrue(page.body().asString().contains("method=\"post\""));
    assertEquals(List.of(), due(), "a GET, as of a scanner of mails, verifies nothing");
    post(link).expect(200);
    assertEquals(List.of("daily"), due());
    platform.app.runReportVerifications();
    assertEquals(1, mailServer.mails.size(), "asked once");
  }

  @Test
  void a_report_is_mailed_once_to_each_recipient() {
    recipients("ada@example.com", "office@example.com");
    assertEquals(List.of("daily"), due());
    Answer first = send("daily").expect(200);
    assertEquals("sent", first.text("state"));
    assertEquals(2, first.body().get("sent").asInt());
    assertEquals(List.of(), due());
    Answer again = send("daily").expect(200);
    assertEquals("sent", again.text("state"));
    assertEquals(2, mailServer.mails.size());
    MimeMessage mail = message(mailServer.mails.getFirst());
    assertTrue(text(mail, "text/plain").contains("Daily report"));
    assertTrue(text(mail, "text/html").length() < 102_000, "Gmail cuts longer ones");
    platform.clock.advance(Duration.ofHours(24));
    assertEquals(List.of("daily"), due());
  }

  @Test
  void each_recipient_unsubscribes_in_one_click_from_one_kind() {
    recipients("ada@example.com", "office@example.com");
    send("daily").expect(200);
    String mail = mailTo("office@example.com");
    assertEquals("List-Unsubscribe=One-Click", header(mail, "List-Unsubscribe-Post"));
    String link = link(message(mail), ReportLinks.UNSUBSCRIBE);
    assertEquals("<" + Platform.PUBLIC_URL + link + ">", header(mail, "List-Unsubscribe"));
    platform.get(link, null).expect(200);
    platform.clock.advance(Duration.ofHours(24));
    assertEquals(List.of("daily"), due(), "a GET changes nothing");
    post(link).expect(200);
    mailServer.mails.clear();
    assertEquals(1, send("daily").expect(200).body().get("sent").asInt());
    assertEquals("ada@example.com", header(mailServer.mails.getFirst(), "To"));
    Answer settings =
        platform.get("/v1/users/" + user + "/notification-settings", OPERATOR_TOKEN).expect(200);
    assertEquals("[\"daily\"]", settings.body().at("/recipients/1/unsubscribed").toString());
    post(link + "&undo=on").expect(200);
    platform.clock.advance(Duration.ofHours(24));
    assertEquals(2, send("daily").expect(200).body().get("sent").asInt());
  }

  @Test
  void a_restore_brings_no_unwanted_mail_back() throws SQLException {
    recipients("ada@example.com", "gone@example.com", "office@example.com");
    send("daily").expect(200);
    String link = link(message(mailTo("office@example.com")), ReportLinks.UNSUBSCRIBE);
    platform.app.close();
    String older = Engines.copyOf(platform.database);
    startOn(platform.database);
    post(link).expect(200);
    update(Map.of("recipients", List.of("ada@example.com", "office@example.com"))).expect(200);
    update(Map.of("weekly", Map.of("enabled", false))).expect(200);
    platform.app.close();
    replayRevocations(platform.database, older);
    startOn(older);
    Answer settings =
        platform.get("/v1/users/" + user + "/notification-settings", OPERATOR_TOKEN).expect(200);
    assertEquals(
        List.of("ada@example.com", "office@example.com"),
        settings.body().get("recipients").findValuesAsString("email"));
    assertEquals("[\"daily\"]", settings.body().at("/recipients/1/unsubscribed").toString());
    assertFalse(settings.body().at("/weekly/enabled").asBoolean());
    platform.clock.advance(Duration.ofHours(24));
    mailServer.mails.clear();
    assertEquals(1, send("daily").expect(200).body().get("sent").asInt());
    assertEquals("ada@example.com", header(mailServer.mails.getFirst(), "To"));
  }

  /** Ends in an older copy of a database what ended in it since, as a restore does. */
  private void replayRevocations(String database, String older) throws SQLException {
    try (Connection present = Engines.admin(database);
        Connection restored = Engines.admin(older);
        PreparedStatement replay =
            restored.prepareStatement(
                "select kind, replayed from core.replay_revocations(?::jsonb, ?)")) {
      replay.setString(
          1,
          String.valueOf(
              Platform.rows(present, "select core.list_revocations()::text as list")
                  .getFirst()
                  .get("list")));
      replay.setObject(2, platform.clock.instant().atOffset(ZoneOffset.UTC));
      Map<String, Long> replayed = new HashMap<>();
      try (ResultSet rows = replay.executeQuery()) {
        while (rows.next()) {
          replayed.put(rows.getString(1), rows.getLong(2));
        }
      }
      assertEquals(
          List.of(1L, 1L, 1L),
          Stream.of("recipient", "unsubscription", "reports").map(replayed::get).toList());
    }
  }

  private void startOn(String database) {
    Map<String, String> settings = new HashMap<>(platform.settings());
    settings.put("YTEMPIRE_DATABASE_URL", Engines.postgres().url(database));
    platform.app = App.start(Config.from(settings), platform.clock);
  }

  @Test
  void a_token_that_was_made_up_or_changed_does_nothing() {
    recipients("ada@example.com");
    send("daily").expect(200);
    String link = link(message(mailServer.mails.getFirst()), ReportLinks.UNSUBSCRIBE);
    for (String wrong :
        List.of(
            ReportLinks.UNSUBSCRIBE,
            ReportLinks.UNSUBSCRIBE + "?token=",
            ReportLinks.UNSUBSCRIBE + "?token=AAAA",
            ReportLinks.UNSUBSCRIBE + "?token=%F0%9F%98%80",
            link.substring(0, link.length() - 3) + "AAA",
            link.replace(ReportLinks.UNSUBSCRIBE, ReportLinks.VERIFY))) {
      Answer answer = post(wrong).expect(400);
      assertTrue(answer.body().asString().contains("no longer works"), wrong);
    }
    assertEquals(0, platform.count("core.report_recipients where unsubscribed_kinds <> '{}'"));
  }

  @Test
  void unknown_time_zones_and_line_breaks_in_addresses_are_refused() {
    for (String zone : List.of("Europe/Atlantis", "UTC+25", "../etc/passwd", "Europe/Berlin\n")) {
      Answer refused = update(Map.of("timeZone", zone)).expectProblem(400, "invalid-request");
      assertTrue(refused.text("detail").contains("IANA time zone"), refused.text("detail"));
      assertEquals("/timeZone", refused.body().at("/faults/0/pointer").asString());
    }
    for (String address :
        List.of(
            "ada@example.com\r\nBcc: eve@example.com",
            "ada@example.com\n",
            "Ada <ada@example.com>",
            "ada@example.com, eve@example.com",
            "ada",
            "ada@@example.com",
            "ada..lovelace@example.com",
            ".ada@example.com",
            "ada.@example.com",
            "ada@example..com",
            "ada@example.com.",
            "ada@example/com")) {
      Answer refused =
          update(Map.of("recipients", List.of("office@example.com", address)))
              .expectProblem(400, "invalid-request");
      assertTrue(refused.text("detail").contains("one email address"), refused.text("detail"));
    }
    assertEquals(0, platform.count("core.report_recipients"), "nothing half-done");
  }

  @Test
  void while_the_mail_server_is_away_a_report_stays_due_for_six_hours() {
    recipients("ada@example.com");
    mailServer.close();
    Answer postponed = send("daily").expect(200);
    assertEquals("postponed", postponed.text("state"));
    assertEquals(1, postponed.body().get("waiting").asInt());
    assertTrue(postponed.text("message").contains("mail server"), postponed.text("message"));
    platform.clock.advance(Duration.ofMinutes(15));
    assertEquals(List.of("daily"), due(), "tried again at the next tick");
    platform.clock.advance(Duration.ofHours(6));
    assertEquals(List.of(), due(), "too late");
    assertEquals("not-due", send("daily").expect(200).text("state"));
  }

  @Test
  void a_mail_server_that_does_not_answer_is_given_up_after_the_timeout() {
    recipients("ada@example.com");
    mailServer.mode = Mode.SILENT;
    assertEquals("postponed", send("daily").expect(200).text("state"));
    mailServer.mode = Mode.TAKES;
    assertEquals("sent", send("daily").expect(200).text("state"));
    assertEquals(1, mailServer.mails.size());
  }

  @Test
  void one_refused_recipient_of_three_does_not_stop_the_others() {
    recipients("ada@example.com", "gone@example.com", "office@example.com");
    mailServer.refused.add("gone@example.com");
    Answer sent = send("daily").expect(200);
    assertEquals("sent", sent.text("state"));
    assertEquals(2, sent.body().get("sent").asInt());
    assertEquals(1, sent.body().get("refused").asInt());
    assertFalse(sent.body().toString().contains("gone@example.com"), "no address in executions");
    assertEquals(
        List.of("ada@example.com", "office@example.com"),
        mailServer.mails.stream().map(each -> header(each, "To")).toList());
    assertEquals(
        1,
        platform.count(
            "core.report_deliveries where state = 'refused' and reason like '%550 5.1.1%'"));
    assertEquals(List.of(), due(), "who is refused for good is not tried again");
  }

  @Test
  void a_deferred_recipient_alone_gets_the_mail_at_a_later_tick() {
    recipients("ada@example.com", "office@example.com");
    mailServer.deferred.add("ada@example.com");
    Answer postponed = send("daily").expect(200);
    assertEquals("postponed", postponed.text("state"));
    assertEquals(1, postponed.body().get("sent").asInt(), "who comes after is not held up");
    assertEquals(1, postponed.body().get("waiting").asInt());
    assertTrue(postponed.text("message").contains("1 of 2 recipients"), postponed.text("message"));
    mailServer.deferred.clear();
    platform.clock.advance(Duration.ofMinutes(15));
    assertEquals("sent", send("daily").expect(200).text("state"));
    assertEquals(
        List.of("office@example.com", "ada@example.com"),
        mailServer.mails.stream().map(each -> header(each, "To")).toList());
  }

  @Test
  void an_address_that_is_deferred_does_not_hold_up_links_to_others() {
    mailServer.deferred.add("ada@example.com");
    update(Map.of("recipients", List.of("ada@example.com", "office@example.com"))).expect(200);
    platform.app.runReportVerifications();
    assertEquals("office@example.com", header(mailServer.await(1).getFirst(), "To"));
    mailServer.deferred.clear();
    platform.clock.advance(Verifications.PAUSE);
    platform.app.runReportVerifications();
    assertEquals("ada@example.com", header(mailServer.await(2).getLast(), "To"));
  }

  @Test
  void a_link_that_kills_the_mail_server_delays_no_other_user() {
    mailServer.dying.add("ada@example.com");
    update(Map.of("recipients", List.of("ada@example.com"))).expect(200);
    String other = platform.createUser("bob@example.com");
    platform.clock.advance(Duration.ofSeconds(1));
    platform
        .patch(
            "/v1/users/" + other + "/notification-settings",
            OPERATOR_TOKEN,
            Map.of("recipients", List.of("bob@example.com")))
        .expect(200);
    platform.app.runReportVerifications();
    assertEquals("bob@example.com", header(mailServer.await(1).getFirst(), "To"));
  }

  @Test
  void saving_the_recipients_again_leaves_the_pause_of_a_link_as_it_is() {
    List<String> recipients = List.of("ada@example.com");
    update(Map.of("recipients", recipients)).expect(200);
    platform.app.runReportVerifications();
    mailServer.await(1);
    platform.clock.advance(Verifications.PAUSE);
    mailServer.deferred.add("ada@example.com");
    for (int attempts = 1; attempts <= 4; attempts++) {
      update(Map.of("recipients", recipients)).expect(200);
      platform.app.runReportVerifications();
      assertEquals(
          1, platform.count("core.report_recipients where verification_attempts = " + attempts));
      platform.clock.advance(Verifications.pause(attempts - 1).minusSeconds(1));
      update(Map.of("recipients", recipients)).expect(200);
      platform.app.runReportVerifications();
      assertEquals(
          1, platform.count("core.report_recipients where verification_attempts = " + attempts));
      platform.clock.advance(Duration.ofSeconds(1));
    }
  }

  @Test
  void an_unmailable_link_is_retried_with_backoff_then_given_up() {
    mailServer.deferred.add("ada@example.com");
    update(Map.of("recipients", List.of("ada@example.com"))).expect(200);
    for (int attempts = 1; attempts <= Verifications.MAX_ATTEMPTS; attempts++) {
      platform.app.runReportVerifications();
      assertEquals(
          1, platform.count("core.report_recipients where verification_attempts = " + attempts));
      platform.clock.advance(Verifications.pause(attempts - 1).minusSeconds(1));
      platform.app.runReportVerifications();
      assertEquals(
          1,
          platform.count("core.report_recipients where verification_attempts = " + attempts),
          "not before its pause is over");
      platform.clock.advance(Duration.ofSeconds(1));
    }
    assertEquals(
        1, platform.count("core.report_recipients where verification_due_at is null"), "given up");
    String problem =
        platform
            .get("/v1/users/" + user + "/notification-settings", OPERATOR_TOKEN)
            .expect(200)
            .body()
            .at("/recipients/0/problem")
            .asString();
    assertTrue(problem.startsWith("No link could be mailed in 12 attempts"), problem);
    assertTrue(problem.contains("451 4.7.1"), problem);
    mailServer.deferred.clear();
    update(Map.of("recipients", List.of("ada@example.com"))).expect(200);
    platform.app.runReportVerifications();
    post(link(message(mailServer.await(1).getFirst()), ReportLinks.VERIFY)).expect(200);
  }

  @Test
  void adding_an_address_again_mails_no_more_links_than_the_limit() {
    for (int i = 0; i < Verifications.MAX_MAILS_A_DAY + 3; i++) {
      update(Map.of("recipients", List.of())).expect(200);
      update(Map.of("recipients", List.of("eve@example.com"))).expect(200);
      platform.app.runReportVerifications();
    }
    assertEquals(Verifications.MAX_MAILS_A_DAY, mailServer.mails.size());
    Answer settings =
        platform.get("/v1/users/" + user + "/notification-settings", OPERATOR_TOKEN).expect(200);
    String problem = settings.body().at("/recipients/0/problem").asString();
    assertTrue(problem.contains("follows tomorrow"), problem);
    platform.clock.advance(Duration.ofHours(24));
    platform.app.runReportVerifications();
    assertEquals(Verifications.MAX_MAILS_A_DAY + 1, mailServer.mails.size());
  }

  @Test
  void recipients_added_beyond_the_limit_of_a_day_are_refused_until_tomorrow() {
    for (int i = 0; i < NotificationRoutes.MAX_ADDED_A_DAY - 1; i++) {
      update(Map.of("recipients", List.of("eve%d@example.com".formatted(i)))).expect(200);
    }
    String last = "eve%d@example.com".formatted(NotificationRoutes.MAX_ADDED_A_DAY - 2);
    Map<String, Object> beyond =
        Map.of(
            "timeZone",
            "Asia/Kolkata",
            "recipients",
            List.of(last, "ada@example.com", "bob@example.com"));
    Answer refused = update(beyond).expectProblem(429, "too-many-recipients");
    assertTrue(refused.text("detail").contains("room for 1 more"), refused.text("detail"));
    assertEquals("2026-11-21T00:00:00Z", refused.text("retryAt"));
    assertEquals(
        0, platform.count("core.users where time_zone = 'Asia/Kolkata'"), "nothing half-done");
    assertEquals(1, platform.count("core.report_recipients where email = '%s'".formatted(last)));
    update(Map.of("recipients", List.of(last, "ada@example.com"))).expect(200);
    update(Map.of("recipients", List.of(last))).expect(200);
    update(Map.of("recipients", List.of(last, "ada@example.com")))
        .expectProblem(429, "too-many-recipients");
    assertEquals(
        NotificationRoutes.MAX_ADDED_A_DAY - 1,
        platform.count("core.revocations where kind = 'recipient'"),
        "an entry for each that was removed");
    platform.clock.advance(Duration.ofHours(24));
    update(beyond).expect(200);
  }

  @Test
  void attempts_without_a_mail_take_none_of_the_days_mails() {
    List<String> recipients = List.of("ada@example.com", "eve@example.com");
    mailServer.deferred.addAll(recipients);
    update(Map.of("recipients", recipients)).expect(200);
    for (int attempts = 1; 2 * attempts <= Verifications.MAX_MAILS_A_DAY; attempts++) {
      platform.app.runReportVerifications();
      assertEquals(
          2, platform.count("core.report_recipients where verification_attempts = " + attempts));
      platform.clock.advance(Verifications.pause(attempts - 1));
    }
    mailServer.deferred.clear();
    platform.app.runReportVerifications();
    assertEquals(2, mailServer.await(2).size());
  }

  @Test
  void a_mail_that_may_have_gone_out_counts_as_one_of_the_day() {
    mailServer.mode = FaultyMailServer.Mode.DIES_AFTER_TAKING;
    update(Map.of("recipients", List.of("ada@example.com"))).expect(200);
    platform.app.runReportVerifications();
    mailServer.await(1);
    assertEquals(1, platform.count("core.user_dashboard_config where verification_mails = 1"));
  }

  @Test
  void a_link_in_doubt_is_mailed_again_after_its_pause_and_both_work() {
    mailServer.mode = Mode.DIES_AFTER_TAKING;
    update(Map.of("recipients", List.of("ada@example.com"))).expect(200);
    platform.app.runReportVerifications();
    mailServer.await(1);
    mailServer.mode = Mode.TAKES;
    platform.clock.advance(Verifications.PAUSE.minusSeconds(1));
    platform.app.runReportVerifications();
    assertEquals(1, mailServer.mails.size(), "not before its pause is over");
    platform.clock.advance(Duration.ofSeconds(1));
    platform.app.runReportVerifications();
    List<String> mails = mailServer.await(2);
    assertEquals(1, platform.count("core.user_dashboard_config where verification_mails = 2"));
    for (String mail : mails) {
      platform.execute("update core.report_recipients set verified_at = null");
      post(link(message(mail), ReportLinks.VERIFY)).expect(200);
      assertEquals(1, platform.count("core.report_recipients where verified_at is not null"));
    }
    platform.app.runReportVerifications();
    assertEquals(2, mailServer.mails.size(), "none is due any more");
  }

  @Test
  void attempts_without_a_mail_are_limited_by_day() {
    mailServer.deferred.add("eve@example.com");
    update(Map.of("recipients", List.of("eve@example.com"))).expect(200);
    platform.app.runReportVerifications();
    platform.execute(
        "update core.user_dashboard_config set verification_attempts = %d where verification_mails = 0"
            .formatted(Verifications.MAX_ATTEMPTS_A_DAY - 2));
    for (int i = 0; i < 4; i++) {
      update(Map.of("recipients", List.of())).expect(200);
      update(Map.of("recipients", List.of("eve@example.com"))).expect(200);
      platform.app.runReportVerifications();
      assertEquals(
          i < 2 ? 1 : 0,
          platform.count("core.report_recipients where verification_attempts = 1"),
          "try " + i);
    }
    assertEquals(
        1,
        platform.count(
            "core.user_dashboard_config where verification_attempts = "
                + Verifications.MAX_ATTEMPTS_A_DAY));
  }

  @Test
  void who_asks_what_is_due_is_audited_for_each_user_of_the_answer() {
    recipients("ada@example.com");
    due();
    assertEquals(
        1,
        platform.count("core.audit_log where action = 'reports.due' and user_id = '" + user + "'"));
  }

  /** Two reported weeks: $1 a day, then $2 a day, up to the Saturday before the Monday. */
  private void storeTwoWeeks() {
    String channel = "UC" + "a".repeat(22);
    platform.addChannel(user, channel, "Night Trains");
    platform.execute(
        """
        update core.channels set connection = 'connected' where channel_id = '%1$s';
        insert into core.channel_days (user_id, channel_id, day, views, revenue_usd, created_at, updated_at)
        select '%2$s', '%1$s', d, 100, case when d < date '2026-11-15' then 1 else 2 end, now(), now()
          from generate_series(date '2026-11-08', date '2026-11-21', '1 day') d;
        """
            .formatted(channel, user));
  }

  private String weeklyText() {
    mailServer.mails.clear();
    platform.execute("delete from core.report_runs");
    assertEquals("sent", send("weekly").expect(200).text("state"));
    return text(message(mailServer.mails.getFirst()), "text/plain").replace('\u00a0', ' ');
  }

  @Test
  void the_weekly_mail_begins_with_sentences_about_its_own_days() {
    recipients("ada@example.com");
    storeTwoWeeks();
    // Monday, 09:00 in Berlin; YouTube has reported up to Saturday.
    platform.clock.advance(Duration.ofHours(72));
    String rules = weeklyText();
    assertTrue(rules.contains("Nov 15 – Nov 21: your channels earned $14.00, up 100%"), rules);
    platform
        .post(
            "/v1/users/" + user + "/insights",
            OPERATOR_TOKEN,
            Map.of("answer", Map.of("sentences", List.of("A good week: {{revenue}}."))))
        .expect(200);
    String model = weeklyText();
    assertTrue(model.contains("A good week: $14.00."), model);
    assertTrue(model.contains("$14.00 in Nov 15 – Nov 21"), "the same figure of the same days");
    platform.execute("delete from core.insights");
    // What rules stored before is not what is mailed.
    platform
        .post("/v1/users/" + user + "/insights", OPERATOR_TOKEN, Map.of("answer", ""))
        .expect(200);
    update(Map.of("numberLanguage", "de-DE")).expect(200);
    String german = weeklyText();
    assertTrue(german.contains("your channels earned 14,00 $"), german);
  }

  @Test
  void a_mail_whose_answer_was_lost_is_sent_again_under_the_same_message_id() {
    recipients("ada@example.com");
    mailServer.mode = Mode.DIES_AFTER_TAKING;
    assertEquals("postponed", send("daily").expect(200).text("state"));
    mailServer.mode = Mode.TAKES;
    platform.clock.advance(Duration.ofMinutes(15));
    assertEquals("sent", send("daily").expect(200).text("state"));
    assertEquals(2, mailServer.mails.size());
    assertEquals(
        1,
        new HashSet<>(mailServer.mails.stream().map(each -> header(each, "Message-ID")).toList())
            .size());
    assertTrue(header(mailServer.mails.getFirst(), "Message-ID").contains("daily-2026-11-20-"));
  }

  @Test
  void a_mail_that_was_taken_after_the_callers_deadline_is_recorded() {
    recipients("ada@example.com");
    mailServer.beforeAnswer =
        () -> {
          Deadline callers = Deadline.after(Duration.ofMillis(2500));
          Polling.until("the caller's deadline has passed", callers::hasPassed);
        };
    platform.post(
        "/v1/users/" + user + "/reports/send", OPERATOR_TOKEN, Map.of("kind", "daily"), 2);
    assertEquals(1, platform.count("core.report_deliveries where state = 'sent'"));
    assertEquals(1, platform.count("core.report_runs where sent_at is not null"));
    platform.clock.advance(Duration.ofMinutes(21));
    assertEquals("sent", send("daily").expect(200).text("state"));
    assertEquals(1, mailServer.mails.size());
  }

  @Test
  void a_claim_that_another_replica_took_over_is_not_ended() {
    recipients("ada@example.com");
    mailServer.beforeAnswer =
        () ->
            platform.execute(
                "update core.report_runs set claimed_at = claimed_at + interval '21 minutes', leased_until = leased_until + interval '21 minutes'");
    send("daily").expect(200);
    assertEquals(
        1,
        platform.count(
            "core.report_runs where sent_at is null and leased_until > claimed_at + interval '19 minutes'"));
    assertEquals(1, platform.count("core.report_deliveries"), "what was taken is recorded");
  }

  @Test
  void an_address_that_no_mail_can_have_is_refused_and_stops_nobody() {
    update(Map.of("recipients", List.of("ada@example.com"))).expect(200);
    platform.execute(
        "insert into core.report_recipients (user_id, email, created_at, verification_due_at) select user_id, 'a..b@example.com', created_at - interval '1 hour', verification_due_at from core.report_recipients");
    platform.app.runReportVerifications();
    mailServer.await(1);
    assertEquals(
        1,
        platform.count(
            "core.report_recipients where email = 'a..b@example.com' and verification_due_at is null and verification_error is not null"));
  }

  @Test
  void changes_at_the_same_time_keep_each_others_settings_and_five_recipients() throws Exception {
    List<CompletableFuture<Answer>> changes = new ArrayList<>();
    try (Connection blocker =
        Engines.postgres()
            .connect(platform.database, LocalPostgres.ADMIN, Engines.postgres().password())) {
      blocker.setAutoCommit(false);
      blocker.createStatement().execute("select 1 from core.users for no key update");
      for (Map<String, Object> change :
          List.<Map<String, Object>>of(
              Map.of("daily", Map.of("enabled", false), "recipients", addresses("a")),
              Map.of("weekly", Map.of("time", "06:30"), "recipients", addresses("b")))) {
        changes.add(
            CompletableFuture.supplyAsync(() -> update(change), Thread::startVirtualThread));
      }
      Polling.until(
          "both changes wait",
          () ->
              platform
                      .admin(
                          "select pid from pg_stat_activity where usename = 'ytempire_app' and datname = current_database() and wait_event_type = 'Lock'")
                      .size()
                  == 2);
      blocker.rollback();
    }
    for (CompletableFuture<Answer> change : changes) {
      change.get(60, TimeUnit.SECONDS).expect(200);
    }
    Answer settings =
        platform.get("/v1/users/" + user + "/notification-settings", OPERATOR_TOKEN).expect(200);
    assertFalse(settings.body().at("/daily/enabled").asBoolean());
    assertEquals("06:30", settings.body().at("/weekly/time").asString());
    assertEquals(5, settings.body().get("recipients").size());
  }

  private static List<String> addresses(String prefix) {
    return IntStream.range(0, 5).mapToObj(n -> prefix + n + "@example.com").toList();
  }

  /** By {@code kill -9} of another replica when the mail server has the mail, before its 250. */
  @Test
  void a_mail_killed_before_its_commit_keeps_its_message_id() {
    recipients("ada@example.com");
    try (Replica replica = Replica.start(platform.settings(), NINE, Engines.folder("replica"))) {
      mailServer.beforeAnswer = replica::close;
      Replica.Answer cut =
          replica.post(
              "/v1/users/" + user + "/reports/send",
              Map.of("kind", "daily"),
              Duration.ofSeconds(50));
      assertEquals(0, cut.status(), cut.body());
    }
    mailServer.beforeAnswer = () -> {};
    String first = header(mailServer.mails.getFirst(), "Message-ID");
    assertEquals(1, platform.count("core.report_runs where sent_at is null"));
    assertEquals(0, platform.count("core.report_deliveries"));
    assertEquals(List.of(), due(), "the lease of the dead holds");
    assertEquals("in-progress", send("daily").expect(200).text("state"));
    platform.clock.advance(Duration.ofMinutes(21));
    assertEquals(List.of("daily"), due());
    assertEquals("sent", send("daily").expect(200).text("state"));
    assertEquals(2, mailServer.mails.size());
    assertEquals(first, header(mailServer.mails.getLast(), "Message-ID"));
  }

  @Test
  void a_kind_that_is_off_is_not_due_and_the_others_are() {
    recipients("ada@example.com");
    update(Map.of("daily", Map.of("enabled", false), "weekly", Map.of("time", "06:30")))
        .expect(200);
    assertEquals(List.of(), due());
    // Monday, 07:00 in Berlin.
    platform.clock.advance(Duration.ofHours(70));
    assertEquals(List.of("weekly"), due());
    assertEquals("sent", send("weekly").expect(200).text("state"));
    platform.clock.advance(
        Duration.between(NINE.plus(Duration.ofHours(70)), Instant.parse("2026-12-01T07:59:00Z")));
    assertEquals(List.of(), due(), "before nine on the first");
    platform.clock.advance(Duration.ofMinutes(1));
    assertEquals(List.of("monthly"), due());
    assertEquals("sent", send("monthly").expect(200).text("state"));
  }

  @Test
  void nobody_is_due_who_is_deactivated_or_has_no_recipient() {
    recipients("ada@example.com");
    platform.patch("/v1/users/" + user, OPERATOR_TOKEN, Map.of("isActive", false)).expect(200);
    assertEquals(List.of(), due());
    platform.patch("/v1/users/" + user, OPERATOR_TOKEN, Map.of("isActive", true)).expect(200);
    assertEquals(List.of("daily"), due());
    update(Map.of("recipients", List.of())).expect(200);
    assertEquals(List.of(), due());
    assertEquals(0, platform.count("core.report_recipients"));
  }

  static MimeMessage message(String source) {
    try {
      return new MimeMessage(
          Session.getInstance(new Properties()),
          new ByteArrayInputStream(source.getBytes(StandardCharsets.UTF_8)));
    } catch (MessagingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The text of all parts of a type. */
  static String text(Part part, String type) {
    try {
      if (part.getContent() instanceof Multipart parts) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < parts.getCount(); i++) {
          BodyPart inner = parts.getBodyPart(i);
          text.append(text(inner, type));
        }
        return text.toString();
      }
      return part.isMimeType(type) ? String.valueOf(part.getContent()) : "";
    } catch (MessagingException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String header(String mail, String name) {
    try {
      String[] values = message(mail).getHeader(name);
      return values == null ? "" : values[0].replaceAll("\\s+", "");
    } catch (MessagingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String link(MimeMessage mail, String path) {
    Matcher link =
        Pattern.compile(path + "\\?token=[A-Za-z0-9_-]+").matcher(text(mail, "text/plain"));
    assertTrue(link.find(), "no link");
    return link.group();
  }
}
