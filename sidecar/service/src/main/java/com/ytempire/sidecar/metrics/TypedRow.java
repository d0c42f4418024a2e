package com.ytempire.sidecar.metrics;

import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A row of metrics whose values have been checked and are ready for SQL. {@link RowReader} makes
 * them; nothing reads the JSON of a row after that. Immutable, so long as nobody changes the array
 * that it was made of.
 *
 * <p>A value is a {@code String} (text, and lists as JSON text), {@link LocalDate}, {@link Instant}
 * of whole microseconds, {@code Long}, {@code Boolean} or {@code BigDecimal}, as its field's type
 * says, or null.
 */
final class TypedRow {
  private final RowKind kind;
  private final UUID userId;
  private final @Nullable Object[] values;

  /**
   * Makes a row.
   *
   * @param values in the order of the kind's fields
   */
  TypedRow(RowKind kind, UUID userId, @Nullable Object[] values) {
    if (values.length != kind.fields().size()) {
      throw new IllegalArgumentException(
          "%d values for %d fields".formatted(values.length, kind.fields().size()));
    }
    this.kind = kind;
    this.userId = userId;
    this.values = values;
    for (int field : kind.keyIndexes()) {
      // Part of the key, and left out where the row is of the whole channel.
      if (values[field] == null && kind.fields().get(field).type() == RowField.Type.TEXT) {
        values[field] = "";
      }
    }
  }

  RowKind kind() {
    return kind;
  }

  UUID userId() {
    return userId;
  }

  /** The value of the field at this place among the kind's fields; null when it has none. */
  @Nullable Object value(int field) {
    return values[field];
  }

  /** The value of the field of this JSON name; null when it has none. */
  @Nullable Object value(String json) {
    return values[kind.indexOf(json)];
  }

  /** The value of a field that the contract requires of this kind. */
  String text(String json) {
    if (value(json) instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException(kind.label() + " has no " + json);
  }

  String channelId() {
    if (values[kind.channelIndex()] instanceof String channelId) {
      return channelId;
    }
    throw new IllegalArgumentException(kind.label() + " has no channelId");
  }

  /** The day or the moment that the row is of, or was published at; null when it has none. */
  @Nullable Object time() {
    return values[kind.timeIndex()];
  }

  /** The video that the row is about; null: it is about no single video. */
  @Nullable String videoId() {
    int place = kind.videoIndex();
    return place != RowKind.NONE && values[place] instanceof String id && !id.isEmpty() ? id : null;
  }

  /** The key of this row among those of its user and kind. */
  Key key() {
    int[] places = kind.keyIndexes();
    @Nullable Object[] parts = new @Nullable Object[places.length];
    for (int i = 0; i < places.length; i++) {
      parts[i] = values[places[i]];
    }
    return new Key(Arrays.asList(parts));
  }

  /** The values of a row's key fields. */
  record Key(List<@Nullable Object> parts) {}

  /** The kind, the user and the key; no figures, so that it may be logged. */
  @Override
  public String toString() {
    return kind.label() + " of " + userId;
  }
}
