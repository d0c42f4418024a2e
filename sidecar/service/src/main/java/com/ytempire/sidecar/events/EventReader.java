package com.ytempire.sidecar.events;

import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.web.Problem.Fault;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  private static final int MAX_SOURCE = 200;

  /** Digits before and after the point of a number in data. */
  private static final int MAX_DIGITS = 40;

  private static final Set<String> FIELDS =
      Set.of("specversion", "id", "source", "type", "time", "datacontenttype", "subject", "data");
  private static final Map<String, String> CONSTANTS =
      Map.of("specversion", "1.0", "datacontenttype", "application/json");
  private static final Pattern ID =
      Pattern.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  private static final Pattern TYPE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
  private static final Pattern SOURCE = Pattern.compile("[!-~]+");
  private static final Pattern TIME =
      Pattern.compile(
          "\\d{4}-\\d\\d-\\d\\d[Tt]\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,9})?(?:[Zz]|[+-]\\d\\d:\\d\\d)");
  private static final Pattern SUBJECT =
      Pattern.compile("(UC[0-9A-Za-z_-]{22})(?:/([0-9A-Za-z_-]{11}))?");

  /** An event, or what is wrong with it. */
  record Read(@Nullable RecordedEvent event, List<Fault> faults) {}

  /**
   * Checks the events of a batch. Of what is wrong at most {@value #MAX_FAULTS} are kept of an
   * event, and of each that comes after {@value #MAX_BATCH_FAULTS} of the batch, one.
   *
   * @param now by which their times must be neither to come nor past the retention
   */
  List<Read> readAll(Iterable<JsonNode> batch, Instant now) {
    List<Read> all = new ArrayList<>();
    int room = MAX_BATCH_FAULTS;
    for (JsonNode event : batch) {
      Read read = read(event, now, Math.clamp(room, 1, MAX_FAULTS));
      room -= read.faults().size();
      all.add(read);
    }
    return all;
  }

  private Read read(JsonNode node, Instant now, int most) {
    List<Fault> faults = new ArrayList<>();
    CONSTANTS.forEach((name, value) -> {
      if (node.has(name) && !value.equals(node.get(name).asString(null))) {
        faults.add(new Fault("/" + name, "must be " + value));
      }
    });
    @Nullable String id = text(node, "id", ID, 36, "must be a UUID", faults);
    @Nullable String type =
        text(
            node,
            "type",
            TYPE,
            100,
            "must have 1 to 100 letters, digits, dots, hyphens or underscores, and begin with a letter or digit",
            faults);
    @Nullable String source =
        text(
            node,
            "source",
            SOURCE,
            MAX_SOURCE,
            "must be a URI reference of 1 to 200 characters of ASCII, without spaces",
            faults);
    @Nullable Instant at = time(node, now, faults);
    @Nullable Matcher subject = subject(node, faults);
    @Nullable String data = data(node, faults);
    checkNames(node, most, faults);
    if (!faults.isEmpty() || id == null || type == null || source == null || at == null) {
      return new Read(null, List.copyOf(faults.subList(0, Math.min(most, faults.size()))));
    }
    return new Read(
        new RecordedEvent(
            UUID.fromString(id),
            at,
            type,
            source,
            subject == null ? null : subject.group(1),
            subject == null ? null : subject.group(2),
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

  private static @Nullable String text(
      JsonNode node, String name, Pattern pattern, int most, String wanted, List<Fault> faults) {
    JsonNode value = node.get(name);
    if (value == null) {
      faults.add(new Fault("/" + name, "is required: it " + wanted));
      return null;
    }
    String text = value.isString() ? value.stringValue() : "";
    if (text.length() > most || !pattern.matcher(text).matches()) {
      faults.add(new Fault("/" + name, wanted));
      return null;
    }
    return text;
  }

  private static @Nullable Instant time(JsonNode node, Instant now, List<Fault> faults) {
    @Nullable String text =
        text(node, "time", TIME, 40, "must be a time as 2026-01-31T12:00:00Z (RFC 3339)", faults);
    if (text == null) {
      return null;
    }
    Instant at;
    try {
      at = OffsetDateTime.parse(text).toInstant().truncatedTo(ChronoUnit.MICROS);
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

  private static @Nullable Matcher subject(JsonNode node, List<Fault> faults) {
    JsonNode value = node.get("subject");
    if (value == null) {
      return null;
    }
    Matcher matcher = SUBJECT.matcher(value.isString() ? value.stringValue() : "");
    if (matcher.matches()) {
      return matcher;
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
    int before = faults.size();
    check(value, "/data", faults);
    if (faults.size() > before) {
      return null;
    }
    String json = Json.MAPPER.writeValueAsString(value);
    int bytes = json.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_DATA) {
      faults.add(
          new Fault(
              "/data", "has %,d bytes of JSON; at most %,d are kept".formatted(bytes, MAX_DATA)));
      return null;
    }
    return json;
  }

  /** Finds what JSON can hold and PostgreSQL's jsonb cannot; the first is enough to say. */
  private static void check(JsonNode value, String pointer, List<Fault> faults) {
    if (value.isObject()) {
      for (Map.Entry<String, JsonNode> field : value.properties()) {
        if (isUnstorable(field.getKey())) {
          faults.add(
              new Fault(pointer, "must have no NUL and no half of a surrogate pair in a name"));
          return;
        }
        check(
            field.getValue(),
            pointer + "/" + field.getKey().replace("~", "~0").replace("/", "~1"),
            faults);
        if (!faults.isEmpty()) {
          return;
        }
      }
    } else if (value.isArray()) {
      for (int i = 0; i < value.size() && faults.isEmpty(); i++) {
        check(value.get(i), pointer + "/" + i, faults);
      }
    } else if (value.isString() && isUnstorable(value.stringValue())) {
      faults.add(new Fault(pointer, "must have no NUL and no half of a surrogate pair"));
    } else if (value.isBigDecimal() || value.isBigInteger()) {
      var number = value.decimalValue();
      if ((long) number.precision() - number.scale() > MAX_DIGITS || number.scale() > MAX_DIGITS) {
        faults.add(new Fault(pointer, "must have at most 40 digits before and after the point"));
      }
    }
  }

  private static boolean isUnstorable(String text) {
    return text.codePoints().anyMatch(c -> c == 0 || (c >= 0xD800 && c <= 0xDFFF));
  }
}
