package com.ytempire.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The command line of the sidecar as a process of its own: the JVM that runs this, the options of
 * {@code sidecar/service/jvm.options}, and the AOT cache beside the jar where there is one.
 */
public final class SidecarCommand {
  /** The database that the sidecar keeps users' rows in. */
  static final String DATABASE = "ytempire";

  /**
   * What the environment of the process needs besides the settings: at most two of the C library's
   * arenas, each of which keeps freed memory.
   */
  public static final Map<String, String> ENVIRONMENT = Map.of("MALLOC_ARENA_MAX", "2");

  private SidecarCommand() {}

  /** The java that runs this. */
  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /**
   * The command.
   *
   * @param root the top level of the project, built
   * @param arguments of the sidecar; none to serve
   */
  public static List<String> of(Path root, String... arguments) {
    List<String> command = new ArrayList<>(List.of(java(), "@" + options(root)));
    Path cache = cache(root);
    if (isCurrent(cache, jar(root))) {
      command.add("-XX:AOTCache=" + cache);
    }
    command.add("-jar");
    command.add(jar(root).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  /**
   * Starts the sidecar to serve; {@link Child#awaitHttp} waits until it is ready.
   *
   * @param root the top level of the project, built
   * @param settings environment variables of the sidecar
   * @param folder that it runs in, and where its output is kept
   */
  public static Child start(Path root, Map<String, String> settings, Path folder) {
    return start(of(root), settings, folder);
  }

  /** As {@link #start(Path, Map, Path)}, by another command line. */
  public static Child start(List<String> command, Map<String, String> settings, Path folder) {
    Map<String, String> environment = new HashMap<>(ENVIRONMENT);
    environment.putAll(settings);
    return Child.start(
        "the sidecar", folder.resolve("sidecar.console.log"), folder, environment, command);
  }

  /**
   * Returns whether a cache was made of this jar. The JVM compares the two but was seen to run
   * classes of an earlier jar.
   */
  private static boolean isCurrent(Path cache, Path jar) {
    try {
      return Files.exists(cache)
          && Files.getLastModifiedTime(cache).compareTo(Files.getLastModifiedTime(jar)) > 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** The file with the options of the JVM. */
  public static Path options(Path root) {
    return root.resolve("sidecar/service/jvm.options");
  }

  /** The sidecar's jar; the libraries are beside it. */
  public static Path jar(Path root) {
    return root.resolve("sidecar/service/target/ytempire-sidecar.jar");
  }

  /** Where the AOT training leaves the cache. */
  public static Path cache(Path root) {
    return root.resolve("sidecar/service/target/ytempire-sidecar.aot");
  }
}
