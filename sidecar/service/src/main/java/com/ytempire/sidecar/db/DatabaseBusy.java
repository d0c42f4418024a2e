package com.ytempire.sidecar.db;

/** No connection came free until the caller's deadline, or too many wait; nothing was done. */
public final class DatabaseBusy extends RuntimeException {
  private static final long serialVersionUID = 1;

  DatabaseBusy(String message, Throwable cause) {
    super(message, cause);
  }
}
