package com.ytempire.sidecar.oauth;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.tenancy.Events;
import com.ytempire.sidecar.tenancy.Notices;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.GoogleOAuth;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
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

  /**
   * How long what was fetched is kept after a grant died. Google's Developer Policies III.D.2.c
   * (item 2) give 30 days; a day of them is left for whoever must find out what went wrong.
   */
  static final Duration ERASE_AFTER_DEATH = Duration.ofDays(29);

  /** As {@link #ERASE_AFTER_DEATH}, after a disconnection here: item 1 gives 7 days. */
  static final Duration ERASE_AFTER_DISCONNECTION = Duration.ofDays(6);

  private static final Duration REVOKE_FOR = Duration.ofDays(7);

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
    Instant began = clock.instant();
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
        died(key, began, e.getMessage());
      }
      throw e;
    }
  }

  /**
   * Marks the channel and tells its user, once however many calls find out; what was fetched with
   * the grant is erased unless the channel is connected again.
   */
  private void died(Key key, Instant since, @Nullable String reason) {
    fresh.remove(key);
    Instant now = clock.instant();
    boolean told =
        database.asTenant(handle -> {
          boolean first =
              handle
                      .attach(GrantDao.class)
                      .markDead(
                          key.channelId(),
                          since.atOffset(ZoneOffset.UTC),
                          now.plus(ERASE_AFTER_DEATH).atOffset(ZoneOffset.UTC))
                  == 1;
          if (first) {
            String message =
                "Google no longer lets us read this channel. Connect it again; otherwise what was fetched of it is erased after %d days."
                    .formatted(ERASE_AFTER_DEATH.toDays());
            Notices.tell(handle, Notices.Kind.RECONNECT_NEEDED, key.channelId(), message, now);
            Events.publish(
                handle,
                Events.Kind.RECONNECT_NEEDED,
                UUID.randomUUID(),
                key.channelId(),
                now,
                Map.of("message", message));
          }
          return first;
        });
    if (told) {
      log.info("the grant of channel {} is dead: {}", key.channelId(), reason);
    }
  }

  /** The acting tenant's channel is no longer what it was: its tokens are asked anew. */
  void forget(String channelId) {
    fresh.remove(new Key(Tenant.current(), channelId));
  }

  /** Forgets whatever is at hand of a user. */
  public void forgetUser(UUID userId) {
    fresh.keySet().removeIf(key -> key.userId().equals(userId));
    locks.keySet().removeIf(key -> key.userId().equals(userId));
  }

  /** A grant that we hold, and when Google last took it. */
  public record Held(UUID userId, String channelId, Instant verifiedAt) {}

  /** Every grant that we hold, of all users. */
  public List<Held> held() {
    return database.directory(handle -> handle.attach(GrantDao.class).held());
  }

  /**
   * Asks Google whether it still takes the grant of the acting tenant's channel, and notes it.
   *
   * @throws YouTubeException with {@link Failure.GrantDead} when it does not, after the channel was
   *     marked; with another failure when Google did not say
   */
  public void verify(String channelId) {
    Key key = new Key(Tenant.current(), channelId);
    Instant began = clock.instant();
    fresh.remove(key);
    try {
      accessToken(key);
    } catch (YouTubeException e) {
      if (e.failure() instanceof Failure.GrantDead) {
        died(key, began, e.getMessage());
      }
      throw e;
    }
  }

  /**
   * Encrypts the acting tenant's grant with the keyset's primary key.
   *
   * @return false when it is so already
   */
  public boolean reencrypt(String channelId) {
    Key key = new Key(Tenant.current(), channelId);
    return database.asTenant(handle -> {
      GrantDao dao = handle.attach(GrantDao.class);
      Optional<byte[]> old = dao.find(channelId).filter(bytes -> !cipher.isPrimary(bytes));
      return old.isPresent()
          && dao.reencrypt(
                  channelId, old.get(), encrypt(key.userId(), channelId, decrypt(key, old.get())))
              == 1;
    });
  }

  /** Ends the grant of the acting tenant's channel, in this transaction. */
  public void end(Handle handle, String channelId) {
    handle.attach(GrantDao.class).end(channelId, clock.instant().atOffset(ZoneOffset.UTC));
  }

  /**
   * Tells Google of the grants that were given up, of all users. What Google does not take now is
   * tried at the next call, for a week.
   */
  public void revokeEnded() {
    ended().forEach(this::revoke);
  }

  /** As {@link #revokeEnded()}, of this user alone: nobody waits for what others have ended. */
  public void revokeEnded(UUID userId) {
    ended().stream().filter(ended -> ended.userId().equals(userId)).forEach(this::revoke);
  }

  private List<GrantDao.Ended> ended() {
    return database.directory(handle -> handle.attach(GrantDao.class).ended());
  }

  private void revoke(GrantDao.Ended ended) {
    Key key = new Key(ended.userId(), ended.channelId());
    boolean over = !clock.instant().isBefore(ended.since().plus(REVOKE_FOR));
    try {
      google.revoke(decrypt(key, ended.refreshTokenEncrypted()));
      over = true;
    } catch (YouTubeException e) {
      log.warn("the grant of channel {} is not yet revoked: {}", key.channelId(), e.getMessage());
    } catch (IllegalStateException e) {
      log.warn("the grant of channel {} cannot be revoked: {}", key.channelId(), e.getMessage());
    }
    if (over) {
      database.directory(handle ->
          String.valueOf(handle.attach(GrantDao.class).forgetEnded(ended.revocationId())));
    }
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
      database.asTenant(handle ->
          handle
              .attach(GrantDao.class)
              .verified(key.channelId(), clock.instant().atOffset(ZoneOffset.UTC)));
      return tokens.accessToken();
    }
  }

  private Optional<String> refreshToken(Key key) {
    return database
        .asTenant(handle -> handle.attach(GrantDao.class).find(key.channelId()))
        .map(ciphertext -> decrypt(key, ciphertext));
  }

  private String decrypt(Key key, byte[] ciphertext) {
    return cipher
        .decrypt(ciphertext, boundTo(key.userId(), key.channelId()))
        .orElseThrow(() ->
            new IllegalStateException(
                "the grant of channel "
                    + key.channelId()
                    + " does not decrypt; is YTEMPIRE_GRANT_KEYSET the right one?"));
  }

  byte[] encrypt(UUID userId, String channelId, String refreshToken) {
    return cipher.encrypt(refreshToken, boundTo(userId, channelId));
  }

  private static String boundTo(UUID userId, String channelId) {
    return "grant " + userId + " " + channelId;
  }
}
