package com.ytempire.sidecar.webhooks;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.quota.BucketStatus;
import com.ytempire.sidecar.quota.Quota;
import com.ytempire.sidecar.quota.Share;
import com.ytempire.sidecar.tenancy.Events;
import com.ytempire.sidecar.tenancy.Events.Kind;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Publishes an event for each user whose quota is low: what the user may still take of a day's
 * bucket, borrowing included, is at most a fifth of the guaranteed units. One event per bucket and
 * day, however many replicas run it.
 */
public final class QuotaWatch {
  private final Database database;
  private final Quota quota;
  private final Clock clock;

  public QuotaWatch(Database database, Quota quota, Clock clock) {
    this.database = database;
    this.quota = quota;
    this.clock = clock;
  }

  /** Checks all users now. */
  public void run() {
    if (!database.directory(handle -> Events.isWanted(handle, Kind.QUOTA_LOW))) {
      return;
    }
    for (Bucket bucket : List.of(Bucket.values())) {
      if (!bucket.isPerMinute()) {
        BucketStatus status = quota.report().status(bucket);
        quota.report().low(bucket).forEach((share, available) -> publish(status, share, available));
      }
    }
  }

  private void publish(BucketStatus status, Share share, long available) {
    UUID userId = UUID.fromString(share.payer());
    database.useTenants(handle -> {
      Database.enter(handle, userId);
      Events.publish(
          handle,
          Kind.QUOTA_LOW,
          Events.idOf(Kind.QUOTA_LOW, userId, status.bucket() + " " + status.windowStartedAt()),
          null,
          clock.instant(),
          Map.of(
              "bucket", status.bucket(),
              "guaranteed", share.guaranteed(),
              "used", share.used(),
              "available", available,
              "resetsAt", status.resetsAt().toString()));
    });
  }
}
