package com.ytempire.sidecar.web;

import java.util.Locale;

/**
 * A permission of a service token beside its kind; see {@code schemas/api-token-create.json}.
 * Operators hold every scope, a user token holds those of its one user.
 */
public enum Scope {
  /** Read users, channels, metrics and quota. */
  READ,
  /** Fetch and store metrics, spend quota, subscribe to events. */
  SYNC,
  /** Create and change users and channels, connect and disconnect channels, export. */
  ADMINISTER,
  /** Erase users. */
  ERASE;

  /** As it stands in the contract and in the database. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The scope of this label. */
  public static Scope of(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT));
  }
}
