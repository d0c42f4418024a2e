package com.ytempire.sidecar.youtube;

import com.google.api.client.googleapis.json.GoogleJsonError;
import com.google.api.client.googleapis.json.GoogleJsonResponseException;
import com.google.api.client.http.HttpResponseException;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** Google's answers in our words. A pure table; what to do about it is decided by the caller. */
final class GoogleErrors {
  private GoogleErrors() {}

  /** What kind of trouble an answer means. */
  enum Trouble {
    /** The bucket is empty for the day: close it. */
    DAY_EXHAUSTED,
    /** Too fast: back off. */
    RATE,
    /** Google's own trouble: try again. */
    SERVER,
    GRANT_DEAD,
    SCOPE_MISSING,
    FORBIDDEN,
    REFUSED
  }

  /** Reads an error; every I/O failure without an answer is {@link Trouble#SERVER}. */
  static Trouble read(IOException failure) {
    if (!(failure instanceof HttpResponseException answer)) {
      return Trouble.SERVER;
    }
    String reason = reason(answer);
    String text = message(answer).toLowerCase(Locale.ROOT);
    return switch (answer.getStatusCode()) {
      case 401 -> Trouble.GRANT_DEAD;
      case 403 ->
          switch (reason) {
            case "quotaExceeded", "dailyLimitExceeded" -> Trouble.DAY_EXHAUSTED;
            case "rateLimitExceeded", "userRateLimitExceeded" -> Trouble.RATE;
            case "insufficientPermissions" -> Trouble.SCOPE_MISSING;
            default -> Trouble.FORBIDDEN;
          };
      // The buckets of their own answer 429 also when they are empty for the day
      // (googleapis/google-api-python-client#2753).
      case 429 ->
          text.contains("per day") || text.contains("perday")
              ? Trouble.DAY_EXHAUSTED
              : Trouble.RATE;
      case 408, 500, 502, 503, 504 -> Trouble.SERVER;
      default -> Trouble.REFUSED;
    };
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
    return failure.getClass().getSimpleName()
        + (failure.getMessage() == null ? "" : ": " + failure.getMessage());
  }

  private static String reason(HttpResponseException answer) {
    if (answer instanceof GoogleJsonResponseException json && json.getDetails() != null) {
      List<GoogleJsonError.ErrorInfo> errors = json.getDetails().getErrors();
      if (errors != null && !errors.isEmpty() && errors.getFirst().getReason() != null) {
        return errors.getFirst().getReason();
      }
    }
    return "";
  }
}
