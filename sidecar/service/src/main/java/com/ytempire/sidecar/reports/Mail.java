package com.ytempire.sidecar.reports;

import org.jspecify.annotations.Nullable;

/**
 * A mail to one recipient.
 *
 * @param messageId without angle brackets; the same whenever this mail is sent again
 * @param unsubscribeUrl takes a POST without login; null: nothing to unsubscribe from
 */
record Mail(String to, String messageId, Content content, @Nullable String unsubscribeUrl) {
  /** The Content-ID of the picture. */
  static final String PICTURE_ID = "chart";

  /**
   * The content of a mail.
   *
   * @param png a picture that the HTML names as {@code cid:chart}; null: none
   */
  record Content(String subject, String html, String text, byte @Nullable [] png) {}
}
