package com.ytempire.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.mail.Message;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The page that shows a mailbox. */
final class MailboxPageTest {
  private static final byte[] PICTURE = {(byte) 0x89, 'P', 'N', 'G'};

  private final Mailbox mailbox = Mailbox.start(0);
  private final MailboxPage page = MailboxPage.start(mailbox, 0);
  private final HttpClient http = HttpClient.newHttpClient();

  @AfterEach
  void close() {
    page.close();
    mailbox.close();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(page.url() + path)).build(), BodyHandlers.ofString());
  }

  private void mail(String to, String subject) throws Exception {
    Properties settings = new Properties();
    settings.setProperty("mail.smtp.host", "127.0.0.1");
    settings.setProperty("mail.smtp.port", String.valueOf(mailbox.port()));
    MimeMessage message = new MimeMessage(Session.getInstance(settings));
    message.setFrom(new InternetAddress("reports@example.com"));
    message.setRecipient(Message.RecipientType.TO, new InternetAddress(to));
    message.setSubject(subject, "UTF-8");
    MimeBodyPart text = new MimeBodyPart();
    text.setText("as <text>", "UTF-8");
    MimeBodyPart html = new MimeBodyPart();
    html.setText("<p>as HTML</p><img src=\"cid:chart\">", "UTF-8", "html");
    MimeBodyPart picture = new MimeBodyPart();
    picture.setContent(PICTURE, "image/png");
    picture.setContentID("<chart>");
    message.setContent(new MimeMultipart(text, html, picture));
    Transport.send(message);
  }

  @Test
  void lists_mails_and_shows_html_text_and_headers() throws Exception {
    assertTrue(get("/").body().contains("No mail has come yet"));
    mail("ada@example.com", "Tägliche <Zahlen>");
    String list = get("/").body();
    assertTrue(list.contains("Tägliche &lt;Zahlen&gt;"), list);
    String mail = get("/mails/1").body();
    assertTrue(mail.contains("as &lt;text&gt;"), mail);
    assertTrue(mail.contains("<td>Content-Type</td>"), mail);
    HttpResponse<String> html = get("/mails/1/html");
    assertTrue(html.body().contains("<p>as HTML</p><img src=\"data:image/png;base64,iVBORw=="));
    String policy = html.headers().firstValue("Content-Security-Policy").orElseThrow();
    assertTrue(policy.startsWith("sandbox "), policy);
    assertFalse(policy.contains("allow-scripts"), policy);
    assertTrue(policy.contains("default-src 'none'"), policy);
  }

  @Test
  void a_mail_keeps_its_number_when_others_come() throws Exception {
    mail("zoe@example.com", "the first");
    assertTrue(get("/mails/1").body().contains("the first"));
    mail("ada@example.com", "the second");
    assertTrue(get("/mails/1").body().contains("the first"));
    assertTrue(get("/mails/2").body().contains("the second"));
    assertEquals(404, get("/mails/3").statusCode());
    assertEquals(404, get("/mails/99999999999").statusCode());
  }

  @Test
  void another_host_name_is_answered_nothing() throws Exception {
    mail("ada@example.com", "a secret link");
    int port = URI.create(page.url()).getPort();
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket
          .getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: rebound.example.com:%d\r\nConnection: close\r\n\r\n"
                  .formatted(port)
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = read(socket.getInputStream());
      assertTrue(answer.startsWith("HTTP/1.1 404"), answer);
      assertFalse(answer.contains("a secret link"), answer);
    }
  }

  private static String read(InputStream stream) throws IOException {
    return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
  }
}
