package com.ytempire.sidecar.oauth;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.tenancy.Connection;
import com.ytempire.sidecar.tenancy.Events;
import com.ytempire.sidecar.tenancy.Notices;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.GoogleOAuth;
import com.ytempire.sidecar.youtube.YouTubeException;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

  /** How precise the note is of when Google last took a grant. */
  private static final Duration NOTED_EVERY = Duration.ofDays(1);

  /** What is to be tried again within this time is waited for. */
  private static final Duration OUTAGE = Duration.ofMinutes(5);

  private static final Duration FIRST_DELAY = Duration.ofMillis(250);
  private static final Duration LONGEST_DELAY = Duration.ofSeconds(8);

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

  /** Grants that were read for requests under way, each used once. */
  private final Map<Key, GrantDao.Stored> prefetched = new ConcurrentHashMap<>();

  /** Grants that Google took and of which that is to be noted when their request ends. */
  private final Set<Key> toBeNoted = ConcurrentHashMap.newKeySet();

  /** A user's channel. */
  public record Key(UUID userId, String channelId) {}

  /**
   * Grants that were read at once for a request. Closing it forgets those that were not needed and
   * notes of the others, at once, that Google took them.
   */
  public final class Prefetched implements AutoCloseable {
    private final List<Key> keys;

    private Prefetched(List<Key> keys) {
      this.keys = keys;
    }

    @Override
    public void close() {
      keys.forEach(prefetched::remove);
      noteVerified(keys.stream().filter(toBeNoted::remove).toList());
    }
  }

  public Grants(Database database, GrantCipher cipher, GoogleOAuth google, Clock clock) {
    this.database = database;
    this.cipher = cipher;
    this.google = google;
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
    Key key = new Key(Tenant.current(), channelId);
    Instant began = clock.instant();
    try {
      String token = accessToken(key);
      try {
        return call.apply(token);
      } catch (YouTubeException e) {
        if (!(e.failure() instanceof Failure.Unauthenticated)) {
          throw e;
        }
        fresh.remove(key);
        return call.apply(accessToken(key));
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
   * Marks the acting tenant's channel as to be connected again.
   *
   * @param since when it was found out; a channel that was connected anew since stays as it is
   * @param message for its user: what happened
   */
  void markEnded(String channelId, Instant since, Connection.Reason reason, String message) {
    died(new Key(Tenant.current(), channelId), since, reason, message);
  }

  /**
   * Reads the grants of these channels in one transaction, as far as a fresh access token is not at
   * hand. Without a database none is read, and whoever needs one finds out.
   */
  Prefetched prefetch(List<Key> channels) {
    List<Key> keys = channels.stream().filter(key -> !isFresh(fresh.get(key))).toList();
    if (!keys.isEmpty()) {
      try {
        database
            .idempotent()
            .acrossTenants(
                handle -> handle.attach(GrantDao.class).read(tenants(handle, keys), channels(keys)))
            .forEach(
                stored -> prefetched.put(new Key(stored.userId(), stored.channelId()), stored));
      } catch (Database.Busy | Database.Unavailable e) {
        log.warn("the grants of a request are read one by one: {}", e.getMessage());
      }
    }
    return new Prefetched(keys);
  }

  private static String[] tenants(Handle handle, List<Key> keys) {
    return Database.tenants(handle, keys.stream().map(Key::userId).toArray(UUID[]::new));
  }

  private static String[] channels(List<Key> keys) {
    return keys.stream().map(Key::channelId).toArray(String[]::new);
  }

  /** What cannot be noted now is noted when a fresh token is needed again, in an hour. */
  private void noteVerified(List<Key> keys) {
    if (keys.isEmpty()) {
      return;
    }
    try {
      database
          .idempotent()
          .acrossTenants(handle ->
              String.valueOf(
                  handle
                      .attach(GrantDao.class)
                      .noteVerified(
                          tenants(handle, keys),
                          channels(keys),
                          clock.instant().atOffset(ZoneOffset.UTC))));
    } catch (Database.Busy | Database.Unavailable e) {
      log.warn("that Google took {} grants is not noted: {}", keys.size(), e.getMessage());
    }
  }

  /**
   * Marks the channel and notifies its user, once however many calls find out; what was fetched
   * with the grant is erased unless the channel is connected again.
   */
  private void died(Key key, Instant since, Connection.Reason reason, String why) {
    fresh.remove(key);
    Instant now = clock.instant();
    boolean isFirst =
        database.asTenant(handle -> {
          boolean first =
              handle
                      .attach(GrantDao.class)
                      .markDead(
                          key.channelId(),
                          since.atOffset(ZoneOffset.UTC),
                          now.plus(ERASE_AFTER_DEATH).atOffset(ZoneOffset.UTC),
                          reason.label())
                  == 1;
          if (first) {
            String message =
                "%s Connect it again; otherwise what was fetched of it is erased after %d days."
                    .formatted(
                        reason == Connection.Reason.GRANT_ENDED
                            ? "Google no longer lets us read this channel."
                            : why,
                        ERASE_AFTER_DEATH.toDays());
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
    if (isFirst) {
      log.info("the grant of channel {} is of no use: {}", key.channelId(), why);
    }
  }

  /** The acting tenant's channel is no longer what it was: its tokens are asked anew. */
  void forget(String channelId) {
    Key key = new Key(Tenant.current(), channelId);
    prefetched.remove(key);
    fresh.remove(key);
  }

  /** Forgets whatever is at hand of a user. */
  public void forgetUser(UUID userId) {
    prefetched.keySet().removeIf(key -> key.userId().equals(userId));
    fresh.keySet().removeIf(key -> key.userId().equals(userId));
    locks.keySet().removeIf(key -> key.userId().equals(userId));
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
    Key key = new Key(Tenant.current(), channelId);
    Instant began = clock.instant();
    fresh.remove(key);
    try {
      accessToken(key);
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
   *
   * <p>Revoking a grant ends all that the same Google account gave us (AutoGPT#10493,
   * google-auth-library-nodejs#1338), and which account gave a grant is not known. So none is
   * revoked while the user has other channels connected, or another user the same channel: it is
   * forgotten after 6 days, or revoked with the last of them.
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
    Duration keep = ended.hasSiblings() ? ERASE_AFTER_DISCONNECTION : REVOKE_FOR;
    boolean over = !clock.instant().isBefore(ended.since().plus(keep));
    try {
      if (!ended.hasSiblings()) {
        google.revoke(decrypt(key, ended.refreshTokenEncrypted()));
        over = true;
      }
    } catch (YouTubeException e) {
      log.warn("the grant of channel {} is not yet revoked: {}", key.channelId(), e.getMessage());
    } catch (IllegalStateException e) {
      log.warn("the grant of channel {} cannot be revoked: {}", key.channelId(), e.getMessage());
    }
    if (over) {
      database
          .operator()
          .directory(handle ->
              String.valueOf(handle.attach(GrantDao.class).forgetEnded(ended.revocationId())));
    }
  }

  private String accessToken(Key key) {
    synchronized (locks.computeIfAbsent(key, k -> new Object())) {
      GoogleOAuth.@Nullable Tokens known = fresh.get(key);
      if (known != null && isFresh(known)) {
        return known.accessToken();
      }
      GrantDao.@Nullable Stored early = prefetched.remove(key);
      if (early == null) {
        return refreshed(key, read(key), false);
      }
      try {
        return refreshed(key, early, true);
      } catch (YouTubeException e) {
        if (!(e.failure() instanceof Failure.GrantDead)) {
          throw e;
        }
        // The channel may have been connected anew since this was read.
        GrantDao.Stored now = read(key);
        if (Arrays.equals(now.refreshTokenEncrypted(), early.refreshTokenEncrypted())) {
          throw e;
        }
        return refreshed(key, now, false);
      }
    }
  }

  private boolean isFresh(GoogleOAuth.@Nullable Tokens tokens) {
    return tokens != null && clock.instant().plus(MARGIN).isBefore(tokens.expiresAt());
  }

  private GrantDao.Stored read(Key key) {
    List<Key> one = List.of(key);
    return database
        .idempotent()
        .asTenant(handle -> handle.attach(GrantDao.class).read(tenants(handle, one), channels(one)))
        .stream()
        .findFirst()
        .orElseThrow(() ->
            new YouTubeException(
                new Failure.NotConnected("The channel " + key.channelId() + " is not connected.")));
  }

  /**
   * Asks Google for an access token.
   *
   * @param isPrefetched whether a request's end will note that Google took the grant
   */
  private String refreshed(Key key, GrantDao.Stored stored, boolean isPrefetched) {
    String refreshToken = decrypt(key, stored.refreshTokenEncrypted());
    GoogleOAuth.Tokens tokens = refresh(refreshToken);
    fresh.put(key, tokens);
    if (stored.verifiedAt().isBefore(clock.instant().minus(NOTED_EVERY))) {
      if (isPrefetched) {
        toBeNoted.add(key);
      } else {
        noteVerified(List.of(key));
      }
    }
    return tokens.accessToken();
  }

  /**
   * Refreshing costs nothing and changes nothing at Google, so it is tried again while the token
   * endpoint is away, until the deadline of the current thread; where none is bound, once.
   */
  private GoogleOAuth.Tokens refresh(String refreshToken) {
    Duration longest = Deadline.currentOr(Duration.ZERO).remaining();
    if (longest.compareTo(FIRST_DELAY) <= 0) {
      return google.refresh(refreshToken);
    }
    RetryPolicy<Object> policy =
        RetryPolicy.builder()
            .handleIf(this::isOutage)
            .withMaxAttempts(-1)
            .withBackoff(FIRST_DELAY, LONGEST_DELAY)
            .withJitter(0.5)
            .withMaxDuration(longest)
            .build();
    try {
      return Failsafe.with(policy).get(() -> google.refresh(refreshToken));
    } catch (FailsafeException e) {
      if (e.getCause() instanceof InterruptedException) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while Google was away", e);
      }
      throw e;
    }
  }

  /** Whether the token endpoint may answer in a moment; what is to be asked much later may not. */
  private boolean isOutage(Throwable failure) {
    return failure instanceof YouTubeException e
        && e.failure() instanceof Failure.Unavailable unavailable
        && unavailable.retryAt().isBefore(clock.instant().plus(OUTAGE));
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
