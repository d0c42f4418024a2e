package com.ytempire.sidecar.youtube;

import com.google.api.client.googleapis.json.GoogleJsonError;
import com.google.api.client.googleapis.json.GoogleJsonResponseException;
import com.google.api.client.http.HttpResponseException;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Classifies error answers of Google's APIs. A pure table; what to do about an error is decided by
 * the caller. Old answers carry {@code errors[].reason}, new ones {@code status} and {@code
 * details[].reason} (cloud.google.com/apis/design/errors); both are read.
 */
final class GoogleErrors {
  private GoogleErrors() {}

  /** The consequence of an error. */
  enum Category {
    /** The bucket is empty for the day: close it. */
    DAY_EXHAUSTED,
    /** Too fast: back off. */
    RATE,
    /** A fault of Google: try again. */
    SERVER,
    /** Google does not accept the access token; only a refresh tells whether the grant is dead. */
    UNAUTHENTICATED,
    /** The grant does not cover this. */
    SCOPE_MISSING,
    /** The API is not enabled in our project: the operator's fault, of no channel. */
    API_DISABLED,
    /** A 403 without any reason but {@code forbidden}: what a channel without revenue answers. */
    FORBIDDEN,
    /** As {@link #FORBIDDEN}, in the new format: what a grant of somebody else answers. */
    PERMISSION_DENIED,
    /** The YouTube account of the grant is closed or suspended, or it has no channel any more. */
    ACCOUNT_CLOSED,
    REFUSED
  }

  /** Reads an error; every I/O failure without an answer is {@link Category#SERVER}. */
  static Category read(IOException failure) {
    if (!(failure instanceof HttpResponseException answer)) {
      return Category.SERVER;
    }
    String reason = reason(answer);
    String text = message(answer).toLowerCase(Locale.ROOT);
    return switch (answer.getStatusCode()) {
      // Analytics answers 401 where the grant lacks the monetary scope; seen live by others, whose
      // queries went through without the revenue metric.
      case 401 -> {
        if (reason.equals("youtubeSignupRequired")) {
          yield Category.ACCOUNT_CLOSED;
        }
        yield text.startsWith("insufficient permission")
            ? Category.SCOPE_MISSING
            : Category.UNAUTHENTICATED;
      }
      case 403 ->
          switch (reason) {
            case "quotaExceeded", "dailyLimitExceeded" -> Category.DAY_EXHAUSTED;
            case "rateLimitExceeded", "userRateLimitExceeded" -> Category.RATE;
            case "insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT" ->
                Category.SCOPE_MISSING;
            case "accessNotConfigured", "SERVICE_DISABLED" -> Category.API_DISABLED;
            case "authenticatedUserAccountClosed", "authenticatedUserAccountSuspended" ->
                Category.ACCOUNT_CLOSED;
            case "forbidden" -> text.equals("forbidden") ? Category.FORBIDDEN : Category.REFUSED;
            case "" -> isPermissionDenied(answer) ? Category.PERMISSION_DENIED : Category.REFUSED;
            default -> Category.REFUSED;
          };
      // The buckets of their own answer 429 also when they are empty for the day
      // (googleapis/google-api-python-client#2753).
      case 429 ->
          text.contains("per day") || text.contains("perday")
              ? Category.DAY_EXHAUSTED
              : Category.RATE;
      case 408, 500, 502, 503, 504 -> Category.SERVER;
      default -> Category.REFUSED;
    };
  }

  /** Whether a new-format error says {@code PERMISSION_DENIED} and nothing else. */
  private static boolean isPermissionDenied(HttpResponseException answer) {
    return answer instanceof GoogleJsonResponseException json
        && json.getDetails() != null
        && "PERMISSION_DENIED".equals(json.getDetails().get("status"));
  }

  /** Returns whether an uploads playlist was not found, which is how one without videos answers. */
  static boolean isPlaylistNotFound(@Nullable Throwable failure) {
    return failure instanceof HttpResponseException answer
        && answer.getStatusCode() == 404
        && reason(answer).equals("playlistNotFound");
  }

  /** The text for people that came with it. */
  static String message(IOException failure) {
    if (failure instanceof GoogleJsonResponseException answer
        && answer.getDetails() != null
        && answer.getDetails().getMessage() != null) {
      return answer.getDetails().getMessage().replaceAll("<[^>]*>", "");
    }
    if (failure instanceof HttpResponseException answer) {
      return "HTTP " + answer.getStatusCode();
    }
    if (failure instanceof UnexpectedContent) {
      return String.valueOf(failure.getMessage());
    }
    return failure.getClass().getSimpleName()
        + (failure.getMessage() == null ? "" : ": " + failure.getMessage());
  }

  private static String reason(HttpResponseException answer) {
    if (!(answer instanceof GoogleJsonResponseException json) || json.getDetails() == null) {
      return "";
    }
    Stream<@Nullable String> old =
        Objects.requireNonNullElse(
                json.getDetails().getErrors(), List.<GoogleJsonError.ErrorInfo>of())
            .stream()
            .map(GoogleJsonError.ErrorInfo::getReason);
    Stream<@Nullable String> current =
        Objects.requireNonNullElse(
                json.getDetails().getDetails(), List.<GoogleJsonError.Details>of())
            .stream()
            .map(GoogleJsonError.Details::getReason);
    // A new reason is the more exact one where an answer has both.
    return Stream.concat(current, old)
        .filter(Objects::nonNull)
        .map(String::valueOf)
        .findFirst()
        .orElse("");
  }
}
