package com.ytempire.sidecar.youtube;

import com.ytempire.sidecar.quota.Bucket;
import java.util.List;

/**
 * One of Google's methods.
 *
 * @param buckets that a call is charged to; the one of the day first
 * @param isSafe whether it may be sent again when nobody knows what became of it
 */
record ApiMethod(String name, List<Bucket> buckets, boolean isSafe) {
  /** The bucket of the day. */
  Bucket dayBucket() {
    return buckets.getFirst();
  }
}
