package com.ytempire.sidecar.tenancy;

import java.util.Locale;

/** The state of the OAuth grant of a channel. */
public enum Connection {
  NOT_CONNECTED,
  CONNECTED,
  /** Google no longer accepts the grant. */
  RECONNECT_NEEDED;

  /** The reason for which a channel has to be connected again. */
  public enum Reason {
    /** Google no longer accepts the grant: revoked, expired, or ended by a policy. */
    GRANT_ENDED,
    /** The channel's account at YouTube is closed or suspended. */
    ACCOUNT_CLOSED,
    /** The Google account that gave the grant no longer owns the channel. */
    OWNER_CHANGED;

    /** The name in the contract and in the database. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** The name in the contract and in the database. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether this is the connection of a name. */
  public boolean is(String label) {
    return label().equals(label);
  }
}
