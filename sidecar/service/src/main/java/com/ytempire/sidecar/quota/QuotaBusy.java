package com.ytempire.sidecar.quota;

import com.ytempire.sidecar.db.DatabaseBusy;

/**
 * Signals that the ledger was not reached until the caller's deadline, or that too many wait for
 * it; nothing was taken.
 */
public final class QuotaBusy extends RuntimeException {
  private static final long serialVersionUID = 1;

  QuotaBusy(String message) {
    super(message);
  }

  QuotaBusy(DatabaseBusy cause) {
    super(cause.getMessage(), cause);
  }
}
