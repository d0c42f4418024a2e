package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.RowField.Part;
import com.ytempire.sidecar.metrics.RowField.Type;
import com.ytempire.sidecar.web.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Reads stored rows of the tenant entered in the transaction. */
final class StoredRowDao {
  private final Handle handle;

  StoredRowDao(Handle handle) {
    this.handle = handle;
  }

  /**
   * The place in a listing after which the next page begins: the time and the other keys of the
   * last row.
   */
  record After(String time, List<String> keys) {}

  /** Rows of a kind, newest first. */
  List<Map<String, @Nullable Object>> read(
      RowKind kind,
      String userId,
      @Nullable String channelId,
      @Nullable String from,
      @Nullable String until,
      @Nullable After after,
      int limit) {
    RowField time = kind.time();
    List<RowField> keys = otherKeys(kind);
    StringBuilder sql =
        new StringBuilder(
            "select "
                + String.join(", ", kind.fields().stream().map(RowField::column).toList())
                + " from "
                + kind.view()
                + " where true");
    if (channelId != null) {
      sql.append(" and channel_id = :channel");
    }
    if (from != null) {
      sql.append(" and ").append(time.column()).append(" >= :from::").append(time.type().sql());
    }
    if (until != null) {
      sql.append(" and ").append(time.column()).append(" < :until::").append(time.type().sql());
    }
    if (after != null) {
      sql.append(" and (")
          .append(time.column())
          .append(keys.stream().map(key -> ", " + key.column()).collect(Collectors.joining()))
          .append(") < (:time::")
          .append(time.type().sql())
          .append(
              keys.stream()
                  .map(key -> ", :" + key.column() + "::" + key.type().sql())
                  .collect(Collectors.joining()))
          .append(")");
    }
    sql.append(" order by ")
        .append(time.column())
        .append(" desc")
        .append(
            keys.stream().map(key -> ", " + key.column() + " desc").collect(Collectors.joining()))
        .append(" limit :limit");
    var query = handle.createQuery(sql.toString().replace("::", "\\:\\:")).bind("limit", limit);
    if (channelId != null) {
      query.bind("channel", channelId);
    }
    if (from != null) {
      query.bind("from", from);
    }
    if (until != null) {
      query.bind("until", until);
    }
    if (after != null) {
      query.bind("time", after.time());
      for (int key = 0; key < keys.size(); key++) {
        query.bind(keys.get(key).column(), after.keys().get(key));
      }
    }
    return query.map((rs, context) -> json(kind, userId, rs)).list();
  }

  /** What distinguishes rows of one time. */
  static List<RowField> otherKeys(RowKind kind) {
    List<RowField> keys =
        kind.fields(Part.KEY).stream().filter(field -> !field.equals(kind.time())).toList();
    // A video's time is no part of its key.
    return keys.isEmpty() ? List.of(kind.fields().getFirst()) : keys;
  }

  private static Map<String, @Nullable Object> json(RowKind kind, String userId, ResultSet row)
      throws SQLException {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("kind", kind.label());
    json.put("userId", userId);
    for (RowField field : kind.fields()) {
      @Nullable Object value =
          switch (field.type()) {
            case TEXT, DAY -> row.getString(field.column());
            case INSTANT ->
                row.getObject(field.column(), OffsetDateTime.class) == null
                    ? null
                    : row.getObject(field.column(), OffsetDateTime.class).toInstant().toString();
            case COUNT ->
                row.getObject(field.column()) instanceof Number number
                    ? (Object) number.longValue()
                    : null;
            case FLAG -> row.getObject(field.column());
            case LIST ->
                row.getString(field.column()) == null
                    ? null
                    : Json.MAPPER.readTree(row.getString(field.column()));
            case PERCENT, RATE ->
                row.getBigDecimal(field.column()) == null
                    ? null
                    : row.getBigDecimal(field.column()).doubleValue();
            case MONEY -> row.getBigDecimal(field.column());
          };
      if (field.part() == Part.KEY && "".equals(value)) {
        continue;
      }
      // By day a metric that YouTube has not reported is left out; elsewhere null says hidden.
      if (value != null || (kind.time().type() != Type.DAY && field.type() == Type.COUNT)) {
        json.put(field.json(), value);
      }
    }
    return json;
  }
}
