package com.ytempire.bench;

import com.ytempire.platform.Child;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A sidecar as a child process, with the JVM options of production where there are any ({@code
 * sidecar/service/jvm.options}). Used by one thread.
 */
final class SidecarProcess implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(120);
  private static final int TRIES = 3;

  private final Path root;
  private final Map<String, String> settings;
  private final Path clock;
  private final Path log;
  private final List<String> moreOptions = new ArrayList<>();
  private volatile @Nullable Child process;

  /**
   * Prepares a process; {@link #start} starts it.
   *
   * @param root of the project
   * @param clock the file of the clock that it goes by
   * @param log where its output is appended
   */
  SidecarProcess(Path root, Map<String, String> settings, Path clock, Path log) {
    this.root = root;
    this.settings = settings;
    this.clock = clock;
    this.log = log;
    // A benchmark that is interrupted leaves no sidecar behind.
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(this::close));
  }

  /** From the next start on with this option too. */
  void addJvmOption(String option) {
    moreOptions.add(option);
  }

  /** The options of the JVM, for the report. */
  List<String> jvmOptions() {
    List<String> all = new ArrayList<>(productionOptions());
    all.addAll(moreOptions);
    return all;
  }

  private List<String> productionOptions() {
    Path file = root.resolve("sidecar/service/jvm.options");
    try {
      return Files.exists(file)
          ? Files.readAllLines(file).stream()
              .map(String::strip)
              // An archive of classes belongs to one class path, which is not this one.
              .filter(line -> !line.isEmpty() && !line.startsWith("#") && !isArchive(line))
              .toList()
          : List.of("-Xmx256m", "-XX:+UseSerialGC");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isArchive(String option) {
    return option.contains("AOTCache")
        || option.contains("AOTMode")
        || option.contains("SharedArchive")
        || option.contains("-Xshare");
  }

  /** Starts it, again if it ends at once; returns when it is ready. Answers how long that took. */
  Duration start() {
    long began = System.nanoTime();
    for (int tried = 1; ; tried++) {
      try {
        startOnce();
        return Duration.ofNanos(System.nanoTime() - began);
      } catch (IllegalStateException e) {
        if (tried == TRIES) {
          throw e;
        }
      }
    }
  }

  private void startOnce() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions());
    // Loaded classes are archived when it first stops, as production's image has an archive, so
    // that later starts are as fast as there.
    command.add("-XX:+AutoCreateSharedArchive");
    command.add("-XX:SharedArchiveFile=" + log.resolveSibling("sidecar.jsa"));
    command.add("-Xlog:cds=off");
    command.add("-Xlog:cds+dynamic=off");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(TimedSidecar.class.getName());
    command.add(clock.toString());
    Path folder = Objects.requireNonNull(log.toAbsolutePath().getParent());
    Child started = Child.start("the sidecar", log, folder, settings, command);
    process = started;
    try {
      started.awaitHttp(
          "http://127.0.0.1:" + settings.get("YTEMPIRE_HTTP_PORT") + "/health/ready",
          START_TIMEOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private Child running() {
    Child started = process;
    if (started == null) {
      throw new IllegalStateException("the sidecar was not started");
    }
    return started;
  }

  long pid() {
    return running().pid();
  }

  boolean isAlive() {
    return running().handle().isAlive();
  }

  /** Asks it to end ({@code SIGTERM}). Returns when it is gone. */
  void stop() {
    running().handle().destroy();
    running().handle().onExit().join();
  }

  /** Ends it as a crash does ({@code kill -9}). Returns when it is gone. */
  void kill() {
    running().kill();
  }

  /** Resident memory in MiB; 0 when it has ended. */
  long residentMebibytes() {
    try {
      return Files.readAllLines(Path.of("/proc/" + running().pid() + "/status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) / 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }

  /**
   * What is alive on its heap after a full collection, in MiB, as the JDK's {@code jcmd} counts.
   */
  long liveHeapMebibytes() {
    try {
      Process jcmd =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                  String.valueOf(running().pid()),
                  "GC.class_histogram")
              .redirectErrorStream(true)
              .start();
      String answer = new String(jcmd.getInputStream().readAllBytes());
      Matcher total = Pattern.compile("Total\\s+\\d+\\s+(\\d+)").matcher(answer);
      return total.find() ? Long.parseLong(total.group(1)) / (1024 * 1024) : 0;
    } catch (IOException e) {
      return 0;
    }
  }

  @Override
  public void close() {
    Child started = process;
    if (started != null && started.handle().isAlive()) {
      kill();
    }
  }
}
