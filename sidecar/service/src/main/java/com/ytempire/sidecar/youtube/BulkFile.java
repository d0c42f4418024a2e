package com.ytempire.sidecar.youtube;

import java.io.EOFException;
import java.io.IOException;
import java.io.PushbackReader;
import java.io.Reader;
import java.time.DateTimeException;
import java.util.List;
import java.util.function.Consumer;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file of the Reporting API: lines of comma-separated values below a line of column names. */
final class BulkFile {
  private static final Logger log = LoggerFactory.getLogger(BulkFile.class);

  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private BulkFile() {}

  /**
   * Reads a file line by line. A line of which {@code each} makes no sense is left out.
   *
   * @param csv may begin with a byte order mark; empty: no lines
   * @param columns that it must have, in any order
   * @param each takes a line; throws DateTimeException, ArithmeticException or
   *     NumberFormatException for one that makes no sense
   * @throws IOException when it ends in the middle of a line
   * @throws IllegalArgumentException when it has not the columns
   */
  static void read(Reader csv, List<String> columns, Consumer<CSVRecord> each) throws IOException {
    PushbackReader text = new PushbackReader(csv);
    int first = text.read();
    if (first < 0) {
      return;
    }
    if (first != BYTE_ORDER_MARK) {
      text.unread(first);
    }
    int odd = 0;
    boolean isWhole = true;
    try (var parser =
        CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get().parse(text)) {
      for (String column : columns) {
        if (!parser.getHeaderMap().containsKey(column)) {
          throw new IllegalArgumentException("it has no column " + column);
        }
      }
      for (CSVRecord line : parser) {
        isWhole = line.isConsistent();
        try {
          if (isWhole) {
            each.accept(line);
          }
        } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
          odd++;
        }
      }
    }
    if (!isWhole) {
      throw new EOFException("the report breaks off in the middle of a line");
    }
    if (odd > 0) {
      log.warn("{} lines of a report make no sense and were left out", odd);
    }
  }
}
