package com.ytempire.sidecar.config;

import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The mail server that takes reports.
 *
 * @param security starttls (required, not only tried), tls from the first byte, or none
 * @param user null: no login
 * @param timeout of connecting, and of each of its answers
 * @param from address of the sender, or {@code Name <address>}
 */
public record SmtpSettings(
    String host,
    int port,
    String security,
    @Nullable String user,
    @Nullable String password,
    Duration timeout,
    String from) {
  private static final Pattern SENDER =
      Pattern.compile("[^\\p{Cntrl}<>@]*<[^\\s<>@]+@[^\\s<>@]+>|[^\\s<>@]+@[^\\s<>@]+");

  static @Nullable SmtpSettings read(SettingsReader reader) {
    String host = reader.raw("SMTP_HOST");
    String user = reader.raw("SMTP_USER");
    String password = reader.optionalSecret("SMTP_PASSWORD");
    String from = reader.raw("MAIL_FROM");
    SmtpSettings smtp =
        new SmtpSettings(
            host == null ? "" : host,
            reader.number("SMTP_PORT", 587, 1, 65_535),
            reader.choice("SMTP_SECURITY", "starttls", "tls", "none"),
            user,
            password,
            Duration.ofSeconds(reader.number("SMTP_TIMEOUT_SECONDS", 15, 1, 120)),
            from == null ? "" : from);
    if (host == null) {
      return null;
    }
    if (from == null || !SENDER.matcher(from).matches()) {
      reader.fault(
          "YTEMPIRE_SMTP_HOST needs YTEMPIRE_MAIL_FROM: the sender's address, such as reports@example.com or YTEMPIRE <reports@example.com>.");
    }
    if ((user == null) != (password == null)) {
      reader.fault(
          "YTEMPIRE_SMTP_USER and YTEMPIRE_SMTP_PASSWORD belong together; set both or neither.");
    }
    return smtp;
  }

  @Override
  public String toString() {
    return "SmtpSettings[" + host + ":" + port + "]";
  }
}
