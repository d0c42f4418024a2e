package com.ytempire.sidecar.youtube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Reader;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A report file that is far larger than any should be. */
final class LargeReportTest {
  private static final int ROWS = 1_000_000;
  private static final long FIFTY_MEGABYTES = 50L << 20;

  /** A file that is made while it is read. */
  private static final class MadeReport extends Reader {
    private long read;
    private int next = -1;
    private String rest = "";

    @Override
    public int read(char[] into, int offset, int length) {
      if (rest.isEmpty()) {
        if (next == ROWS) {
          return -1;
        }
        rest =
            next < 0
                ? "date,channel_id,video_id,video_thumbnail_impressions,video_thumbnail_impressions_ctr\n"
                : "20261101,UCaaaaaaaaaaaaaaaaaaaaaa,v%010d,%d,0.05\n".formatted(next, next);
        next++;
      }
      int count = Math.min(length, rest.length());
      rest.getChars(0, count, into, offset);
      rest = rest.substring(count);
      read += count;
      return count;
    }

    @Override
    public void close() {
      // nothing is open
    }
  }

  @Test
  void of_a_report_of_50_megabytes_no_more_than_its_largest_rows_is_kept() throws IOException {
    MadeReport file = new MadeReport();
    List<YouTube.Reach> rows = GoogleReporting.parse(file);
    assertTrue(file.read > FIFTY_MEGABYTES, file.read + " characters");
    assertEquals(GoogleReporting.MAX_ROWS, rows.size());
    assertEquals(
        ROWS - GoogleReporting.MAX_ROWS,
        rows.stream().mapToLong(YouTube.Reach::impressions).min().orElseThrow(),
        "those with the most impressions stay");
  }
}
