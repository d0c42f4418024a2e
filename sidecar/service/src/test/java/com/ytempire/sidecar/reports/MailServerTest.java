package com.ytempire.sidecar.reports;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.config.SmtpSettings;
import com.ytempire.simulator.Mailbox;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.internet.MimeMessage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A mail as a whole mail server has it. */
final class MailServerTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-20T08:00:00Z"), ZoneOffset.UTC);

  @ParameterizedTest
  @CsvSource({"GREETS_WITHOUT_END, false", "TAKES_WITHOUT_END, true"})
  void a_server_that_answers_without_end_is_given_up(
      FaultyMailServer.Mode mode, boolean isInDoubt) {
    try (FaultyMailServer faulty = new FaultyMailServer()) {
      faulty.mode = mode;
      MailServer server = server(faulty.port(), Duration.ofMillis(200));
      MailServer.OutageException outage =
          assertThrows(
              MailServer.OutageException.class,
              () -> {
                try (MailServer.Connection connection = server.connect()) {
                  connection.send(
                      new Mail(
                          "ada@example.com",
                          "daily-1@" + server.domain(),
                          new Mail.Content("a", "<p>a</p>", "a", null),
                          null));
                }
              });
      assertEquals(isInDoubt, outage.isInDoubt());
      assertTrue(outage.sentence().contains("the mail server took longer than"), outage.sentence());
    }
  }

  private static MailServer server(int port, Duration timeout) {
    return new MailServer(
        new SmtpSettings(
            "127.0.0.1", port, "none", null, null, timeout, "YTEMPIRE <reports@ytempire.example>"),
        CLOCK);
  }

  @Test
  void a_mail_has_text_html_and_its_picture_and_keeps_its_headers() throws Exception {
    byte[] png = {1, 2, 3};
    try (Mailbox mailbox = Mailbox.start(0)) {
      MailServer server = server(mailbox.port(), Duration.ofSeconds(10));
      try (MailServer.Connection connection = server.connect()) {
        connection.send(
            new Mail(
                "ada@example.com",
                "daily-1@" + server.domain(),
                new Mail.Content("Größe: 1 $", "<p>ü</p>", "ü", png),
                "https://data.example.com/u?token=x"));
      }
      MimeMessage mail = mailbox.mails().getFirst();
      assertEquals("Größe: 1 $", mail.getSubject());
      assertEquals("<daily-1@ytempire.example>", mail.getMessageID());
      assertEquals("<https://data.example.com/u?token=x>", mail.getHeader("List-Unsubscribe")[0]);
      assertEquals("List-Unsubscribe=One-Click", mail.getHeader("List-Unsubscribe-Post")[0]);
      assertTrue(mail.isMimeType("multipart/alternative"));
      Multipart related = (Multipart) ((Multipart) mail.getContent()).getBodyPart(1).getContent();
      Part picture = related.getBodyPart(1);
      assertEquals("<chart>", picture.getHeader("Content-ID")[0]);
      assertArrayEquals(png, picture.getInputStream().readAllBytes());
      assertEquals("ü", ReportMailsTest.text(mail, "text/plain").strip());
    }
  }
}
