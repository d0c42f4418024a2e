package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.RowField.Type;
import com.ytempire.sidecar.web.Json;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Checks the values of one field and converts them to what SQL takes. Compiled from the field's
 * schema, so that the schema stays the truth, and from its column, which takes less than JSON does:
 * no NUL in a text, no half of a surrogate pair, no year 0. Safe to share between threads.
 *
 * <p>A value comes as {@code String}, {@code Long}, {@code BigDecimal}, {@code Boolean}, a {@code
 * List} of strings, or null.
 */
final class FieldReader {
  /** Keywords that say nothing of what a value may be. */
  private static final Set<String> ANNOTATIONS =
      Set.of("description", "title", "default", "examples");

  private static final Set<String> KEYWORDS =
      Set.of("type", "minimum", "maximum", "maxLength", "pattern", "format", "items", "maxItems");

  /** What a column may be asked to round: digits before and after the point. */
  private static final int MAX_DIGITS = 40;

  private final Type type;
  private final boolean isCompiled;
  private final boolean allowsNull;
  private final @Nullable BigDecimal minimum;
  private final @Nullable BigDecimal maximum;
  private final long minCount;
  private final long maxCount;
  private final int maxLength;
  private final @Nullable Pattern pattern;
  private final int maxItems;
  private final @Nullable FieldReader items;

  /**
   * Compiles a field's schema.
   *
   * @param schema as it stands in the file of the row's kind
   */
  FieldReader(Type type, JsonNode schema) {
    this.type = type;
    Set<String> types = types(schema);
    this.allowsNull = types.remove("null");
    this.minimum = schema.has("minimum") ? schema.get("minimum").decimalValue() : null;
    this.maximum = schema.has("maximum") ? schema.get("maximum").decimalValue() : null;
    this.minCount = minimum == null ? Long.MIN_VALUE : minimum.longValue();
    this.maxCount = maximum == null ? Long.MAX_VALUE : maximum.longValue();
    this.maxLength = schema.path("maxLength").asInt(Integer.MAX_VALUE);
    this.maxItems = schema.path("maxItems").asInt(Integer.MAX_VALUE);
    this.pattern = schema.has("pattern") ? wholly(schema.get("pattern").stringValue()) : null;
    this.items = schema.has("items") ? new FieldReader(Type.TEXT, schema.get("items")) : null;
    Set<String> unknown = new HashSet<>(schema.propertyNames());
    unknown.removeAll(ANNOTATIONS);
    unknown.removeAll(KEYWORDS);
    this.isCompiled =
        unknown.isEmpty()
            && types.equals(Set.of(jsonType(type)))
            && schema.path("format").asString("").equals(format(type))
            && (items == null ? type != Type.LIST : type == Type.LIST && items.isCompiled);
  }

  static FieldReader of(RowField field, JsonNode schema) {
    return new FieldReader(field.type(), schema);
  }

  private static Set<String> types(JsonNode schema) {
    Set<String> types = new TreeSet<>();
    JsonNode declared = schema.path("type");
    if (declared.isString()) {
      types.add(declared.stringValue());
    } else {
      declared.forEach(each -> types.add(each.stringValue()));
    }
    return types;
  }

  private static String jsonType(Type type) {
    return switch (type) {
      case TEXT, DAY, INSTANT, MONEY -> "string";
      case COUNT -> "integer";
      case FLAG -> "boolean";
      case LIST -> "array";
      case PERCENT, RATE -> "number";
    };
  }

  private static String format(Type type) {
    return switch (type) {
      case DAY -> "date";
      case INSTANT -> "date-time";
      default -> "";
    };
  }

  /** Java's {@code $} also stands before a last line break, which no pattern of ours means. */
  private static Pattern wholly(String pattern) {
    return Pattern.compile(
        pattern.endsWith("$") ? pattern.substring(0, pattern.length() - 1) + "\\z" : pattern);
  }

  /** Whether rows of a batch commonly have the same values, as they have of keys, not of money. */
  boolean isOfRepeats() {
    return type != Type.MONEY;
  }

  /** Whether {@link #read} checks all that the field's schema says. */
  boolean isCompiled() {
    return isCompiled;
  }

  /**
   * Checks a value and converts it.
   *
   * @return what {@link TypedRow} holds of this field
   */
  @Nullable Object read(@Nullable Object value) throws InvalidValue {
    if (value == null) {
      if (allowsNull) {
        return null;
      }
      throw new InvalidValue("must not be null");
    }
    return switch (type) {
      case TEXT -> text(value);
      case DAY -> Timestamps.day(text(value));
      case INSTANT -> Timestamps.instant(text(value));
      case MONEY -> money(text(value));
      case COUNT -> count(value);
      case PERCENT, RATE -> number(value);
      case FLAG -> {
        if (value instanceof Boolean flag) {
          yield flag;
        }
        throw new InvalidValue("must be true or false");
      }
      case LIST -> list(value);
    };
  }

  private String text(Object value) throws InvalidValue {
    if (!(value instanceof String text)) {
      throw new InvalidValue("must be a text");
    }
    if (text.length() > maxLength && text.codePointCount(0, text.length()) > maxLength) {
      throw new InvalidValue("must have at most " + maxLength + " characters");
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        throw new InvalidValue("must not contain the character NUL");
      }
      if (Character.isSurrogate(c)) {
        if (!Character.isHighSurrogate(c)
            || i + 1 == text.length()
            || !Character.isLowSurrogate(text.charAt(i + 1))) {
          throw new InvalidValue("must not contain half of a surrogate pair");
        }
        i++;
      }
    }
    if (pattern != null && !pattern.matcher(text).find()) {
      throw new InvalidValue("must match the pattern " + pattern);
    }
    return text;
  }

  private static BigDecimal money(String text) throws InvalidValue {
    // The contract's pattern bounds the length; a schema without one must not reach this far.
    try {
      return rounded(new BigDecimal(text), Type.MONEY);
    } catch (NumberFormatException e) {
      throw new InvalidValue("must be a decimal number as a text");
    }
  }

  private Long count(Object value) throws InvalidValue {
    long count;
    if (value instanceof Long whole) {
      count = whole;
    } else if (value instanceof BigDecimal decimal) {
      try {
        // The first asks for no power of ten, which 1e999999999 would.
        count = magnitude(decimal) > 20 ? overflow() : decimal.longValueExact();
      } catch (ArithmeticException e) {
        throw new InvalidValue("must be a whole number");
      }
    } else {
      throw new InvalidValue("must be a whole number");
    }
    if (count < minCount || count > maxCount) {
      throw new InvalidValue("must be from %d to %d".formatted(minCount, maxCount));
    }
    return count;
  }

  private long overflow() throws InvalidValue {
    throw new InvalidValue("must be from %d to %d".formatted(minCount, maxCount));
  }

  private BigDecimal number(Object value) throws InvalidValue {
    BigDecimal number =
        switch (value) {
          case Long whole -> BigDecimal.valueOf(whole);
          case BigDecimal decimal -> decimal;
          default -> throw new InvalidValue("must be a number");
        };
    if ((minimum != null && number.compareTo(minimum) < 0)
        || (maximum != null && number.compareTo(maximum) > 0)) {
      throw new InvalidValue("must be from %s to %s".formatted(minimum, maximum));
    }
    return rounded(number, type);
  }

  /** The power of ten below which a number lies; cheap for any exponent. */
  private static long magnitude(BigDecimal number) {
    return (long) number.precision() - number.scale();
  }

  /** As the column will hold it, or a figure that was rounded would change each time. */
  private static BigDecimal rounded(BigDecimal number, Type type) throws InvalidValue {
    if (number.signum() == 0 || magnitude(number) < -MAX_DIGITS) {
      return BigDecimal.ZERO.setScale(type.scale());
    }
    BigDecimal rounded =
        magnitude(number) > MAX_DIGITS
            ? number
            : number.setScale(type.scale(), RoundingMode.HALF_UP);
    if (magnitude(rounded) > type.digits()) {
      throw new InvalidValue(
          "must have at most %d digits before the point".formatted(type.digits()));
    }
    return rounded;
  }

  private String list(Object value) throws InvalidValue {
    if (!(value instanceof List<?> list)) {
      throw new InvalidValue("must be a list");
    }
    if (list.size() > maxItems) {
      throw new InvalidValue("must have at most " + maxItems + " members");
    }
    for (Object item : list) {
      if (items != null) {
        items.read(item);
      }
    }
    return Json.MAPPER.writeValueAsString(list);
  }
}
