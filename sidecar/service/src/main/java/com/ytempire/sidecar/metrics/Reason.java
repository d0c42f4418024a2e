package com.ytempire.sidecar.metrics;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** The reason for which a request was not fetched; {@code schemas/fetch-result.json}. */
enum Reason {
  UNKNOWN_CHANNEL,
  INACTIVE,
  NOT_CONNECTED,
  RECONNECT_NEEDED,
  WRONG_SCOPE,
  NOT_MONETIZED,
  VIDEO_OF_ANOTHER_CHANNEL,
  QUOTA_EXHAUSTED,
  BUSY,
  UNAVAILABLE,
  REFUSED;

  /** The name in the contract. */
  @JsonValue
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
