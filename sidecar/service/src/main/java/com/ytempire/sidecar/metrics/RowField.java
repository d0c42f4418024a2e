package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.youtube.Metric;

/**
 * A field of a kind of rows: its name in the contract and its column.
 *
 * @param column empty: the rows are not stored
 */
record RowField(String json, String column, Type type, Part part) {
  /** The form of a field in JSON and in SQL. */
  enum Type {
    TEXT("text"),
    DAY("date"),
    INSTANT("timestamptz"),
    COUNT("bigint"),
    FLAG("boolean"),
    /** Texts. */
    LIST("jsonb"),
    PERCENT(5, 4),
    RATE(3, 6),
    MONEY(10, 4);

    private final String sql;
    private final int digits;
    private final int scale;

    Type(String sql) {
      this.sql = sql;
      this.digits = 0;
      this.scale = 0;
    }

    Type(int digits, int scale) {
      this.sql = "numeric";
      this.digits = digits;
      this.scale = scale;
    }

    /** Of a parameter. */
    String sql() {
      return sql;
    }

    /** Digits before the point that the column holds; 0 unless it is a decimal number. */
    int digits() {
      return digits;
    }

    /** Digits after the point that the column holds, to which values are rounded. */
    int scale() {
      return scale;
    }
  }

  /**
   * The part of a row that a field belongs to: its name, what never changes, or what may be
   * restated.
   */
  enum Part {
    KEY,
    FIXED,
    VALUE
  }

  static RowField key(String json, String column, Type type) {
    return new RowField(json, column, type, Part.KEY);
  }

  static RowField fixed(String json, String column, Type type) {
    return new RowField(json, column, type, Part.FIXED);
  }

  static RowField value(String json, String column, Type type) {
    return new RowField(json, column, type, Part.VALUE);
  }

  static RowField unstored(String json, Type type) {
    return new RowField(json, "", type, Part.VALUE);
  }

  /** The field of a metric of a day. */
  static RowField of(Metric metric) {
    return value(metric.label(), column(metric), type(metric));
  }

  /** The same, of rows that are not stored. */
  static RowField unstored(Metric metric) {
    return unstored(metric.label(), type(metric));
  }

  private static Type type(Metric metric) {
    return switch (metric.kind()) {
      case COUNT -> Type.COUNT;
      case PERCENT -> Type.PERCENT;
      case MONEY -> Type.MONEY;
      case RATIO -> Type.RATE;
    };
  }

  private static String column(Metric metric) {
    return switch (metric) {
      case VIEWS -> "views";
      case ENGAGED_VIEWS -> "engaged_views";
      case ESTIMATED_MINUTES_WATCHED -> "watch_time_minutes";
      case AVERAGE_VIEW_DURATION -> "average_view_duration_seconds";
      case AVERAGE_VIEW_PERCENTAGE -> "average_view_percentage";
      case LIKES -> "likes";
      case COMMENTS -> "comments";
      case SHARES -> "shares";
      case SUBSCRIBERS_GAINED -> "subscribers_gained";
      case SUBSCRIBERS_LOST -> "subscribers_lost";
      case ESTIMATED_REVENUE -> "revenue_usd";
      case ESTIMATED_AD_REVENUE -> "ad_revenue_usd";
      case GROSS_REVENUE -> "gross_revenue_usd";
      case MONETIZED_PLAYBACKS -> "monetized_playbacks";
      case PLAYBACK_BASED_CPM -> "playback_based_cpm_usd";
      case AD_IMPRESSIONS -> "ad_impressions";
      case CPM -> "cpm_usd";
      case AUDIENCE_WATCH_RATIO,
          RELATIVE_RETENTION_PERFORMANCE,
          STARTED_WATCHING,
          STOPPED_WATCHING,
          TOTAL_SEGMENT_IMPRESSIONS,
          VIEWER_PERCENTAGE ->
          throw new IllegalArgumentException(metric + " is no figure of a day");
    };
  }
}
