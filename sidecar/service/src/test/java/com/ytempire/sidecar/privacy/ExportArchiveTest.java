package com.ytempire.sidecar.privacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.ytempire.sidecar.web.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

/** The file of an export, on a disk that is full or has no room for it. */
final class ExportArchiveTest {
  private static final Instant NOW = Instant.parse("2026-11-20T18:00:00Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
  private static final OpenExports.Holder ADA =
      new OpenExports.Holder(new UUID(1, 1), new UUID(1, 1));
  private static final int MEBIBYTE = 1 << 20;

  /** Of which no compression makes less. */
  private static final byte[] NOISE = new byte[2 * MEBIBYTE];

  static {
    new Random(7).nextBytes(NOISE);
  }

  private final OpenExports exports = new OpenExports(4L * MEBIBYTE, CLOCK);

  /** A device on which every write fails because nothing is free. */
  private static FileChannel full() {
    try {
      return FileChannel.open(
          Path.of("/dev/full"), StandardOpenOption.READ, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void assertUnavailable(byte[] content) {
    FileChannel file = full();
    Problem refusal =
        assertThrows(
            Problem.class,
            () ->
                exports
                    .open(
                        ADA,
                        space -> {
                          try (ExportArchive archive = new ExportArchive(file, space, CLOCK)) {
                            archive.add("x.csv", out -> out.write(content));
                            return archive.finish();
                          }
                        })
                    .close());
    assertEquals(Problem.Type.UNAVAILABLE, refusal.type());
    assertEquals(NOW.plusSeconds(60), refusal.retryAt());
    assertFalse(file.isOpen(), "the file of the export is still open");
  }

  @Test
  void a_full_disk_is_named_and_the_file_is_given_up() {
    assertUnavailable(NOISE);
    // What is small is written at the end.
    assertUnavailable(new byte[] {1});
  }

  @Test
  void an_archive_without_room_is_refused_and_its_file_given_up() throws Exception {
    List<FileChannel> files = new ArrayList<>();
    Problem refusal =
        assertThrows(
            Problem.class,
            () ->
                exports
                    .open(
                        ADA,
                        space -> {
                          try (ExportArchive archive =
                              new ExportArchive(temporary(files), space, CLOCK)) {
                            archive.add("x.csv", out -> out.write(NOISE));
                            return archive.finish();
                          }
                        })
                    .close());
    assertEquals(Problem.Type.EXPORT_TOO_LARGE, refusal.type());
    assertFalse(files.getFirst().isOpen(), "the file of the export is still open");
  }

  private static FileChannel temporary(List<FileChannel> made) {
    try {
      made.add(
          FileChannel.open(
              Path.of(System.getProperty("java.io.tmpdir"), UUID.randomUUID().toString()),
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE));
      return made.getLast();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void an_interrupted_export_is_not_named_a_full_disk() throws Exception {
    FutureTask<Problem> refused =
        new FutureTask<>(() ->
            assertThrows(
                Problem.class,
                () ->
                    exports
                        .open(
                            ADA,
                            space -> {
                              try (ExportArchive archive = ExportArchive.open(space, CLOCK)) {
                                Thread.currentThread().interrupt();
                                archive.add("x.csv", out -> out.write(NOISE, 0, MEBIBYTE / 2));
                                return archive.finish();
                              }
                            })
                        .close()));
    Thread.ofVirtual().start(refused);
    assertEquals(Problem.Type.CALLER_GONE, refused.get().type());
  }

  @Test
  void an_archive_is_read_back_as_it_was_written() throws Exception {
    try (InputStream export =
            exports.open(
                ADA,
                space -> {
                  try (ExportArchive archive = ExportArchive.open(space, CLOCK)) {
                    archive.add("x.csv", out -> out.write(new byte[] {1, 2, 3}));
                    return archive.finish();
                  }
                });
        ZipInputStream zip = new ZipInputStream(export)) {
      assertEquals("x.csv", Objects.requireNonNull(zip.getNextEntry()).getName());
      assertEquals(3, zip.readAllBytes().length);
    }
  }
}
