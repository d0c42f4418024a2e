package com.ytempire.sidecar.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MigrationFingerprintTest {
  @TempDir Path folder = Path.of(".");
  private String first = "";

  @BeforeEach
  void writeOneMigration() throws IOException {
    Files.writeString(folder.resolve("V001__tables.sql"), "create table a (b int);\n");
    first = fingerprint();
  }

  private String fingerprint() {
    return MigrationFingerprint.of(List.of("filesystem:" + folder));
  }

  @Test
  void it_changes_with_the_content_of_a_file() throws IOException {
    assertEquals(first, fingerprint());
    Files.writeString(folder.resolve("V001__tables.sql"), "create table a (c int);\n");
    assertNotEquals(first, fingerprint());
  }

  @Test
  void it_changes_with_the_name_of_a_file() throws IOException {
    Files.move(folder.resolve("V001__tables.sql"), folder.resolve("V002__tables.sql"));
    assertNotEquals(first, fingerprint());
  }

  @Test
  void it_changes_with_a_file_more() throws IOException {
    Files.writeString(folder.resolve("R__views.sql"), "");
    assertNotEquals(first, fingerprint());
  }

  @Test
  void the_products_own_migrations_have_one() {
    assertNotEquals(
        MigrationFingerprint.of(List.of("classpath:no/such/folder")),
        MigrationFingerprint.of(Migration.LOCATIONS));
  }
}
