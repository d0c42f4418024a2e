package com.ytempire.sidecar.events;

import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.web.Problem.Fault;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Checks events, each by itself, as {@code schemas/recorded-event.json} has them and as PostgreSQL
 * can hold them. Written out rather than left to the schema, because thousands come a second; a
 * test holds the two together. Safe to share between threads.
 */
final class EventReader {
  /** How long events are kept. */
  static final Duration RETENTION = Duration.ofDays(90);

  /** How far a clock elsewhere may run ahead of ours. */
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

  /** Bytes of data as compact JSON in UTF-8. */
  private static final int MAX_DATA = 2_048;

  /** Faults that are kept of an event. */
  static final int MAX_FAULTS = 10;

  /** Faults that are kept of a batch before each further event has one alone. */
  static final int MAX_BATCH_FAULTS = 1_000;

  /** Digits before and after the point of a number in data. */
  private static final int MAX_DIGITS = 40;

  private static final Set<String> FIELDS =
      Set.of("specversion", "id", "source", "type", "time", "datacontenttype", "subject", "data");

  /** An event, or what is wrong with it. */
  record ParsedEvent(@Nullable RecordedEvent event, List<Fault> faults) {}

  /**
   * Checks the events of a batch. Of what is wrong at most {@value #MAX_FAULTS} are kept of an
   * event, and of each that comes after {@value #MAX_BATCH_FAULTS} of the batch, one.
   *
   * @param now by which their times must be neither to come nor past the retention
   */
  List<ParsedEvent> readAll(Iterable<JsonNode> batch, Instant now) {
    List<ParsedEvent> all = new ArrayList<>();
    int room = MAX_BATCH_FAULTS;
    for (JsonNode event : batch) {
      ParsedEvent parsed = read(event, now, Math.clamp(room, 1, MAX_FAULTS));
      room -= parsed.faults().size();
      all.add(parsed);
    }
    return all;
  }

  private ParsedEvent read(JsonNode node, Instant now, int most) {
    List<Fault> faults = new ArrayList<>();
    constant(node, "specversion", "1.0", faults);
    constant(node, "datacontenttype", "application/json", faults);
    @Nullable String id = text(node, "id", EventText::isUuid, "must be a UUID", faults);
    @Nullable String type =
        text(
            node,
            "type",
            EventText::isType,
            "must have 1 to 100 letters, digits, dots, hyphens or underscores, and begin with a letter or digit",
            faults);
    @Nullable String source =
        text(
            node,
            "source",
            EventText::isSource,
            "must be a URI reference of 1 to 200 characters of ASCII, without spaces",
            faults);
    @Nullable Instant at = time(node, now, faults);
    @Nullable Subject subject = subject(node, faults);
    @Nullable String data = data(node, faults);
    checkNames(node, most, faults);
    if (!faults.isEmpty() || id == null || type == null || source == null || at == null) {
      return new ParsedEvent(null, List.copyOf(faults.subList(0, Math.min(most, faults.size()))));
    }
    return new ParsedEvent(
        new RecordedEvent(
            UUID.fromString(id),
            at,
            type,
            source,
            subject == null ? null : subject.channelId(),
            subject == null ? null : subject.videoId(),
            data),
        List.of());
  }

  /** Looks for fields that are none, as long as there is room for what is wrong with them. */
  private static void checkNames(JsonNode node, int most, List<Fault> faults) {
    for (String name : node.propertyNames()) {
      if (faults.size() >= most) {
        return;
      }
      if (!FIELDS.contains(name)) {
        faults.add(
            new Fault(
                "/" + name.replace("~", "~0").replace("/", "~1"),
                "is not a field of this; leave it out"));
      }
    }
  }

  private static void constant(JsonNode node, String name, String value, List<Fault> faults) {
    JsonNode given = node.get(name);
    if (given != null && !value.equals(given.asString(null))) {
      faults.add(new Fault("/" + name, "must be " + value));
    }
  }

  private static @Nullable String text(
      JsonNode node, String name, Predicate<String> form, String wanted, List<Fault> faults) {
    JsonNode value = node.get(name);
    if (value == null) {
      faults.add(new Fault("/" + name, "is required: it " + wanted));
      return null;
    }
    String text = value.isString() ? value.stringValue() : "";
    if (!form.test(text)) {
      faults.add(new Fault("/" + name, wanted));
      return null;
    }
    return text;
  }

  private static @Nullable Instant time(JsonNode node, Instant now, List<Fault> faults) {
    @Nullable String text =
        text(
            node,
            "time",
            EventText::isTime,
            "must be a time as 2026-01-31T12:00:00Z (RFC 3339)",
            faults);
    if (text == null) {
      return null;
    }
    Instant at;
    try {
      at = EventText.time(text).truncatedTo(ChronoUnit.MICROS);
    } catch (DateTimeException e) {
      faults.add(new Fault("/time", "must be a time that is in the calendar"));
      return null;
    }
    if (at.isAfter(now.plus(CLOCK_SKEW))) {
      faults.add(new Fault("/time", "lies in the future; it is " + now));
    } else if (at.isBefore(now.minus(RETENTION))) {
      faults.add(
          new Fault(
              "/time",
              "lies more than %d days back, for which events are kept"
                  .formatted(RETENTION.toDays())));
    }
    return at;
  }

  /** The channel or video that an event is about. */
  private record Subject(String channelId, @Nullable String videoId) {}

  private static @Nullable Subject subject(JsonNode node, List<Fault> faults) {
    JsonNode value = node.get("subject");
    if (value == null) {
      return null;
    }
    String text = value.isString() ? value.stringValue() : "";
    if (EventText.isSubject(text)) {
      return text.length() == EventText.CHANNEL_LENGTH
          ? new Subject(text, null)
          : new Subject(
              text.substring(0, EventText.CHANNEL_LENGTH),
              text.substring(EventText.CHANNEL_LENGTH + 1));
    }
    faults.add(
        new Fault(
            "/subject",
            "must be a channel's id, or a channel's and a video's with a slash between; leave it out where the event is about neither"));
    return null;
  }

  private static @Nullable String data(JsonNode node, List<Fault> faults) {
    JsonNode value = node.get("data");
    if (value == null) {
      return null;
    }
    if (!value.isObject()) {
      faults.add(new Fault("/data", "must be an object"));
      return null;
    }
    if (!isStorable(value)) {
      check(value, "/data", faults);
      return null;
    }
    String json = Json.MAPPER.writeValueAsString(value);
    // A char takes at most three bytes.
    int bytes =
        json.length() <= MAX_DATA / 3
            ? json.length()
            : json.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_DATA) {
      faults.add(
          new Fault(
              "/data", "has %,d bytes of JSON; at most %,d are kept".formatted(bytes, MAX_DATA)));
      return null;
    }
    return json;
  }

  /** Whether PostgreSQL's jsonb holds a value, as nearly every one that comes. */
  private static boolean isStorable(JsonNode value) {
    if (value.isObject()) {
      for (Map.Entry<String, JsonNode> field : value.properties()) {
        if (EventText.isUnstorable(field.getKey()) || !isStorable(field.getValue())) {
          return false;
        }
      }
      return true;
    }
    if (value.isArray()) {
      for (JsonNode each : value) {
        if (!isStorable(each)) {
          return false;
        }
      }
      return true;
    }
    return value.isString() ? !EventText.isUnstorable(value.stringValue()) : !isTooLong(value);
  }

  private static boolean isTooLong(JsonNode value) {
    if (!value.isBigDecimal() && !value.isBigInteger()) {
      return false;
    }
    BigDecimal number = value.decimalValue();
    return (long) number.precision() - number.scale() > MAX_DIGITS || number.scale() > MAX_DIGITS;
  }

  /** Finds what JSON can hold and PostgreSQL's jsonb cannot; the first is enough to say. */
  private static void check(JsonNode value, String pointer, List<Fault> faults) {
    int before = faults.size();
    if (value.isObject()) {
      for (Map.Entry<String, JsonNode> field : value.properties()) {
        if (EventText.isUnstorable(field.getKey())) {
          faults.add(
              new Fault(pointer, "must have no NUL and no half of a surrogate pair in a name"));
          return;
        }
        check(
            field.getValue(),
            pointer + "/" + field.getKey().replace("~", "~0").replace("/", "~1"),
            faults);
        if (faults.size() > before) {
          return;
        }
      }
    } else if (value.isArray()) {
      for (int i = 0; i < value.size() && faults.size() == before; i++) {
        check(value.get(i), pointer + "/" + i, faults);
      }
    } else if (value.isString() && EventText.isUnstorable(value.stringValue())) {
      faults.add(new Fault(pointer, "must have no NUL and no half of a surrogate pair"));
    } else if (isTooLong(value)) {
      faults.add(new Fault(pointer, "must have at most 40 digits before and after the point"));
    }
  }
}
