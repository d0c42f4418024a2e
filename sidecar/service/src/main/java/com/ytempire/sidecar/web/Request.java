package com.ytempire.sidecar.web;

import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import io.javalin.http.Context;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** An HTTP request as a handler sees it: the caller, and values that have been checked. */
public final class Request {
  private static final Pattern UUID_TEXT =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  private static final Instant FIRST = Instant.parse("2000-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("3000-01-01T00:00:00Z");

  private final Context context;
  private final @Nullable String schema;
  private final Contract contract;
  private final @Nullable Caller caller;
  private final DisconnectMonitor disconnects;
  private final LargeBodies.Share share;

  /**
   * Makes the view of one request.
   *
   * @param schema name of the schema of its body; null: it takes none
   * @param caller null: its route is open to anybody
   */
  Request(
      Context context,
      @Nullable String schema,
      Contract contract,
      @Nullable Caller caller,
      DisconnectMonitor disconnects,
      LargeBodies.Share share) {
    this.disconnects = disconnects;
    this.share = share;
    this.context = context;
    this.schema = schema;
    this.contract = contract;
    this.caller = caller;
  }

  /**
   * Who calls.
   *
   * @throws IllegalStateException on a route that is open to anybody
   */
  public Caller caller() {
    if (caller == null) {
      throw new IllegalStateException("a route that is open to anybody has no caller");
    }
    return caller;
  }

  /**
   * A path parameter.
   *
   * @throws Problem when it has control characters, which no id has
   */
  public String path(String name) {
    String value = context.pathParam(name);
    if (CallerText.hasUnstorable(value) || value.chars().anyMatch(Character::isISOControl)) {
      throw Problem.invalid(
          "The address has characters that no id has.",
          List.of(new Fault("{" + name + "}", "must not have control characters")));
    }
    return value;
  }

  /** A path parameter that is a UUID; anything else names nothing that exists. */
  public UUID id(String name, Type unknown) {
    String value = path(name);
    if (UUID_TEXT.matcher(value).matches()) {
      return UUID.fromString(value);
    }
    throw Problem.of(
        unknown,
        "'%s' is no id; ids look like 3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d.".formatted(value));
  }

  /**
   * A query parameter; empty when it is left out or blank.
   *
   * @throws Problem when it has control characters
   */
  public Optional<String> query(String name) {
    return Optional.ofNullable(context.queryParam(name))
        .filter(value -> !value.isBlank())
        .map(value -> readable(name, value));
  }

  private static String readable(String name, String value) {
    if (CallerText.hasUnstorable(value) || value.chars().anyMatch(Character::isISOControl)) {
      throw badQuery(name, "must not have control characters");
    }
    return value;
  }

  /**
   * Returns the deadline so long after the request began to arrive: the time in which its token was
   * looked up and its body was read is time that its caller has waited.
   */
  public Deadline deadline(Duration timeout) {
    long arrivedAt =
        ServletContextRequest.getServletContextRequest(context.req()).getBeginNanoTime();
    return Deadline.after(timeout.minusNanos(System.nanoTime() - arrivedAt));
  }

  /**
   * Does work that may take long, and interrupts it when the caller closes its connection.
   *
   * @throws Problem when it did; nobody will read it
   */
  public <T> T whileCallerStays(Supplier<T> work) {
    Object transport =
        ServletContextRequest.getServletContextRequest(context.req())
            .getConnectionMetaData()
            .getConnection()
            .getEndPoint()
            .getTransport();
    if (!(transport instanceof SocketChannel channel)) {
      return work.get();
    }
    AtomicBoolean gone = new AtomicBoolean();
    Thread server = Thread.currentThread();
    try (DisconnectMonitor.Watch watch =
        disconnects.watch(
            channel,
            () -> {
              gone.set(true);
              server.interrupt();
            })) {
      return work.get();
    } catch (RuntimeException e) {
      if (!gone.get()) {
        throw e;
      }
      throw Problem.of(Type.CALLER_GONE, "The caller closed the connection.");
    } finally {
      if (gone.get()) {
        Thread.interrupted();
      }
    }
  }

  /** Who leaves in the middle of its body is no failure of ours; nobody reads this. */
  static Problem callerGone() {
    return Problem.of(Type.CALLER_GONE, "The caller closed the connection before its body ended.");
  }

  /** A header of the answer, whatever the answer will be. */
  public void answerHeader(String name, String value) {
    context.header(name, value);
  }

  public Optional<String> header(String name) {
    return Optional.ofNullable(context.header(name)).filter(value -> !value.isBlank());
  }

  /**
   * The body of an endpoint that takes no JSON.
   *
   * @throws Problem when it has more bytes than this
   */
  public byte[] raw(int maximum) {
    try (LimitedBody body = new LimitedBody(context.bodyInputStream(), maximum, share)) {
      return body.readAllBytes();
    } catch (IOException e) {
      throw callerGone();
    }
  }

  public List<String> queries(String name) {
    return context.queryParams(name).stream().map(value -> readable(name, value)).toList();
  }

  public boolean flag(String name) {
    return query(name)
        .map(value ->
            switch (value) {
              case "true" -> true;
              case "false" -> false;
              default -> throw badQuery(name, "must be true or false, not '" + value + "'");
            })
        .orElse(false);
  }

  public int number(String name, int standard, int least, int maximum) {
    return query(name)
        .map(value -> {
          try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= maximum) {
              return number;
            }
          } catch (NumberFormatException e) {
            // reported below
          }
          throw badQuery(
              name,
              "must be a whole number from %d to %d, not '%s'".formatted(least, maximum, value));
        })
        .orElse(standard);
  }

  public Optional<LocalDate> day(String name) {
    return query(name)
        .map(value -> {
          try {
            LocalDate day = LocalDate.parse(value);
            if (isOfOurTime(day.atStartOfDay().toInstant(ZoneOffset.UTC))) {
              return day;
            }
          } catch (DateTimeParseException e) {
            // reported below
          }
          throw badQuery(
              name, "must be a day from 2000 to 2999 as YYYY-MM-DD, not '" + value + "'");
        });
  }

  public Optional<UUID> uuid(String name) {
    return query(name).map(value -> uuid(name, value));
  }

  /** A query value that must be a UUID. */
  public static UUID uuid(String name, String value) {
    if (UUID_TEXT.matcher(value).matches()) {
      return UUID.fromString(value);
    }
    throw badQuery(name, "must be an id, not '" + value + "'");
  }

  /** Whether a time is in the years 2000 to 2999, outside of which nothing of ours happens. */
  public static boolean isOfOurTime(Instant time) {
    return !time.isBefore(FIRST) && time.isBefore(LAST);
  }

  private static Problem badQuery(String name, String message) {
    return Problem.invalid(
        "The query parameter " + name + " " + message + ".",
        List.of(new Fault("?" + name, message)));
  }

  /**
   * The body, checked against the endpoint's schema.
   *
   * @throws Problem when it is no JSON, or does not fit, naming each fault by its JSON Pointer
   */
  public <T> T body(Class<T> as) {
    JsonNode body = body();
    try {
      return Json.MAPPER.treeToValue(body, as);
    } catch (JacksonException e) {
      // A number that does not fit, or a time that the calendar does not have.
      String pointer =
          e.getPath().stream()
              .map(
                  step -> step.getPropertyName() == null ? step.getIndex() : step.getPropertyName())
              .map(step -> "/" + step)
              .collect(Collectors.joining());
      throw Problem.invalid(
          "The body has a value that is not possible: %s.".formatted(pointer),
          List.of(new Fault(pointer, "is not possible")));
    }
  }

  /** The body as {@link #body(Class)} checks it, as a tree. */
  public JsonNode body() {
    return BodyCheck.read(
        contract,
        schema,
        () ->
            Json.BODIES.readTree(
                new LimitedBody(context.bodyInputStream(), LimitedBody.MAX_BYTES, share)));
  }

  /**
   * As {@link #body()}, of a body that has been read already.
   *
   * @param json as {@link #raw} answers it
   */
  public JsonNode body(byte[] json) {
    return BodyCheck.read(contract, schema, () -> Json.BODIES.readTree(json));
  }
}
