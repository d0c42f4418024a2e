package com.ytempire.engines;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The processor time of servers that are no children of this JVM, which whoever waits for its end
 * does not see otherwise. Added up in the file that the system property {@code
 * ytempire.postgres.times} names, a line of seconds for each server; without it, nowhere.
 */
final class ProcessorTime {
  /** Of the times in {@code /proc/PID/stat}, on every Linux (proc_pid_stat(5), USER_HZ). */
  private static final Duration TICK = Duration.ofMillis(10);

  private ProcessorTime() {}

  /** Notes what a process that is about to end has taken. */
  static void note(ProcessHandle first) {
    String file = System.getProperty("ytempire.postgres.times");
    if (file == null) {
      return;
    }
    try {
      Files.writeString(
          Path.of(file),
          String.format(Locale.ROOT, "%.2f%n", of(first).toMillis() / 1000.0),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      // It may have ended by itself just now.
      System.err.println("the processor time of process " + first.pid() + " is not noted: " + e);
    }
  }

  /** What a process, its children, and those of them that have ended took together. */
  static Duration of(ProcessHandle first) throws IOException {
    String stat = Files.readString(Path.of("/proc", String.valueOf(first.pid()), "stat"));
    // After the name, which stands in parentheses and may have any character.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    Duration ended = TICK.multipliedBy(Long.parseLong(fields[13]) + Long.parseLong(fields[14]));
    return Stream.concat(Stream.of(first), first.children())
        .map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO))
        .reduce(ended, Duration::plus);
  }
}
