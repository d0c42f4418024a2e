package com.ytempire.simulator;

import com.ytempire.simulator.AnalyticsFigures.Day;
import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes the result table by which Analytics answers a query. */
final class AnalyticsTable {
  /**
   * USD into others. Google converts by the rates of the days (developers.google.com/youtube/
   * analytics/reference/reports/query, {@code currency}); here they stand still.
   */
  private static final Map<String, Double> RATES =
      Map.of(
          "USD", 1.0, "EUR", 0.86, "GBP", 0.75, "JPY", 156.0, "INR", 89.0, "BRL", 5.3, "CHF", 0.8);

  private AnalyticsTable() {}

  /** Returns a row: its key, and the values of metrics. */
  static List<Object> row(String key, List<String> metrics, Day day) {
    List<Object> row = new ArrayList<>();
    row.add(key);
    metrics.forEach(metric -> row.add(value(metric, day)));
    return row;
  }

  /** Returns the value of a metric on a day. */
  static Number value(String metric, Day day) {
    return switch (metric) {
      case "views" -> day.views();
      case "engagedViews" -> day.engagedViews();
      case "estimatedMinutesWatched" -> day.minutesWatched();
      case "averageViewDuration" -> day.averageViewDuration();
      case "averageViewPercentage" -> day.averageViewPercentage();
      case "likes" -> day.likes();
      case "comments" -> day.comments();
      case "shares" -> day.shares();
      case "subscribersGained" -> day.subscribersGained();
      case "subscribersLost" -> day.subscribersLost();
      case "estimatedRevenue" -> money(day.revenue());
      case "estimatedAdRevenue" -> money(day.revenue() * 0.9);
      case "grossRevenue" -> money(day.revenue() * 0.9 / 0.55);
      case "monetizedPlaybacks" -> Math.round(day.views() * 0.6);
      case "adImpressions" -> Math.round(day.views() * 0.75);
      case "playbackBasedCpm" ->
          day.views() == 0 ? 0.0 : money(day.revenue() * 0.9 / 0.55 / (day.views() * 0.6) * 1000);
      case "cpm" ->
          day.views() == 0 ? 0.0 : money(day.revenue() * 0.9 / 0.55 / (day.views() * 0.75) * 1000);
      default -> throw new IllegalArgumentException(metric);
    };
  }

  private static double money(double usd) {
    return Math.round(usd * 1000) / 1000.0;
  }

  private static boolean isMoney(String metric) {
    return metric.endsWith("Revenue") || metric.toLowerCase(Locale.ROOT).endsWith("cpm");
  }

  /** Rows with their amounts in the currency that was asked for; the metrics come last in each. */
  private static List<List<Object>> converted(
      Context ctx, List<String> metrics, List<List<Object>> rows) {
    String currency = AnalyticsParameters.value(ctx, "currency");
    if (currency == null) {
      return rows;
    }
    Double rate = RATES.get(currency);
    if (rate == null) {
      throw GoogleError.badRequest("Invalid currency code: " + currency);
    }
    List<List<Object>> all = new ArrayList<>();
    for (List<Object> row : rows) {
      List<Object> converted = new ArrayList<>(row);
      for (int i = 0; i < metrics.size(); i++) {
        int place = row.size() - metrics.size() + i;
        if (isMoney(metrics.get(i)) && row.get(place) instanceof Number amount) {
          converted.set(place, money(amount.doubleValue() * rate));
        }
      }
      all.add(converted);
    }
    return all;
  }

  /**
   * Answers rows, with amounts in the currency that was asked for.
   *
   * @param usd rows with amounts in USD
   */
  static void answer(
      Context ctx, List<String> dimensions, List<String> metrics, List<List<Object>> usd) {
    List<List<Object>> rows = converted(ctx, metrics, usd);
    List<Map<String, String>> headers = new ArrayList<>();
    dimensions.forEach(dimension -> headers.add(header(dimension, "DIMENSION", "STRING")));
    for (String metric : metrics) {
      boolean decimal =
          isMoney(metric)
              || metric.equals("averageViewPercentage")
              || metric.equals("viewerPercentage");
      headers.add(header(metric, "METRIC", decimal ? "FLOAT" : "INTEGER"));
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("kind", "youtubeAnalytics#resultTable");
    body.put("columnHeaders", headers);
    if (!rows.isEmpty()) {
      body.put("rows", rows);
    }
    ctx.json(body);
  }

  private static Map<String, String> header(String name, String columnType, String dataType) {
    return Map.of("name", name, "columnType", columnType, "dataType", dataType);
  }
}
