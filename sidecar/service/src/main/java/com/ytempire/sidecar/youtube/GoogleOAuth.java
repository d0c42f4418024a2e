package com.ytempire.sidecar.youtube;

import com.google.api.client.auth.oauth2.TokenResponseException;
import com.google.api.client.googleapis.auth.oauth2.GoogleAuthorizationCodeRequestUrl;
import com.google.api.client.googleapis.auth.oauth2.GoogleAuthorizationCodeTokenRequest;
import com.google.api.client.googleapis.auth.oauth2.GoogleRefreshTokenRequest;
import com.google.api.client.googleapis.auth.oauth2.GoogleTokenResponse;
import com.google.api.client.http.GenericUrl;
import com.google.api.client.http.HttpRequest;
import com.google.api.client.http.HttpTransport;
import com.google.api.client.http.UrlEncodedContent;
import com.google.api.client.json.gson.GsonFactory;
import com.ytempire.sidecar.config.GoogleSettings;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Google's OAuth 2.0 for web servers: the consent address, codes for tokens, fresh access tokens,
 * and revocation. A token is bound to the channel that the owner picks. Safe to share between
 * threads.
 */
public final class GoogleOAuth {
  /** What every connected channel needs: its public and its private figures, to read only. */
  public static final List<String> SCOPES =
      List.of(
          "https://www.googleapis.com/auth/youtube.readonly",
          "https://www.googleapis.com/auth/yt-analytics.readonly");

  /**
   * Revenue, asked for only where its owner wants to see it here (Developer Policies III.D.2.a:
   * only scopes in use).
   */
  public static final String REVENUE_SCOPE =
      "https://www.googleapis.com/auth/yt-analytics-monetary.readonly";

  private final HttpTransport transport;
  private final GoogleSettings settings;
  private final GoogleProject project;
  private final Clock clock;

  public GoogleOAuth(
      HttpTransport transport, GoogleSettings settings, GoogleProject project, Clock clock) {
    this.transport = transport;
    this.settings = settings;
    this.project = project;
    this.clock = clock;
  }

  /** The tokens that a consent gives. Neither token is ever logged. */
  public record Tokens(
      String accessToken, Instant expiresAt, @Nullable String refreshToken, List<String> scopes) {
    @Override
    public String toString() {
      return "Tokens[" + scopes + "]";
    }
  }

  /**
   * The consent page.
   *
   * @param revenue whether to ask for the channel's revenue as well
   * @param loginHint email of the account that probably owns the channel
   */
  public String consentUrl(
      String redirectUri, String state, String codeChallenge, boolean revenue, String loginHint) {
    List<String> scopes = new ArrayList<>(SCOPES);
    if (revenue) {
      scopes.add(REVENUE_SCOPE);
    }
    return new GoogleAuthorizationCodeRequestUrl(
            settings.urls().accounts() + "/o/oauth2/v2/auth",
            settings.clientId(),
            redirectUri,
            scopes)
        .setState(state)
        .setAccessType("offline")
        // With "consent" alone Google may take the account used last and skip the choice of a
        // channel.
        .set("prompt", "select_account consent")
        .set("include_granted_scopes", "false")
        .set("code_challenge", codeChallenge)
        .set("code_challenge_method", "S256")
        .set("login_hint", loginHint)
        .build();
  }

  /** Exchanges the code that came back from the consent page into tokens. */
  public Tokens exchange(String code, String codeVerifier, String redirectUri) {
    return ask(
        true,
        () -> {
          GoogleAuthorizationCodeTokenRequest request =
              new GoogleAuthorizationCodeTokenRequest(
                  transport,
                  GsonFactory.getDefaultInstance(),
                  settings.urls().oauth() + "/token",
                  settings.clientId(),
                  settings.clientSecret(),
                  code,
                  redirectUri);
          request.set("code_verifier", codeVerifier);
          request.setRequestInitializer(this::prepare);
          return request.execute();
        });
  }

  /**
   * A fresh access token.
   *
   * @throws YouTubeException with {@link Failure.GrantDead} when the owner withdrew the grant or it
   *     expired
   */
  public Tokens refresh(String refreshToken) {
    return ask(
        false,
        () -> {
          GoogleRefreshTokenRequest request =
              new GoogleRefreshTokenRequest(
                  transport,
                  GsonFactory.getDefaultInstance(),
                  refreshToken,
                  settings.clientId(),
                  settings.clientSecret());
          request.setTokenServerUrl(new GenericUrl(settings.urls().oauth() + "/token"));
          request.setRequestInitializer(this::prepare);
          return request.execute();
        });
  }

  /** Ends a grant at Google; one that has ended already is fine. */
  public void revoke(String refreshToken) {
    try {
      HttpRequest request =
          transport
              .createRequestFactory(this::prepare)
              .buildPostRequest(
                  new GenericUrl(settings.urls().oauth() + "/revoke"),
                  new UrlEncodedContent(Map.of("token", refreshToken)));
      request.setThrowExceptionOnExecuteError(false);
      var response = request.execute();
      int status = response.getStatusCode();
      response.disconnect();
      if (status != 200 && status != 400) {
        throw new YouTubeException(
            new Failure.Unavailable(
                "Google did not take the revocation: HTTP " + status,
                clock.instant().plusSeconds(60)));
      }
    } catch (IOException e) {
      throw new YouTubeException(
          new Failure.Unavailable(
              "Google did not take the revocation: " + e.getMessage(),
              clock.instant().plusSeconds(60)),
          e);
    }
  }

  private void prepare(HttpRequest request) {
    request.setConnectTimeout((int) settings.timeout().toMillis());
    request.setReadTimeout((int) settings.timeout().toMillis());
    request.setResponseInterceptor(GoogleRequests::refusePage);
  }

  @FunctionalInterface
  private interface TokenCall {
    GoogleTokenResponse send() throws IOException;
  }

  /**
   * Asks the token endpoint.
   *
   * @param isNew whether a new grant is given
   */
  private Tokens ask(boolean isNew, TokenCall request) {
    try {
      GoogleTokenResponse answer = request.send();
      if (answer.getAccessToken() == null) {
        throw unexpected("an answer without a token", null);
      }
      if (isNew) {
        project.recordGrant(lifetime(answer.get("refresh_token_expires_in")));
      }
      long seconds = answer.getExpiresInSeconds() == null ? 3000 : answer.getExpiresInSeconds();
      List<String> scopes =
          answer.getScope() == null ? SCOPES : Arrays.asList(answer.getScope().split(" "));
      return new Tokens(
          answer.getAccessToken(),
          clock.instant().plusSeconds(seconds),
          answer.getRefreshToken(),
          scopes);
    } catch (TokenResponseException e) {
      throw refusal(e);
    } catch (IllegalArgumentException e) {
      throw unexpected("no JSON", e);
    } catch (UnexpectedContent e) {
      throw unexpected(GoogleErrors.message(e), e);
    } catch (IOException e) {
      throw new YouTubeException(
          new Failure.Unavailable(
              "Google's token endpoint cannot be reached: " + GoogleErrors.message(e),
              clock.instant().plusSeconds(60)),
          e);
    }
  }

  /** Returns what to throw where the token endpoint answers with an error of OAuth or HTTP. */
  private YouTubeException refusal(TokenResponseException e) {
    String error =
        e.getDetails() == null || e.getDetails().getError() == null
            ? "HTTP " + e.getStatusCode()
            : e.getDetails().getError();
    if (error.equals("invalid_grant")) {
      return new YouTubeException(
          new Failure.GrantDead(
              e.getDetails() != null && "invalid_rapt".equals(e.getDetails().get("error_subtype"))
                  ? "The organization of the channel's owner demands a new login at Google before our grant counts again (invalid_rapt)."
                  : "Google no longer takes our grant of this channel (invalid_grant)."),
          e);
    }
    if (error.equals("org_internal")) {
      return new YouTubeException(
          new Failure.Refused(
              "This platform's Google project admits accounts of one organization alone (org_internal); its operator has to set the consent screen's user type to External."),
          e);
    }
    if (e.getStatusCode() >= 500 || e.getStatusCode() == 429) {
      return new YouTubeException(
          new Failure.Unavailable(
              "Google's token endpoint does not answer: " + error, clock.instant().plusSeconds(60)),
          e);
    }
    if (error.startsWith("HTTP ")) {
      return unexpected(error + " without an error", e);
    }
    return new YouTubeException(
        new Failure.Refused("Google's token endpoint refuses: " + error), e);
  }

  /**
   * Returns what to throw where the token endpoint answers what it never does. It says nothing
   * about the grant, and will say the same a second later.
   */
  private YouTubeException unexpected(String answer, @Nullable Throwable cause) {
    Failure failure =
        new Failure.Unavailable(
            "Google's token endpoint does not answer: " + answer,
            clock.instant().plus(GoogleProject.RECHECK));
    return cause == null ? new YouTubeException(failure) : new YouTubeException(failure, cause);
  }

  /** Returns a lifetime in seconds; null where Google names none. */
  private static @Nullable Duration lifetime(@Nullable Object seconds) {
    return seconds instanceof Number number ? Duration.ofSeconds(number.longValue()) : null;
  }
}
