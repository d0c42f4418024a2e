package com.ytempire.sidecar.quota;

import java.time.Instant;
import java.util.List;

/**
 * Units that were taken for one call to Google, and can be refunded when the call was never sent.
 * Immutable.
 */
public final class Charge {
  private final Payer payer;
  private final List<Debit> debits;

  Charge(Payer payer, List<Debit> debits) {
    this.payer = payer;
    this.debits = List.copyOf(debits);
  }

  Payer payer() {
    return payer;
  }

  List<Debit> debits() {
    return debits;
  }

  /**
   * Returns whether a window has ended since the units were taken; Google would count the call in
   * the next one.
   */
  public boolean isStale(Instant now) {
    return debits.stream().anyMatch(debit -> !debit.account().window().end().isAfter(now));
  }
}
