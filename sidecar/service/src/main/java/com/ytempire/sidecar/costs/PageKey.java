package com.ytempire.sidecar.costs;

import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Request;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * The key of the last row of a page, after which the next one begins; opaque text for callers.
 *
 * @param day null: the first page
 * @param names the other parts of the key, in their order
 */
record PageKey(@Nullable LocalDate day, List<String> names) {
  private static final PageKey START = new PageKey(null, List.of());

  /**
   * Reads the query parameter {@code after}.
   *
   * @param count of the names
   */
  static PageKey of(Request request, int count) {
    return request.query("after").map(text -> decoded(text, count)).orElse(START);
  }

  String encoded() {
    List<String> parts = Stream.concat(Stream.of(String.valueOf(day)), names.stream()).toList();
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(Json.MAPPER.writeValueAsBytes(parts));
  }

  String[] nameArray() {
    return names.toArray(String[]::new);
  }

  private static PageKey decoded(String text, int count) {
    try {
      List<String> parts =
          Stream.of(
                  Json.MAPPER.readValue(
                      new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8),
                      String[].class))
              .toList();
      if (parts.size() == count + 1
          && String.join("", parts).chars().noneMatch(Character::isISOControl)) {
        LocalDate day = LocalDate.parse(parts.getFirst());
        if (Request.isOfOurTime(day.atStartOfDay().toInstant(ZoneOffset.UTC))) {
          return new PageKey(day, parts.subList(1, parts.size()));
        }
      }
    } catch (IllegalArgumentException
        | NullPointerException
        | JacksonException
        | DateTimeException e) {
      // reported below
    }
    throw Problem.invalid(
        "There was no page that ended so.",
        List.of(new Fault("?after", "must be the next of the page before")));
  }
}
