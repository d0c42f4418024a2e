package com.ytempire.sidecar.web;

import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** One HTTP request as a handler sees it: who calls, and values that have been checked. */
public final class Request {
  private final Context context;
  private final Endpoint endpoint;
  private final Contract contract;
  private final @Nullable Caller caller;
  private final Departures departures;

  Request(
      Context context,
      Endpoint endpoint,
      Contract contract,
      @Nullable Caller caller,
      Departures departures) {
    this.departures = departures;
    this.context = context;
    this.endpoint = endpoint;
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
      throw new IllegalStateException(endpoint.path() + " is open to anybody");
    }
    return caller;
  }

  public String path(String name) {
    return context.pathParam(name);
  }

  /** A path parameter that is a UUID; anything else names nothing that exists. */
  public UUID id(String name, Type unknown) {
    try {
      return UUID.fromString(path(name));
    } catch (IllegalArgumentException e) {
      throw Problem.of(
          unknown,
          "'%s' is no id; ids look like 3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d."
              .formatted(path(name)));
    }
  }

  public Optional<String> query(String name) {
    return Optional.ofNullable(context.queryParam(name)).filter(value -> !value.isBlank());
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
    try (Departures.Watch watch =
        departures.watch(
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
  public byte[] raw(int most) {
    try (LimitedBody body = new LimitedBody(context.bodyInputStream(), most)) {
      return body.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("the caller went away", e);
    }
  }

  public List<String> queries(String name) {
    return context.queryParams(name);
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

  public int number(String name, int standard, int least, int most) {
    return query(name)
        .map(value -> {
          try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
              return number;
            }
          } catch (NumberFormatException e) {
            // told below
          }
          throw badQuery(
              name, "must be a whole number from %d to %d, not '%s'".formatted(least, most, value));
        })
        .orElse(standard);
  }

  public Optional<LocalDate> day(String name) {
    return query(name)
        .map(value -> {
          try {
            return LocalDate.parse(value);
          } catch (DateTimeParseException e) {
            throw badQuery(name, "must be a day as YYYY-MM-DD, not '" + value + "'");
          }
        });
  }

  public Optional<UUID> uuid(String name) {
    return query(name).map(value -> uuid(name, value));
  }

  /** A query value that must be a UUID. */
  public static UUID uuid(String name, String value) {
    try {
      return UUID.fromString(value);
    } catch (IllegalArgumentException e) {
      throw badQuery(name, "must be an id, not '" + value + "'");
    }
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
    return Json.MAPPER.treeToValue(body(), as);
  }

  /** The body as {@link #body(Class)} checks it, as a tree. */
  public JsonNode body() {
    JsonNode body;
    try {
      body = Json.MAPPER.readTree(new LimitedBody(context.bodyInputStream(), Server.MAX_BODY));
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
          Type.MALFORMED_JSON,
          "The body is empty; send JSON as of schema " + endpoint.body() + ".");
    }
    List<Fault> faults = contract.faults(Objects.requireNonNull(endpoint.body()), body);
    if (!faults.isEmpty()) {
      throw Problem.invalid(
          "The body does not fit the schema %s: %s."
              .formatted(
                  endpoint.body(),
                  describe(faults.getFirst())
                      + (faults.size() > 1 ? " (and %d more)".formatted(faults.size() - 1) : "")),
          faults.subList(0, Math.min(faults.size(), 100)));
    }
    return body;
  }

  private static String describe(Fault fault) {
    return (fault.pointer().isEmpty() ? "the body" : fault.pointer()) + " " + fault.message();
  }
}
