package com.ytempire.sidecar.oauth;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.tenancy.Acting;
import com.ytempire.sidecar.tenancy.Channel;
import com.ytempire.sidecar.tenancy.Channels;
import com.ytempire.sidecar.tenancy.Notices;
import com.ytempire.sidecar.tenancy.User;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Endpoint.Page;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.GoogleOAuth;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Routes that connect a channel to Google and disconnect it. */
public final class ConnectRoutes {
  private static final String CALLBACK = "/v1/oauth/callback";
  private static final Duration LINK_LIFETIME = Duration.ofHours(24);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Database database;
  private final Acting acting;
  private final Grants grants;
  private final GrantCipher cipher;
  private final GoogleOAuth google;
  private final YouTube youTube;
  private final String publicUrl;
  private final Clock clock;

  public ConnectRoutes(
      Database database,
      Acting acting,
      Grants grants,
      GrantCipher cipher,
      GoogleOAuth google,
      YouTube youTube,
      String publicUrl,
      Clock clock) {
    this.database = database;
    this.acting = acting;
    this.grants = grants;
    this.cipher = cipher;
    this.google = google;
    this.youTube = youTube;
    this.publicUrl = publicUrl;
    this.clock = clock;
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.post(
                "/v1/users/{userId}/channels/{channelId}/connect",
                "Make a link at which the channel's owner grants access; it works for a day")
            .by(OPERATOR, SERVICE, USER)
            .answers("connect-link")
            .with(this::connect),
        Endpoint.get(CALLBACK, "Where Google sends the owner back to")
            .query("state", "As we gave it to Google.")
            .query("code", "From Google.")
            .query("error", "From Google.")
            .with(this::callback),
        Endpoint.delete(
                "/v1/users/{userId}/channels/{channelId}/connection",
                "Disconnect a channel: revoke its grant, hide what was fetched, erase it within a week")
            .by(OPERATOR, SERVICE, USER)
            .with(this::disconnect));
  }

  record Link(String authorizationUrl, Instant expiresAt) {}

  private Link connect(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    Instant expiresAt = clock.instant().plus(LINK_LIFETIME).truncatedTo(ChronoUnit.SECONDS);
    String email =
        acting.as(
            request.caller(),
            userId,
            "channel.connect",
            handle -> {
              Channel channel = Channels.require(handle, request.path("channelId"));
              if (!channel.isActive()) {
                throw Problem.of(
                    Type.CHANNEL_INACTIVE, "Activate the channel before connecting it.");
              }
              return handle.attach(GrantDao.class).email();
            });
    ConnectState state = ConnectState.begin(userId, request.path("channelId"), expiresAt);
    return new Link(
        google.consentUrl(publicUrl + CALLBACK, state.sealed(cipher), state.codeChallenge(), email),
        expiresAt);
  }

  private Page callback(Request request) {
    Optional<ConnectState> state =
        request.query("state").flatMap(text -> ConnectState.open(text, cipher, clock));
    if (state.isEmpty()) {
      return page(
          400, "This link no longer works", "It has expired or was cut short. Ask for a new one.");
    }
    if (request.query("error").isPresent()) {
      return page(
          200,
          "Nothing was connected",
          "You did not allow access, so nothing has changed. The same link works again if you change your mind.");
    }
    Optional<String> code = request.query("code");
    if (code.isEmpty()) {
      return page(400, "Something is missing", "Google sent no code. Open the link again.");
    }
    return Tenant.as(state.get().userId(), () -> finish(state.get(), code.get()));
  }

  private Page finish(ConnectState state, String code) {
    GoogleOAuth.Tokens tokens;
    YouTube.OwnChannel picked;
    try {
      tokens = google.exchange(code, state.codeVerifier(), publicUrl + CALLBACK);
      int weight =
          User.weight(
              database.asTenant(handle -> handle.attach(GrantDao.class).subscriptionTier()));
      picked =
          youTube.ownChannel(
              new YouTube.Call(
                  state.userId(),
                  weight,
                  tokens.accessToken(),
                  clock.instant().plus(PATIENCE),
                  new YouTube.Spending()));
    } catch (YouTubeException e) {
      return e.failure() instanceof Failure.GrantDead
          ? page(
              400,
              "This consent was used already",
              "If the channel is not connected yet, open the link again.")
          : page(
              502, "Google did not go along", e.getMessage() + " Open the link again in a while.");
    }
    if (!picked.channelId().equals(state.channelId())) {
      // Not revoked: that could end the owner's other grants to us as well.
      return page(
          409,
          "That was another channel",
          "You picked “%s”, but this link is for the channel %s. Open the link again and choose that one; if it is not offered, switch the Google account."
              .formatted(picked.title(), state.channelId()));
    }
    @Nullable String refreshToken = tokens.refreshToken();
    if (refreshToken == null) {
      return page(
          502,
          "Google sent no lasting grant",
          "Remove our access at myaccount.google.com/permissions and open the link again.");
    }
    boolean known =
        database.asTenant(handle -> {
          GrantDao dao = handle.attach(GrantDao.class);
          boolean found =
              dao.markConnected(state.channelId(), picked.title(), picked.uploadsPlaylistId()) == 1;
          if (found) {
            dao.put(
                state.channelId(),
                grants.encrypt(state.userId(), state.channelId(), refreshToken),
                tokens.scopes(),
                clock.instant().atOffset(ZoneOffset.UTC));
          }
          return found;
        });
    grants.forget(state.channelId());
    return known
        ? page(
            200,
            "Connected",
            "“%s” is connected. Its numbers arrive within minutes. You can close this page."
                .formatted(picked.title()))
        : page(404, "This channel is gone", "The channel was removed since the link was made.");
  }

  private @Nullable Object disconnect(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    String channelId = request.path("channelId");
    acting.as(
        request.caller(),
        userId,
        "channel.disconnect",
        handle -> Channels.require(handle, channelId));
    Tenant.run(userId, () -> end(channelId));
    // Google is told at once where it listens; otherwise the duties tell it later.
    grants.revokeEnded(userId);
    return null;
  }

  /** Ours first: if Google is away the grant is gone here all the same, and no longer used. */
  private void end(String channelId) {
    Instant now = clock.instant();
    database.asTenant(handle -> {
      grants.end(handle, channelId);
      boolean changed =
          handle
                  .attach(GrantDao.class)
                  .markDisconnected(
                      channelId,
                      now.plus(Grants.ERASE_AFTER_DISCONNECTION).atOffset(ZoneOffset.UTC))
              == 1;
      if (changed) {
        Notices.tell(
            handle,
            Notices.Kind.CHANNEL_DISCONNECTED,
            channelId,
            "The channel was disconnected. What was fetched of it is out of sight, and is erased in %d days unless it is connected again."
                .formatted(Grants.ERASE_AFTER_DISCONNECTION.toDays()),
            now);
      }
      return changed;
    });
    grants.forget(channelId);
  }

  private static Page page(int status, String title, String text) {
    return new Page(
        status,
        """
        <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>%1$s</title>
        <style>body{font:17px/1.5 system-ui,sans-serif;max-width:32em;margin:4em auto;padding:0 1.2em;color:#1c2430}h1{font-size:1.5em}
        footer{margin-top:3em;font-size:.85em;color:#5b6573}</style></head>
        <body><main><h1>%1$s</h1><p>%2$s</p></main>
        <footer>YTEMPIRE uses YouTube API Services. You can take access back at any time at
        <a href="https://myaccount.google.com/permissions">your Google account's permissions</a>.</footer></body></html>
        """
            .formatted(escape(title), escape(text)));
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
