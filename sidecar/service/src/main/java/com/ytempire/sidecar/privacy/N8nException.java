package com.ytempire.sidecar.privacy;

/** A failure of n8n, or of the way to it. The message has no secret. */
final class N8nException extends Exception {
  private static final long serialVersionUID = 1;

  private final int status;

  /**
   * Creates a failure.
   *
   * @param status HTTP status of n8n's answer; 0: it gave none
   */
  N8nException(String message, int status) {
    super(message);
    this.status = status;
  }

  /** Whether n8n does not take the cursor, which it may have forgotten. */
  boolean isOfCursor() {
    return status == 400;
  }

  /** Whether n8n does not take the API key, or the key lacks a scope. */
  boolean isOfKey() {
    return status == 401 || status == 403;
  }
}
