package com.ytempire.sidecar.youtube;

import com.ytempire.sidecar.youtube.YouTube.BulkSum;
import java.io.EOFException;
import java.io.IOException;
import java.io.PushbackReader;
import java.io.Reader;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adds the lines of a file of the Reporting API up as they come, so that a large file takes no more
 * memory than a small one. For one file and one thread.
 */
final class BulkSums {
  private static final Logger log = LoggerFactory.getLogger(BulkSums.class);
  private static final String IMPRESSIONS = "video_thumbnail_impressions";
  private static final String RATE = "video_thumbnail_impressions_ctr";

  /** Values of a dimension and day; Google has some 250 countries. */
  private static final int MAX_KEYS = 10_000;

  /** Digits of a click-through rate after the point, as it is stored. */
  private static final int RATE_SCALE = 6;

  private record Key(LocalDate day, String dimension, String value) {}

  private static final class Figures {
    private final Map<String, BigDecimal> sums = new HashMap<>();
    private BigDecimal impressions = BigDecimal.ZERO;
    private BigDecimal ratedImpressions = BigDecimal.ZERO;
    private BigDecimal clicks = BigDecimal.ZERO;
  }

  private final BulkQuery query;
  private final Map<Key, Figures> figures = new HashMap<>();

  private BulkSums(BulkQuery query) {
    this.query = query;
  }

  /**
   * Reads a file. Columns by their names; lines that make no sense are left out. A click-through
   * rate is the average of the lines' rates, weighted by their impressions.
   *
   * @param csv may begin with a byte order mark
   * @throws IOException when it ends in the middle of a line
   * @throws IllegalArgumentException when it has not the columns of such a file
   */
  static List<BulkSum> read(Reader csv, BulkQuery query) throws IOException {
    PushbackReader text = new PushbackReader(csv);
    int first = text.read();
    if (first < 0) {
      return List.of();
    }
    if (first != '\uFEFF') {
      text.unread(first);
    }
    BulkSums sums = new BulkSums(query);
    int odd = 0;
    boolean isWhole = true;
    try (var parser =
        CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get().parse(text)) {
      List<String> columns = new ArrayList<>(query.columns().values());
      columns.add("date");
      if (query.hasReach()) {
        columns.addAll(List.of(IMPRESSIONS, RATE));
      }
      for (String column : columns) {
        if (!parser.getHeaderMap().containsKey(column)) {
          throw new IllegalArgumentException("it has no column " + column);
        }
      }
      for (CSVRecord line : parser) {
        isWhole = line.isConsistent();
        try {
          if (isWhole) {
            sums.add(line);
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
      log.warn("{} lines of {} make no sense and were left out", odd, query.reportType());
    }
    return sums.rows();
  }

  private void add(CSVRecord line) {
    LocalDate day = LocalDate.parse(line.get("date"), DateTimeFormatter.BASIC_ISO_DATE);
    // All that the line says first, so that one that makes no sense adds nothing.
    Map<String, BigDecimal> numbers = new HashMap<>();
    query
        .sums()
        .forEach((metric, column) -> {
          if (line.isMapped(column) && !line.get(column).isBlank()) {
            numbers.put(metric, new BigDecimal(line.get(column)));
          }
        });
    BigDecimal impressions =
        query.hasReach() ? new BigDecimal(line.get(IMPRESSIONS)) : BigDecimal.ZERO;
    String rate = query.hasReach() ? line.get(RATE) : "";
    boolean isRated = !rate.isBlank() && !rate.equalsIgnoreCase("NaN");
    BigDecimal clicks = isRated ? impressions.multiply(new BigDecimal(rate)) : BigDecimal.ZERO;
    query
        .columns()
        .forEach((dimension, column) -> {
          String value = line.get(column);
          Key key = new Key(day, dimension, value.isBlank() ? "unknown" : value);
          if (!figures.containsKey(key) && figures.size() == MAX_KEYS) {
            throw new ArithmeticException("more values than any file has");
          }
          Figures all = figures.computeIfAbsent(key, each -> new Figures());
          numbers.forEach((metric, number) -> all.sums.merge(metric, number, BigDecimal::add));
          all.impressions = all.impressions.add(impressions);
          if (isRated) {
            all.ratedImpressions = all.ratedImpressions.add(impressions);
            all.clicks = all.clicks.add(clicks);
          }
        });
  }

  private List<BulkSum> rows() {
    List<BulkSum> rows = new ArrayList<>();
    figures.forEach((key, all) -> {
      Map<String, BigDecimal> numbers = new HashMap<>();
      all.sums.forEach((metric, sum) -> numbers.put(metric, sum.setScale(0, RoundingMode.HALF_UP)));
      if (query.hasReach()) {
        numbers.put("impressions", all.impressions.setScale(0, RoundingMode.HALF_UP));
        if (all.ratedImpressions.signum() > 0) {
          BigDecimal rate =
              all.clicks.divide(all.ratedImpressions, RATE_SCALE, RoundingMode.HALF_UP);
          // Google counts clicks of a day on impressions of the day before.
          numbers.put("clickThroughRate", rate.min(BigDecimal.ONE));
        }
      }
      rows.add(new BulkSum(key.day(), key.dimension(), key.value(), numbers));
    });
    rows.sort(
        Comparator.comparing(BulkSum::day)
            .thenComparing(BulkSum::dimension)
            .thenComparing(BulkSum::value));
    return rows;
  }
}
