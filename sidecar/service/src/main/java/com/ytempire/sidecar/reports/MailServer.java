package com.ytempire.sidecar.reports;

import com.ytempire.sidecar.config.SmtpSettings;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.time.Clock;
import java.util.Date;
import java.util.Locale;
import java.util.Properties;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;
import org.jspecify.annotations.Nullable;

/**
 * Sends mails by SMTP, each to one recipient. Every connection attempt, every answer, and each mail
 * as a whole has a timeout. Safe to share between threads; a {@link Connection} is for one.
 */
final class MailServer {
  private static final int TRANSIENT = 400;
  private static final int PERMANENT = 500;

  /**
   * The answers, with their timeouts, that connecting may take: the connection, the greeting, EHLO
   * before and after STARTTLS, the handshake, and AUTH in up to three steps.
   */
  private static final int CONNECTION_ANSWERS = 9;

  /** MAIL, RCPT, DATA, the end of the mail, and RSET. */
  private static final int MAIL_ANSWERS = 5;

  /** The server closes the connection; RFC 5321, 3.8. */
  private static final int CLOSING = 421;

  private final SmtpSettings settings;
  private final Session session;
  private final MimeMessages messages;
  private final Clock clock;

  MailServer(SmtpSettings settings, Clock clock) {
    this.settings = settings;
    this.session = Session.getInstance(properties(settings));
    this.messages = new MimeMessages(session);
    this.clock = clock;
  }

  private static Properties properties(SmtpSettings settings) {
    String protocol = protocol(settings);
    String timeout = String.valueOf(settings.timeout().toMillis());
    Properties properties = new Properties();
    properties.setProperty("mail." + protocol + ".host", settings.host());
    properties.setProperty("mail." + protocol + ".port", String.valueOf(settings.port()));
    properties.setProperty("mail." + protocol + ".connectiontimeout", timeout);
    properties.setProperty("mail." + protocol + ".timeout", timeout);
    properties.setProperty("mail." + protocol + ".writetimeout", timeout);
    properties.setProperty("mail." + protocol + ".auth", String.valueOf(settings.user() != null));
    properties.setProperty("mail." + protocol + ".ssl.checkserveridentity", "true");
    boolean isStartTls = settings.security().equals("starttls");
    properties.setProperty("mail.smtp.starttls.enable", String.valueOf(isStartTls));
    properties.setProperty("mail.smtp.starttls.required", String.valueOf(isStartTls));
    return properties;
  }

  private static String protocol(SmtpSettings settings) {
    return settings.security().equals("tls") ? "smtps" : "smtp";
  }

  /** The part of our address after the @, for ids of messages. */
  String domain() {
    String address = sender().getAddress();
    return address.substring(address.indexOf('@') + 1).toLowerCase(Locale.ROOT);
  }

  private InternetAddress sender() {
    try {
      return new InternetAddress(settings.from(), false);
    } catch (AddressException e) {
      throw new IllegalStateException("YTEMPIRE_MAIL_FROM is no address", e);
    }
  }

  /**
   * The server is unavailable, too slow, or does not take our mails at all; the mail is tried
   * again.
   */
  static final class OutageException extends Exception {
    private static final long serialVersionUID = 1;

    private final boolean isInDoubt;

    OutageException(String sentence, boolean isInDoubt, Throwable cause) {
      super(sentence, cause);
      this.isInDoubt = isInDoubt;
    }

    /**
     * Whether the mail may have gone out nevertheless: the connection ended or timed out before the
     * server said what became of it. False: it is known that it did not.
     */
    boolean isInDoubt() {
      return isInDoubt;
    }

    /** What happened, for people. */
    String sentence() {
      return String.valueOf(getMessage());
    }
  }

  /** The server refuses this recipient for good, or it is no address. */
  static final class RefusalException extends Exception {
    private static final long serialVersionUID = 1;

    RefusalException(String reason, Throwable cause) {
      super(reason, cause);
    }

    /** What the server said, on one line. */
    String reason() {
      return String.valueOf(getMessage());
    }
  }

  /** The server takes no mail to this recipient now, and others may get theirs. */
  static final class DeferralException extends Exception {
    private static final long serialVersionUID = 1;

    DeferralException(String reason, Throwable cause) {
      super(reason, cause);
    }

    /** What the server said, on one line. */
    String reason() {
      return String.valueOf(getMessage());
    }
  }

  /** Connects and logs in. */
  Connection connect() throws OutageException {
    try {
      Transport transport = session.getTransport(protocol(settings));
      MailDialog.run(
          settings.timeout().multipliedBy(CONNECTION_ANSWERS),
          () -> transport.connect(settings.user(), settings.password()));
      return new Connection(transport);
    } catch (AuthenticationFailedException e) {
      throw new OutageException(
          "The mail server at %s:%d refused the login".formatted(settings.host(), settings.port()),
          false,
          e);
    } catch (MessagingException e) {
      throw unavailable(e, false);
    }
  }

  private OutageException unavailable(MessagingException e, boolean isInDoubt) {
    return new OutageException(
        "The mail server at %s:%d failed: %s"
            .formatted(settings.host(), settings.port(), oneLine(e)),
        isInDoubt,
        e);
  }

  private static String oneLine(Throwable e) {
    @Nullable String message = e.getMessage();
    String text = message == null ? e.getClass().getSimpleName() : message;
    String line = text.replaceAll("[\\p{Cntrl}]+", " ").strip();
    return line.length() <= 300 ? line : line.substring(0, 300);
  }

  /** A connection over which several mails are sent. */
  final class Connection implements AutoCloseable {
    private final Transport transport;

    private Connection(Transport transport) {
      this.transport = transport;
    }

    /**
     * Sends a mail. When it returns, the server has taken it.
     *
     * @throws OutageException when nobody knows, or the server may take it later
     */
    void send(Mail mail) throws OutageException, RefusalException, DeferralException {
      try {
        MimeMessage message = messages.message(mail, sender(), Date.from(clock.instant()));
        MailDialog.run(
            settings.timeout().multipliedBy(MAIL_ANSWERS),
            () -> transport.sendMessage(message, message.getAllRecipients()));
      } catch (AddressException e) {
        throw new RefusalException(oneLine(e), e);
      } catch (MessagingException e) {
        rethrow(e);
      }
    }

    @Override
    public void close() {
      try {
        MailDialog.run(settings.timeout(), transport::close);
      } catch (MessagingException e) {
        // What it took, it took.
      }
    }
  }

  /**
   * Throws what became of a mail that was not taken: refused or deferred only where the server said
   * so of this recipient.
   */
  private void rethrow(MessagingException failure)
      throws OutageException, RefusalException, DeferralException {
    for (@Nullable Throwable each = failure; each != null; each = next(each)) {
      if (each instanceof SMTPAddressFailedException refused) {
        int code = refused.getReturnCode();
        if (code >= PERMANENT) {
          throw new RefusalException(oneLine(refused), failure);
        }
        // Without a code the connection has ended.
        if (code >= TRANSIENT && code != CLOSING) {
          throw new DeferralException(oneLine(refused), failure);
        }
      }
    }
    throw unavailable(failure, !isAnswered(failure));
  }

  /** Whether the server has answered that it does not take the mail. */
  private static boolean isAnswered(MessagingException failure) {
    for (@Nullable Throwable each = failure; each != null; each = next(each)) {
      int code =
          switch (each) {
            case SMTPSendFailedException refused -> refused.getReturnCode();
            case SMTPSenderFailedException refused -> refused.getReturnCode();
            case SMTPAddressFailedException refused -> refused.getReturnCode();
            default -> 0;
          };
      if (code >= TRANSIENT) {
        return true;
      }
    }
    return false;
  }

  /** Jakarta Mail chains its exceptions by itself, beside their causes. */
  private static @Nullable Throwable next(Throwable failure) {
    return failure instanceof MessagingException chained && chained.getNextException() != null
        ? chained.getNextException()
        : failure.getCause();
  }
}
