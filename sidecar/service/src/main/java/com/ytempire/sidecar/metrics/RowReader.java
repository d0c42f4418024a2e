package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.RowKind.Field;
import com.ytempire.sidecar.web.Contract;
import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.web.Problem.Fault;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;

/**
 * Reads rows of metrics: checks each against the schema of its kind and converts it to what SQL
 * takes, in one pass over the JSON. Safe to share between threads.
 *
 * <p>There are two ways to a row. The quick one reads the tokens of the JSON and checks them by the
 * {@link FieldReader}s that the schemas were compiled to; it only ever accepts. What it does not
 * accept goes the thorough way: a tree, the JSON Schema library, then the same readers; that way
 * finds the faults and has the last word. So the quick way must never accept what the library
 * refuses, which a test compares. A schema that has a construct which the readers do not know
 * always goes the thorough way.
 */
final class RowReader {
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

  /** Digits of a number that is read the quick way, zeros among them. */
  private static final int QUICK_DIGITS = 40;

  /** Values of a batch that are remembered as right; rows of one batch repeat them. */
  private static final int MAX_KNOWN = 4_096;

  private static final String KINDS =
      RowKind.STORED.stream().map(RowKind::label).collect(Collectors.joining(", "));

  private final Contract contract;
  private final Map<String, KindReader> kinds = new HashMap<>();

  RowReader(Contract contract) {
    this.contract = contract;
    for (RowKind kind : RowKind.STORED) {
      kinds.put(kind.label(), new KindReader(kind, contract.document(kind.label())));
    }
  }

  /**
   * A row that was read.
   *
   * @param row null when it has faults
   * @param faults what is wrong with it, by JSON Pointer; empty when nothing is
   */
  record Read(@Nullable TypedRow row, List<Fault> faults) {
    static Read of(TypedRow row) {
      return new Read(row, List.of());
    }

    static Read faulty(List<Fault> faults) {
      return new Read(null, List.copyOf(faults));
    }
  }

  /** Whether every kind's schema is compiled, so that good rows are read the quick way. */
  boolean isCompiled() {
    return kinds.values().stream().allMatch(KindReader::isCompiled);
  }

  /** Reads a row the thorough way. */
  Read read(JsonNode row) {
    if (!row.isObject()) {
      return Read.faulty(List.of(new Fault("", "must be an object")));
    }
    JsonNode label = row.get("kind");
    @Nullable KindReader kind =
        label != null && label.isString() ? kinds.get(label.stringValue()) : null;
    if (kind == null) {
      return Read.faulty(List.of(new Fault("/kind", "must be one of: " + KINDS)));
    }
    List<Fault> faults = contract.faults(kind.kind.label(), row);
    return faults.isEmpty() ? kind.read(row) : Read.faulty(faults);
  }

  /**
   * Reads all rows of a JSON array of them.
   *
   * @param json in UTF-8
   * @throws JacksonException when it is not JSON
   * @throws IllegalArgumentException when it is not an array
   */
  List<Read> readArray(byte[] json) {
    @Nullable List<Read> rows = null;
    try (JsonParser parser = parser(json)) {
      if (parser.nextToken() == JsonToken.START_ARRAY) {
        rows = readRows(parser, json, Integer.MAX_VALUE);
        if (parser.nextToken() != null) {
          rows = null;
        }
      }
    } catch (JacksonException e) {
      // The tree finds it again, and says where.
      rows = null;
    }
    if (rows != null) {
      return rows;
    }
    JsonNode tree = Json.MAPPER.readTree(json);
    if (!tree.isArray()) {
      throw new IllegalArgumentException("no array of rows");
    }
    return tree.values().stream().map(this::read).toList();
  }

  /** A parser that leaves fields that come twice to {@link #readRows}, which sees them as well. */
  static JsonParser parser(byte[] json) {
    return Json.BODIES
        .reader()
        .without(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .createParser(json);
  }

  /**
   * Reads rows from the token after an array's beginning to its end.
   *
   * @param parser of {@link #parser}
   * @param json what the parser reads
   * @return null when only the whole body, read as a tree, can say what is wrong: a member that is
   *     no object, more rows than this, a field that comes twice
   * @throws JacksonException when it is not JSON
   */
  @Nullable List<Read> readRows(JsonParser parser, byte[] json, int limit) {
    Batch batch = new Batch();
    List<Read> rows = new ArrayList<>();
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      if (token != JsonToken.START_OBJECT || rows.size() == limit) {
        return null;
      }
      long begin = parser.currentTokenLocation().getByteOffset();
      @Nullable TypedRow row = batch.readQuickly(parser);
      if (row != null) {
        rows.add(Read.of(row));
        continue;
      }
      long end = parser.currentTokenLocation().getByteOffset() + 1;
      if (begin < 0
          || end > json.length
          || json[(int) begin] != '{'
          || json[(int) end - 1] != '}') {
        // Not in UTF-8, so that the parser counts no bytes.
        return null;
      }
      try {
        rows.add(read(Json.BODIES.readTree(json, (int) begin, (int) (end - begin))));
      } catch (JacksonException e) {
        return null;
      }
    }
    return rows;
  }

  /** The readers of one kind's fields. */
  private static final class KindReader {
    private final RowKind kind;
    private final FieldReader[] readers;
    private final Map<String, Integer> places = new HashMap<>();
    private final long required;
    private final int minProperties;
    private final boolean isCompiled;

    KindReader(RowKind kind, JsonNode schema) {
      this.kind = kind;
      JsonNode properties = schema.get("properties");
      List<Field> fields = kind.fields();
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
    Read read(JsonNode row) {
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
      String userId = row.path("userId").asString("");
      if (!UUID_FORM.matcher(userId).matches()) {
        faults.add(new Fault("/userId", "must be a UUID"));
      }
      return faults.isEmpty()
          ? Read.of(new TypedRow(kind, UUID.fromString(userId), values))
          : Read.faulty(faults);
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
  }

  /** Reads the rows of one batch the quick way. For one thread. */
  private final class Batch {
    private final Map<String, UUID> users = new HashMap<>();
    private final Map<FieldReader, Map<String, Object>> known = new HashMap<>();
    private String[] names = new String[32];
    private @Nullable Object[] plain = new @Nullable Object[32];

    /**
     * Reads the row whose beginning is the parser's token, to its end.
     *
     * @return null when it is not certain that the row is good
     */
    @Nullable TypedRow readQuickly(JsonParser parser) {
      int size = 0;
      boolean isQuick = true;
      @Nullable KindReader reader = null;
      @Nullable UUID userId = null;
      for (JsonToken token = parser.nextToken();
          token != JsonToken.END_OBJECT;
          token = parser.nextToken()) {
        String name = parser.currentName();
        token = parser.nextToken();
        if (!isQuick) {
          parser.skipChildren();
        } else if (token == JsonToken.VALUE_STRING && name.equals("kind")) {
          isQuick = reader == null;
          reader = kinds.get(parser.getString());
          isQuick &= reader != null && reader.isCompiled;
        } else if (token == JsonToken.VALUE_STRING && name.equals("userId")) {
          isQuick = userId == null;
          userId = user(parser.getString());
          isQuick &= userId != null;
        } else if (size == names.length) {
          isQuick = false;
          parser.skipChildren();
        } else {
          names[size] = name;
          isQuick = takeValue(parser, token, size++);
        }
      }
      return isQuick && reader != null && userId != null ? row(reader, userId, size) : null;
    }

    /** Takes a field's value; false when it is none that the quick way knows. */
    private boolean takeValue(JsonParser parser, JsonToken token, int place) {
      plain[place] = null;
      switch (token) {
        case VALUE_STRING -> plain[place] = parser.getString();
        case VALUE_NUMBER_INT -> {
          switch (parser.getNumberType()) {
            case INT, LONG -> plain[place] = parser.getLongValue();
            default -> {
              return false;
            }
          }
        }
        case VALUE_NUMBER_FLOAT -> {
          if (parser.getStringLength() > QUICK_DIGITS) {
            return false;
          }
          BigDecimal number = parser.getDecimalValue();
          if (Math.abs((long) number.scale()) > QUICK_DIGITS) {
            return false;
          }
          plain[place] = number;
        }
        case VALUE_TRUE -> plain[place] = true;
        case VALUE_FALSE -> plain[place] = false;
        case VALUE_NULL -> {}
        case START_ARRAY -> {
          List<String> texts = new ArrayList<>();
          boolean isOfTexts = true;
          for (JsonToken each = parser.nextToken();
              each != JsonToken.END_ARRAY;
              each = parser.nextToken()) {
            if (each == JsonToken.VALUE_STRING) {
              texts.add(parser.getString());
            } else {
              isOfTexts = false;
              parser.skipChildren();
            }
          }
          plain[place] = texts;
          return isOfTexts;
        }
        default -> {
          parser.skipChildren();
          return false;
        }
      }
      return true;
    }

    private @Nullable UUID user(String text) {
      UUID user = users.get(text);
      if (user == null && UUID_FORM.matcher(text).matches()) {
        user = UUID.fromString(text);
        users.put(text, user);
      }
      return user;
    }

    private @Nullable TypedRow row(KindReader reader, UUID userId, int size) {
      // The kind and the user count as well.
      if (size + 2 < reader.minProperties) {
        return null;
      }
      @Nullable Object[] values = new @Nullable Object[reader.readers.length];
      long seen = 0;
      for (int i = 0; i < size; i++) {
        Integer place = reader.places.get(names[i]);
        if (place == null || (seen & (1L << place)) != 0) {
          return null;
        }
        seen |= 1L << place;
        try {
          values[place] = value(reader.readers[place], plain[i]);
        } catch (InvalidValue e) {
          return null;
        }
      }
      return (seen & reader.required) == reader.required
          ? new TypedRow(reader.kind, userId, values)
          : null;
    }

    /** Rows repeat channels, videos and days: each is checked and converted once in a batch. */
    private @Nullable Object value(FieldReader reader, @Nullable Object plain) throws InvalidValue {
      if (!(plain instanceof String text) || text.length() > 40) {
        return reader.read(plain);
      }
      Map<String, Object> values = known.computeIfAbsent(reader, each -> new HashMap<>());
      @Nullable Object value = values.get(text);
      if (value == null) {
        value = reader.read(text);
        if (value != null && values.size() < MAX_KNOWN) {
          values.put(text, value);
        }
      }
      return value;
    }
  }
}
