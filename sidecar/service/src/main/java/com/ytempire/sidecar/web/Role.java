package com.ytempire.sidecar.web;

import java.util.Locale;

/** The kind of token that a caller holds; see {@code schemas/api-token-create.json}. */
public enum Role {
  /** Administers users and tokens. */
  OPERATOR,
  /** A workflow: may act for every user, each act audited. */
  SERVICE,
  /** One user and nobody else. */
  USER;

  /** As it stands in the contract and in the database. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The role of this label. */
  public static Role of(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT));
  }
}
