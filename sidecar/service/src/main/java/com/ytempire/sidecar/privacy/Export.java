package com.ytempire.sidecar.privacy;

import com.ytempire.sidecar.db.CompleteRollups;
import com.ytempire.sidecar.db.Database;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;

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
   * Writes everything and returns it, to be closed by the caller.
   *
   * @param space that it takes on the disk
   */
  InputStream write(OpenExports.Space space) {
    try (ExportArchive archive = ExportArchive.open(space, clock)) {
      archive.add("README.txt", out -> out.write(README.getBytes(StandardCharsets.UTF_8)));
      database.useTenantSnapshot(handle -> {
        CompleteRollups.require(handle);
        PrivacyDao dao = handle.attach(PrivacyDao.class);
        for (String view : dao.exportedViews()) {
          archive.add(
              view.substring(view.indexOf('.') + 1) + ".csv", out -> dao.writeCsv(view, out));
        }
      });
      return archive.finish();
    }
  }
}
