package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.RowField.Type;
import com.ytempire.sidecar.youtube.Metric;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.annotation.JsonSerialize;

/**
 * A row as it is fetched, until it is packed or cached as JSON. Its fields are those of its kind,
 * each of the field's type; what YouTube did not say is left out. For one thread.
 */
@JsonSerialize(using = FetchedRow.Writer.class)
@JsonDeserialize(using = FetchedRow.Reader.class)
final class FetchedRow {
  private final RowKind kind;
  private final UUID userId;
  private final String channelId;
  private final Map<String, @Nullable Object> values = new LinkedHashMap<>();

  FetchedRow(RowKind kind, UUID userId, String channelId) {
    this.kind = kind;
    this.userId = userId;
    this.channelId = channelId;
  }

  RowKind kind() {
    return kind;
  }

  /**
   * Sets a field.
   *
   * @param value a {@code String}, {@link LocalDate}, {@link Instant}, {@code Long}, {@code
   *     Boolean}, {@code List} of strings or {@code Number}, as the field's type says; null:
   *     YouTube says that there is none
   * @throws IllegalArgumentException when the kind has no such field, or it has another type
   */
  FetchedRow set(String field, @Nullable Object value) {
    Type type = kind.field(field).type();
    if (value != null && !isOf(type, value)) {
      throw new IllegalArgumentException(
          "%s of %s cannot be a %s".formatted(field, kind.label(), value.getClass()));
    }
    values.put(field, value);
    return this;
  }

  /** Sets a metric, rounded to what the contract has. */
  FetchedRow set(Metric metric, BigDecimal value) {
    return set(
        metric.label(),
        switch (metric.kind()) {
          case COUNT -> value.longValue();
          case PERCENT, RATIO -> value.doubleValue();
          case MONEY -> value.setScale(4, RoundingMode.HALF_EVEN);
        });
  }

  /** Whether a metric has a figure. */
  boolean has(Metric metric) {
    return values.get(metric.label()) != null;
  }

  /** The day in a field that the row has. */
  LocalDate day(String field) {
    return (LocalDate) Objects.requireNonNull(values.get(field));
  }

  /** The text of a field that the row has. */
  String text(String field) {
    return String.valueOf(values.get(field));
  }

  private static boolean isOf(Type type, Object value) {
    return switch (type) {
      case TEXT -> value instanceof String;
      case DAY -> value instanceof LocalDate;
      case INSTANT -> value instanceof Instant;
      case COUNT -> value instanceof Long;
      case FLAG -> value instanceof Boolean;
      case LIST -> value instanceof List;
      case PERCENT, RATE -> value instanceof Number;
      case MONEY -> value instanceof BigDecimal;
    };
  }

  /** Writes a row as the contract has it. */
  static final class Writer extends ValueSerializer<FetchedRow> {
    @Override
    public void serialize(FetchedRow row, JsonGenerator out, SerializationContext context) {
      out.writeStartObject();
      out.writeStringProperty("kind", row.kind.label());
      out.writeStringProperty("userId", row.userId.toString());
      out.writeStringProperty("channelId", row.channelId);
      row.values.forEach((field, value) -> {
        out.writeName(field);
        switch (value) {
          case null -> out.writeNull();
          case Long count -> out.writeNumber(count);
          case Double number -> out.writeNumber(number);
          case Boolean flag -> out.writeBoolean(flag);
          case BigDecimal money when row.kind.field(field).type() == Type.MONEY ->
              out.writeString(money.toPlainString());
          case BigDecimal number -> out.writeNumber(number);
          case List<?> texts -> {
            out.writeStartArray();
            texts.forEach(text -> out.writeString(String.valueOf(text)));
            out.writeEndArray();
          }
          default -> out.writeString(value.toString());
        }
      });
      out.writeEndObject();
    }
  }

  /** Reads a row that {@link Writer} wrote. */
  static final class Reader extends ValueDeserializer<FetchedRow> {
    @Override
    public FetchedRow deserialize(JsonParser in, DeserializationContext context) {
      JsonNode json = context.readTree(in);
      FetchedRow row =
          new FetchedRow(
              RowKind.of(json.path("kind").stringValue()).orElseThrow(),
              UUID.fromString(json.path("userId").stringValue()),
              json.path("channelId").stringValue());
      json.properties().stream()
          .filter(each -> !List.of("kind", "userId", "channelId").contains(each.getKey()))
          .forEach(each -> row.set(each.getKey(), value(row.kind, each.getKey(), each.getValue())));
      return row;
    }

    private static @Nullable Object value(RowKind kind, String field, JsonNode json) {
      Type type = kind.field(field).type();
      if (json.isNull()) {
        return null;
      }
      return switch (type) {
        case TEXT -> json.stringValue();
        case DAY -> LocalDate.parse(json.stringValue());
        case INSTANT -> Instant.parse(json.stringValue());
        case COUNT -> json.longValue();
        case FLAG -> json.booleanValue();
        case LIST -> json.values().stream().map(JsonNode::stringValue).toList();
        case PERCENT, RATE -> json.decimalValue();
        case MONEY -> new BigDecimal(json.stringValue());
      };
    }
  }
}
