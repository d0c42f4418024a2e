package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.RowKind.Field;
import com.ytempire.sidecar.metrics.RowKind.Type;
import com.ytempire.sidecar.web.Json;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Rows of metrics in and out, for the tenant entered in the transaction. */
final class StoreDao {
  private static final Map<RowKind, String> STORE = new EnumMap<>(RowKind.class);

  static {
    Stream.of(RowKind.values()).forEach(kind -> STORE.put(kind, StoreSql.of(kind)));
  }

  private final Handle handle;

  StoreDao(Handle handle) {
    this.handle = handle;
  }

  /** What became of a row. */
  record Stored(String outcome, @Nullable JsonNode changes) {}

  /**
   * Holds the tenant's channels until the transaction ends, so that batches of one channel follow
   * each other, and answers which of them there are. Always in the same order, so that two batches
   * cannot wait for each other.
   */
  Set<String> lockChannels(Collection<String> channelIds) {
    return new HashSet<>(
        handle
            .createQuery(
                "select channel_id from analytics.channels where channel_id = any(:ids) and not is_hidden order by channel_id for no key update")
            .bindArray("ids", String.class, channelIds)
            .mapTo(String.class)
            .list());
  }

  /** Stores rows of one kind whose keys all differ; answers in their order. */
  List<Stored> store(RowKind kind, List<JsonNode> rows, Instant now) {
    Connection connection = handle.getConnection();
    try (PreparedStatement statement = connection.prepareStatement(STORE.get(kind))) {
      int parameter = 1;
      statement.setObject(parameter++, now.atOffset(ZoneOffset.UTC));
      List<Array> arrays = new ArrayList<>();
      for (Field field : kind.fields()) {
        @Nullable Object[] column = new @Nullable Object[rows.size()];
        for (int row = 0; row < column.length; row++) {
          column[row] = sqlValue(field, rows.get(row).get(field.json()));
        }
        Array array = connection.createArrayOf(field.type().sql(), column);
        arrays.add(array);
        statement.setArray(parameter++, array);
      }
      List<Stored> outcomes = new ArrayList<>(rows.size());
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          String changes = result.getString("changes");
          outcomes.add(
              new Stored(
                  result.getString("outcome"),
                  changes == null ? null : Json.MAPPER.readTree(changes)));
        }
      }
      for (Array array : arrays) {
        array.free();
      }
      return outcomes;
    } catch (SQLException e) {
      throw new UnableToExecuteStatementException(e, null);
    }
  }

  private static @Nullable Object sqlValue(Field field, @Nullable JsonNode value) {
    if (value == null || value.isNull()) {
      return null;
    }
    return switch (field.type()) {
      case TEXT, DAY, INSTANT -> value.stringValue();
      case COUNT -> value.longValue();
      case FLAG -> value.booleanValue();
      case PERCENT -> value.decimalValue();
      case MONEY -> new BigDecimal(value.stringValue());
    };
  }

  /**
   * The place in a listing after which the next page begins: the time and the other key of the last
   * row.
   */
  record After(String time, String key) {}

  /** Rows of a kind, newest first. */
  List<Map<String, @Nullable Object>> read(
      RowKind kind,
      String userId,
      @Nullable String channelId,
      @Nullable String from,
      @Nullable String until,
      @Nullable After after,
      int limit) {
    Field time = kind.time();
    Field key = kind.fields().getFirst();
    StringBuilder sql =
        new StringBuilder(
            "select "
                + String.join(", ", kind.fields().stream().map(Field::column).toList())
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
          .append(", ")
          .append(key.column())
          .append(") < (:time::")
          .append(time.type().sql())
          .append(", :key)");
    }
    sql.append(" order by ")
        .append(time.column())
        .append(" desc, ")
        .append(key.column())
        .append(" desc limit :limit");
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
      query.bind("time", after.time()).bind("key", after.key());
    }
    return query.map((rs, context) -> json(kind, userId, rs)).list();
  }

  private static Map<String, @Nullable Object> json(RowKind kind, String userId, ResultSet row)
      throws SQLException {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("kind", kind.label());
    json.put("userId", userId);
    for (Field field : kind.fields()) {
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
            case PERCENT ->
                row.getBigDecimal(field.column()) == null
                    ? null
                    : row.getBigDecimal(field.column()).doubleValue();
            case MONEY -> row.getBigDecimal(field.column());
          };
      // By day a metric that YouTube has not told is left out; elsewhere null says hidden.
      if (value != null || (!kind.restated() && field.type() == Type.COUNT)) {
        json.put(field.json(), value);
      }
    }
    return json;
  }
}
