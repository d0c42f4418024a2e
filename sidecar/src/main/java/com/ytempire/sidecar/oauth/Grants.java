package com.ytempire.sidecar.oauth;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.GoogleOAuth;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Access tokens for the acting tenant's channels, refreshed when they are about to expire. Each
 * replica keeps its own; they live an hour and a second one harms nobody. Safe to share between
 * threads.
 */
public final class Grants {
  private static final Logger log = LoggerFactory.getLogger(Grants.class);
  private static final Duration MARGIN = Duration.ofMinutes(2);

  private final Database database;
  private final GrantCipher cipher;
  private final GoogleOAuth google;
  private final Clock clock;
  private final Map<Key, GoogleOAuth.Tokens> fresh = new ConcurrentHashMap<>();
  private final Map<Key, Object> locks = new ConcurrentHashMap<>();

  private record Key(UUID userId, String channelId) {}

  /** The channel has no grant that works; its owner must connect it. */
  public static final class NotConnected extends RuntimeException {
    private static final long serialVersionUID = 1;

    public NotConnected(String channelId) {
      super("The channel " + channelId + " is not connected.");
    }
  }

  public Grants(Database database, GrantCipher cipher, GoogleOAuth google, Clock clock) {
    this.database = database;
    this.cipher = cipher;
    this.google = google;
    this.clock = clock;
  }

  /**
   * Does something with an access token of the acting tenant's channel. If Google no longer takes
   * the token, a fresh one is tried once; if the grant itself is dead, the channel is marked as to
   * be reconnected.
   *
   * @throws NotConnected without a grant
   * @throws YouTubeException as the call throws it
   */
  public <T> T with(String channelId, Function<String, T> call) {
    Key key = new Key(Tenant.current(), channelId);
    try {
      String token = accessToken(key);
      try {
        return call.apply(token);
      } catch (YouTubeException e) {
        if (!(e.failure() instanceof Failure.GrantDead)) {
          throw e;
        }
        fresh.remove(key);
        return call.apply(accessToken(key));
      }
    } catch (YouTubeException e) {
      if (e.failure() instanceof Failure.GrantDead) {
        forget(key.channelId());
        database.asTenant(
            handle -> handle.attach(GrantDao.class).mark(channelId, "reconnect-needed"));
        log.info("the grant of channel {} is dead: {}", channelId, e.getMessage());
      }
      throw e;
    }
  }

  /** The acting tenant's channel is no longer what it was: its tokens are asked anew. */
  void forget(String channelId) {
    fresh.remove(new Key(Tenant.current(), channelId));
  }

  private String accessToken(Key key) {
    synchronized (locks.computeIfAbsent(key, k -> new Object())) {
      GoogleOAuth.@Nullable Tokens known = fresh.get(key);
      if (known != null && clock.instant().plus(MARGIN).isBefore(known.expiresAt())) {
        return known.accessToken();
      }
      GoogleOAuth.Tokens tokens =
          google.refresh(refreshToken(key).orElseThrow(() -> new NotConnected(key.channelId())));
      fresh.put(key, tokens);
      return tokens.accessToken();
    }
  }

  /** The refresh token of the acting tenant's channel; empty when there is none. */
  Optional<String> refreshToken(String channelId) {
    return refreshToken(new Key(Tenant.current(), channelId));
  }

  private Optional<String> refreshToken(Key key) {
    Optional<byte[]> ciphertext =
        database.asTenant(handle -> handle.attach(GrantDao.class).find(key.channelId()));
    return ciphertext.map(bytes ->
        cipher
            .decrypt(bytes, boundTo(key.userId(), key.channelId()))
            .orElseThrow(() ->
                new IllegalStateException(
                    "the grant of channel "
                        + key.channelId()
                        + " does not decrypt; is YTEMPIRE_GRANT_KEYSET the right one?")));
  }

  byte[] encrypt(UUID userId, String channelId, String refreshToken) {
    return cipher.encrypt(refreshToken, boundTo(userId, channelId));
  }

  private static String boundTo(UUID userId, String channelId) {
    return "grant " + userId + " " + channelId;
  }
}
