package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.web.Server;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/**
 * The body of a request to store rows or held batches; {@code schemas/store-request.json}.
 *
 * @param rows in the order sent, those with faults among them; empty when only references are sent
 * @param references to held batches, in the order sent
 */
record StoreRequest(List<ParsedRow> rows, List<Reference> references, boolean isDryRun) {
  /** A held batch to store. */
  record Reference(UUID userId, UUID batchId) {}

  /** Of one request, as its schema has it. */
  private static final int MAX_ROWS = 5_000;

  /**
   * Reads the body. Rows are read as they come, without a tree of all of them; a body that is not
   * what it should be is read again as a tree, which finds out what is wrong.
   *
   * @throws com.ytempire.sidecar.web.Problem when the body does not fit the schema
   */
  static StoreRequest of(Request request, RowReader reader) {
    byte[] json = request.raw((int) Server.MAX_BODY);
    @Nullable StoreRequest quick = read(json, reader);
    if (quick != null) {
      return quick;
    }
    JsonNode body = request.body(json);
    return new StoreRequest(
        body.path("rows").values().stream().map(reader::read).toList(),
        body.path("references").values().stream().map(StoreRequest::reference).toList(),
        body.path("dryRun").asBoolean(false));
  }

  private static Reference reference(JsonNode reference) {
    return new Reference(
        UUID.fromString(reference.path("userId").stringValue()),
        UUID.fromString(reference.path("batchId").stringValue()));
  }

  /** Reads a body of rows alone; null: it has something else, or is not right. */
  private static @Nullable StoreRequest read(byte[] json, RowReader reader) {
    try (JsonParser parser = RowReader.parser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      @Nullable List<ParsedRow> rows = null;
      @Nullable Boolean isDryRun = null;
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("rows") && value == JsonToken.START_ARRAY && rows == null) {
          rows = reader.readRows(parser, json, MAX_ROWS);
          if (rows == null) {
            return null;
          }
        } else if (name.equals("dryRun") && value.isBoolean() && isDryRun == null) {
          isDryRun = value == JsonToken.VALUE_TRUE;
        } else {
          return null;
        }
      }
      return rows == null || rows.isEmpty() || parser.nextToken() != null
          ? null
          : new StoreRequest(rows, List.of(), isDryRun != null && isDryRun);
    } catch (JacksonException e) {
      // The tree finds it again, and says where.
      return null;
    }
  }
}
