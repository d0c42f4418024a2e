package com.ytempire.sidecar.oauth;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.GoogleOAuth;
import com.ytempire.sidecar.youtube.YouTubeException;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Access tokens of channels, refreshed when they are about to expire. Each replica keeps its own;
 * they live an hour and a second one harms nobody. Safe to share between threads.
 */
final class AccessTokens {
  private static final Logger log = LoggerFactory.getLogger(AccessTokens.class);
  private static final Duration MARGIN = Duration.ofMinutes(2);

  /** How precise the note is of when Google last took a grant. */
  private static final Duration NOTE_INTERVAL = Duration.ofDays(1);

  /** What is to be tried again within this time is waited for. */
  private static final Duration OUTAGE = Duration.ofMinutes(5);

  private static final Duration FIRST_DELAY = Duration.ofMillis(250);
  private static final Duration LONGEST_DELAY = Duration.ofSeconds(8);

  private final Database database;
  private final GrantSecrets secrets;
  private final GoogleOAuth google;
  private final Clock clock;
  private final Map<ChannelKey, GoogleOAuth.Tokens> fresh = new ConcurrentHashMap<>();
  private final Map<ChannelKey, Object> locks = new ConcurrentHashMap<>();

  /** Grants that were read for requests under way, each used once. */
  private final Map<ChannelKey, GrantDao.StoredGrant> prefetched = new ConcurrentHashMap<>();

  /** Grants that Google took and of which that is to be noted when their request ends. */
  private final Set<ChannelKey> toBeNoted = ConcurrentHashMap.newKeySet();

  AccessTokens(Database database, GrantSecrets secrets, GoogleOAuth google, Clock clock) {
    this.database = database;
    this.secrets = secrets;
    this.google = google;
    this.clock = clock;
  }

  /**
   * An access token of a channel: the one at hand, or another from Google when that is about to
   * expire.
   *
   * @throws YouTubeException with {@link Failure.NotConnected} without a grant, with {@link
   *     Failure.GrantDead} when Google does not take it any more
   */
  String get(ChannelKey key) {
    synchronized (locks.computeIfAbsent(key, k -> new Object())) {
      GoogleOAuth.@Nullable Tokens known = fresh.get(key);
      if (known != null && isFresh(known)) {
        return known.accessToken();
      }
      GrantDao.@Nullable StoredGrant early = prefetched.remove(key);
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
        GrantDao.StoredGrant now = read(key);
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

  private GrantDao.StoredGrant read(ChannelKey key) {
    List<ChannelKey> one = List.of(key);
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
  private String refreshed(ChannelKey key, GrantDao.StoredGrant stored, boolean isPrefetched) {
    String refreshToken = secrets.decrypt(key, stored.refreshTokenEncrypted());
    GoogleOAuth.Tokens tokens = refresh(refreshToken);
    fresh.put(key, tokens);
    if (stored.verifiedAt().isBefore(clock.instant().minus(NOTE_INTERVAL))) {
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
   * endpoint is unavailable, until the deadline of the current thread; where none is bound, once.
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
        throw new IllegalStateException("interrupted while Google was unavailable", e);
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

  /**
   * Reads the grants of these channels in one transaction, as far as a fresh access token is not at
   * hand. Without a database none is read, and whoever needs one finds out.
   */
  PrefetchedGrants prefetch(List<ChannelKey> channels) {
    List<ChannelKey> keys = channels.stream().filter(key -> !isFresh(fresh.get(key))).toList();
    if (!keys.isEmpty()) {
      try {
        database
            .idempotent()
            .acrossTenants(
                handle -> handle.attach(GrantDao.class).read(tenants(handle, keys), channels(keys)))
            .forEach(stored ->
                prefetched.put(new ChannelKey(stored.userId(), stored.channelId()), stored));
      } catch (DatabaseBusy | DatabaseUnavailable e) {
        log.warn("the grants of a request are read one by one: {}", e.getMessage());
      }
    }
    return () -> {
      keys.forEach(prefetched::remove);
      noteVerified(keys.stream().filter(toBeNoted::remove).toList());
    };
  }

  private static String[] tenants(Handle handle, List<ChannelKey> keys) {
    return Database.tenants(handle, keys.stream().map(ChannelKey::userId).toArray(UUID[]::new));
  }

  private static String[] channels(List<ChannelKey> keys) {
    return keys.stream().map(ChannelKey::channelId).toArray(String[]::new);
  }

  /** What cannot be noted now is noted when a fresh token is needed again, in an hour. */
  private void noteVerified(List<ChannelKey> keys) {
    if (keys.isEmpty()) {
      return;
    }
    try {
      database
          .idempotent()
          .useTenants(handle ->
              handle
                  .attach(GrantDao.class)
                  .noteVerified(tenants(handle, keys), channels(keys), clock.instant()));
    } catch (DatabaseBusy | DatabaseUnavailable e) {
      log.warn("that Google took {} grants is not noted: {}", keys.size(), e.getMessage());
    }
  }

  /** Forgets the access token of a channel. */
  void expire(ChannelKey key) {
    fresh.remove(key);
  }

  /** Forgets whatever is at hand of a channel: it is no longer what it was. */
  void forget(ChannelKey key) {
    prefetched.remove(key);
    fresh.remove(key);
  }

  /** Forgets whatever is at hand of a user. */
  void forgetUser(UUID userId) {
    prefetched.keySet().removeIf(key -> key.userId().equals(userId));
    fresh.keySet().removeIf(key -> key.userId().equals(userId));
    locks.keySet().removeIf(key -> key.userId().equals(userId));
  }
}
