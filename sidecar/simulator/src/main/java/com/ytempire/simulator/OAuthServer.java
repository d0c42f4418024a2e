package com.ytempire.simulator;

import com.ytempire.simulator.Catalog.Account;
import com.ytempire.simulator.Catalog.Channel;
import io.javalin.http.Context;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Google's consent page, token endpoint and revocation. A grant is bound to the channel that was
 * picked on the consent page, codes work once and for ten minutes, access tokens for an hour; PKCE
 * is checked when it was asked for. Safe to share.
 */
final class OAuthServer {
  private static final Duration CODE_LIFETIME = Duration.ofMinutes(10);

  /** Of a refresh token that was given while the app was in Testing. */
  private static final Duration TESTING_LIFETIME = Duration.ofDays(7);

  private static final Duration ACCESS_TOKEN_LIFETIME = Duration.ofSeconds(3599);

  /** The consent of the owner of a channel. */
  record Grant(Channel channel, Set<String> scopes) {}

  private record Code(
      Grant grant,
      String clientId,
      String redirectUri,
      @Nullable String codeChallenge,
      boolean offline,
      Instant expiresAt) {}

  private record AccessToken(Grant grant, Instant expiresAt) {}

  private record RefreshToken(Grant grant, Instant expiresAt) {}

  private final World world;
  private final Clock clock;
  private final Faults faults;
  private final SecureRandom random = new SecureRandom();
  private final String clientId;
  private final String clientSecret;
  private final Map<String, Code> codes = new ConcurrentHashMap<>();
  private final Map<String, RefreshToken> refreshTokens = new ConcurrentHashMap<>();
  private final Map<String, AccessToken> accessTokens = new ConcurrentHashMap<>();

  /** Channels whose account was closed after they were connected; connected again, they stay. */
  private final Set<String> onceClosed = ConcurrentHashMap.newKeySet();

  /** At how many access tokens those that ran out are dropped: months of them would fill memory. */
  private volatile int nextSweep = 1000;

  OAuthServer(World world, Clock clock, Faults faults, String clientId, String clientSecret) {
    this.world = world;
    this.clock = clock;
    this.faults = faults;
    this.clientId = clientId;
    this.clientSecret = clientSecret;
  }

  /**
   * The page on which an owner picks a channel. {@code login_hint} names the account, as at Google;
   * without it all are offered.
   */
  void consentPage(Context ctx) {
    for (String required :
        List.of("client_id", "redirect_uri", "response_type", "scope", "state")) {
      if (ctx.queryParam(required) == null) {
        throw GoogleError.oauth(400, "invalid_request", "Missing required parameter: " + required);
      }
    }
    if (!clientId.equals(ctx.queryParam("client_id"))) {
      throw GoogleError.oauth(401, "invalid_client", "The OAuth client was not found.");
    }
    String hint = ctx.queryParam("login_hint");
    List<Account> offered =
        world.accounts().stream()
            .filter(account -> hint == null || account.email().equals(hint))
            .toList();
    String choices =
        offered.stream()
            .flatMap(account -> account.channels().stream())
            .map(channel ->
                "<button name=\"channel\" value=\"%s\">%s</button>"
                    .formatted(channel.id(), escape(channel.title())))
            .collect(Collectors.joining("\n"));
    String hidden =
        ctx.queryParamMap().entrySet().stream()
            .map(entry ->
                "<input type=\"hidden\" name=\"%s\" value=\"%s\">"
                    .formatted(escape(entry.getKey()), escape(entry.getValue().getFirst())))
            .collect(Collectors.joining("\n"));
    ctx.html(
        """
        <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>Choose a channel (simulated Google)</title>
        <style>body{font:16px system-ui;max-width:26em;margin:3em auto;padding:0 1em}button{display:block;width:100%%;margin:.5em 0;padding:.8em;
        text-align:left;font:inherit;border:1px solid #888;border-radius:.5em;background:#fff;cursor:pointer}button:hover{background:#eef}</style>
        <h1>Choose a channel</h1><p>This page stands in for Google's. The app asks to read your YouTube numbers.</p>
        <form method="post" action="/o/oauth2/v2/auth">%s
        %s
        <button name="channel" value="">Cancel</button></form></html>
        """
            .formatted(hidden, choices));
  }

  /** The owner picked a channel, or cancelled: back to the app. */
  void consent(Context ctx) {
    String redirectUri = required(ctx, "redirect_uri");
    String state = required(ctx, "state");
    String picked = required(ctx, "channel");
    if (picked.isEmpty()) {
      ctx.redirect(redirectUri + "?error=access_denied&state=" + encode(state));
      return;
    }
    Channel channel =
        world
            .channel(picked)
            .orElseThrow(() -> GoogleError.oauth(400, "invalid_request", "No such channel."));
    String code = "4/" + secret();
    codes.put(
        code,
        new Code(
            new Grant(channel, Set.of(required(ctx, "scope").split(" "))),
            required(ctx, "client_id"),
            redirectUri,
            ctx.formParam("code_challenge"),
            "offline".equals(ctx.formParam("access_type")),
            clock.instant().plus(CODE_LIFETIME)));
    URI back = URI.create(redirectUri);
    String separator = back.getQuery() == null ? "?" : "&";
    ctx.redirect(redirectUri + separator + "state=" + encode(state) + "&code=" + encode(code));
  }

  void token(Context ctx) {
    if (!clientId.equals(ctx.formParam("client_id"))
        || !clientSecret.equals(ctx.formParam("client_secret"))) {
      throw GoogleError.oauth(401, "invalid_client", "Unauthorized");
    }
    switch (required(ctx, "grant_type")) {
      case "authorization_code" -> exchangeCode(ctx);
      case "refresh_token" -> refresh(ctx);
      default -> throw GoogleError.oauth(400, "unsupported_grant_type", "Invalid grant_type.");
    }
  }

  private void exchangeCode(Context ctx) {
    Code code = codes.remove(required(ctx, "code"));
    if (code == null
        || code.expiresAt().isBefore(clock.instant())
        || !code.redirectUri().equals(ctx.formParam("redirect_uri"))) {
      throw GoogleError.oauth(400, "invalid_grant", "Bad Request");
    }
    if (code.codeChallenge() != null
        && !code.codeChallenge().equals(challenge(required(ctx, "code_verifier")))) {
      throw GoogleError.oauth(400, "invalid_grant", "Invalid code verifier.");
    }
    faults.revive(code.grant().channel().id());
    Map<String, Object> answer = accessToken(code.grant());
    if (code.offline()) {
      answer.put("refresh_token", refreshToken(code.grant()));
      if (faults.isTesting()) {
        answer.put("refresh_token_expires_in", TESTING_LIFETIME.toSeconds());
      }
    }
    ctx.json(answer);
  }

  /** Gives a refresh token for a grant, as the token endpoint does for a code. */
  String refreshToken(Grant grant) {
    String refreshToken = "1//" + secret();
    refreshTokens.put(
        refreshToken,
        new RefreshToken(
            grant, faults.isTesting() ? clock.instant().plus(TESTING_LIFETIME) : Instant.MAX));
    return refreshToken;
  }

  /** The refresh tokens that are good, or were. */
  List<SimulatorState.GrantedToken> tokens() {
    return refreshTokens.entrySet().stream()
        .map(entry -> {
          RefreshToken token = entry.getValue();
          return new SimulatorState.GrantedToken(
              entry.getKey(),
              token.grant().channel().id(),
              token.grant().scopes(),
              token.expiresAt().equals(Instant.MAX) ? null : token.expiresAt());
        })
        .toList();
  }

  /** Takes refresh tokens that were given before. */
  void restore(List<SimulatorState.GrantedToken> tokens) {
    for (SimulatorState.GrantedToken token : tokens) {
      Instant expiresAt = token.expiresAt();
      refreshTokens.put(
          token.token(),
          new RefreshToken(
              new Grant(world.channel(token.channelId()).orElseThrow(), token.scopes()),
              expiresAt == null ? Instant.MAX : expiresAt));
    }
  }

  private void refresh(Context ctx) {
    if (faults.failsRefresh()) {
      throw GoogleError.oauth(503, "temporarily_unavailable", "Try again later.");
    }
    switch (faults.tokenAnswer()) {
      case ORDINARY -> {}
      case EMPTY -> throw GoogleError.empty(400);
      case EMPTY_SUCCESS -> throw GoogleError.empty(200);
      case HTML -> throw GoogleError.html();
      case INVALID_RAPT -> throw GoogleError.invalidRapt();
      case ORG_INTERNAL ->
          throw GoogleError.oauth(
              403, "org_internal", "This client is restricted to users within its organization.");
    }
    RefreshToken token = refreshTokens.get(required(ctx, "refresh_token"));
    if (token == null
        || !clock.instant().isBefore(token.expiresAt())
        || faults.isDead(token.grant().channel().id())) {
      throw GoogleError.oauth(400, "invalid_grant", "Token has been expired or revoked.");
    }
    Channel channel = token.grant().channel();
    if (world.closesAfterConnecting(channel) && onceClosed.add(channel.id())) {
      faults.closeAccount(channel.id());
    }
    ctx.json(accessToken(token.grant()));
  }

  /**
   * Revokes a token, and with it every other token that its Google account gave this project: "any
   * issued access or refresh tokens" (developers.google.com/identity/protocols/oauth2), seen in
   * google-auth-library-nodejs#1338.
   */
  void revoke(Context ctx) {
    if (faults.refusesRevocations()) {
      throw GoogleError.oauth(503, "temporarily_unavailable", "Try again later.");
    }
    RefreshToken revoked = refreshTokens.remove(required(ctx, "token"));
    if (revoked == null) {
      throw GoogleError.oauth(400, "invalid_token", "Token expired or revoked");
    }
    String account = world.googleAccountId(revoked.grant().channel());
    Predicate<Grant> isOfAccount = grant -> world.googleAccountId(grant.channel()).equals(account);
    refreshTokens.values().removeIf(token -> isOfAccount.test(token.grant()));
    accessTokens.values().removeIf(token -> isOfAccount.test(token.grant()));
    ctx.json(Map.of());
  }

  /**
   * Whose token an API call carries.
   *
   * @param refused is run when it carries none that is good, before the call is refused
   */
  Grant authorize(Context ctx, Runnable refused) {
    String header = ctx.header("Authorization");
    AccessToken token =
        header == null || !header.startsWith("Bearer ")
            ? null
            : accessTokens.get(header.substring(7));
    if (token == null
        || token.expiresAt().isBefore(clock.instant())
        || faults.isDead(token.grant().channel().id())) {
      refused.run();
      throw GoogleError.invalidCredentials();
    }
    Channel channel = token.grant().channel();
    if (faults.isClosed(channel.id())) {
      refused.run();
      throw GoogleError.accountClosed(channel.index() % 2 == 1);
    }
    if (faults.isMoved(channel.id()) && !ctx.path().startsWith("/youtube/")) {
      refused.run();
      throw GoogleError.forbidden();
    }
    return token.grant();
  }

  private Map<String, Object> accessToken(Grant grant) {
    if (accessTokens.size() >= nextSweep) {
      accessTokens.values().removeIf(token -> token.expiresAt().isBefore(clock.instant()));
      nextSweep = 2 * accessTokens.size() + 1000;
    }
    String token = "ya29." + secret();
    accessTokens.put(token, new AccessToken(grant, clock.instant().plus(ACCESS_TOKEN_LIFETIME)));
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("access_token", token);
    answer.put("expires_in", ACCESS_TOKEN_LIFETIME.toSeconds());
    answer.put("scope", String.join(" ", grant.scopes()));
    answer.put("token_type", "Bearer");
    return answer;
  }

  private static String required(Context ctx, String name) {
    String value = ctx.formParam(name);
    if (value == null) {
      throw GoogleError.oauth(400, "invalid_request", "Missing required parameter: " + name);
    }
    return value;
  }

  private String secret() {
    byte[] bytes = new byte[24];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static String challenge(String verifier) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String encode(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  private static String escape(String value) {
    return value.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
