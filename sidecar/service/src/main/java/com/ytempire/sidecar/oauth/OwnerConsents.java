package com.ytempire.sidecar.oauth;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.tenancy.Events;
import com.ytempire.sidecar.tenancy.Tier;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.GoogleOAuth;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Exchanges the code that Google sends after a channel's owner consented for a grant, and stores
 * the grant if it is for the channel that the link was made for. Safe to share between threads.
 */
public final class OwnerConsents {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Database database;
  private final Grants grants;
  private final GoogleOAuth google;
  private final YouTube youTube;
  private final Clock clock;

  public OwnerConsents(
      Database database, Grants grants, GoogleOAuth google, YouTube youTube, Clock clock) {
    this.database = database;
    this.grants = grants;
    this.google = google;
    this.youTube = youTube;
    this.clock = clock;
  }

  /** The result of an exchange. */
  sealed interface Result {
    record NewConnection(String title, boolean hasRevenue) implements Result {}

    record MissingPermission() implements Result {}

    record UsedCode() implements Result {}

    record GoogleFailure(@Nullable String message) implements Result {}

    /** The owner picked another channel on Google's page. */
    record WrongChannel(String title, String channelId) implements Result {}

    record NoLastingGrant() implements Result {}

    /** The channel was removed since the link was made. */
    record ChannelGone() implements Result {}
  }

  /** The address of Google's page; parameters as {@link GoogleOAuth#consentUrl} takes them. */
  String url(
      String redirectUri, String state, String codeChallenge, boolean revenue, String loginHint) {
    return google.consentUrl(redirectUri, state, codeChallenge, revenue, loginHint);
  }

  /**
   * Exchanges a code as the user who is bound to the current thread.
   *
   * @param callbackUrl to which Google sent the code
   */
  Result exchange(ConnectState state, String code, String callbackUrl) {
    GoogleOAuth.Tokens tokens;
    YouTube.OwnChannel picked;
    try {
      tokens = google.exchange(code, state.codeVerifier(), callbackUrl);
      if (!tokens.scopes().containsAll(GoogleOAuth.SCOPES)) {
        return new Result.MissingPermission();
      }
      picked = ownChannel(state.userId(), tokens.accessToken());
    } catch (YouTubeException e) {
      return e.failure() instanceof Failure.GrantDead
          ? new Result.UsedCode()
          : new Result.GoogleFailure(e.getMessage());
    }
    if (!picked.channelId().equals(state.channelId())) {
      // Not revoked: that could end the owner's other grants to us as well.
      return new Result.WrongChannel(picked.title(), picked.channelId());
    }
    @Nullable String refreshToken = tokens.refreshToken();
    if (refreshToken == null) {
      return new Result.NoLastingGrant();
    }
    boolean hasRevenue = tokens.scopes().contains(GoogleOAuth.REVENUE_SCOPE);
    boolean isKnown = put(state, picked, tokens, refreshToken, hasRevenue);
    grants.forget(state.channelId());
    return isKnown
        ? new Result.NewConnection(picked.title(), hasRevenue)
        : new Result.ChannelGone();
  }

  private YouTube.OwnChannel ownChannel(UUID userId, String accessToken) {
    int weight =
        Tier.of(database.asTenant(handle -> handle.attach(GrantDao.class).subscriptionTier()))
            .weight();
    return youTube.ownChannel(
        new YouTube.Call(
            userId,
            weight,
            true,
            new YouTube.Credential.AccessToken(accessToken),
            clock.instant().plus(PATIENCE),
            new YouTube.Spending()));
  }

  /** Stores the grant; false when the channel is gone. */
  private boolean put(
      ConnectState state,
      YouTube.OwnChannel picked,
      GoogleOAuth.Tokens tokens,
      String refreshToken,
      boolean hasRevenue) {
    Instant now = clock.instant();
    return database.asTenant(handle -> {
      GrantDao dao = handle.attach(GrantDao.class);
      if (dao.markConnected(state.channelId(), picked.title(), picked.uploadsPlaylistId(), now)
          != 1) {
        return false;
      }
      dao.put(
          state.channelId(),
          grants.encrypt(new ChannelKey(state.userId(), state.channelId()), refreshToken),
          tokens.scopes(),
          now);
      Events.publish(
          handle,
          Events.Kind.CHANNEL_CONNECTED,
          UUID.randomUUID(),
          state.channelId(),
          now,
          Map.of("revenue", hasRevenue));
      return true;
    });
  }
}
