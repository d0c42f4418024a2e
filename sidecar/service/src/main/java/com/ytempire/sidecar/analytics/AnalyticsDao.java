package com.ytempire.sidecar.analytics;

import com.ytempire.sidecar.analytics.Column.Type;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jspecify.annotations.Nullable;

/**
 * Queries the analytics views as the tenant of the transaction. The statement is made of constants
 * of the registry alone; what a caller sends is bound.
 */
final class AnalyticsDao {
  private final Handle handle;

  AnalyticsDao(Handle handle) {
    this.handle = handle;
  }

  /** Rows of a query, one more than its limit where there are more. */
  List<Map<String, @Nullable Object>> rows(AnalyticsQuery query) {
    AnalyticsView view = query.view();
    List<Column> columns = query.columns();
    AnalyticsQuery.@Nullable Sort sort = query.sort();
    String order =
        sort == null
            ? ""
            : sort.column().sql() + (sort.isDescending() ? " desc nulls last, " : " nulls last, ");
    String filter =
        view.days() == AnalyticsView.Days.FILTER
            ? " where %s between :from::date and :until::date".formatted(view.dateColumn())
            : "";
    String sql =
        "select %s from %s%s order by %s%s limit :limit offset :offset"
            .formatted(
                columns.stream().map(Column::sql).collect(Collectors.joining(", ")),
                view.function(),
                filter,
                order,
                view.key());
    return bound(sql, query)
        .bind("limit", query.page().limit() + 1)
        .bind("offset", query.page().offset())
        .map((row, context) -> json(columns, row))
        .list();
  }

  /** The day up to which all figures of these channels are reported; empty: none is. */
  Optional<LocalDate> asOf(AnalyticsQuery query) {
    return bound(
            "select least(analytics.views_known_until(:channels, :today), analytics.revenue_known_until(:channels, :today))",
            query)
        .map((row, context) -> Optional.ofNullable(row.getObject(1, LocalDate.class)))
        .one();
  }

  private Query bound(String sql, AnalyticsQuery query) {
    Period.@Nullable Days days = query.days();
    @Nullable List<String> channels = query.channels();
    Query statement =
        handle.createQuery(sql.replace(":channels", ":channels::text[]").replace("::", "\\:\\:"));
    // Not every view takes everything.
    statement.getConfig(SqlStatements.class).setUnusedBindingAllowed(true);
    if (channels == null) {
      statement.bind("channels", (String) null);
    } else {
      statement.bindArray("channels", String.class, channels);
    }
    return statement
        .bind("from", days == null ? null : days.from().toString())
        .bind("until", days == null ? null : days.to().toString())
        .bind("interval", query.interval())
        .bind("today", query.today().toString());
  }

  private static Map<String, @Nullable Object> json(List<Column> columns, ResultSet row)
      throws SQLException {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      json.put(column.name(), value(column.type(), row, i + 1));
    }
    return json;
  }

  private static @Nullable Object value(Type type, ResultSet row, int index) throws SQLException {
    if (type == Type.TEXT || type == Type.DAY) {
      return row.getString(index);
    }
    @Nullable BigDecimal number = row.getBigDecimal(index);
    if (number == null) {
      return null;
    }
    return switch (type) {
      // A sum may pass what a long holds.
      case INTEGER -> number.toBigInteger();
      case NUMBER -> number.doubleValue();
      default -> number;
    };
  }
}
