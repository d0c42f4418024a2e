package com.ytempire.sidecar.quota;

import java.time.Instant;

/** Signals that a bucket has too little left for a payer. Nothing was taken from it. */
public final class QuotaExhausted extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Bucket bucket;
  private final Instant resetsAt;
  private final Instant retryAt;

  /**
   * Makes one.
   *
   * @param retryAt when it makes sense to ask again: at the reset, or before when units that are
   *     kept for others may be released
   */
  QuotaExhausted(String message, Bucket bucket, Instant resetsAt, Instant retryAt) {
    super(message);
    this.bucket = bucket;
    this.resetsAt = resetsAt;
    this.retryAt = retryAt;
  }

  /** The same refusal, of another call. */
  QuotaExhausted again() {
    return new QuotaExhausted(String.valueOf(getMessage()), bucket, resetsAt, retryAt);
  }

  public Bucket bucket() {
    return bucket;
  }

  public Instant resetsAt() {
    return resetsAt;
  }

  public Instant retryAt() {
    return retryAt;
  }
}
