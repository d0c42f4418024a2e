package com.ytempire.sidecar.privacy;

import com.ytempire.sidecar.db.CompleteRollups;
import com.ytempire.sidecar.db.Database;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** All that is stored of the acting tenant, as a ZIP of CSV files, as of one moment. */
final class Export {
  private static final String README =
      """
      Everything that YTEMPIRE keeps of you, one CSV file (RFC 4180, UTF-8, with a header) for each kind.
      Days are YouTube's own, in Pacific time; other times say their offset. Money is in USD.
      An empty field: YouTube has not reported it, or there is none. youtube_metrics.csv is by channel and day,
      video_metrics.csv by video and day; do not add the two. audit_log.csv: what was done to your data.
      Text that begins with = + - @, a tab or a return has an apostrophe before it, so that no
      spreadsheet takes it for a formula.
      YouTube's figures come from the YouTube API Services; erasing them here erases nothing at YouTube.
      """;

  private final Database database;
  private final Clock clock;

  Export(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /**
   * Writes everything and returns it, to be closed by the caller. It is on the disk, in a file that
   * has no name from the first moment on, so that none is left whatever happens.
   */
  InputStream write() {
    try {
      Path file = Files.createTempFile("ytempire-export", ".zip");
      FileChannel channel =
          FileChannel.open(
              file,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
      try {
        ZipOutputStream zip =
            new ZipOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel)));
        zip.putNextEntry(entry("README.txt"));
        zip.write(README.getBytes(StandardCharsets.UTF_8));
        database.useTenantSnapshot(handle -> {
          CompleteRollups.require(handle);
          PrivacyDao dao = handle.attach(PrivacyDao.class);
          for (String view : dao.exportedViews()) {
            add(zip, dao, view);
          }
        });
        zip.finish();
        zip.flush();
        channel.position(0);
        return Channels.newInputStream(channel);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the export cannot be written: " + e.getMessage(), e);
    }
  }

  private void add(ZipOutputStream zip, PrivacyDao dao, String view) {
    try {
      zip.putNextEntry(entry(view.substring(view.indexOf('.') + 1) + ".csv"));
      dao.writeCsv(view, new NonClosingStream(zip));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file of the archive that is as old as the export, in UTC, for ZIP knows no time zone. */
  private ZipEntry entry(String name) {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(LocalDateTime.ofInstant(clock.instant(), ZoneOffset.UTC));
    return entry;
  }

  /** The archive, for the writer of one entry, who does not close it. */
  private static final class NonClosingStream extends FilterOutputStream {
    NonClosingStream(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      out.write(bytes, from, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
