package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.engines.LocalRedis;
import com.ytempire.engines.ScratchFolder;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What engines leave behind when the JVM that started them ends, in either way. */
final class ScratchFolderTest {
  @TempDir Path temporary = Path.of(".");

  /** A JVM with a Redis in a scratch folder; it ends when its input does. */
  static final class Owner {
    private Owner() {}

    public static void main(String[] arguments) throws IOException {
      Path folder = ScratchFolder.create("redis");
      LocalRedis redis = LocalRedis.start(folder, 0);
      System.out.println(folder + " " + redis.process().pid());
      var _ = System.in.read();
      System.exit(0);
    }
  }

  private record StartedEngine(Process owner, Path folder, ProcessHandle redis) {}

  private StartedEngine start() throws IOException {
    Process owner =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                Owner.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader output = owner.inputReader();
    String[] said = String.valueOf(output.readLine()).split(" ");
    return new StartedEngine(
        owner, Path.of(said[0]), ProcessHandle.of(Long.parseLong(said[1])).orElseThrow());
  }

  private List<Path> left() throws IOException {
    try (Stream<Path> files = Files.list(temporary)) {
      return files.filter(file -> file.toString().contains("ytempire-scratch-")).toList();
    }
  }

  @Test
  void a_killed_owners_folder_and_engine_go_at_the_next_start() throws Exception {
    StartedEngine killed = start();
    killed.owner().destroyForcibly().waitFor();
    assertTrue(Files.exists(killed.folder()), "nothing could delete it");
    assertTrue(killed.redis().isAlive(), "nothing could end it");

    StartedEngine next = start();
    try {
      assertFalse(Files.exists(killed.folder()));
      assertFalse(killed.redis().isAlive());
      assertTrue(Files.exists(next.folder()));
      assertEquals(2, left().size(), "the next one's own folder and lock");

      assertEquals(0, ScratchFolder.sweep(temporary), "its owner lives");
      assertTrue(Files.exists(next.folder()));
      assertTrue(next.redis().isAlive());
    } finally {
      next.owner().getOutputStream().close();
    }
    assertEquals(0, next.owner().waitFor());
    assertFalse(next.redis().isAlive());
    assertEquals(List.of(), left(), "an owner that ends by itself leaves nothing");
  }

  @Test
  void one_start_sweeps_a_bounded_number_of_folders() throws Exception {
    for (int i = 0; i < 70; i++) {
      Path lock = Files.createTempFile(temporary, "ytempire-scratch-", ".lock");
      Path folder = Files.createDirectory(Path.of(lock.toString().replace(".lock", "")));
      Files.createDirectories(folder.resolve("postgres/data"));
      Files.writeString(folder.resolve("postgres/data/PG_VERSION"), "15");
    }
    assertEquals(64, ScratchFolder.sweep(temporary));
    assertEquals(6, ScratchFolder.sweep(temporary));
    assertEquals(List.of(), left());
  }

  @Test
  void a_folder_that_is_a_link_is_left_alone() throws Exception {
    Path precious = Files.createDirectory(temporary.resolve("precious"));
    Files.writeString(precious.resolve("file"), "keep");
    Files.createSymbolicLink(temporary.resolve("ytempire-scratch-1"), precious);
    Files.createFile(temporary.resolve("ytempire-scratch-1.lock"));
    assertEquals(0, ScratchFolder.sweep(temporary));
    assertTrue(Files.exists(precious.resolve("file")));
  }
}
