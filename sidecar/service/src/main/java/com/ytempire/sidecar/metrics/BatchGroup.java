package com.ytempire.sidecar.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Batches of one user that commit together. */
record BatchGroup(UUID userId, List<UUID> batches, long bytes) {
  /** Batches, rows and bytes of JSON that commit together; one batch may be larger by itself. */
  private static final int GROUP_BATCHES = 50;

  private static final int GROUP_ROWS = 5_000;

  private static final long GROUP_BYTES = 4L << 20;

  /** Divides batches into groups within the bounds, in their order. */
  static List<BatchGroup> divide(UUID userId, List<HeldBatchDao.Size> sizes) {
    List<BatchGroup> groups = new ArrayList<>();
    List<UUID> ids = new ArrayList<>();
    long rows = 0;
    long bytes = 0;
    for (HeldBatchDao.Size size : sizes) {
      if (!ids.isEmpty()
          && (ids.size() == GROUP_BATCHES
              || rows + size.rowCount() > GROUP_ROWS
              || bytes + size.sizeBytes() > GROUP_BYTES)) {
        groups.add(new BatchGroup(userId, ids, bytes));
        ids = new ArrayList<>();
        rows = 0;
        bytes = 0;
      }
      ids.add(size.batchId());
      rows += size.rowCount();
      bytes += size.sizeBytes();
    }
    if (!ids.isEmpty()) {
      groups.add(new BatchGroup(userId, ids, bytes));
    }
    return groups;
  }
}
