package com.ytempire.sidecar.quota;

import com.ytempire.sidecar.db.Database;

/**
 * Signals that the ledger had no free connection until the caller's deadline; nothing was taken.
 */
public final class QuotaBusy extends RuntimeException {
  private static final long serialVersionUID = 1;

  QuotaBusy(Database.Busy cause) {
    super(cause.getMessage(), cause);
  }
}
