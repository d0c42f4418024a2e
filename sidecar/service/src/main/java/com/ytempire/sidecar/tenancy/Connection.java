package com.ytempire.sidecar.tenancy;

import java.util.Locale;

/** Whether we hold a grant of a channel. */
public enum Connection {
  NOT_CONNECTED,
  CONNECTED,
  /** Google no longer accepts the grant. */
  RECONNECT_NEEDED;

  /** The name in the contract and in the database. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether this is the connection of a name. */
  public boolean is(String label) {
    return label().equals(label);
  }
}
