package com.ytempire.platform;

import com.ytempire.simulator.ReceivedMail;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The reports of a user of a platform, from the settings to the mailbox: what the user sets, the
 * link that a recipient opens, and the mails that come. Used by one thread.
 */
public final class MailedReports {
  /** A link is mailed within 15 seconds; more on a machine that computes. */
  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  private static final Duration PAUSE = Duration.ofMillis(250);

  private static final Pattern LINK =
      Pattern.compile("http://\\S+/v1/reports/verify\\?token=[\\w-]+");
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm");

  private final Platform platform;
  private final String settings;
  private final String recipient;

  /**
   * Makes the reports of a user; nothing is set yet.
   *
   * @param recipient to whom they are mailed
   */
  public MailedReports(Platform platform, String userId, String recipient) {
    this.platform = platform;
    this.settings = "/v1/users/%s/notification-settings".formatted(userId);
    this.recipient = recipient;
  }

  /**
   * Sets the recipient, and the daily report to a minute ago in the user's time zone, so that it is
   * due. The recipient is mailed a link.
   */
  public void request() {
    ZoneId zone = ZoneId.of(platform.operator().get(settings).get("timeZone").stringValue());
    ZonedDateTime due = platform.clock().instant().atZone(zone).minusMinutes(1);
    platform
        .operator()
        .patch(
            settings,
            Http.map(
                "recipients",
                List.of(recipient),
                "daily",
                Http.map("enabled", true, "time", TIME.format(due))));
  }

  /** Sets the user's time zone and the recipient, who is mailed a link; times stay as they are. */
  public void request(ZoneId zone) {
    platform
        .operator()
        .patch(settings, Http.map("timeZone", zone.getId(), "recipients", List.of(recipient)));
  }

  /**
   * Waits for the link that was mailed, and presses its button, as the recipient does.
   *
   * @throws IllegalStateException when no link comes in two minutes, or it does not work
   */
  public void verify() throws InterruptedException {
    long until = System.nanoTime() + TIMEOUT.toNanos();
    while (System.nanoTime() < until) {
      for (ReceivedMail mail : platform.outside().mailbox().mailsTo(recipient)) {
        Matcher link = LINK.matcher(mail.text());
        if (link.find()) {
          int status = platform.operator().press(link.group());
          if (status != 200) {
            throw new IllegalStateException("the mailed link answered " + status);
          }
          return;
        }
      }
      Thread.sleep(PAUSE);
    }
    throw new IllegalStateException("no link was mailed to " + recipient);
  }

  /**
   * Runs the workflow that mails what is due, by its button.
   *
   * @param workflow its id in n8n
   * @return the status that the execution ended with
   */
  public String send(String workflow) throws Exception {
    N8n n8n = platform.n8n();
    String execution = platform.whileAway(() -> n8n.run(workflow, "Run Now"));
    long until = System.nanoTime() + TIMEOUT.toNanos();
    String status = "new";
    while (N8n.isUnfinished(status) && System.nanoTime() < until) {
      Thread.sleep(PAUSE);
      status = platform.whileAway(() -> n8n.status(workflow, execution));
    }
    return status;
  }

  /** The reports of a kind, such as {@code daily}, that came; a Message-ID begins with it. */
  public List<ReceivedMail> mails(String kind) {
    return platform.outside().mailbox().mailsTo(recipient).stream()
        .filter(mail -> mail.header("Message-ID").startsWith("<" + kind + "-"))
        .toList();
  }
}
