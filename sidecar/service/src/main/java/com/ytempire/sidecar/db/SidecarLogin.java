package com.ytempire.sidecar.db;

/** The sidecar's first login, by which everyday requests run. */
final class SidecarLogin {
  static final String NAME = "ytempire_app";

  private SidecarLogin() {}
}
