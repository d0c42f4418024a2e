package com.ytempire.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SidecarCommandTest {
  @TempDir Path root;

  private boolean usesCache() {
    return SidecarCommand.of(root).stream().anyMatch(word -> word.startsWith("-XX:AOTCache="));
  }

  @Test
  void a_cache_of_an_earlier_jar_is_not_used() throws IOException {
    Path jar = SidecarCommand.jar(root);
    Files.createDirectories(jar.getParent());
    Files.createFile(jar);
    Path cache = SidecarCommand.cache(root);
    assertEquals(false, usesCache(), "there is none");
    Files.createFile(cache);
    Instant built = Instant.parse("2026-11-01T00:00:00Z");
    Files.setLastModifiedTime(jar, FileTime.from(built));
    Files.setLastModifiedTime(cache, FileTime.from(built.plusSeconds(60)));
    assertEquals(true, usesCache());
    Files.setLastModifiedTime(jar, FileTime.from(built.plusSeconds(120)));
    assertEquals(false, usesCache());
  }
}
