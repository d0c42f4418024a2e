package com.ytempire.sidecar.quota;

import java.time.Instant;

/** A bucket has too little left. Nothing was taken from it. */
public final class QuotaExhausted extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Bucket bucket;
  private final Instant resetsAt;

  QuotaExhausted(Bucket bucket, Instant resetsAt) {
    super("The bucket %s is used up until %s.".formatted(bucket.label(), resetsAt));
    this.bucket = bucket;
    this.resetsAt = resetsAt;
  }

  public Bucket bucket() {
    return bucket;
  }

  public Instant resetsAt() {
    return resetsAt;
  }
}
