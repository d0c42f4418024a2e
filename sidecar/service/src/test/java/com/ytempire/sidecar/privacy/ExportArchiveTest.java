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
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
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

  /** An export of one file with this content. */
  private InputStream export(
      Function<OpenExports.Space, ExportArchive> made, ExportArchive.Content content) {
    return exports.open(
        ADA,
        space -> {
          try (ExportArchive archive = made.apply(space)) {
            archive.add("x.csv", content);
            return archive.finish();
          }
        });
  }

  /** The refusal of an export that is written into a file. */
  private Problem refusal(FileChannel file, byte[] content) {
    Problem refusal =
        assertThrows(
            Problem.class,
            () ->
                export(space -> new ExportArchive(file, space, CLOCK), out -> out.write(content))
                    .close());
    assertFalse(file.isOpen(), "the file of the export is still open");
    return refusal;
  }

  private void assertUnavailable(byte[] content) {
    Problem refusal = refusal(full(), content);
    assertEquals(Problem.Type.UNAVAILABLE, refusal.type());
    assertEquals(NOW.plusSeconds(60), refusal.retryAt());
  }

  @Test
  void a_full_disk_is_named_and_the_file_is_given_up() {
    assertUnavailable(NOISE);
    // What is small is written at the end.
    assertUnavailable(new byte[] {1});
  }

  @Test
  void an_archive_without_room_is_refused_and_its_file_given_up() {
    assertEquals(Problem.Type.EXPORT_TOO_LARGE, refusal(temporary(), NOISE).type());
  }

  private static FileChannel temporary() {
    try {
      return FileChannel.open(
          Path.of(System.getProperty("java.io.tmpdir"), UUID.randomUUID().toString()),
          StandardOpenOption.CREATE_NEW,
          StandardOpenOption.READ,
          StandardOpenOption.WRITE,
          StandardOpenOption.DELETE_ON_CLOSE);
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
                    export(
                            space -> ExportArchive.open(space, CLOCK),
                            out -> {
                              Thread.currentThread().interrupt();
                              out.write(NOISE, 0, MEBIBYTE / 2);
                            })
                        .close()));
    Thread.ofVirtual().start(refused);
    assertEquals(Problem.Type.CALLER_GONE, refused.get().type());
  }

  @Test
  void an_archive_is_read_back_as_it_was_written() throws Exception {
    try (InputStream export =
            export(
                space -> ExportArchive.open(space, CLOCK), out -> out.write(new byte[] {1, 2, 3}));
        ZipInputStream zip = new ZipInputStream(export)) {
      assertEquals("x.csv", Objects.requireNonNull(zip.getNextEntry()).getName());
      assertEquals(3, zip.readAllBytes().length);
    }
  }
}
