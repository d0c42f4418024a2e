package com.ytempire.sidecar.metrics;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads the rows of one batch whose text has the form that rows mostly have, without a tree of
 * JSON. For one thread.
 */
final class QuickRowReader {
  /** Digits of a number that is read the quick way, zeros among them. */
  private static final int QUICK_DIGITS = 40;

  /** Values of a batch that are remembered as right; rows of one batch repeat them. */
  private static final int MAX_KNOWN = 4_096;

  private final Map<String, KindReader> kinds;
  private final Map<String, UUID> users = new HashMap<>();
  private final Map<FieldReader, Map<String, Object>> known = new HashMap<>();
  private String kind = "";
  private String user = "";

  /** Names of the fields of a row, but for the kind and the user, in the order of its text. */
  private final String[] names = new String[32];

  private final @Nullable Object[] plain = new @Nullable Object[names.length];
  private final @Nullable Object[] values = new @Nullable Object[names.length];

  /** Whether the plain value is another than that of the row before. */
  private final boolean[] isNew = new boolean[names.length];

  /** The kind of the row before, which had the same fields in the same order; null: none did. */
  private @Nullable KindReader layout;

  private int[] places = {};

  /**
   * Makes the reader of one batch.
   *
   * @param kinds the readers of all kinds by their labels
   */
  QuickRowReader(Map<String, KindReader> kinds) {
    this.kinds = kinds;
  }

  /**
   * Reads the row whose beginning is the parser's token, to its end.
   *
   * @return null when it is not certain that the row is good
   */
  @Nullable TypedRow read(JsonParser parser) {
    @Nullable TypedRow row = readRow(parser);
    if (row == null) {
      // What is kept of it may be of half of its fields.
      layout = null;
    }
    return row;
  }

  private @Nullable TypedRow readRow(JsonParser parser) {
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
        kind = text(parser, kind);
        reader = kinds.get(kind);
        isQuick &= reader != null && reader.isCompiled();
      } else if (token == JsonToken.VALUE_STRING && name.equals("userId")) {
        isQuick = userId == null;
        user = text(parser, user);
        userId = user(user);
        isQuick &= userId != null;
      } else if (size == names.length) {
        isQuick = false;
        parser.skipChildren();
      } else {
        if (!name.equals(names[size])) {
          names[size] = name;
          layout = null;
        }
        isQuick = takeValue(parser, token, size++);
      }
    }
    return isQuick && reader != null && userId != null ? row(reader, userId, size) : null;
  }

  /** Makes the row; rows mostly have the fields of the one before, and many of its values. */
  private @Nullable TypedRow row(KindReader reader, UUID userId, int size) {
    boolean isAlike = reader.equals(layout) && size == places.length;
    if (!isAlike) {
      int @Nullable [] found = reader.places(names, size);
      if (found == null) {
        return null;
      }
      places = found;
      layout = reader;
    }
    @Nullable Object[] ofRow = new @Nullable Object[reader.size()];
    try {
      for (int i = 0; i < size; i++) {
        if (!isAlike || isNew[i]) {
          values[i] = value(reader.field(places[i]), plain[i]);
        }
        ofRow[places[i]] = values[i];
      }
    } catch (InvalidValue e) {
      return null;
    }
    return new TypedRow(reader.kind(), userId, ofRow);
  }

  /** The parser's text; this very one, where it is the same. */
  private static String text(JsonParser parser, String before) {
    int length = parser.getStringLength();
    if (length != before.length()) {
      return parser.getString();
    }
    char[] text = parser.getStringCharacters();
    int offset = parser.getStringOffset();
    for (int i = 0; i < length; i++) {
      if (text[offset + i] != before.charAt(i)) {
        return parser.getString();
      }
    }
    return before;
  }

  /** Takes a field's value; false when it is none that the quick way knows. */
  private boolean takeValue(JsonParser parser, JsonToken token, int place) {
    @Nullable Object before = plain[place];
    plain[place] = null;
    isNew[place] = true;
    switch (token) {
      case VALUE_STRING -> {
        if (before instanceof String text) {
          plain[place] = text(parser, text);
          isNew[place] = plain[place] != before;
        } else {
          plain[place] = parser.getString();
        }
      }
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
    if (user == null && KindReader.isUuid(text)) {
      user = UUID.fromString(text);
      users.put(text, user);
    }
    return user;
  }

  /** Rows repeat channels, videos and days: each is checked and converted once in a batch. */
  private @Nullable Object value(FieldReader reader, @Nullable Object plain) throws InvalidValue {
    if (!(plain instanceof String text) || text.length() > 40 || !reader.isOfRepeats()) {
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
