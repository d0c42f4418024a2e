package com.ytempire.platform;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;

/** The folder of a platform's own data. */
final class PlatformFolder {
  private static final long SPACE_MEBIBYTES = 500;

  private PlatformFolder() {}

  /**
   * Locks a platform's folder against other platforms, until the lock is closed.
   *
   * @param state where the file of the lock lies
   * @throws ResourceUnavailable if another platform runs in the folder
   */
  static FileChannel lock(Path state, Path home) throws IOException {
    FileChannel lockFile =
        FileChannel.open(
            Files.createDirectories(state).resolve(home.getFileName() + ".lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    if (lockFile.tryLock() == null) {
      lockFile.close();
      throw new ResourceUnavailable(
          "another %s runs in this folder. Stop it first, or clone the project into another folder."
              .formatted(home.getFileName()));
    }
    return lockFile;
  }

  /**
   * Empties a platform's folder: a new one begins with an empty store, and what is there is of an
   * earlier one.
   */
  static void prepare(Path home) throws IOException {
    if (Files.exists(home)) {
      try (Stream<Path> files = Files.walk(home)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    PrivateFolder.create(home);
  }

  /**
   * Looks whether there is space for what a platform stores.
   *
   * @throws ResourceUnavailable if the disk is full
   */
  static void requireSpace(Path home) throws IOException {
    long free = Files.getFileStore(home).getUsableSpace() / (1024 * 1024);
    if (free < SPACE_MEBIBYTES) {
      throw new ResourceUnavailable(
          "only %d MB are free on the disk of %s; the demo needs %d."
              .formatted(free, home, SPACE_MEBIBYTES));
    }
  }
}
