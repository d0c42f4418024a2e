package com.ytempire.sidecar.web;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.ytempire.sidecar.web.Problem.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The schemas of the top-level folder {@code schemas/}, which travel in the jar. Safe to share
 * between threads.
 */
public final class Contract {
  private static final int MAX_INTEGER_DIGITS = 18;
  private static final int MAX_FRACTION_DIGITS = 1_000;

  /** Most faults of numbers that are reported of one value. */
  private static final int MAX_EXTREMES = 20;

  private static final String BASE = "https://ytempire.com/schemas/";

  /** A batch of 5,000 rows of every metric has fewer. */
  private static final int MANY_PARTS = 200_000;

  /** Bodies of rows that are judged one by one. */
  private static final Set<String> JUDGED_BY_ROW = Set.of("store-request", "event-record-request");

  private final Map<String, JsonNode> documents = new TreeMap<>();
  private final Map<String, Schema> schemas = new ConcurrentHashMap<>();
  private final SchemaRegistry registry;

  private Contract(Map<String, String> texts) {
    SchemaRegistryConfig config =
        SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build();
    this.registry =
        SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            builder -> builder.schemaRegistryConfig(config).schemas(texts));
  }

  /**
   * Reads every schema. Each is compiled when it is first used: to compile all of them would take a
   * good part of the time of a start.
   */
  public static Contract load() {
    Map<String, JsonNode> documents = new TreeMap<>();
    Map<String, String> texts = new TreeMap<>();
    for (String name : names()) {
      try (InputStream in = Contract.class.getResourceAsStream("/schemas/" + name + ".json")) {
        if (in == null) {
          throw new IllegalStateException("schemas/" + name + ".json is not in the jar");
        }
        String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        texts.put(BASE + name + ".json", text);
        documents.put(name, Json.MAPPER.readTree(text));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    Contract contract = new Contract(texts);
    contract.documents.putAll(documents);
    return contract;
  }

  private Schema compiled(String name) {
    Schema schema = registry.getSchema(SchemaLocation.of(BASE + name + ".json"));
    schema.initializeValidators();
    return schema;
  }

  private static List<String> names() {
    try {
      URI folder =
          Objects.requireNonNull(Contract.class.getResource("/schemas/problem.json")).toURI();
      if (folder.getScheme().equals("jar")) {
        try (FileSystem jar = FileSystems.newFileSystem(folder, Map.of())) {
          return namesIn(jar.getPath("/schemas"));
        }
      }
      return namesIn(Objects.requireNonNull(Path.of(folder).getParent()));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> namesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.endsWith(".json"))
          .map(name -> name.substring(0, name.length() - 5))
          .sorted()
          .toList();
    }
  }

  /** Every schema by name, as it stands in its file. */
  public Map<String, JsonNode> documents() {
    return documents;
  }

  /** The schema of this name, as it stands in its file. */
  public JsonNode document(String name) {
    return Objects.requireNonNull(documents.get(name), () -> "no schema " + name);
  }

  /** What is wrong with a value by the schema of this name; empty when it fits. */
  public List<Fault> faults(String name, JsonNode value) {
    if (!documents.containsKey(name)) {
      throw new IllegalArgumentException("no schema " + name);
    }
    Schema schema = schemas.computeIfAbsent(name, this::compiled);
    List<Fault> faults = new ArrayList<>();
    if (!JUDGED_BY_ROW.contains(name)) {
      findExtremeNumbers(value, "", faults);
    }
    if (!faults.isEmpty()) {
      return faults;
    }
    // A large value may have a fault in each of its parts, which together would take many times its
    // memory: one is enough to say.
    boolean isLarge = exceeds(value, new int[] {MANY_PARTS});
    try {
      for (Error error : schema.validate(value, context -> context.setFailFast(isLarge))) {
        String pointer = error.getInstanceLocation().toString();
        if (error.getProperty() != null) {
          pointer = pointer + "/" + error.getProperty();
        }
        faults.add(new Fault(pointer, message(error)));
      }
    } catch (JacksonException e) {
      // The library converts before it compares.
      faults.add(new Fault("", "holds a value that cannot be checked: " + e.getOriginalMessage()));
    }
    return faults;
  }

  /** Whether a value has more parts than are left to count. */
  private static boolean exceeds(JsonNode value, int[] left) {
    for (JsonNode part : value) {
      if (--left[0] < 0 || exceeds(part, left)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Finds numbers that the library must not see: it converts to {@code long} without looking, and
   * writes an exponent of 10^9 out.
   */
  private static void findExtremeNumbers(JsonNode node, String pointer, List<Fault> faults) {
    if (faults.size() >= MAX_EXTREMES) {
      return;
    }
    if (node.isObject()) {
      node.properties()
          .forEach(field ->
              findExtremeNumbers(
                  field.getValue(),
                  pointer + "/" + field.getKey().replace("~", "~0").replace("/", "~1"),
                  faults));
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        findExtremeNumbers(node.get(i), pointer + "/" + i, faults);
      }
    } else if (node.isBigDecimal() || node.isBigInteger()) {
      BigDecimal number = node.decimalValue();
      if ((long) number.precision() - number.scale() > MAX_INTEGER_DIGITS) {
        faults.add(new Fault(pointer, "must have at most 18 digits before the point"));
      } else if (number.scale() > MAX_FRACTION_DIGITS) {
        faults.add(new Fault(pointer, "must have at most 1000 digits after the point"));
      }
    }
  }

  private static String message(Error error) {
    String text = error.getMessage();
    return error.getKeyword() != null && error.getKeyword().equals("additionalProperties")
        ? "is not a field of this; leave it out"
        : text;
  }
}
