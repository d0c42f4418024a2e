package com.ytempire.sidecar.metrics;

import java.util.Locale;

/** The reason for which a row was rejected, by which {@code analytics.rejected_rows} counts. */
enum RejectionReason {
  /** The contract or SQL does not take it. */
  INVALID,
  /** It is of a day or a moment to come. */
  FUTURE,
  /** It names no channel of the user, or one that was disconnected. */
  UNKNOWN_CHANNEL,
  /** Its video is of another channel. */
  OTHER_CHANNEL,
  /** The database refused it. */
  REFUSED,
  /** Too many rows of its batch were refused before it. */
  NOT_TRIED;

  /** As it stands in the database, and as a label of Prometheus. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
