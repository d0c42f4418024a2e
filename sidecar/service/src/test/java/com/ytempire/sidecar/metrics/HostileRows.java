package com.ytempire.sidecar.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Rows of every kind with every field set to values that a hostile or broken caller may send. */
public final class HostileRows {
  public static final String CHANNEL = "UCabcdefghijklmnopqrstuv";

  /** JSON values as they stand in a body. */
  public static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "{}",
          "[]",
          "[null]",
          "[\"a\",1]",
          "[\"a\\u0000\"]",
          "[\"\\ud800\"]",
          "[\"fine\",\"\\ud83d\\ude00\"]",
          "{\"a\":{\"b\":1e999999999}}",
          "0",
          "-0",
          "1",
          "-1",
          "1.0",
          "1.5",
          "0.1e1",
          "1e2",
          "41.123456789012345678901",
          "99999",
          "99999.99999",
          "0.99999999",
          "1.0000001",
          "9007199254740991",
          "9007199254740992",
          "9223372036854775807",
          "9223372036854775808",
          "-9223372036854775809",
          "1e308",
          "1e400",
          "-1e400",
          "1e-400",
          "1e999999999",
          "1e-999999999",
          "9".repeat(900),
          "0." + "1".repeat(900),
          "\"\"",
          "\" \"",
          "\"\\u0000\"",
          "\"a\\u0000b\"",
          "\"\\ud800\"",
          "\"\\udc00\\ud800\"",
          "\"\\ud83d\\ude00\"",
          "\"\\uffff\\u202e\\u200b\"",
          "\"" + "x".repeat(301) + "\"",
          "\"" + "\\ud83d\\ude00".repeat(300) + "\"",
          "\"" + "x".repeat(70_000) + "\"",
          "\"1\"",
          "\"1.5\"",
          "\"1.50000\"",
          "\"1.5\\n\"",
          "\"-0\"",
          "\"-0.0001\"",
          "\"9999999999.9999\"",
          "\"99999999999\"",
          "\"1e5\"",
          "\"NaN\"",
          "\"Infinity\"",
          "\"infinity\"",
          "\"2026-01-31\"",
          "\"2024-02-29\"",
          "\"2026-02-29\"",
          "\"2026-02-30\"",
          "\"2026-13-01\"",
          "\"2026-00-00\"",
          "\"0000-01-01\"",
          "\"0001-01-01\"",
          "\"9999-12-31\"",
          "\"-0001-01-01\"",
          "\"+12345-01-01\"",
          "\"2026-1-1\"",
          "\"2026-01-31\\n\"",
          "\"２０２６-01-31\"",
          "\"2026-01-31T12:00:00Z\"",
          "\"2026-01-31t12:00:00z\"",
          "\"2026-01-31 12:00:00Z\"",
          "\"2026-01-31T12:00:00\"",
          "\"2026-01-31T12:00Z\"",
          "\"2026-01-31T24:00:00Z\"",
          "\"2016-12-31T23:59:60Z\"",
          "\"2026-06-30T23:59:60Z\"",
          "\"2026-01-31T23:59:61Z\"",
          "\"0000-01-01T00:00:00Z\"",
          "\"0001-01-01T00:00:00+18:00\"",
          "\"9999-12-31T23:59:59.999999999-18:00\"",
          "\"2026-01-31T12:00:00+18:00\"",
          "\"2026-01-31T12:00:00+18:01\"",
          "\"2026-01-31T12:00:00+23:59\"",
          "\"2026-01-31T12:00:00-99:99\"",
          "\"2026-01-31T12:00:00+01\"",
          "\"2026-01-31T12:00:00.Z\"",
          "\"2026-01-31T12:00:00.9999999Z\"",
          "\"2026-01-31T12:00:00.123456789Z\"",
          "\"2026-01-31T12:00:00.12345678901234567890Z\"",
          "\"+12345-01-01T00:00:00Z\"",
          "\"1-1-1-1-1\"",
          "\"3F1C9E6A-4F0E-4B8E-9D3F-2A6F2F9C1B7D\"",
          "\"3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d\\n\"",
          "\"UCabcdefghijklmnopqrstuv\\n\"",
          "\"UCabcdefghijklmnopqrstu\"",
          "\"abcdefghijk\\n\"",
          "\"abcdefghijk\"",
          "\"YT_SEARCH\"",
          "\"channel-day\"",
          "\"channel-day\\u0000\"");

  private HostileRows() {}

  /** A good row of a kind: the JSON of each of its fields. */
  public static Map<String, String> good(String kind, String userId) {
    Map<String, String> row = new LinkedHashMap<>();
    row.put("kind", quoted(kind));
    row.put("userId", quoted(userId));
    for (RowField field : RowKind.of(kind).orElseThrow().fields()) {
      row.put(
          field.json(),
          switch (field.json()) {
            case "channelId" -> quoted(CHANNEL);
            case "videoId" -> quoted("abcdefghijk");
            case "sourceType" -> quoted("SHORTS");
            case "clickThroughRate", "elapsedVideoTimeRatio", "relativeRetentionPerformance" ->
                "0.25";
            case "dimension" -> quoted("deviceType");
            default ->
                switch (field.type()) {
                  case TEXT -> quoted("text");
                  case DAY -> quoted("2026-10-01");
                  case INSTANT -> quoted("2026-10-01T10:00:00Z");
                  case COUNT -> "7";
                  case FLAG -> "false";
                  case LIST -> "[\"tag\"]";
                  case PERCENT, RATE -> "41.5";
                  case MONEY -> quoted("1.25");
                };
          });
    }
    return row;
  }

  /** Every kind's label. */
  public static List<String> kinds() {
    return RowKind.STORED.stream().map(RowKind::label).toList();
  }

  /** The row as JSON, with one field set to a JSON value. */
  public static String with(Map<String, String> row, String field, String value) {
    Map<String, String> changed = new LinkedHashMap<>(row);
    changed.put(field, value);
    return json(changed);
  }

  /** The row as JSON, without a field. */
  public static String without(Map<String, String> row, String field) {
    Map<String, String> changed = new LinkedHashMap<>(row);
    changed.remove(field);
    return json(changed);
  }

  public static String json(Map<String, String> row) {
    return row.entrySet().stream()
        .map(field -> quoted(field.getKey()) + ":" + field.getValue())
        .collect(Collectors.joining(",", "{", "}"));
  }

  /** Every field of a kind with every value, without each field, and with one too many. */
  public static List<String> all(String kind, String userId) {
    Map<String, String> good = good(kind, userId);
    List<String> rows = new ArrayList<>();
    for (String field : good.keySet()) {
      rows.add(without(good, field));
      for (String value : VALUES) {
        rows.add(with(good, field, value));
      }
    }
    for (String value : VALUES) {
      rows.add(with(good, "virality", value));
      rows.add(value);
    }
    return rows;
  }

  private static String quoted(String text) {
    return '"' + text + '"';
  }
}
