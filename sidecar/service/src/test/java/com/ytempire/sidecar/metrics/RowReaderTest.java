package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.web.Contract;
import com.ytempire.sidecar.web.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * What is accepted of a row, and that the compiled schemas accept nothing that the schemas refuse.
 */
final class RowReaderTest {
  private static final String USER = "3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d";

  private final Contract contract = Contract.load();
  private final RowReader reader = new RowReader(contract);

  private ParsedRow read(String row) {
    return reader.readArray(("[" + row + "]").getBytes(StandardCharsets.UTF_8)).getFirst();
  }

  /** Says what is wrong with a row, as "pointer message". */
  private String fault(String kind, String field, String value) {
    ParsedRow read = read(HostileRows.with(HostileRows.good(kind, USER), field, value));
    assertNull(read.row(), field + " " + value + " is accepted");
    return read.faults().getFirst().pointer() + " " + read.faults().getFirst().message();
  }

  @Test
  void every_schema_of_a_row_is_compiled() {
    assertTrue(reader.isCompiled());
  }

  @Test
  void a_schema_with_an_unknown_keyword_is_left_to_the_library() {
    JsonNode schema = Json.MAPPER.readTree("{\"type\":\"integer\",\"multipleOf\":2}");
    assertFalse(new FieldReader(RowField.Type.COUNT, schema).isCompiled());
    JsonNode known = Json.MAPPER.readTree("{\"type\":\"integer\",\"minimum\":2}");
    assertTrue(new FieldReader(RowField.Type.COUNT, known).isCompiled());
  }

  @Test
  void nothing_is_accepted_that_the_schema_refuses() {
    int accepted = 0;
    for (String kind : HostileRows.kinds()) {
      for (String row : HostileRows.all(kind, USER)) {
        ParsedRow read = read(row);
        JsonNode tree = Json.MAPPER.readTree(row);
        if (read.row() == null) {
          assertFalse(read.faults().isEmpty(), row);
        } else {
          accepted++;
          assertEquals(List.of(), contract.faults(read.row().kind().label(), tree), row);
        }
        // Both ways come to the same verdict and the same values.
        ParsedRow thorough = reader.read(tree);
        assertEquals(thorough.faults(), read.faults(), row);
        assertEquals(values(thorough), values(read), row);
      }
    }
    assertTrue(accepted > 300, "only " + accepted + " were accepted");
  }

  @Test
  void a_row_is_read_as_if_it_stood_alone() {
    List<String> rows = new ArrayList<>();
    for (String kind : HostileRows.kinds()) {
      String good = HostileRows.json(HostileRows.good(kind, USER));
      for (String row : HostileRows.all(kind, USER)) {
        rows.add(row);
        rows.add(good);
        rows.add(good);
      }
    }
    Collections.shuffle(rows, new Random(1));

    List<ParsedRow> together =
        reader.readArray(("[" + String.join(",", rows) + "]").getBytes(StandardCharsets.UTF_8));

    for (int i = 0; i < rows.size(); i++) {
      ParsedRow alone = read(rows.get(i));
      assertEquals(alone.faults(), together.get(i).faults(), rows.get(i));
      assertEquals(alone.kind(), together.get(i).kind(), rows.get(i));
      assertEquals(alone.userId(), together.get(i).userId(), rows.get(i));
      assertEquals(values(alone), values(together.get(i)), rows.get(i));
    }
  }

  private static String values(ParsedRow read) {
    TypedRow row = read.row();
    StringBuilder values = new StringBuilder();
    if (row != null) {
      for (int field : row.kind().indexes()) {
        values.append(row.value(field)).append('|');
      }
    }
    return values.toString();
  }

  @Test
  void every_example_of_a_row_has_the_verdict_of_its_schema() throws IOException {
    int examples = 0;
    for (String kind : HostileRows.kinds()) {
      try (Stream<Path> files = Files.list(Path.of("../../schemas/examples", kind))) {
        for (Path file : files.toList()) {
          String row = Files.readString(file);
          boolean fits = contract.faults(kind, Json.MAPPER.readTree(row)).isEmpty();
          assertEquals(fits, read(row).row() != null, file.toString());
          examples++;
        }
      }
    }
    assertTrue(examples >= 14, "only " + examples);
  }

  @Test
  void the_order_of_fields_does_not_matter() {
    Map<String, String> good = HostileRows.good("video", USER);
    StringBuilder backwards = new StringBuilder("{");
    List<String> names = List.copyOf(good.keySet()).reversed();
    for (String name : names) {
      backwards.append('"').append(name).append("\":").append(good.get(name));
      backwards.append(name.equals(names.getLast()) ? "}" : ",");
    }
    assertEquals(values(read(HostileRows.json(good))), values(read(backwards.toString())));
    assertNotNull(read(backwards.toString()).row());
  }

  @Test
  void a_time_that_cannot_be_stored_is_a_fault_of_its_field() {
    String kind = "channel-statistics";
    assertEquals(
        "/observedAt is a leap second, which cannot be stored; write the second after it",
        fault(kind, "observedAt", "\"2016-12-31T23:59:60Z\""));
    assertEquals(
        "/observedAt must be in the years 0001 to 9999",
        fault(kind, "observedAt", "\"0000-01-01T00:00:00Z\""));
    assertEquals(
        "/observedAt must end with Z or an offset from -18:00 to +18:00",
        fault(kind, "observedAt", "\"2026-01-31T12:00:00+18:01\""));
    assertEquals(
        "/observedAt must have 1 to 9 digits after the second's point, or no point",
        fault(kind, "observedAt", "\"2026-01-31T12:00:00.12345678901234567890Z\""));
    assertEquals(
        "/day must be in the years 0001 to 9999", fault("channel-day", "day", "\"0000-01-01\""));
    assertTrue(fault("channel-day", "day", "\"2026-02-30\"").startsWith("/day "));
  }

  @Test
  void a_number_or_text_that_cannot_be_stored_is_a_fault_of_its_field() {
    for (String number : List.of("1e308", "1e400", "9".repeat(900), "1e999999999")) {
      assertTrue(fault("channel-day", "views", number).startsWith("/views "), number);
      assertTrue(
          fault("channel-day", "averageViewPercentage", number)
              .startsWith("/averageViewPercentage "),
          number);
    }
    assertEquals(
        "/title must not contain half of a surrogate pair", fault("video", "title", "\"\\ud800\""));
    assertTrue(fault("video", "title", "\"a\\u0000b\"").startsWith("/title "));
    assertTrue(fault("video", "title", '"' + "x".repeat(301) + '"').startsWith("/title "));
    assertTrue(fault("video", "videoId", "\"abcdefghijk\\n\"").startsWith("/videoId "));
  }

  @Test
  void figures_are_rounded_as_their_column_holds_them() {
    TypedRow row =
        Objects.requireNonNull(
            read(HostileRows.with(
                    HostileRows.good("channel-day", USER), "averageViewPercentage", "41.00005"))
                .row());
    assertEquals("41.0001", String.valueOf(row.value("averageViewPercentage")));
    assertEquals("1.2500", String.valueOf(row.value("estimatedRevenue")));
  }
}
