package com.ytempire.sidecar.youtube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Reader;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** A report file that is far larger than any should be. */
final class LargeReportTest {
  private static final int ROWS = 1_000_000;

  /** Rows of more than 250 bytes. */
  private static final int LONG_ROWS = 180_000;

  private static final long FIFTY_MEGABYTES = 50L << 20;

  /** Values of a dimension that are added up; Google has some 250 countries. */
  private static final int MOST_VALUES = 10_000;

  /** A file that is made while it is read. */
  private static final class MadeReport extends Reader {
    private final int rows;
    private final String header;
    private final IntFunction<String> line;
    private long read;
    private int next = -1;
    private String rest = "";

    MadeReport(int rows, String header, IntFunction<String> line) {
      this.rows = rows;
      this.header = header;
      this.line = line;
    }

    @Override
    public int read(char[] into, int offset, int length) {
      if (rest.isEmpty()) {
        if (next == rows) {
          return -1;
        }
        rest = (next < 0 ? header : line.apply(next)) + "\n";
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
    MadeReport file =
        new MadeReport(
            ROWS,
            "date,channel_id,video_id,video_thumbnail_impressions,video_thumbnail_impressions_ctr",
            number -> "20261101,UCaaaaaaaaaaaaaaaaaaaaaa,v%010d,%d,0.05".formatted(number, number));
    List<YouTube.Reach> rows = GoogleReporting.parse(file);
    assertTrue(file.read > FIFTY_MEGABYTES, file.read + " characters");
    assertEquals(GoogleReporting.MAX_ROWS, rows.size());
    assertEquals(
        ROWS - GoogleReporting.MAX_ROWS,
        rows.stream().mapToLong(YouTube.Reach::impressions).min().orElseThrow(),
        "those with the most impressions stay");
  }

  @Test
  void summing_a_report_of_50_megabytes_keeps_only_the_sums() throws IOException {
    int most = LONG_ROWS - 1000;
    MadeReport file =
        new MadeReport(
            LONG_ROWS,
            "date,channel_id,video_id,live_or_on_demand,subscribed_status,country_code,views",
            number ->
                "20261101,UCaaaaaaaaaaaaaaaaaaaaaa,v%0250d,on_demand,subscribed,X%d,2"
                    .formatted(number, number < most ? number % MOST_VALUES : number));
    List<YouTube.BulkSum> sums = BulkSums.read(file, BulkQuery.COUNTRIES);
    assertTrue(file.read > FIFTY_MEGABYTES, file.read + " characters");
    assertEquals(MOST_VALUES, sums.size(), "however many values it has");
    assertEquals(
        2L * most,
        sums.stream()
            .flatMap(sum -> sum.figures().values().stream())
            .mapToLong(figure -> figure.longValue())
            .sum());
  }
}
