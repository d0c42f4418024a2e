package com.ytempire.sidecar;

import com.sun.management.GarbageCollectionNotificationInfo;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import javax.management.NotificationEmitter;

/**
 * Keeps the old generation of the serial collector near what is alive in it.
 *
 * <p>The serial collector grows the old generation up to {@code -Xmx} before it collects it, and
 * has no {@code SoftMaxHeapSize}. Under a cycle over all channels what is dead by then is twice
 * what is alive. So after each collection the old generation is looked at, and collected when it
 * has grown too far since it last was. The heap still grows to {@code -Xmx} when so much is alive.
 */
final class SoftMaxHeap {
  /** With less to free a collection costs more than it brings. */
  private static final long MIN_GROWTH_BYTES = 10L << 20;

  private SoftMaxHeap() {}

  /** Begins, for as long as the process lives; with another collector it does nothing. */
  static void start() {
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      if (pool.getName().equals("Tenured Gen")) {
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
          ((NotificationEmitter) collector)
              .addNotificationListener(
                  (notification, unused) -> collectWhenDue(pool),
                  notification ->
                      notification
                          .getType()
                          .equals(
                              GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION),
                  null);
        }
      }
    }
  }

  private static void collectWhenDue(MemoryPoolMXBean pool) {
    if (isDue(pool.getUsage().getUsed(), pool.getCollectionUsage().getUsed())) {
      System.gc();
    }
  }

  /**
   * Whether the old generation is to be collected.
   *
   * @param used bytes in it now
   * @param alive bytes that were left in it by its last collection; 0: it was never collected
   */
  static boolean isDue(long used, long alive) {
    return used > alive + Math.max(MIN_GROWTH_BYTES, alive / 4);
  }
}
