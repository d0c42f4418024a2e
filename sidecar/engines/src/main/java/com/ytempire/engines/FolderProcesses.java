package com.ytempire.engines;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The processes whose working directory is a folder or below it: engines run in their data. */
final class FolderProcesses {
  private FolderProcesses() {}

  /**
   * Waits until the processes have ended, and kills those that run longer. Returns when they are
   * gone. Leaves the processes of other accounts alone.
   *
   * @param patience how long they may take; zero: they are killed at once
   */
  static void end(Path folder, Duration patience) throws IOException {
    Path real = folder.toRealPath();
    long deadline = System.nanoTime() + patience.toNanos();
    for (ProcessHandle process : in(real)) {
      if (!hasEnded(process, deadline - System.nanoTime())) {
        process.destroyForcibly();
        process.onExit().join();
      }
    }
  }

  private static List<ProcessHandle> in(Path folder) {
    return ProcessHandle.allProcesses()
        .filter(process -> process.pid() != ProcessHandle.current().pid())
        .filter(process -> {
          Path directory = workingDirectory(process);
          return directory != null && directory.startsWith(folder);
        })
        .toList();
  }

  private static boolean hasEnded(ProcessHandle process, long nanos) {
    if (nanos <= 0) {
      return !process.isAlive();
    }
    try {
      process.onExit().get(nanos, TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      return !process.isAlive();
    }
  }

  /** Null when the process has ended, or is another account's. */
  private static @Nullable Path workingDirectory(ProcessHandle process) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", String.valueOf(process.pid()), "cwd"));
    } catch (IOException e) {
      return null;
    }
  }
}
