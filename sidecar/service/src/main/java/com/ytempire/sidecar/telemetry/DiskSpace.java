package com.ytempire.sidecar.telemetry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The free space on the disks that the sidecar itself writes to: of its log, and of the temporary
 * files of exports. PostgreSQL's disk cannot be seen by SQL; it is the same one where all runs on
 * one machine. Safe to share between threads.
 */
public final class DiskSpace {
  private static final Logger log = LoggerFactory.getLogger(DiskSpace.class);
  private static final int MIN_FREE_PERCENT = 5;

  private final List<Path> folders;

  /** Looks at the disks of these folders. */
  DiskSpace(List<Path> folders) {
    this.folders = List.copyOf(folders);
  }

  /** The disks of the log and of temporary files. */
  public static DiskSpace ofThisProcess() {
    return new DiskSpace(
        List.of(
            Path.of(LogConfigurator.folder()).toAbsolutePath(),
            Path.of(System.getProperty("java.io.tmpdir"))));
  }

  /** What is wrong; empty when every disk has enough free space. */
  public Optional<String> warning() {
    return folders.stream().map(DiskSpace::warning).flatMap(Optional::stream).findFirst();
  }

  private static Optional<String> warning(Path folder) {
    Path existing = folder;
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    try {
      var store = Files.getFileStore(existing);
      return warning(store.getUsableSpace(), store.getTotalSpace());
    } catch (IOException e) {
      log.debug("the free space on the disk of {} is not known", existing, e);
      return Optional.empty();
    }
  }

  /**
   * What is wrong with a disk with this much free space.
   *
   * @param usable bytes that may still be written
   * @param total bytes in all; 0: not known
   */
  static Optional<String> warning(long usable, long total) {
    return total > 0 && usable < total / 100.0 * MIN_FREE_PERCENT
        ? Optional.of("less than %d %% of the sidecar's disk is free".formatted(MIN_FREE_PERCENT))
        : Optional.empty();
  }
}
