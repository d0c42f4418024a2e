package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file {@code sidecar/service/jvm.options}, which every start of the sidecar uses. */
final class JvmOptionsTest {
  private static final String OPTIONS = "@jvm.options";

  /** What a JVM did: its exit status and all that it printed. */
  private record Run(int status, String output) {}

  private static Run java(List<String> options, String... rest)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(rest));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), output);
  }

  /** Takes all memory in a thread that catches what follows, as a server's threads do. */
  static final class Hungry {
    private Hungry() {}

    public static void main(String[] arguments) throws InterruptedException {
      Thread thread =
          Thread.ofPlatform()
              .start(() -> {
                List<byte[]> taken = new ArrayList<>();
                try {
                  while (true) {
                    taken.add(new byte[1024 * 1024]);
                  }
                } catch (OutOfMemoryError e) {
                  System.out.println("lives on with " + taken.size());
                }
              });
      thread.join();
    }
  }

  @Test
  void a_jvm_without_memory_exits() throws Exception {
    Run run = java(List.of(OPTIONS), Hungry.class.getName());
    assertEquals(3, run.status(), run.output());
    assertTrue(run.output().contains("OutOfMemoryError"), run.output());
  }

  /**
   * Allocates 300 MiB of which 1.5 are alive at a time, as buffers of requests under way are, and
   * prints how many MiB of them were taken for old.
   */
  static final class PassingBuffers {
    private PassingBuffers() {}

    public static void main(String[] arguments) {
      MemoryPoolMXBean old =
          ManagementFactory.getMemoryPoolMXBeans().stream()
              .filter(pool -> pool.getName().equals("Tenured Gen"))
              .findAny()
              .orElseThrow();
      long before = old.getUsage().getUsed();
      Deque<byte[]> alive = new ArrayDeque<>();
      for (int kibibytes = 0; kibibytes < 300 * 1024; kibibytes += 16) {
        alive.addLast(new byte[16 * 1024]);
        if (alive.size() > 96) {
          alive.removeFirst();
        }
      }
      System.out.println((old.getUsage().getUsed() - before) >> 20);
    }
  }

  @Test
  void buffers_of_requests_under_way_do_not_grow_old() throws Exception {
    Run run = java(List.of(OPTIONS), PassingBuffers.class.getName());
    assertEquals(0, run.status(), run.output());
    int mebibytes = Integer.parseInt(run.output().strip());
    assertTrue(mebibytes <= 3, mebibytes + " MiB of buffers were kept");
  }

  @Test
  void an_aot_cache_that_is_missing_or_broken_stops_no_start(@TempDir Path folder)
      throws Exception {
    Path broken = Files.write(folder.resolve("broken.aot"), new byte[100_000]);
    for (Path cache : List.of(folder.resolve("missing.aot"), broken)) {
      Run run = java(List.of(OPTIONS, "-XX:AOTCache=" + cache), Main.class.getName(), "nonsense");
      // 2: it ran and did not know the command.
      assertEquals(2, run.status(), run.output());
    }
  }

  @Test
  void every_start_uses_the_file() throws IOException {
    for (String file :
        List.of(
            "Dockerfile", "../platform/src/main/java/com/ytempire/platform/SidecarCommand.java")) {
      assertTrue(Files.readString(Path.of(file)).contains("jvm.options"), file);
    }
  }
}
