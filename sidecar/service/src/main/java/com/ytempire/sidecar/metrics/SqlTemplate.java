package com.ytempire.sidecar.metrics;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A statement with named places, such as <code>{columns}</code>. What is put into them is text of
 * the program's own, such as the names of columns; values are always bound.
 */
final class SqlTemplate {
  private static final Pattern PLACE = Pattern.compile("\\{([a-z][a-zA-Z]*)}");

  private final String text;
  private final Map<String, String> definitions = new HashMap<>();

  private SqlTemplate(String text) {
    this.text = text;
  }

  static SqlTemplate of(String text) {
    return new SqlTemplate(text);
  }

  /** Says what stands in the places of this name. */
  SqlTemplate define(String name, String sql) {
    definitions.put(name, sql);
    return this;
  }

  /**
   * Returns the statement. Places inside what was defined stay as they are.
   *
   * @throws IllegalStateException if the names of places and definitions are not the same
   */
  String render() {
    Set<String> unused = new HashSet<>(definitions.keySet());
    String rendered =
        PLACE
            .matcher(text)
            .replaceAll(place -> {
              unused.remove(place.group(1));
              return Matcher.quoteReplacement(definition(place));
            });
    if (!unused.isEmpty()) {
      throw new IllegalStateException("the statement has no place for " + unused);
    }
    return rendered;
  }

  private String definition(MatchResult place) {
    String defined = definitions.get(place.group(1));
    if (defined == null) {
      throw new IllegalStateException("the place " + place.group() + " is not defined");
    }
    return defined;
  }
}
