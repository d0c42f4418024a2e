package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.api.client.http.GenericUrl;
import com.google.api.client.http.HttpRequestFactory;
import com.google.api.client.http.javanet.NetHttpTransport;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
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
  static final class MemoryHog {
    private MemoryHog() {}

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

  /**
   * Asks a server on this machine twice for as many answers at once as a sidecar may ask of one of
   * Google's services, and prints how many connections that took.
   */
  static final class Callers {
    private Callers() {}

    public static void main(String[] arguments) throws Exception {
      int calls = Integer.getInteger("http.maxConnections");
      CyclicBarrier together = new CyclicBarrier(calls);
      Set<Integer> connections = ConcurrentHashMap.newKeySet();
      HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), calls);
      server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      server.createContext(
          "/",
          exchange -> {
            connections.add(exchange.getRemoteAddress().getPort());
            try {
              together.await(1, TimeUnit.MINUTES);
            } catch (Exception e) {
              throw new IOException(e);
            }
            exchange.sendResponseHeaders(200, 2);
            try (OutputStream body = exchange.getResponseBody()) {
              body.write(new byte[2]);
            }
          });
      server.start();
      GenericUrl url = new GenericUrl("http://127.0.0.1:" + server.getAddress().getPort());
      HttpRequestFactory google = new NetHttpTransport().createRequestFactory();
      for (int wave = 0; wave < 2; wave++) {
        try (var all = Executors.newFixedThreadPool(calls)) {
          List<Callable<Void>> wanted =
              Collections.nCopies(
                  calls,
                  () -> {
                    google.buildGetRequest(url).execute().parseAsString();
                    return null;
                  });
          for (Future<Void> call : all.invokeAll(wanted)) {
            call.get();
          }
        }
      }
      server.stop(0);
      System.out.printf("%d calls at once, twice: %d connections%n", calls, connections.size());
      System.exit(0);
    }
  }

  @Test
  void connections_to_google_stay_open_for_as_many_calls_as_run_at_once() throws Exception {
    Run run = java(List.of(OPTIONS), Callers.class.getName());
    assertEquals("64 calls at once, twice: 64 connections\n", run.output());
  }

  @Test
  void a_jvm_without_memory_exits() throws Exception {
    Run run = java(List.of(OPTIONS), MemoryHog.class.getName());
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
