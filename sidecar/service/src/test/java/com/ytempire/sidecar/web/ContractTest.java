package com.ytempire.sidecar.web;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The contract and its examples: the handshake that the nodes are tested with as well. */
final class ContractTest {
  private static final Path EXAMPLES = Path.of("../../schemas/examples");

  private final Contract contract = Contract.load();

  private static List<Path> examples(String beginning) throws IOException {
    try (Stream<Path> files = Files.walk(EXAMPLES)) {
      return files
          .filter(file -> String.valueOf(file.getFileName()).startsWith(beginning))
          .sorted()
          .toList();
    }
  }

  private static String schemaOf(Path example) {
    return String.valueOf(example.getName(example.getNameCount() - 2));
  }

  @Test
  void good_examples_fit() throws IOException {
    List<Path> good = examples("good");
    assertTrue(good.size() >= 14, "only " + good.size());
    for (Path file : good) {
      assertEquals(
          List.of(),
          contract.faults(schemaOf(file), Json.MAPPER.readTree(Files.readString(file))),
          file.toString());
    }
  }

  @Test
  void bad_examples_do_not_fit() throws IOException {
    List<Path> bad = examples("bad-");
    assertTrue(bad.size() >= 28, "only " + bad.size());
    for (Path file : bad) {
      assertFalse(
          contract.faults(schemaOf(file), Json.MAPPER.readTree(Files.readString(file))).isEmpty(),
          file + " fits");
    }
  }

  @Test
  void every_schema_compiles() {
    for (String name : contract.documents().keySet()) {
      assertDoesNotThrow(() -> contract.faults(name, Json.MAPPER.createObjectNode()), name);
    }
  }

  @Test
  void an_enum_is_declared_once_and_each_value_is_described() {
    Map<JsonNode, String> declared = new HashMap<>();
    contract
        .documents()
        .forEach((name, schema) -> {
          JsonNode values = schema.get("x-values");
          if (values != null) {
            List<String> described = List.copyOf(values.propertyNames());
            List<String> listed = new ArrayList<>();
            schema.get("enum").forEach(value -> listed.add(value.stringValue()));
            assertEquals(listed, described, name);
            values.forEach(
                value -> assertTrue(value.has("title") && value.has("description"), name));
          }
          enums(name, schema)
              .forEach((where, list) -> {
                String first = declared.putIfAbsent(list, where);
                assertTrue(first == null, where + " repeats the enum of " + first);
              });
        });
    assertTrue(declared.size() >= 15, declared::toString);
  }

  private static Map<String, JsonNode> enums(String where, JsonNode schema) {
    Map<String, JsonNode> found = new HashMap<>();
    if (schema.isObject() && schema.has("enum")) {
      found.put(where, schema.get("enum"));
    }
    if (schema.isObject()) {
      schema
          .properties()
          .forEach(part -> found.putAll(enums(where + "/" + part.getKey(), part.getValue())));
    }
    return found;
  }

  @Test
  void every_field_of_every_schema_is_described() {
    contract.documents().forEach((name, schema) -> describe(name, schema));
  }

  private static void describe(String where, JsonNode schema) {
    JsonNode properties = schema.get("properties");
    if (properties != null) {
      properties
          .properties()
          .forEach(field -> {
            JsonNode value = field.getValue();
            boolean obvious =
                value.has("$ref")
                    || value.has("const")
                    || value.has("items")
                    || value.has("enum")
                    || value.isBoolean();
            if (!where.contains("/if") && !obvious) {
              assertTrue(
                  value.has("description"), where + "/" + field.getKey() + " has no description");
            }
            describe(where + "/" + field.getKey(), value);
          });
    }
  }
}
