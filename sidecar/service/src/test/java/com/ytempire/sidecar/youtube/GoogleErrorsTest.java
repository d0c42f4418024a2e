package com.ytempire.sidecar.youtube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.api.client.googleapis.json.GoogleJsonError;
import com.google.api.client.googleapis.json.GoogleJsonResponseException;
import com.google.api.client.http.HttpHeaders;
import com.google.api.client.http.HttpResponseException;
import com.google.api.client.json.gson.GsonFactory;
import java.io.IOException;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Google's answers, as public issue trackers have recorded them, and what each means. */
final class GoogleErrorsTest {
  private static GoogleJsonResponseException answer(int status, String reason, String message)
      throws IOException {
    String body =
        """
        {"code": %d, "message": "%s", "errors": [{"message": "%s", "domain": "global", "reason": "%s"}]}
        """
            .formatted(status, message, message, reason);
    GoogleJsonError error =
        GsonFactory.getDefaultInstance().fromString(body, GoogleJsonError.class);
    return new GoogleJsonResponseException(
        new HttpResponseException.Builder(status, "", new HttpHeaders()), error);
  }

  @ParameterizedTest(name = "{0} {1}: {3}")
  @CsvSource(
      delimiter = '|',
      value = {
        "403|quotaExceeded|The request cannot be completed because you have exceeded your quota.|DAY_EXHAUSTED",
        "403|dailyLimitExceeded|Daily Limit Exceeded|DAY_EXHAUSTED",
        "429|rateLimitExceeded|Quota exceeded for quota metric 'Video Uploads' and limit 'Video Uploads per day' of service 'youtube.googleapis.com'|DAY_EXHAUSTED",
        "429|rateLimitExceeded|Quota exceeded for quota group 'default' and limit 'FreeQuotaRequestsPerDayPerProject'|DAY_EXHAUSTED",
        "429|rateLimitExceeded|Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of service 'youtubeanalytics.googleapis.com'|RATE",
        "403|rateLimitExceeded|Rate Limit Exceeded|RATE",
        "403|userRateLimitExceeded|User Rate Limit Exceeded|RATE",
        "403|insufficientPermissions|Request had insufficient authentication scopes.|SCOPE_MISSING",
        "403|forbidden|Forbidden|FORBIDDEN",
        "403|SERVICE_UNAVAILABLE|The caller does not have permission|REFUSED",
        "403|forbidden|Access to this channel is forbidden.|REFUSED",
        "403|accessNotConfigured|YouTube Analytics API has not been used in project 1 before or it is disabled.|API_DISABLED",
        "403|accountClosed|The account is closed.|REFUSED",
        "401|unauthorized|Insufficient permission to access this report.|SCOPE_MISSING",
        "403|authenticatedUserAccountClosed|The account is closed.|ACCOUNT_CLOSED",
        "403|authenticatedUserAccountSuspended|The account is suspended.|ACCOUNT_CLOSED",
        "401|youtubeSignupRequired|Unauthorized|ACCOUNT_CLOSED",
        "401|authError|Invalid Credentials|UNAUTHENTICATED",
        "400|badRequest|The query is not supported.|REFUSED",
        "404|playlistNotFound|The playlist cannot be found.|REFUSED",
        "503|backendError|The service is currently unavailable.|SERVER",
        "500|internalError|Internal error encountered.|SERVER",
      })
  void every_answer_means_one_thing(
      int status, String reason, String message, GoogleErrors.Category category)
      throws IOException {
    assertEquals(category, GoogleErrors.read(answer(status, reason, message)));
  }

  @ParameterizedTest(name = "{0} {1}: {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "403|SERVICE_DISABLED|API_DISABLED",
        "403|ACCESS_TOKEN_SCOPE_INSUFFICIENT|SCOPE_MISSING",
        "403|authenticatedUserAccountClosed|ACCOUNT_CLOSED",
        "403|authenticatedUserAccountSuspended|ACCOUNT_CLOSED",
        "403|IAM_PERMISSION_DENIED|REFUSED",
      })
  void the_new_error_format_is_read(int status, String reason, GoogleErrors.Category category)
      throws IOException {
    String body =
        """
        {"code": %d, "message": "refused", "status": "PERMISSION_DENIED", "details": [
          {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "%s",
           "domain": "googleapis.com", "metadata": {"service": "youtubeanalytics.googleapis.com"}}]}
        """
            .formatted(status, reason);
    GoogleJsonError error =
        GsonFactory.getDefaultInstance().fromString(body, GoogleJsonError.class);
    assertEquals(
        category,
        GoogleErrors.read(
            new GoogleJsonResponseException(
                new HttpResponseException.Builder(status, "", new HttpHeaders()), error)));
  }

  @Test
  void a_new_error_without_a_reason_asks_for_the_owner_to_be_verified() throws IOException {
    GoogleJsonError error =
        GsonFactory.getDefaultInstance()
            .fromString(
                "{\"code\": 403, \"message\": \"The caller does not have permission\", \"status\": \"PERMISSION_DENIED\"}",
                GoogleJsonError.class);
    GoogleJsonResponseException answer =
        new GoogleJsonResponseException(
            new HttpResponseException.Builder(403, "", new HttpHeaders()), error);
    assertEquals(GoogleErrors.Category.PERMISSION_DENIED, GoogleErrors.read(answer));
    assertTrue(new YouTubeException(new Failure.Refused("refused"), answer).isForbidden());
  }

  @Test
  void no_answer_at_all_is_a_server_error() {
    assertEquals(
        GoogleErrors.Category.SERVER,
        GoogleErrors.read(new SocketTimeoutException("Read timed out")));
  }

  @Test
  void the_text_for_people_has_no_markup() throws IOException {
    String message =
        GoogleErrors.message(
            answer(
                403,
                "quotaExceeded",
                "exceeded your <a href=\\\"/youtube/v3/getting-started#quota\\\">quota</a>."));
    assertFalse(message.contains("<"), message);
    assertEquals("exceeded your quota.", message);
  }
}
