package com.ytempire.simulator;

import io.javalin.http.Context;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A refusal in the words and the shape that Google uses; bodies as recorded in public issue
 * trackers.
 */
final class GoogleError extends RuntimeException {
  private static final String UNSUPPORTED =
      "The query is not supported. Check the documentation at https://developers.google.com/youtube/analytics/v2/available_reports";

  private static final long serialVersionUID = 1;

  private final int code;
  private final transient Map<String, Object> body;
  private final @Nullable String page;

  private GoogleError(int code, Map<String, Object> body) {
    this(code, body, null);
  }

  private GoogleError(int code, String page) {
    this(code, Map.of(), page);
  }

  private GoogleError(int code, Map<String, Object> body, @Nullable String page) {
    super("HTTP " + code);
    this.code = code;
    this.body = body;
    this.page = page;
  }

  /** Answers a request with this refusal. */
  void answer(Context ctx) {
    if (page == null) {
      ctx.status(code).json(body);
    } else {
      ctx.status(code).html(page);
    }
  }

  private static GoogleError of(
      int code, String message, String domain, String reason, String status) {
    Map<String, Object> error = new LinkedHashMap<>();
    error.put("code", code);
    error.put("message", message);
    error.put("errors", List.of(Map.of("message", message, "domain", domain, "reason", reason)));
    if (!status.isEmpty()) {
      error.put("status", status);
    }
    return new GoogleError(code, Map.of("error", error));
  }

  static GoogleError badRequest(String message) {
    return of(400, message, "global", "badRequest", "INVALID_ARGUMENT");
  }

  static GoogleError invalidCredentials() {
    return of(401, "Invalid Credentials", "global", "authError", "UNAUTHENTICATED");
  }

  static GoogleError forbidden() {
    return of(403, "Forbidden", "global", "forbidden", "PERMISSION_DENIED");
  }

  /**
   * A revenue metric without the monetary scope: 401, not 403. Seen live by the author of
   * kyle-chalmers/youtube-bigquery-pipeline (September 2026): dropping the metric gives 200.
   */
  static GoogleError monetaryScopeMissing() {
    return of(
        401,
        "Insufficient permission to access this report.",
        "global",
        "unauthorized",
        "UNAUTHENTICATED");
  }

  /**
   * An API that is not enabled in the project: in the new format, which has no {@code errors[]}
   * (cloud.google.com/apis/design/errors, {@code google.rpc.ErrorInfo}), or in the old one, which
   * Airbyte's source-youtube-data tests as a fault of the configuration.
   */
  static GoogleError apiDisabled(boolean isNewFormat) {
    String message =
        "YouTube Analytics API has not been used in project 1 before or it is disabled.";
    return isNewFormat
        ? current(403, message, "PERMISSION_DENIED", "SERVICE_DISABLED")
        : of(403, message, "usageLimits", "accessNotConfigured", "");
  }

  /** An error in the new format, as {@code google.rpc.ErrorInfo} has it. */
  private static GoogleError current(int code, String message, String status, String reason) {
    return new GoogleError(
        code,
        Map.of(
            "error",
            Map.of(
                "code",
                code,
                "message",
                message,
                "status",
                status,
                "details",
                List.of(
                    Map.of(
                        "@type",
                        "type.googleapis.com/google.rpc.ErrorInfo",
                        "reason",
                        reason,
                        "domain",
                        "googleapis.com")))));
  }

  /**
   * The account of the grant is closed or suspended: reasons as in
   * developers.google.com/youtube/data/reference/rest/v3/errors; no recorded body was to be had.
   */
  static GoogleError accountClosed(boolean isSuspended) {
    return isSuspended
        ? of(
            403,
            "The authenticated user's YouTube account is suspended.",
            "global",
            "authenticatedUserAccountSuspended",
            "")
        : of(
            403,
            "The authenticated user's YouTube account is closed.",
            "global",
            "authenticatedUserAccountClosed",
            "");
  }

  /** A page of somebody on the way, with the code of success. */
  static GoogleError html() {
    return new GoogleError(
        200,
        "<!doctype html><html><title>Sign in</title><body>Sign in to the network.</body></html>");
  }

  /**
   * The uploads playlist of a channel without videos, or one that is none
   * (developers.google.com/youtube/v3/docs/playlistItems/list, errors).
   */
  static GoogleError playlistNotFound() {
    return of(
        404,
        "The playlist identified with the request's <code>playlistId</code> parameter cannot be found.",
        "youtube.playlistItem",
        "playlistNotFound",
        "");
  }

  /**
   * The grant lacks a scope, in the old format, or in the new one as Search Console's front end
   * answers it.
   */
  static GoogleError scopeMissing(boolean isNewFormat) {
    if (isNewFormat) {
      return current(
          403,
          "Request had insufficient authentication scopes.",
          "PERMISSION_DENIED",
          "ACCESS_TOKEN_SCOPE_INSUFFICIENT");
    }
    return scopeMissing();
  }

  static GoogleError scopeMissing() {
    return of(
        403,
        "Request had insufficient authentication scopes.",
        "global",
        "insufficientPermissions",
        "PERMISSION_DENIED");
  }

  /** The general bucket of the Data API is empty. */
  static GoogleError quotaExceeded() {
    String message =
        "The request cannot be completed because you have exceeded your <a href=\"/youtube/v3/getting-started#quota\">quota</a>.";
    return of(403, message, "youtube.quota", "quotaExceeded", "");
  }

  /** One of the buckets of their own is empty, for the day or the minute. */
  static GoogleError bucketExceeded(String metric, String per) {
    String message =
        "Quota exceeded for quota metric '%s' and limit '%s per %s' of service 'youtube.googleapis.com' for consumer 'project_number:1'."
            .formatted(metric, metric, per);
    return of(429, message, "global", "rateLimitExceeded", "RESOURCE_EXHAUSTED");
  }

  /** The Reporting API, for the day or the minute. */
  static GoogleError reportingExceeded(String limit) {
    return of(
        429,
        "Quota exceeded for quota metric 'Free requests' and limit '%s' of service 'youtubereporting.googleapis.com' for consumer 'project_number:1'."
            .formatted(limit),
        "global",
        "rateLimitExceeded",
        "RESOURCE_EXHAUSTED");
  }

  static GoogleError notFound() {
    return of(404, "Requested entity was not found.", "global", "notFound", "NOT_FOUND");
  }

  static GoogleError alreadyExists() {
    return of(409, "Requested entity already exists", "global", "alreadyExists", "ALREADY_EXISTS");
  }

  static GoogleError rateLimited() {
    return of(
        429, "Too many requests. Slow down.", "global", "rateLimitExceeded", "RESOURCE_EXHAUSTED");
  }

  static GoogleError backend() {
    return of(
        503, "The service is currently unavailable.", "global", "backendError", "UNAVAILABLE");
  }

  /** The token endpoint's refusal without a word. */
  static GoogleError empty(int code) {
    return new GoogleError(code, Map.of());
  }

  /** A policy of the owner's organization demands a new login before the grant counts again. */
  static GoogleError invalidRapt() {
    return new GoogleError(
        400,
        Map.of(
            "error",
            "invalid_grant",
            "error_subtype",
            "invalid_rapt",
            "error_description",
            "reauth related error (invalid_rapt)"));
  }

  /** The token endpoint's kind of refusal (RFC 6749, section 5.2). */
  static GoogleError oauth(int code, String error, String description) {
    return new GoogleError(code, Map.of("error", error, "error_description", description));
  }

  /** Returns what Analytics answers to a query that it does not support. */
  static GoogleError unsupportedQuery() {
    return badRequest(UNSUPPORTED);
  }
}
