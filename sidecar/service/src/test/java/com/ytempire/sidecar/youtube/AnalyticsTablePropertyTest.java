package com.ytempire.sidecar.youtube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.longs;

import com.google.api.services.youtubeAnalytics.v2.model.QueryResponse;
import com.google.api.services.youtubeAnalytics.v2.model.ResultTableColumnHeader;
import com.ytempire.sidecar.youtube.YouTube.Line;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A table of Analytics means the same in whatever order its columns come. */
final class AnalyticsTablePropertyTest {
  private static final LocalDate FIRST = LocalDate.of(2026, 10, 1);

  @Test
  void lines_do_not_depend_on_the_order_of_columns_nor_on_what_is_missing() {
    qt().withExamples(300)
        .withShrinkCycles(1_000)
        .forAll(longs().all(), integers().between(0, 40))
        .checkAssert((seed, days) -> {
          Random random = new Random(seed);
          List<Metric> metrics = new ArrayList<>(Metric.CORE);
          Collections.shuffle(metrics, random);
          metrics = metrics.subList(0, 1 + random.nextInt(metrics.size()));
          AnalyticsQuery asked =
              AnalyticsQuery.of(
                  "UCaaaaaaaaaaaaaaaaaaaaaa",
                  FIRST,
                  FIRST.plusDays(40),
                  List.of(AnalyticsQuery.DAY),
                  metrics);
          List<String> columns = new ArrayList<>(List.of("day", "aMetricOfTomorrow"));
          metrics.forEach(metric -> columns.add(metric.label()));
          Collections.shuffle(columns, random);

          List<Line> wanted = new ArrayList<>();
          List<List<Object>> rows = new ArrayList<>();
          for (int day = 0; day < days; day++) {
            Map<Metric, BigDecimal> values = new EnumMap<>(Metric.class);
            List<@Nullable Object> row = new ArrayList<>();
            String date = FIRST.plusDays(day).toString();
            for (String column : columns) {
              Metric metric = Metric.of(column).orElse(null);
              if (column.equals("day")) {
                row.add(date);
              } else if (metric == null) {
                row.add(1);
              } else if (random.nextInt(5) == 0) {
                row.add(null);
              } else {
                BigDecimal value = number(random);
                values.put(metric, value);
                row.add(value);
              }
            }
            wanted.add(new Line(Map.of("day", date), values));
            rows.add(uncheckedRow(row));
          }
          QueryResponse table = new QueryResponse();
          table.setColumnHeaders(
              columns.stream().map(name -> new ResultTableColumnHeader().setName(name)).toList());
          if (!rows.isEmpty() || random.nextBoolean()) {
            table.setRows(rows);
          }
          assertEquals(wanted, GoogleAnalytics.lines(table, asked));
        });
  }

  /** Zero, usual, huge, negative, and with decimals. */
  private static BigDecimal number(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> BigDecimal.ZERO;
      case 1 -> new BigDecimal(Long.MAX_VALUE);
      case 2 -> new BigDecimal(-random.nextInt(1000));
      case 3 -> new BigDecimal(random.nextInt(1_000_000)).movePointLeft(3);
      default -> new BigDecimal(random.nextInt(1_000_000));
    };
  }

  @SuppressWarnings("unchecked")
  private static List<Object> uncheckedRow(List<@Nullable Object> row) {
    return (List<Object>) (List<?>) row;
  }
}
