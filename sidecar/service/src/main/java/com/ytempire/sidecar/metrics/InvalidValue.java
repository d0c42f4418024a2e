package com.ytempire.sidecar.metrics;

/**
 * A value that its field does not take. The message says what is wanted, to stand after the field's
 * pointer: "must be …".
 */
final class InvalidValue extends Exception {
  private static final long serialVersionUID = 1;

  InvalidValue(String message) {
    // A batch may have thousands, and nobody reads where they were found.
    super(message, null, false, false);
  }

  /** What is wanted. */
  String wanted() {
    return String.valueOf(getMessage());
  }
}
