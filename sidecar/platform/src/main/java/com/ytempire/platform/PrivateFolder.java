package com.ytempire.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/**
 * A folder that its owner alone may enter: what the demo keeps has passwords, tokens and the keyset
 * of grants in it.
 */
final class PrivateFolder {
  private PrivateFolder() {}

  /** Makes a folder that is not there yet, with the folders above it. */
  static Path create(Path folder) throws IOException {
    Files.createDirectories(Objects.requireNonNull(folder.toAbsolutePath().getParent()));
    return Files.createDirectory(folder, mode("rwx------"));
  }

  /** Makes an empty file that its owner alone may read, in place of one that is there. */
  static Path createFile(Path file) throws IOException {
    Files.deleteIfExists(file);
    return Files.createFile(file, mode("rw-------"));
  }

  private static FileAttribute<?> mode(String permissions) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
  }
}
