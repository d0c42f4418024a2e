package com.ytempire.sidecar.web;

import com.ytempire.sidecar.web.Problem.Fault;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JacksonException;

/**
 * The key of the last row of a page, after which the next one begins: opaque text for callers, who
 * get it as {@code next} and pass it back as the query parameter {@code after}.
 */
public final class PageKey {
  private PageKey() {}

  /** The text of a key's parts. */
  public static String encode(String... parts) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(Json.MAPPER.writeValueAsBytes(parts));
  }

  /**
   * Reads the query parameter {@code after}.
   *
   * @param size parts of a key
   * @param reader makes a key of them; an {@link IllegalArgumentException} or a {@link
   *     DateTimeException} of it says that they are none
   * @return empty: the first page is asked for
   * @throws Problem invalid-request, of text that no page ended with
   */
  public static <T> Optional<T> decode(
      Request request, int size, Function<List<String>, T> reader) {
    return decode(request, "after", "next", size, reader);
  }

  /**
   * As {@link #decode(Request, int, Function)}, where the key has other names.
   *
   * @param parameter of the query that has the key
   * @param field of the page before that had it
   */
  public static <T> Optional<T> decode(
      Request request, String parameter, String field, int size, Function<List<String>, T> reader) {
    return request
        .query(parameter)
        .map(text ->
            read(text, size, reader)
                .orElseThrow(() ->
                    Problem.invalid(
                        "`%s` is not the `%s` of a page of this listing."
                            .formatted(parameter, field),
                        List.of(
                            new Fault(
                                "?" + parameter,
                                "must be the `%s` of the page before, all else the same"
                                    .formatted(field))))));
  }

  /** A day of a key. */
  public static LocalDate day(String part) {
    LocalDate day = LocalDate.parse(part);
    var _ = ofOurTime(day.atStartOfDay().toInstant(ZoneOffset.UTC));
    return day;
  }

  /** A moment of a key. */
  public static Instant instant(String part) {
    return ofOurTime(Instant.parse(part));
  }

  private static Instant ofOurTime(Instant at) {
    if (!Request.isOfOurTime(at)) {
      throw new DateTimeException("no database holds it");
    }
    return at;
  }

  private static <T> Optional<T> read(String text, int size, Function<List<String>, T> reader) {
    try {
      List<String> parts =
          List.of(
              Json.MAPPER.readValue(
                  new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8),
                  String[].class));
      if (parts.size() == size
          && String.join("", parts).chars().noneMatch(Character::isISOControl)) {
        return Optional.of(reader.apply(parts));
      }
    } catch (IllegalArgumentException
        | NullPointerException
        | JacksonException
        | DateTimeException e) {
      // reported by the caller
    }
    return Optional.empty();
  }
}
