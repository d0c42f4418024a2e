package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.youtube.AnalyticsQuery;
import com.ytempire.sidecar.youtube.YouTube.Line;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the lines of an answer of Analytics into rows of the report that was asked for. */
final class AnalyticsRows {
  private static final Logger log = LoggerFactory.getLogger(AnalyticsRows.class);

  /** The fields of rows that hold a dimension, by YouTube's name of it. */
  private static final Map<String, String> DIMENSION_FIELDS =
      Map.of(
          AnalyticsQuery.DAY, "day",
          AnalyticsQuery.VIDEO, "videoId",
          AnalyticsQuery.TRAFFIC_SOURCE, "sourceType",
          AnalyticsQuery.ELAPSED, "elapsedVideoTimeRatio");

  private AnalyticsRows() {}

  /**
   * The rows of several lines, without those that make no sense.
   *
   * @param others fields that are no dimensions of the query
   */
  static List<FetchedRow> of(
      FetchContext context, PlannedRequest request, List<Line> lines, Map<String, Object> others) {
    return lines.stream().flatMap(line -> of(context, request, line, others).stream()).toList();
  }

  /**
   * A row: what it is about in the order of its kind's fields, then its metrics. What YouTube does
   * not say is left out.
   *
   * @param others fields that are no dimensions of the query
   * @return empty when the line makes no sense, so that it costs no other
   */
  static Optional<FetchedRow> of(
      FetchContext context, PlannedRequest request, Line line, Map<String, Object> others) {
    try {
      return Optional.of(read(context, request, line, others));
    } catch (DateTimeException | ArithmeticException | IllegalArgumentException e) {
      log.warn("a row of {} was left out: {}", request.report().label(), e.getMessage());
      return Optional.empty();
    }
  }

  /** The fields that say of which period a row is, and one more. */
  static Map<String, Object> ofPeriod(PlannedRequest request, String field, Object value) {
    return Map.of("startDate", request.first(), "endDate", request.last(), field, value);
  }

  /** The days that rows are of. */
  static Set<LocalDate> days(List<FetchedRow> rows) {
    return rows.stream().map(row -> row.day("day")).collect(Collectors.toUnmodifiableSet());
  }

  private static FetchedRow read(
      FetchContext context, PlannedRequest request, Line line, Map<String, Object> others) {
    Map<String, String> dimensions = dimensions(request.report(), line, others);
    FetchedRow row = context.row(request);
    for (RowField field : request.report().rowKind().fields()) {
      String dimension = dimensions.get(field.json());
      Object other = others.get(field.json());
      if (dimension != null) {
        row.set(field.json(), parse(field, dimension));
      } else if (other != null) {
        row.set(field.json(), other);
      }
    }
    line.metrics().forEach(row::set);
    return row;
  }

  /** A line's dimensions by the names of the fields that hold them. */
  private static Map<String, String> dimensions(
      Report report, Line line, Map<String, Object> others) {
    Map<String, String> dimensions = new HashMap<>();
    line.dimensions()
        .forEach((name, value) -> dimensions.put(DIMENSION_FIELDS.getOrDefault(name, name), value));
    if (report.rowKind().hasField("dimension")) {
      dimensions.put("dimension", report.query().dimension());
      dimensions.put(
          "value",
          report.query().dimensions().stream()
              .filter(name -> !name.equals(AnalyticsQuery.DAY))
              .map(name -> valueOf(name, line, others))
              .collect(Collectors.joining(",")));
    }
    return dimensions;
  }

  private static String valueOf(String dimension, Line line, Map<String, Object> others) {
    return String.valueOf(
        line.dimensions().containsKey(dimension)
            ? line.dimensions().get(dimension)
            : others.get(dimension));
  }

  private static Object parse(RowField field, String dimension) {
    return switch (field.type()) {
      case DAY -> LocalDate.parse(dimension);
      case RATE -> new BigDecimal(dimension);
      default -> dimension;
    };
  }
}
