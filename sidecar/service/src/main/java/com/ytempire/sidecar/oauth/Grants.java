package com.ytempire.sidecar.oauth;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.tenancy.Connection;
import com.ytempire.sidecar.tenancy.Events;
import com.ytempire.sidecar.tenancy.Notices;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.GoogleOAuth;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The grants that channels' owners gave us, one for each channel: used for calls, marked when
 * Google ends them, encrypted anew, and given up. Safe to share between threads.
 */
public final class Grants {
  private static final Logger log = LoggerFactory.getLogger(Grants.class);

  /**
   * How long what was fetched is kept after a grant died. Google's Developer Policies III.D.2.c
   * (item 2) give 30 days; a day of them is left for whoever must find out what went wrong.
   */
  static final Duration ERASE_AFTER_DEATH = Duration.ofDays(29);

  private final Database database;
  private final GrantCipher cipher;
  private final GrantSecrets secrets;
  private final AccessTokens tokens;
  private final GrantRevocations revocations;
  private final Clock clock;

  public Grants(Database database, GrantCipher cipher, GoogleOAuth google, Clock clock) {
    this.database = database;
    this.cipher = cipher;
    this.secrets = new GrantSecrets(cipher);
    this.tokens = new AccessTokens(database, secrets, google, clock);
    this.revocations = new GrantRevocations(database, secrets, google, clock);
    this.clock = clock;
  }

  /**
   * Calls Google with an access token of the acting tenant's channel. If Google does not accept the
   * token, a fresh one is tried once. Only when the token endpoint says that the grant is dead is
   * the channel marked as to be reconnected: a query may be refused for many other reasons.
   *
   * @throws YouTubeException as the call throws it, and with {@link Failure.NotConnected} without a
   *     grant
   */
  <T> T with(String channelId, Function<String, T> call) {
    ChannelKey key = new ChannelKey(Tenant.current(), channelId);
    Instant began = clock.instant();
    try {
      String token = tokens.get(key);
      try {
        return call.apply(token);
      } catch (YouTubeException e) {
        if (!(e.failure() instanceof Failure.Unauthenticated)) {
          throw e;
        }
        tokens.expire(key);
        return call.apply(tokens.get(key));
      }
    } catch (YouTubeException e) {
      switch (e.failure()) {
        case Failure.GrantDead f -> died(key, began, Connection.Reason.GRANT_ENDED, f.message());
        case Failure.AccountClosed f ->
            died(key, began, Connection.Reason.ACCOUNT_CLOSED, f.message());
        default -> {}
      }
      throw e;
    }
  }

  /**
   * Reads the grants of these channels in one transaction, as far as a fresh access token is not at
   * hand. Without a database none is read, and whoever needs one finds out.
   */
  PrefetchedGrants prefetch(List<ChannelKey> channels) {
    return tokens.prefetch(channels);
  }

  /**
   * Marks the acting tenant's channel as to be connected again.
   *
   * @param since when it was found out; a channel that was connected anew since stays as it is
   * @param message for its user: what happened
   */
  void markEnded(String channelId, Instant since, Connection.Reason reason, String message) {
    died(new ChannelKey(Tenant.current(), channelId), since, reason, message);
  }

  /**
   * Marks the channel and notifies its user, once however many calls find out; what was fetched
   * with the grant is erased unless the channel is connected again.
   */
  private void died(ChannelKey key, Instant since, Connection.Reason reason, String why) {
    tokens.expire(key);
    Instant now = clock.instant();
    boolean isFirst =
        database.asTenant(handle -> {
          boolean first =
              handle
                      .attach(GrantDao.class)
                      .markDead(key.channelId(), since, now.plus(ERASE_AFTER_DEATH), reason.label())
                  == 1;
          if (first) {
            String message =
                "%s Connect it again; otherwise what was fetched of it is erased after %d days."
                    .formatted(
                        reason == Connection.Reason.GRANT_ENDED
                            ? "Google no longer lets us read this channel."
                            : why,
                        ERASE_AFTER_DEATH.toDays());
            Notices.add(handle, Notices.Kind.RECONNECT_NEEDED, key.channelId(), message, now);
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
    if (isFirst) {
      log.info("the grant of channel {} is of no use: {}", key.channelId(), why);
    }
  }

  /** The acting tenant's channel is no longer what it was: its tokens are asked anew. */
  public void forget(String channelId) {
    tokens.forget(new ChannelKey(Tenant.current(), channelId));
  }

  /** Forgets whatever is at hand of a user. */
  public void forgetUser(UUID userId) {
    tokens.forgetUser(userId);
  }

  /** Every grant that we hold, of all users. */
  public List<HeldGrant> held() {
    return database.directory(handle -> handle.attach(GrantDao.class).held());
  }

  /**
   * Asks Google whether it still takes the grant of the acting tenant's channel, and notes it.
   *
   * @throws YouTubeException with {@link Failure.GrantDead} when it does not, after the channel was
   *     marked; with another failure when Google did not say
   */
  public void verify(String channelId) {
    ChannelKey key = new ChannelKey(Tenant.current(), channelId);
    Instant began = clock.instant();
    tokens.expire(key);
    try {
      tokens.get(key);
    } catch (YouTubeException e) {
      if (e.failure() instanceof Failure.GrantDead) {
        died(key, began, Connection.Reason.GRANT_ENDED, e.failure().message());
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
    ChannelKey key = new ChannelKey(Tenant.current(), channelId);
    return database.asTenant(handle -> {
      GrantDao dao = handle.attach(GrantDao.class);
      Optional<byte[]> old = dao.find(channelId).filter(bytes -> !cipher.isPrimary(bytes));
      return old.isPresent()
          && dao.reencrypt(
                  channelId, old.get(), secrets.encrypt(key, secrets.decrypt(key, old.get())))
              == 1;
    });
  }

  /** Ends the grant of the acting tenant's channel, in this transaction. */
  public void end(Handle handle, String channelId) {
    handle.attach(GrantDao.class).end(channelId, clock.instant());
  }

  /** Revokes at Google the grants that were given up, of all users, as far as that harms nobody. */
  public void revokeEnded() {
    revocations.run();
  }

  /** As {@link #revokeEnded()}, of this user alone: nobody waits for what others have ended. */
  public void revokeEnded(UUID userId) {
    revocations.run(userId);
  }

  byte[] encrypt(ChannelKey key, String refreshToken) {
    return secrets.encrypt(key, refreshToken);
  }
}
