package com.ytempire.sidecar.reports;

import jakarta.activation.DataHandler;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Part;
import jakarta.mail.Session;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import jakarta.mail.util.ByteArrayDataSource;
import java.nio.charset.StandardCharsets;
import java.util.Date;

/**
 * Builds messages: plain text, and beside it HTML with its picture, as multipart/alternative with a
 * multipart/related (RFC 2387); one-click unsubscription as RFC 8058 has it.
 */
final class MimeMessages {
  private final Session session;

  MimeMessages(Session session) {
    this.session = session;
  }

  /** A message that keeps the id it was given; by itself it draws one when it is sent. */
  private static final class IdentifiedMessage extends MimeMessage {
    private final String messageId;

    IdentifiedMessage(Session session, String messageId) {
      super(session);
      this.messageId = messageId;
    }

    @Override
    protected void updateMessageID() throws MessagingException {
      setHeader("Message-ID", "<" + messageId + ">");
    }
  }

  /** Whether a mail can be addressed to this. */
  static boolean isAddress(String address) {
    try {
      InternetAddress unused = recipient(address);
      return true;
    } catch (AddressException e) {
      return false;
    }
  }

  /**
   * Parses one address without a name or a comment.
   *
   * @throws AddressException when the text is anything else, however a mail would be delivered
   */
  private static InternetAddress recipient(String text) throws AddressException {
    InternetAddress address = new InternetAddress(text, true);
    if (!text.equals(address.getAddress()) || address.getPersonal() != null) {
      throw new AddressException("is not an address alone", text);
    }
    return address;
  }

  /**
   * @throws AddressException when the recipient is no address
   */
  MimeMessage message(Mail mail, InternetAddress sender, Date sentAt) throws MessagingException {
    MimeMessage message = new IdentifiedMessage(session, mail.messageId());
    message.setFrom(sender);
    message.setRecipient(Message.RecipientType.TO, recipient(mail.to()));
    message.setSubject(mail.content().subject(), StandardCharsets.UTF_8.name());
    message.setSentDate(sentAt);
    // No answers of people on leave (RFC 3834).
    message.setHeader("Auto-Submitted", "auto-generated");
    String unsubscribe = mail.unsubscribeUrl();
    if (unsubscribe != null) {
      message.setHeader("List-Unsubscribe", "<" + unsubscribe + ">");
      message.setHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
    }
    MimeMultipart alternatives = new MimeMultipart("alternative");
    alternatives.addBodyPart(text(mail.content().text(), "plain"));
    alternatives.addBodyPart(html(mail.content()));
    message.setContent(alternatives);
    message.saveChanges();
    return message;
  }

  private static MimeBodyPart html(Mail.Content content) throws MessagingException {
    MimeBodyPart html = text(content.html(), "html");
    byte[] png = content.png();
    if (png == null) {
      return html;
    }
    MimeMultipart related = new MimeMultipart("related");
    related.addBodyPart(html);
    MimeBodyPart picture = new MimeBodyPart();
    picture.setDataHandler(new DataHandler(new ByteArrayDataSource(png, "image/png")));
    picture.setContentID("<" + Mail.PICTURE_ID + ">");
    picture.setDisposition(Part.INLINE);
    picture.setFileName(Mail.PICTURE_ID + ".png");
    related.addBodyPart(picture);
    MimeBodyPart whole = new MimeBodyPart();
    whole.setContent(related);
    return whole;
  }

  private static MimeBodyPart text(String text, String subtype) throws MessagingException {
    MimeBodyPart part = new MimeBodyPart();
    part.setText(text, StandardCharsets.UTF_8.name(), subtype);
    return part;
  }
}
