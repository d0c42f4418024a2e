package com.ytempire.sidecar;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.GcInfo;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/**
 * Keeps the old generation of the serial collector near what is alive in it.
 *
 * <p>The serial collector grows the old generation up to {@code -Xmx} before it collects it, and
 * has no {@code SoftMaxHeapSize}. Under a cycle over all channels what is dead by then is twice
 * what is alive. So after each collection the old generation is looked at, and collected when it
 * has grown too far since it last was. The heap still grows to {@code -Xmx} when so much is alive.
 */
public final class SoftMaxHeap {
  /** With less to free a collection costs more than it brings. */
  private static final long MIN_GROWTH_BYTES = 10L << 20;

  /** An old generation that holds no more, or a third more than is alive, may wait. */
  static final long PRESSING_BYTES = 60L << 20;

  /**
   * From the end of a collection to the next, in multiples of how long it took. Every request that
   * is under way waits for a collection: at 100, a customer who kept hundreds of requests waiting,
   * which grow old there, brought one every 9 s, the slowest hundredth of everybody's requests.
   */
  private static final int MIN_INTERVAL = 400;

  private static final String POOL = "Tenured Gen";

  private final MemoryPoolMXBean pool;

  /** Of the last collection of the old generation, in milliseconds since the start of the JVM. */
  private long lastEnd;

  private long lastMillis;

  private SoftMaxHeap(MemoryPoolMXBean pool) {
    this.pool = pool;
  }

  /** Begins, for as long as the process lives; with another collector it does nothing. */
  public static void start() {
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      if (pool.getName().equals(POOL)) {
        SoftMaxHeap heap = new SoftMaxHeap(pool);
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
          ((NotificationEmitter) collector)
              .addNotificationListener(
                  (notification, unused) ->
                      heap.collectWhenDue(
                          GarbageCollectionNotificationInfo.from(
                              (CompositeData) notification.getUserData())),
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

  private void collectWhenDue(GarbageCollectionNotificationInfo collection) {
    GcInfo info = collection.getGcInfo();
    if (collection.getGcAction().equals("end of major GC")) {
      lastEnd = info.getEndTime();
      lastMillis = info.getDuration();
    }
    if (isDue(
        pool.getUsage().getUsed(),
        pool.getCollectionUsage().getUsed(),
        info.getEndTime() - lastEnd,
        lastMillis)) {
      System.gc();
    }
  }

  /**
   * Whether the old generation is to be collected.
   *
   * @param used bytes in it now
   * @param alive bytes that were left in it by its last collection; 0: it was never collected
   * @param since milliseconds since the end of that collection
   * @param took milliseconds of that collection
   */
  static boolean isDue(long used, long alive, long since, long took) {
    long growth = used - alive;
    if (growth <= Math.max(MIN_GROWTH_BYTES, alive / 4)) {
      return false;
    }
    return used > Math.max(PRESSING_BYTES, alive + alive / 3) || since >= took * MIN_INTERVAL;
  }
}
