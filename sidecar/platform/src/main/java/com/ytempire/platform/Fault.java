package com.ytempire.platform;

import java.util.Locale;

/**
 * Something that does not hold.
 *
 * @param detail a sentence: what was seen, and what should have been
 */
public record Fault(Kind kind, String detail) {

  /** The subject of a fault. */
  public enum Kind {
    /** n8n's execution of the sync did not end well. */
    EXECUTION,
    /** A channel has not all its rows. */
    ROWS,
    /** Somebody sees what is not theirs, or does not see what is. */
    ISOLATION,
    /** n8n keeps customers' figures, or nothing to look for them in. */
    FIGURES,
    /** Our count of Google's units differs from Google's. */
    UNITS,
    /** A channel is not connected. */
    CONNECTION,
    /** A part that died or stood still took too long to serve again. */
    RECOVERY,
    /** An event did not reach its subscriber. */
    EVENTS,
    /** A workflow other than the sync did not do what it is for. */
    WORKFLOW,
    /** A panel of a dashboard is empty or was not drawn. */
    DASHBOARD,
    /** A report was not mailed. */
    MAIL;

    /** The name in lower case. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Makes a fault of a kind. */
  public static Fault of(Kind kind, String detail) {
    return new Fault(kind, detail);
  }
}
