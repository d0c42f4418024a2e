package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.InstantColumn;
import com.ytempire.sidecar.metrics.RowField.Part;
import com.ytempire.sidecar.metrics.RowField.Type;
import com.ytempire.sidecar.web.Json;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** Reads stored rows of the tenant entered in the transaction, newest first. */
final class StoredRowDao {
  /** Rows that the driver holds at a time. */
  private static final int FETCH_ROWS = 200;

  private final Handle handle;

  StoredRowDao(Handle handle) {
    this.handle = handle;
  }

  /**
   * The place in a listing after which the next page begins: the time and the other keys of the
   * last row.
   */
  record After(String time, List<String> keys) {}

  /**
   * The choice of rows to read.
   *
   * @param from first day or instant; null: from the first stored
   * @param until the day or instant after the last; null: to the last stored
   * @param limit most rows, at least 1
   */
  record Filter(
      RowKind kind,
      @Nullable String channelId,
      @Nullable String from,
      @Nullable String until,
      @Nullable After after,
      int limit) {}

  /**
   * Writes the rows of a filter as a JSON array. One row is in memory at a time, beside the {@value
   * #FETCH_ROWS} that the driver holds.
   *
   * @param isFull whether the page ends with the row that was written last, however few there are
   * @return the last row's place, if there are more rows; null: there are none
   */
  @Nullable After write(Filter filter, String userId, JsonGenerator json, BooleanSupplier isFull) {
    List<RowField> fields = filter.kind().fields();
    return query(filter)
        .scanResultSet((result, context) -> {
          ResultSet rows = result.get();
          @Nullable After last = null;
          int written = 0;
          boolean isMore = false;
          json.writeStartArray();
          while (rows.next()) {
            if (last != null) {
              isMore = true;
              break;
            }
            write(filter.kind(), fields, userId, rows, json);
            written++;
            if (written == filter.limit() || isFull.getAsBoolean()) {
              last = place(filter.kind(), rows);
            }
          }
          json.writeEndArray();
          return isMore ? last : null;
        });
  }

  private Query query(Filter filter) {
    @Nullable After after = filter.after();
    Query query =
        handle
            .createQuery(sql(filter).replace("::", "\\:\\:"))
            .setFetchSize(FETCH_ROWS)
            .bind("limit", filter.limit() + 1);
    if (filter.channelId() != null) {
      query.bind("channel", filter.channelId());
    }
    if (filter.from() != null) {
      query.bind("from", filter.from());
    }
    if (filter.until() != null) {
      query.bind("until", filter.until());
    }
    if (after != null) {
      List<RowField> keys = otherKeys(filter.kind());
      query.bind("time", after.time());
      for (int key = 0; key < keys.size(); key++) {
        query.bind(keys.get(key).column(), after.keys().get(key));
      }
    }
    return query;
  }

  /** The statement of a filter; only what the filter has is a parameter. */
  private static String sql(Filter filter) {
    RowKind kind = filter.kind();
    RowField time = kind.time();
    List<RowField> keys = otherKeys(kind);
    StringBuilder sql =
        new StringBuilder(
            "select %s from %s where true"
                .formatted(joined(kind.fields(), "", RowField::column), kind.view()));
    if (filter.channelId() != null) {
      sql.append(" and channel_id = :channel");
    }
    if (filter.from() != null) {
      sql.append(" and ").append(time.column()).append(" >= :from::").append(time.type().sql());
    }
    if (filter.until() != null) {
      sql.append(" and ").append(time.column()).append(" < :until::").append(time.type().sql());
    }
    if (filter.after() != null) {
      sql.append(" and (")
          .append(time.column())
          .append(joined(keys, ", ", RowField::column))
          .append(") < (:time::")
          .append(time.type().sql())
          .append(joined(keys, ", ", key -> ":" + key.column() + "::" + key.type().sql()))
          .append(")");
    }
    return sql.append(" order by ")
        .append(time.column())
        .append(" desc")
        .append(joined(keys, ", ", key -> key.column() + " desc"))
        .append(" limit :limit")
        .toString();
  }

  /** The texts of fields, separated by commas, the first after a prefix. */
  private static String joined(
      List<RowField> fields, String prefix, Function<RowField, String> text) {
    return fields.stream().map(text).collect(Collectors.joining(", ", prefix, ""));
  }

  /** What distinguishes rows of one time. */
  static List<RowField> otherKeys(RowKind kind) {
    List<RowField> keys =
        kind.fields(Part.KEY).stream().filter(field -> !field.equals(kind.time())).toList();
    // A video's time is no part of its key.
    return keys.isEmpty() ? List.of(kind.fields().getFirst()) : keys;
  }

  private static After place(RowKind kind, ResultSet row) throws SQLException {
    List<String> keys = new ArrayList<>();
    for (RowField key : otherKeys(kind)) {
      keys.add(text(value(key.type(), row, kind.indexOf(key.json()) + 1)));
    }
    RowField time = kind.time();
    return new After(text(value(time.type(), row, kind.indexOf(time.json()) + 1)), keys);
  }

  /** A key as a page's address has it: without an exponent. */
  private static String text(@Nullable Object key) {
    return key instanceof Double number
        ? BigDecimal.valueOf(number).toPlainString()
        : String.valueOf(key);
  }

  private static void write(
      RowKind kind, List<RowField> fields, String userId, ResultSet row, JsonGenerator json)
      throws SQLException {
    boolean isOfDay = kind.time().type() == Type.DAY;
    json.writeStartObject();
    json.writeStringProperty("kind", kind.label());
    json.writeStringProperty("userId", userId);
    for (int i = 0; i < fields.size(); i++) {
      RowField field = fields.get(i);
      @Nullable Object value = value(field.type(), row, i + 1);
      if (field.part() == Part.KEY && "".equals(value)) {
        continue;
      }
      // By day a metric that YouTube has not reported is left out; elsewhere null says hidden.
      if (value != null || (!isOfDay && field.type() == Type.COUNT)) {
        json.writeName(field.json());
        write(value, json);
      }
    }
    json.writeEndObject();
  }

  /** Without looking a serializer up for what most values are. */
  private static void write(@Nullable Object value, JsonGenerator json) {
    switch (value) {
      case null -> json.writeNull();
      case String text -> json.writeString(text);
      case Long number -> json.writeNumber(number);
      case Double number -> json.writeNumber(number);
      default -> json.writePOJO(value);
    }
  }

  private static @Nullable Object value(Type type, ResultSet row, int index) throws SQLException {
    return switch (type) {
      case TEXT, DAY -> row.getString(index);
      case INSTANT ->
          InstantColumn.read(row, index) instanceof Instant time ? time.toString() : null;
      case COUNT ->
          row.getObject(index) instanceof Number number ? (Object) number.longValue() : null;
      case FLAG -> row.getObject(index);
      case LIST -> row.getString(index) instanceof String list ? Json.MAPPER.readTree(list) : null;
      case PERCENT, RATE ->
          row.getBigDecimal(index) instanceof BigDecimal number
              ? (Object) number.doubleValue()
              : null;
      case MONEY -> row.getBigDecimal(index);
    };
  }
}
