package com.ytempire.sidecar.privacy;

import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Type;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Set;
import java.util.UUID;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A ZIP file of an export. It is on the disk, in a file that has no name from the first moment on,
 * so that none is left whatever happens. For one thread.
 */
final class ExportArchive implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ExportArchive.class);

  /** A disk that is full is not empty again at once. */
  private static final Duration RETRY_AFTER = Duration.ofMinutes(1);

  private final FileChannel file;
  private final Zip zip;
  private final Clock clock;
  private boolean isFinished;

  /** Writes the content of a file of the archive, and does not close it. */
  @FunctionalInterface
  interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Makes an archive without files.
   *
   * @param file that is written, and closed with the archive
   * @param space that what is written takes
   */
  ExportArchive(FileChannel file, OpenExports.Space space, Clock clock) {
    this.file = file;
    this.zip = new Zip(new BufferedOutputStream(new BoundedFile(file, space)));
    this.clock = clock;
  }

  /**
   * Makes an archive without files in the temporary directory.
   *
   * @throws Problem unavailable, when no file can be made there
   */
  static ExportArchive open(OpenExports.Space space, Clock clock) {
    try {
      return new ExportArchive(
          FileChannel.open(
              Path.of(
                  System.getProperty("java.io.tmpdir"),
                  "ytempire-export" + UUID.randomUUID() + ".zip"),
              Set.of(
                  StandardOpenOption.CREATE_NEW,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE,
                  StandardOpenOption.DELETE_ON_CLOSE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))),
          space,
          clock);
    } catch (IOException e) {
      throw notWritten(e, clock);
    }
  }

  /**
   * Adds a file that is as old as the export, in UTC, for ZIP knows no time zone.
   *
   * @throws Problem busy or too large, when there is no room for it; unavailable, when the disk is
   *     full; that the caller has gone, when the thread is interrupted
   */
  void add(String name, Content content) {
    try {
      ZipEntry entry = new ZipEntry(name);
      entry.setTimeLocal(LocalDateTime.ofInstant(clock.instant(), ZoneOffset.UTC));
      zip.putNextEntry(entry);
      content.writeTo(zip);
    } catch (IOException e) {
      throw notWritten(e, clock);
    }
  }

  /** Ends the archive and returns it, to be closed by the caller. */
  InputStream finish() {
    try {
      zip.close();
      file.position(0);
      isFinished = true;
      return Channels.newInputStream(file);
    } catch (IOException e) {
      throw notWritten(e, clock);
    }
  }

  /** Gives the file up, unless the archive is finished. */
  @Override
  public void close() {
    if (isFinished) {
      return;
    }
    try {
      file.close();
    } catch (IOException e) {
      log.warn("the file of an export was not closed: {}", e.toString());
    } finally {
      zip.release();
    }
  }

  private static Problem notWritten(IOException failure, Clock clock) {
    if (failure instanceof ClosedByInterruptException) {
      // The disk works: an interrupt of the thread that writes closes the file.
      return Problem.of(
          Type.CALLER_GONE, "The request was cancelled while its export was written.");
    }
    log.warn("an export cannot be written: {}", failure.toString());
    return Problem.until(
        Type.UNAVAILABLE,
        "The export cannot be written: the disk for it is full or does not work. Nothing of it is left. Try again later; your operator finds the cause in the log.",
        clock.instant().plus(RETRY_AFTER));
  }

  private static final class Zip extends ZipOutputStream {
    Zip(OutputStream out) {
      super(out);
    }

    /** Gives back the memory of the compression, without writing what is left. */
    void release() {
      def.end();
    }
  }

  /** The file, whose bytes take space. */
  private static final class BoundedFile extends OutputStream {
    private final OutputStream out;
    private final OpenExports.Space space;

    BoundedFile(FileChannel file, OpenExports.Space space) {
      this.out = Channels.newOutputStream(file);
      this.space = space;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      space.take(length);
      out.write(bytes, from, length);
    }
  }
}
