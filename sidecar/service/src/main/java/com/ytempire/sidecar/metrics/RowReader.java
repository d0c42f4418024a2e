package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.web.Contract;
import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.web.Problem.Fault;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  /** Whether every kind's schema is compiled, so that good rows are read the quick way. */
  boolean isCompiled() {
    return kinds.values().stream().allMatch(KindReader::isCompiled);
  }

  /** Reads a row the thorough way. */
  ParsedRow read(JsonNode row) {
    if (!row.isObject()) {
      return ParsedRow.faulty(null, null, List.of(new Fault("", "must be an object")));
    }
    JsonNode label = row.get("kind");
    @Nullable KindReader kind =
        label != null && label.isString() ? kinds.get(label.stringValue()) : null;
    if (kind == null) {
      return ParsedRow.faulty(
          null, KindReader.userId(row), List.of(new Fault("/kind", "must be one of: " + KINDS)));
    }
    List<Fault> faults = contract.faults(kind.kind().label(), row);
    return faults.isEmpty()
        ? kind.read(row)
        : ParsedRow.faulty(kind.kind(), KindReader.userId(row), faults);
  }

  /**
   * Reads all rows of a JSON array of them.
   *
   * @param json in UTF-8
   * @throws JacksonException when it is not JSON
   * @throws IllegalArgumentException when it is not an array
   */
  List<ParsedRow> readArray(byte[] json) {
    @Nullable List<ParsedRow> rows = null;
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
  @Nullable List<ParsedRow> readRows(JsonParser parser, byte[] json, int limit) {
    QuickRowReader quick = new QuickRowReader(kinds);
    List<ParsedRow> rows = new ArrayList<>();
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      if (token != JsonToken.START_OBJECT || rows.size() == limit) {
        return null;
      }
      long begin = parser.currentTokenLocation().getByteOffset();
      @Nullable TypedRow row = quick.read(parser);
      if (row != null) {
        rows.add(ParsedRow.of(row));
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
}
