package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.web.Problem.Fault;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the fields of rows of one kind, each by its own reader. */
final class KindReader {
  private static final Pattern UUID_FORM =
      Pattern.compile(
          "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");

  private static final Set<String> ROOT_KEYWORDS =
      Set.of(
          "$schema",
          "$id",
          "title",
          "description",
          "type",
          "properties",
          "required",
          "additionalProperties",
          "minProperties");

  private final RowKind kind;
  private final FieldReader[] readers;
  private final Map<String, Integer> places = new HashMap<>();
  private final long required;
  private final int minProperties;
  private final boolean isCompiled;

  KindReader(RowKind kind, JsonNode schema) {
    this.kind = kind;
    JsonNode properties = schema.get("properties");
    List<RowField> fields = kind.fields();
    this.readers = new FieldReader[fields.size()];
    boolean compiled =
        ROOT_KEYWORDS.containsAll(schema.propertyNames())
            && schema.path("type").asString("").equals("object")
            && !schema.path("additionalProperties").asBoolean(true)
            && isKind(properties.get("kind"), kind)
            && isUuid(properties.get("userId"));
    for (int i = 0; i < readers.length; i++) {
      readers[i] = FieldReader.of(fields.get(i), properties.get(fields.get(i).json()));
      places.put(fields.get(i).json(), i);
      compiled &= readers[i].isCompiled();
    }
    long mask = 0;
    Set<String> always = new HashSet<>();
    schema.path("required").forEach(name -> always.add(name.stringValue()));
    compiled &= always.remove("kind") && always.remove("userId");
    for (String name : always) {
      Integer place = places.get(name);
      if (place == null) {
        compiled = false;
      } else {
        mask |= 1L << place;
      }
    }
    this.required = mask;
    this.minProperties = schema.path("minProperties").asInt(0);
    this.isCompiled = compiled;
  }

  private static boolean isKind(JsonNode schema, RowKind kind) {
    return schema.path("const").asString("").equals(kind.label())
        && Set.of("const", "description").containsAll(schema.propertyNames());
  }

  private static boolean isUuid(JsonNode schema) {
    return schema.path("type").asString("").equals("string")
        && schema.path("format").asString("").equals("uuid")
        && Set.of("type", "format", "description").containsAll(schema.propertyNames());
  }

  boolean isCompiled() {
    return isCompiled;
  }

  /** Converts a row that the schema accepts; its faults are of what SQL does not take. */
  ParsedRow read(JsonNode row) {
    List<Fault> faults = new ArrayList<>();
    @Nullable Object[] values = new @Nullable Object[readers.length];
    for (Map.Entry<String, Integer> place : places.entrySet()) {
      JsonNode value = row.get(place.getKey());
      if (value != null) {
        try {
          values[place.getValue()] = readers[place.getValue()].read(plain(value));
        } catch (InvalidValue e) {
          faults.add(new Fault("/" + place.getKey(), e.wanted()));
        }
      }
    }
    @Nullable UUID userId = userId(row);
    if (userId == null) {
      faults.add(new Fault("/userId", "must be a UUID"));
    }
    return faults.isEmpty() && userId != null
        ? ParsedRow.of(new TypedRow(kind, userId, values))
        : ParsedRow.faulty(kind, userId, faults);
  }

  /** The user that a row names; null: none in the form of one. */
  static @Nullable UUID userId(JsonNode row) {
    String userId = row.path("userId").asString("");
    return isUuid(userId) ? UUID.fromString(userId) : null;
  }

  private static @Nullable Object plain(JsonNode value) throws InvalidValue {
    if (value.isNull()) {
      return null;
    }
    if (value.isString()) {
      return value.stringValue();
    }
    if (value.isBoolean()) {
      return value.booleanValue();
    }
    if (value.isInt() || value.isLong() || value.isShort()) {
      return value.longValue();
    }
    if (value.isNumber()) {
      return value.decimalValue();
    }
    if (value.isArray()) {
      List<String> texts = new ArrayList<>();
      for (JsonNode each : value) {
        if (!each.isString()) {
          throw new InvalidValue("must be a list of texts");
        }
        texts.add(each.stringValue());
      }
      return texts;
    }
    throw new InvalidValue("must not be an object");
  }

  /**
   * The places among the kind's fields of a row's fields.
   *
   * @param names of the fields, but for the kind and the user
   * @param size how many there are
   * @return null when it is not certain that a row with these fields is good
   */
  int @Nullable [] places(String[] names, int size) {
    // The kind and the user count as well.
    if (size + 2 < minProperties) {
      return null;
    }
    int[] found = new int[size];
    long seen = 0;
    for (int i = 0; i < size; i++) {
      Integer place = places.get(names[i]);
      if (place == null || (seen & (1L << place)) != 0) {
        return null;
      }
      seen |= 1L << place;
      found[i] = place;
    }
    return (seen & required) == required ? found : null;
  }

  /** The reader of the field at this place among the kind's fields. */
  FieldReader field(int place) {
    return readers[place];
  }

  /** How many fields the kind has. */
  int size() {
    return readers.length;
  }

  static boolean isUuid(String text) {
    return UUID_FORM.matcher(text).matches();
  }

  RowKind kind() {
    return kind;
  }
}
