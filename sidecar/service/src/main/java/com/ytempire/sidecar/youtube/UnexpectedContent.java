package com.ytempire.sidecar.youtube;

import java.io.IOException;

/** An answer with a good status whose content is not what the API is documented to send. */
final class UnexpectedContent extends IOException {
  private static final long serialVersionUID = 1;

  /** Makes the failure; the message is for people. */
  UnexpectedContent(String message) {
    super(message);
  }
}
