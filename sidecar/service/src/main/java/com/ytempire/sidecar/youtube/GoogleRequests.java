package com.ytempire.sidecar.youtube;

import com.google.api.client.googleapis.services.AbstractGoogleClientRequest;
import com.google.api.client.http.HttpRequest;
import com.google.api.client.json.JsonFactory;
import com.google.api.client.json.JsonObjectParser;
import com.google.api.client.json.gson.GsonFactory;
import com.ytempire.sidecar.config.Config.Google;
import com.ytempire.sidecar.youtube.YouTube.Call;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What requests to all of Google's APIs have in common. */
final class GoogleRequests {
  static final String APPLICATION = "YTEMPIRE Data";
  static final JsonFactory JSON = GsonFactory.getDefaultInstance();

  private GoogleRequests() {}

  /** Sets timeouts and the parser; retries are ours, not the library's. */
  static void prepare(HttpRequest request, Google settings) {
    request.setConnectTimeout((int) settings.timeout().toMillis());
    request.setReadTimeout((int) settings.timeout().toMillis());
    request.setNumberOfRetries(0);
    request.setParser(new JsonObjectParser(JSON));
  }

  /** Authorizes a request by the access token of the call's grant. */
  static <R extends AbstractGoogleClientRequest<?>> R authorised(R request, Call call) {
    request.getRequestHeaders().setAuthorization("Bearer " + call.accessToken());
    return request;
  }

  /** Returns the answer to a request without an ETag, which therefore cannot be "unchanged". */
  static <T> T changed(@Nullable T answer) {
    return Objects.requireNonNull(answer, "Google says 'unchanged' though no ETag was sent");
  }
}
