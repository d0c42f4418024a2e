package com.ytempire.sidecar.quota;

/**
 * Signals that PostgreSQL or Redis, which keep the quota, cannot be reached. No call to Google may
 * go out then, for nobody would count it.
 */
public final class QuotaUnavailable extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String part;

  QuotaUnavailable(String part, Exception cause) {
    super(part + ", which keeps the quota, is not available: " + cause.getMessage(), cause);
    this.part = part;
  }

  /** Redis or PostgreSQL. */
  public String part() {
    return part;
  }
}
