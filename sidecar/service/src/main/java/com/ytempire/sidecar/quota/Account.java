package com.ytempire.sidecar.quota;

import com.ytempire.sidecar.quota.Bucket.Window;
import java.util.List;

/**
 * A part of a window's units that a set of payers may draw from: a payer's own share, the common
 * part, the part kept for interactive calls, or the whole window. {@link Shares} says who may draw
 * from which.
 *
 * @param name a payer's account, {@link Shares#COMMON}, {@link Shares#INTERACTIVE}, or {@link
 *     #WHOLE}
 */
record Account(Window window, String name) {
  /** The only account of a window that is not shared out. */
  static final String WHOLE = "all";

  /** Returns the accounts of a window that a payer draws from, in the order of drawing. */
  static List<Account> drawnBy(Payer payer, Window window) {
    List<String> names =
        switch (window.bucket().sharing()) {
          case BY_SHARES -> Shares.accounts(payer);
          case FOR_ALL -> List.of(WHOLE);
          case FOR_EACH -> List.of(payer.account());
        };
    return names.stream().map(name -> new Account(window, name)).toList();
  }
}
