package com.ytempire.sidecar.youtube;

import com.google.api.client.googleapis.services.AbstractGoogleClientRequest;
import com.google.api.client.http.HttpRequest;
import com.google.api.client.http.HttpResponse;
import com.google.api.client.json.JsonFactory;
import com.google.api.client.json.JsonObjectParser;
import com.google.api.client.json.gson.GsonFactory;
import com.ytempire.sidecar.config.GoogleSettings;
import com.ytempire.sidecar.youtube.YouTube.Call;
import java.io.IOException;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The settings and headers that requests to all of Google's APIs share. */
final class GoogleRequests {
  static final String APPLICATION = "YTEMPIRE Data";
  static final JsonFactory JSON = GsonFactory.getDefaultInstance();

  private GoogleRequests() {}

  /** Sets timeouts and the parser; retries are ours, not the library's. */
  static void prepare(HttpRequest request, GoogleSettings settings) {
    request.setConnectTimeout((int) settings.timeout().toMillis());
    request.setReadTimeout((int) settings.timeout().toMillis());
    request.setNumberOfRetries(0);
    request.setParser(new JsonObjectParser(JSON));
    request.setResponseInterceptor(GoogleRequests::refusePage);
  }

  /** Refuses a page of HTML that comes with the code of success; Google's APIs send none. */
  static void refusePage(HttpResponse response) throws IOException {
    String type = response.getContentType();
    if (response.isSuccessStatusCode()
        && type != null
        && type.toLowerCase(Locale.ROOT).startsWith("text/html")) {
      String host = response.getRequest().getUrl().getHost();
      response.disconnect();
      throw new UnexpectedContent(
          host
              + " answered with a page of HTML; a proxy or a login page may stand between this machine and Google");
    }
  }

  /** Authorizes a request by the access token of the call's grant. */
  static <R extends AbstractGoogleClientRequest<?>> R authorized(R request, Call call) {
    request.getRequestHeaders().setAuthorization("Bearer " + call.accessToken());
    return request;
  }

  /** Returns the answer to a request without an ETag, which therefore cannot be "unchanged". */
  static <T> T changed(@Nullable T answer) {
    return Objects.requireNonNull(answer, "Google says 'unchanged' though no ETag was sent");
  }
}
