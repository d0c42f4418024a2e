package com.ytempire.simulator;

import jakarta.mail.Header;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimePart;
import jakarta.mail.internet.MimeUtility;
import java.io.IOException;
import java.io.InputStream;
import java.io.UnsupportedEncodingException;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A mail as its reader sees it. Of a part no more than {@link #MAX_PART_BYTES} are kept.
 *
 * @param headers as they came, by name without regard to case; of several of a name the first
 * @param html with inline pictures in it; empty: the mail has none
 * @param text empty: the mail has none
 */
public record ReceivedMail(Map<String, String> headers, String html, String text) {
  /** A report has 102 kB at most, and its picture less than that. */
  static final int MAX_PART_BYTES = 1 << 20;

  private static final int MAX_PARTS = 20;

  /** The value of a header, decoded; empty: there is none. */
  public String header(String name) {
    try {
      return MimeUtility.decodeText(MimeUtility.unfold(headers.getOrDefault(name, "")));
    } catch (UnsupportedEncodingException e) {
      return headers.getOrDefault(name, "");
    }
  }

  static ReceivedMail read(MimeMessage message) {
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    Contents contents = new Contents();
    try {
      for (Header header : Collections.list(message.getAllHeaders())) {
        headers.putIfAbsent(header.getName(), header.getValue());
      }
      contents.add(message);
    } catch (MessagingException | IOException e) {
      contents.text.append("This mail cannot be read: ").append(e.getMessage());
    }
    return new ReceivedMail(
        Collections.unmodifiableMap(headers), contents.html(), contents.text.toString());
  }

  /** The parts of a mail, collected. */
  private static final class Contents {
    private final StringBuilder html = new StringBuilder();
    private final StringBuilder text = new StringBuilder();
    private final Map<String, String> pictures = new LinkedHashMap<>();
    private int parts;

    private void add(Part part) throws MessagingException, IOException {
      parts++;
      if (parts > MAX_PARTS) {
        return;
      }
      if (part.isMimeType("multipart/*") && part.getContent() instanceof Multipart inner) {
        for (int i = 0; i < inner.getCount(); i++) {
          add(inner.getBodyPart(i));
        }
      } else if (part.isMimeType("text/html")) {
        html.append(content(part));
      } else if (part.isMimeType("text/plain")) {
        text.append(content(part));
      } else if (part.isMimeType("image/png")
          && part instanceof MimePart picture
          && picture.getContentID() != null) {
        try (InputStream bytes = part.getInputStream()) {
          pictures.put(
              "cid:" + picture.getContentID().replaceAll("[<>]", ""),
              "data:image/png;base64,"
                  + Base64.getEncoder().encodeToString(bytes.readNBytes(MAX_PART_BYTES)));
        }
      }
    }

    private static String content(Part part) throws MessagingException, IOException {
      String content = String.valueOf(part.getContent());
      return content.substring(0, Math.min(content.length(), MAX_PART_BYTES));
    }

    private String html() {
      String shown = html.toString();
      for (Map.Entry<String, String> picture : pictures.entrySet()) {
        shown = shown.replace(picture.getKey(), picture.getValue());
      }
      return shown;
    }
  }

  /** Whether it is addressed to somebody. */
  public boolean isTo(String address) {
    return header("To").toLowerCase(Locale.ROOT).contains(address.toLowerCase(Locale.ROOT));
  }
}
