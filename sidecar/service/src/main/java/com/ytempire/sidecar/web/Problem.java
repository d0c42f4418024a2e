package com.ytempire.sidecar.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A refusal that a caller can act on; becomes an RFC 9457 problem document. Throw it from anywhere
 * below a route.
 *
 * <p>Anything else that is thrown is our fault: logged in full, shown in a word.
 */
public final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * The kinds of problem, their HTTP status and their title. docs/api.md lists cause and cure of
   * each.
   */
  public enum Type {
    MALFORMED_JSON("malformed-json", 400, "The body is not JSON"),
    INVALID_REQUEST("invalid-request", 400, "The request does not fit the contract"),
    UNAUTHENTICATED("unauthenticated", 401, "The token is missing or not valid"),
    FORBIDDEN("forbidden", 403, "The token may not do this"),
    UNKNOWN_USER("unknown-user", 404, "No such user"),
    UNKNOWN_CHANNEL("unknown-channel", 404, "No such channel of this user"),
    UNKNOWN_TOKEN("unknown-token", 404, "No such token"),
    UNKNOWN_RESERVATION("unknown-reservation", 404, "No such reservation"),
    UNKNOWN_DATABASE_LOGIN("unknown-database-login", 404, "No such database login of this user"),
    UNKNOWN_SUBSCRIPTION("unknown-subscription", 404, "No such subscription"),
    NOT_FOUND("not-found", 404, "There is nothing at this address"),
    METHOD_NOT_ALLOWED("method-not-allowed", 405, "The address does not take this method"),
    EMAIL_TAKEN("email-taken", 409, "Another user has this email"),
    CUSTOMER_TAKEN("customer-taken", 409, "Another user is this customer"),
    CHANNEL_EXISTS("channel-exists", 409, "The user has this channel already"),
    TOO_MANY_CHANNELS("too-many-channels", 409, "A user may have at most five active channels"),
    TOO_MANY_DATABASE_LOGINS(
        "too-many-database-logins", 409, "The user has as many database logins as are allowed"),
    TOO_MANY_SUBSCRIPTIONS(
        "too-many-subscriptions", 409, "There are as many subscriptions as are allowed"),
    EXPORT_TOO_LARGE("export-too-large", 409, "The export has more bytes than are allowed"),
    CHANNEL_INACTIVE("channel-inactive", 409, "The channel is not active"),
    NOT_CONNECTED("not-connected", 409, "No channel of this user is connected"),
    TOKEN_ENDED("token-ended", 409, "The token no longer works"),
    PRICE_EXISTS("price-exists", 409, "There is another price of this day"),
    MONTH_BOOKED("month-booked", 409, "The month is booked already"),
    DASHBOARDS_OFF("dashboards-off", 409, "There are no dashboards here"),
    BILLING_OFF("billing-off", 409, "There is no billing here"),
    MAIL_OFF("mail-off", 409, "No mail is sent here"),
    REQUEST_TIMEOUT("request-timeout", 408, "The request did not arrive in time"),
    ADDRESS_TOO_LONG("address-too-long", 414, "The address is too long"),
    HEADERS_TOO_LARGE("headers-too-large", 431, "Address and headers are too long"),
    TOO_LARGE("too-large", 413, "The request is too large"),
    TOO_MANY_ATTEMPTS("too-many-attempts", 429, "Too many unknown tokens"),
    CALLER_GONE("caller-gone", 499, "The caller has gone"),
    TOO_MANY_EVENTS("too-many-events", 429, "As many events as a day may have were recorded"),
    TOO_MANY_RECIPIENTS(
        "too-many-recipients", 429, "As many recipients as are allowed were added today"),
    QUOTA_EXHAUSTED("quota-exhausted", 429, "The quota is used up"),
    BUSY("busy", 429, "Too many calls are waiting"),
    INTERNAL("internal", 500, "Something went wrong here"),
    GOOGLE_REFUSED("google-refused", 502, "Google refused"),
    GRAFANA_REFUSED("grafana-refused", 502, "Grafana refused"),
    UNAVAILABLE("unavailable", 503, "A required service is unavailable");

    private final String label;
    private final int status;
    private final String title;

    Type(String label, int status, String title) {
      this.label = label;
      this.status = status;
      this.title = title;
    }

    /** The stable name that callers may rely on. */
    public String uri() {
      return "/problems/" + label;
    }

    public int status() {
      return status;
    }

    public String title() {
      return title;
    }
  }

  /** One thing that is wrong with a body or a row, and where. */
  public record Fault(String pointer, String message) {}

  private final Type type;
  private final transient List<Fault> faults;
  private final @Nullable Instant retryAt;
  private final @Nullable Instant resetsAt;

  private Problem(
      Type type,
      String detail,
      List<Fault> faults,
      @Nullable Instant retryAt,
      @Nullable Instant resetsAt) {
    super(detail);
    this.type = type;
    this.faults = faults;
    this.retryAt = retryAt;
    this.resetsAt = resetsAt;
  }

  /** A problem with what happened and what to do, in a sentence for people. */
  public static Problem of(Type type, String detail) {
    return new Problem(type, detail, List.of(), null, null);
  }

  /** A body or query that does not fit, with each fault. */
  public static Problem invalid(String detail, List<Fault> faults) {
    return new Problem(Type.INVALID_REQUEST, detail, faults, null, null);
  }

  /** A problem that goes away by itself. */
  public static Problem until(Type type, String detail, Instant retryAt) {
    return new Problem(type, detail, List.of(), retryAt, null);
  }

  /** A bucket that is empty, for this caller, until it resets, or earlier until {@code retryAt}. */
  public static Problem exhausted(String detail, Instant resetsAt, Instant retryAt) {
    return new Problem(Type.QUOTA_EXHAUSTED, detail, List.of(), retryAt, resetsAt);
  }

  public Type type() {
    return type;
  }

  public List<Fault> faults() {
    return faults;
  }

  public @Nullable Instant retryAt() {
    return retryAt;
  }

  /**
   * The document as the contract has it.
   *
   * @param errorId identifies this occurrence in our log; shown where the fault is ours
   */
  Document document(UUID errorId) {
    return new Document(
        type.uri(),
        type.title(),
        type.status(),
        String.valueOf(getMessage()),
        type.status() < 500 ? null : "urn:uuid:" + errorId,
        faults.isEmpty() ? null : faults,
        retryAt,
        resetsAt);
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Document(
      String type,
      String title,
      int status,
      String detail,
      @Nullable String instance,
      @Nullable List<Fault> faults,
      @Nullable Instant retryAt,
      @Nullable Instant resetsAt) {}
}
