package com.ytempire.sidecar.config;

import java.util.List;

/** Signals settings that cannot be used; the message says what is wrong, a line each. */
public final class InvalidSettings extends RuntimeException {
  private static final long serialVersionUID = 1;

  InvalidSettings(List<String> faults) {
    super("The settings cannot be used:\n  " + String.join("\n  ", faults));
  }
}
