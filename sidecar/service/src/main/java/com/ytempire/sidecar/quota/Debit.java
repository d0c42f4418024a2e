package com.ytempire.sidecar.quota;

import java.time.Instant;
import java.util.List;

/** Units taken from one account, at least 1. */
record Debit(Account account, long units) {
  /** Returns the debits whose window has not ended, and so can still be taken back. */
  static List<Debit> refundable(List<Debit> debits, Instant now) {
    return debits.stream().filter(debit -> debit.account().window().end().isAfter(now)).toList();
  }
}
