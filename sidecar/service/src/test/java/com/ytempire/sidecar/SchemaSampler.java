package com.ytempire.sidecar;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Draws JSON values that fit the schemas of an OpenAPI document, but for what a schema cannot say
 * by itself. Knows the keywords that this project's contract uses. Safe to share between threads.
 */
final class SchemaSampler {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final String CHARS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";

  /** Rows of {@code store-request} are objects there; each has the schema of its kind. */
  private static final List<String> ROWS =
      List.of(
          "channel-day",
          "video-day",
          "channel-statistics",
          "video-statistics",
          "video",
          "traffic-source-day",
          "thumbnail-day",
          "dimension-day",
          "dimension-period",
          "revenue-currency-day",
          "top-video",
          "retention-point");

  private static final int MAX_ITEMS = 4;

  private final JsonNode schemas;

  /** Takes {@code components.schemas} of the document. */
  SchemaSampler(JsonNode schemas) {
    this.schemas = schemas;
  }

  /** A value for the schema of this name; fields that {@code known} has are taken from it. */
  JsonNode sample(String name, Map<String, String> known, RandomGenerator random) {
    return value(name, schema(name), known, random);
  }

  private JsonNode schema(String name) {
    JsonNode schema = schemas.get(name);
    if (schema == null) {
      throw new AssertionError("the document has no schema " + name);
    }
    return schema;
  }

  private JsonNode value(
      String field, JsonNode schema, Map<String, String> known, RandomGenerator random) {
    if (schema.has("$ref")) {
      return sample(schema.get("$ref").stringValue().replaceAll(".*/", ""), known, random);
    }
    if (schema.has("const")) {
      return schema.get("const");
    }
    if (schema.has("enum")) {
      return schema.get("enum").get(random.nextInt(schema.get("enum").size()));
    }
    if (schema.has("oneOf")) {
      return value(
          field,
          schema.get("oneOf").get(random.nextInt(schema.get("oneOf").size())),
          known,
          random);
    }
    return switch (type(schema, random)) {
      case "object" -> object(field, schema, known, random);
      case "array" -> array(field, schema, known, random);
      case "integer" -> NODES.numberNode(integer(schema, random));
      case "number" -> NODES.numberNode(integer(schema, random) + random.nextInt(100) / 100.0);
      case "boolean" -> NODES.booleanNode(random.nextBoolean());
      case "null" -> NODES.nullNode();
      default -> NODES.stringNode(text(field, schema, known, random));
    };
  }

  private static String type(JsonNode schema, RandomGenerator random) {
    JsonNode type = schema.get("type");
    if (type == null) {
      return schema.has("properties") ? "object" : "string";
    }
    return type.isArray()
        ? type.get(random.nextInt(type.size())).stringValue()
        : type.stringValue();
  }

  private ObjectNode object(
      String field, JsonNode schema, Map<String, String> known, RandomGenerator random) {
    ObjectNode object = NODES.objectNode();
    if (!schema.has("properties")) {
      return field.equals("rows")
          ? (ObjectNode) sample(ROWS.get(random.nextInt(ROWS.size())), known, random)
          : object;
    }
    List<String> required = new ArrayList<>();
    schema.path("required").forEach(name -> required.add(name.stringValue()));
    schema
        .get("properties")
        .properties()
        .forEach(property -> {
          if (required.contains(property.getKey()) || random.nextInt(3) == 0) {
            object.set(
                property.getKey(), value(property.getKey(), property.getValue(), known, random));
          }
        });
    // "then" of the contract only ever adds a required field.
    schema
        .at("/then/required")
        .forEach(name -> {
          String then = name.stringValue();
          boolean wanted = matches(schema.get("if"), object);
          if (wanted && !object.has(then)) {
            object.set(then, value(then, schema.at("/properties/" + then), known, random));
          } else if (!wanted) {
            object.remove(then);
          }
        });
    return object;
  }

  private static boolean matches(JsonNode condition, ObjectNode object) {
    return condition.get("properties").properties().stream()
        .allMatch(
            property -> property.getValue().get("const").equals(object.get(property.getKey())));
  }

  private ArrayNode array(
      String field, JsonNode schema, Map<String, String> known, RandomGenerator random) {
    ArrayNode array = NODES.arrayNode();
    int count = Math.max(schema.path("minItems").asInt(0), 1 + random.nextInt(MAX_ITEMS));
    for (int i = 0; i < count; i++) {
      JsonNode item = value(field, schema.get("items"), known, random);
      boolean isNew = array.valueStream().noneMatch(item::equals);
      if (isNew || !schema.path("uniqueItems").asBoolean(false)) {
        array.add(item);
      }
    }
    return array;
  }

  private static long integer(JsonNode schema, RandomGenerator random) {
    long least = schema.path("minimum").asLong(0);
    long most = schema.path("maximum").asLong(1_000_000);
    return switch (random.nextInt(4)) {
      case 0 -> least;
      case 1 -> most;
      default -> random.nextLong(least, Math.min(most, least + 1000) + 1);
    };
  }

  private static String text(
      String field, JsonNode schema, Map<String, String> known, RandomGenerator random) {
    String pattern = schema.path("pattern").asString("");
    String format = schema.path("format").asString("");
    @Nullable String said =
        known.get(field.equals("videoIds") || field.equals("channelIds") ? singular(field) : field);
    if (said != null) {
      return said;
    }
    return switch (format) {
      case "uuid" -> uuid(random);
      case "email" -> "f" + Long.toString(random.nextLong() >>> 1, 36) + "@example.com";
      case "date" -> "2026-%02d-%02d".formatted(1 + random.nextInt(11), 1 + random.nextInt(28));
      case "date-time" ->
          "2026-%02d-%02dT%02d:30:00Z"
              .formatted(1 + random.nextInt(12), 1 + random.nextInt(28), random.nextInt(24));
      default -> {
        if (pattern.contains("UC")) {
          yield "UC" + letters(22, random);
        }
        if (pattern.contains("{11}")) {
          yield letters(11, random);
        }
        if (pattern.contains("https?")) {
          // A port of this machine at which nobody listens: no name is looked up.
          yield "http://127.0.0.1:1/" + letters(8, random);
        }
        if (pattern.contains("[0-9]{1,10}")) {
          yield random.nextInt(100_000) + "." + random.nextInt(10, 100);
        }
        if (pattern.contains("[A-Z0-9_]")) {
          yield "YT_SEARCH";
        }
        if (field.equals("dimension")) {
          yield "deviceType";
        }
        if (field.equals("timeZone")) {
          yield "Europe/Berlin";
        }
        yield letters(1 + random.nextInt(12), random);
      }
    };
  }

  private static String singular(String field) {
    return field.substring(0, field.length() - 1);
  }

  static String uuid(RandomGenerator random) {
    return "%08x-%04x-4%03x-8%03x-%012x"
        .formatted(
            random.nextInt(),
            random.nextInt(0x10000),
            random.nextInt(0x1000),
            random.nextInt(0x1000),
            random.nextLong() >>> 16);
  }

  static String letters(int count, RandomGenerator random) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(CHARS.charAt(random.nextInt(CHARS.length())));
    }
    return text.toString();
  }
}
