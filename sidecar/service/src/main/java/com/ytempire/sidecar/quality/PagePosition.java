package com.ytempire.sidecar.quality;

import com.ytempire.sidecar.quality.QualityDao.Incident;
import com.ytempire.sidecar.quality.QualityDao.Result;
import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Request;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** Where a page of a list ended, as text that is passed back as {@code after}. */
final class PagePosition {
  private PagePosition() {}

  /** The position behind an incident. */
  record OfIncident(Instant openedAt, UUID incidentId) {
    static Optional<OfIncident> in(Request request) {
      return request
          .query("after")
          .map(text ->
              decoded(
                  text,
                  2,
                  parts ->
                      new OfIncident(Instant.parse(parts.get(0)), UUID.fromString(parts.get(1)))));
    }

    static String after(Incident last) {
      return encoded(List.of(last.openedAt().toString(), last.incidentId().toString()));
    }
  }

  /** The position behind a result; {@code channelId} is empty for a user's own. */
  record OfResult(LocalDate day, String check, String channelId) {
    static Optional<OfResult> in(Request request) {
      return request
          .query("after")
          .map(text ->
              decoded(
                  text,
                  3,
                  parts ->
                      new OfResult(LocalDate.parse(parts.get(0)), parts.get(1), parts.get(2))));
    }

    static String after(Result last) {
      @Nullable String channelId = last.channelId();
      return encoded(
          List.of(last.day().toString(), last.checkName(), channelId == null ? "" : channelId));
    }
  }

  @FunctionalInterface
  private interface Reader<T> {
    T read(List<String> parts);
  }

  private static String encoded(List<String> parts) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(Json.MAPPER.writeValueAsBytes(parts));
  }

  private static <T> T decoded(String text, int size, Reader<T> reader) {
    try {
      List<?> parts =
          Json.MAPPER.readValue(
              new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8), List.class);
      List<String> strings =
          parts.stream().filter(String.class::isInstance).map(String.class::cast).toList();
      if (parts.size() == size
          && strings.size() == size
          && strings.stream().flatMapToInt(String::chars).noneMatch(Character::isISOControl)) {
        T position = reader.read(strings);
        if (isOfOurTime(position)) {
          return position;
        }
      }
    } catch (IllegalArgumentException | JacksonException | DateTimeException e) {
      // reported below
    }
    throw Problem.invalid(
        "There was no page that ended so.",
        List.of(new Fault("?after", "must be the next of the page before")));
  }

  private static boolean isOfOurTime(Object position) {
    return switch (position) {
      case OfIncident incident -> Request.isOfOurTime(incident.openedAt());
      case OfResult result -> result.day().getYear() >= 2000 && result.day().getYear() < 2200;
      default -> false;
    };
  }
}
