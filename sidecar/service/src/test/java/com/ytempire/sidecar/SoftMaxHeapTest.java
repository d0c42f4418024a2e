package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Semaphore;
import javax.management.NotificationEmitter;
import org.junit.jupiter.api.Test;

final class SoftMaxHeapTest {
  private static final long MIB = 1L << 20;

  /** Long after the last collection. */
  private static boolean isDue(long used, long alive) {
    return SoftMaxHeap.isDue(used, alive, 60_000, 50);
  }

  @Test
  void the_old_generation_is_collected_when_it_has_grown_by_a_quarter() {
    assertFalse(isDue(10 * MIB, 0));
    assertTrue(isDue(10 * MIB + 1, 0));
    assertFalse(isDue(40 * MIB, 30 * MIB));
    assertTrue(isDue(41 * MIB, 30 * MIB));
    assertFalse(isDue(100 * MIB, 80 * MIB));
    assertTrue(isDue(101 * MIB, 80 * MIB));
  }

  @Test
  void collections_of_little_growth_take_a_four_hundredth() {
    assertFalse(SoftMaxHeap.isDue(60 * MIB, 25 * MIB, 19_999, 50));
    assertTrue(SoftMaxHeap.isDue(60 * MIB, 25 * MIB, 20_000, 50));
    assertTrue(SoftMaxHeap.isDue(61 * MIB, 25 * MIB, 0, 50), "it holds much");
    assertFalse(SoftMaxHeap.isDue(105 * MIB, 80 * MIB, 19_999, 50));
    assertTrue(SoftMaxHeap.isDue(107 * MIB, 80 * MIB, 0, 50), "it has grown by a third");
  }

  /**
   * Lets 300 MiB grow old in the heap, of which 10 are alive at a time, and prints the most that
   * the old generation held. Goes on after each collection when all listeners were notified.
   */
  static final class Aging {
    private Aging() {}

    public static void main(String[] arguments) throws InterruptedException {
      if (arguments.length > 0) {
        SoftMaxHeap.start();
      }
      GarbageCollectorMXBean young =
          ManagementFactory.getGarbageCollectorMXBeans().stream()
              .filter(collector -> collector.getName().equals("Copy"))
              .findAny()
              .orElseThrow();
      // Listeners are notified in the order in which they came.
      Semaphore notified = new Semaphore(0);
      ((NotificationEmitter) young)
          .addNotificationListener((notification, unused) -> notified.release(), null, null);
      MemoryPoolMXBean old =
          ManagementFactory.getMemoryPoolMXBeans().stream()
              .filter(pool -> pool.getName().equals("Tenured Gen"))
              .findAny()
              .orElseThrow();
      Deque<byte[]> alive = new ArrayDeque<>();
      long collections = young.getCollectionCount();
      long most = 0;
      for (int kibibytes = 0; kibibytes < 300 * 1024; kibibytes += 64) {
        alive.addLast(new byte[64 * 1024]);
        if (alive.size() > 160) {
          alive.removeFirst();
        }
        for (; collections < young.getCollectionCount(); collections++) {
          notified.acquire();
        }
        most = Math.max(most, old.getUsage().getUsed());
      }
      System.out.println(most / MIB);
    }
  }

  private static int maxMebibytes(String... arguments) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "@jvm.options",
            "-cp",
            System.getProperty("java.class.path"),
            Aging.class.getName());
    builder.command().addAll(List.of(arguments));
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return Integer.parseInt(output.strip());
  }

  @Test
  void what_has_died_in_the_old_generation_does_not_stay_there() throws Exception {
    int left = maxMebibytes();
    int collected = maxMebibytes("collect");
    // What may wait, and what grows old while a collection begins.
    assertTrue(
        collected < SoftMaxHeap.PRESSING_BYTES / MIB + 4,
        "the old generation held " + collected + " MiB");
    assertTrue(left > 2 * collected, "without it " + left + " MiB, with it " + collected);
  }
}
