package com.ytempire.sidecar.web;

import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.JsonNode;

/** Reads a JSON body and checks it against its schema. */
final class BodyCheck {
  private BodyCheck() {}

  /**
   * Reads a body.
   *
   * @param schema its name
   * @throws Problem when it is no JSON, or does not fit, naming each fault by its JSON Pointer
   */
  static JsonNode read(Contract contract, @Nullable String schema, Supplier<JsonNode> read) {
    JsonNode body;
    try {
      body = read.get();
    } catch (StreamConstraintsException e) {
      throw Problem.of(
          Type.TOO_LARGE,
          "The body has too many or too large parts: %s. Send fewer rows at a time (5,000 is a good batch)."
              .formatted(e.getOriginalMessage()));
    } catch (JacksonException e) {
      String where =
          e.getLocation() == null
              ? ""
              : " at line %d, column %d"
                  .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
      throw Problem.of(
          Type.MALFORMED_JSON,
          "The body is not JSON%s: %s.".formatted(where, e.getOriginalMessage()));
    }
    if (body == null || body.isMissingNode()) {
      throw Problem.of(
          Type.MALFORMED_JSON, "The body is empty; send JSON as of schema " + schema + ".");
    }
    List<Fault> faults = new ArrayList<>(contract.faults(Objects.requireNonNull(schema), body));
    unstorable("", body, faults);
    if (!faults.isEmpty()) {
      throw Problem.invalid(
          "The body does not fit the schema %s: %s."
              .formatted(
                  schema,
                  describe(faults.getFirst())
                      + (faults.size() > 1 ? " (and %d more)".formatted(faults.size() - 1) : "")),
          faults.subList(0, Math.min(faults.size(), 100)));
    }
    return body;
  }

  /** Events are objects, and judged one by one; a list of kinds of events has texts. */
  private static boolean isEvents(String pointer, JsonNode value) {
    return pointer.equals("/events") && value.path(0).isObject();
  }

  /** Adds a fault for each text that cannot be stored; batches of rows answer of theirs by row. */
  private static void unstorable(String pointer, JsonNode value, List<Fault> faults) {
    if (pointer.equals("/answer")) {
      // A language model's: whatever it is, it is judged, and never stored as it is.
      return;
    }
    if (value.isString() && CallerText.hasUnstorable(value.stringValue())) {
      faults.add(new Fault(pointer, "must not have NUL or half of a surrogate pair"));
    } else if (value.isArray() && !(pointer.equals("/rows") || isEvents(pointer, value))) {
      for (int i = 0; i < value.size(); i++) {
        unstorable(pointer + "/" + i, value.get(i), faults);
      }
    } else if (value.isObject()) {
      value
          .properties()
          .forEach(field -> unstorable(pointer + "/" + field.getKey(), field.getValue(), faults));
    }
  }

  private static String describe(Fault fault) {
    return (fault.pointer().isEmpty() ? "the body" : fault.pointer()) + " " + fault.message();
  }
}
