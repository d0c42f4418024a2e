package com.ytempire.sidecar.testing;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The class path of the tests with an AOT cache for it. The first JVM that is started with its
 * options writes the cache as it ends by itself; those that follow start from it, which spares each
 * most of a start's work.
 */
public final class ClassArchive {
  private final Path cache;
  private final String classPath;

  private ClassArchive(Path cache, String classPath) {
    this.cache = cache;
    this.classPath = classPath;
  }

  /** Packs the folders of the class path into jars, for a cache cannot be made of folders. */
  public static ClassArchive in(Path folder) throws IOException {
    List<String> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry);
      if (Files.isDirectory(path)) {
        Path jar = folder.resolve("classes" + entries.size() + ".jar");
        pack(path, jar);
        entries.add(jar.toString());
      } else if (Files.exists(path)) {
        entries.add(entry);
      }
    }
    return new ClassArchive(
        folder.resolve("replica.aot"), String.join(File.pathSeparator, entries));
  }

  private static void pack(Path classes, Path jar) throws IOException {
    try (Stream<Path> files = Files.walk(classes);
        OutputStream file = Files.newOutputStream(jar);
        ZipOutputStream out = new ZipOutputStream(file)) {
      out.setLevel(1);
      for (Path each : files.filter(path -> !path.equals(classes)).sorted().toList()) {
        // Folders too: migrations are found by the folder that they are in.
        boolean isFolder = Files.isDirectory(each);
        out.putNextEntry(new ZipEntry(classes.relativize(each) + (isFolder ? "/" : "")));
        if (!isFolder) {
          Files.copy(each, out);
        }
        out.closeEntry();
      }
    }
  }

  public boolean isWritten() {
    return Files.exists(cache);
  }

  /** The options of a JVM that begins from the cache, or is to write it. */
  public List<String> options() {
    return List.of(
        (isWritten() ? "-XX:AOTCache=" : "-XX:AOTCacheOutput=") + cache,
        "-XX:+UseSerialGC",
        "-cp",
        classPath);
  }
}
