package com.ytempire.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PrivateFolderTest {
  @Test
  void nobody_but_its_owner_may_enter_the_demos_folder(@TempDir Path folder) throws IOException {
    Path made = PrivateFolder.create(folder.resolve("state").resolve("demo"));
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(made)));
  }
}
