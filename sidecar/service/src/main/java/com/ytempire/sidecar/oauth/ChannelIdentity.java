package com.ytempire.sidecar.oauth;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.tenancy.Connection;
import com.ytempire.sidecar.tenancy.Users;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTube.Credential;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies that the grant of a channel is still of this channel, and keeps the channel's title
 * fresh: a channel may move to another Google account, and titles may be kept for 30 days only
 * (Developer Policies III.E.4.c). A verification costs a unit of the Data API. Safe to share
 * between threads.
 */
public final class ChannelIdentity {
  private static final Logger log = LoggerFactory.getLogger(ChannelIdentity.class);

  /** Five days short of Google's 30, for when Google or we are unavailable. */
  private static final Duration VERIFY_AFTER = Duration.ofDays(25);

  /** A refused query makes a channel be verified again after so long at the earliest. */
  private static final Duration VERIFY_REFUSALS_AFTER = Duration.ofHours(6);

  /** An account that is shown without a channel counts as such only when it still is so later. */
  private static final Duration CONFIRM_MISS_AFTER = Duration.ofHours(6);

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Above this many, the memory of verifications is given up: a unit more is spent. */
  private static final int REMEMBERED = 10_000;

  private final Database database;
  private final YouTube youTube;
  private final Grants grants;
  private final Clock clock;
  private final Map<ChannelKey, Instant> verified = new ConcurrentHashMap<>();

  /**
   * Makes it.
   *
   * @param youTube that takes access tokens
   */
  public ChannelIdentity(Database database, YouTube youTube, Grants grants, Clock clock) {
    this.database = database;
    this.youTube = youTube;
    this.grants = grants;
    this.clock = clock;
  }

  /** Verifies the channels that were not verified for 25 days, of all users; some at a time. */
  public void run() {
    Instant before = clock.instant().minus(VERIFY_AFTER);
    Map<UUID, Integer> weights = Users.weights(database);
    for (GrantDao.Identity due :
        database.directory(handle -> handle.attach(GrantDao.class).toIdentify(before))) {
      Integer weight = weights.get(due.userId());
      if (weight == null) {
        continue; // not active
      }
      YouTube.Call call =
          new YouTube.Call(
              due.userId(),
              weight,
              false,
              new Credential.ChannelGrant(due.channelId()),
              clock.instant().plus(PATIENCE),
              new YouTube.Spending());
      try {
        Tenant.run(
            due.userId(),
            () -> {
              database.useTenant(handle ->
                  handle.attach(GrantDao.class).markAttempted(due.channelId(), clock.instant()));
              verify(call, due.channelId());
            });
      } catch (YouTubeException e) {
        log.info("channel {} was not verified: {}", due.channelId(), e.getMessage());
      } catch (RuntimeException e) {
        // Such as a grant that cannot be decrypted: the others are verified nonetheless.
        log.warn("channel {} could not be verified", due.channelId(), e);
      }
    }
  }

  /**
   * Verifies the acting tenant's channel after Google refused its grant without a reason, unless
   * that was done lately.
   *
   * @throws YouTubeException with {@link Failure.GrantDead} when the grant is no longer of the
   *     channel, after it was marked
   */
  void verifyAfterRefusal(YouTube.Call call, String channelId) {
    ChannelKey key = new ChannelKey(Tenant.current(), channelId);
    Instant now = clock.instant();
    if (verified.size() > REMEMBERED) {
      verified.clear();
    }
    Instant last = verified.put(key, now);
    if (last != null && last.plus(VERIFY_REFUSALS_AFTER).isAfter(now)) {
      verified.put(key, last);
      return;
    }
    try {
      verify(call, channelId);
    } catch (YouTubeException e) {
      if (e.failure() instanceof Failure.GrantDead) {
        throw e;
      }
      log.info("channel {} was not verified: {}", channelId, e.getMessage());
    }
  }

  private void verify(YouTube.Call call, String channelId) {
    Instant began = clock.instant();
    String found;
    try {
      YouTube.OwnChannel own =
          grants.with(
              channelId, token -> youTube.ownChannel(call.with(new Credential.AccessToken(token))));
      if (own.channelId().equals(channelId)) {
        database.useTenant(handle ->
            handle
                .attach(GrantDao.class)
                .markIdentified(channelId, own.title(), own.uploadsPlaylistId(), clock.instant()));
        return;
      }
      found = "it has another one";
    } catch (YouTubeException e) {
      if (!(e.failure() instanceof Failure.NoChannel)) {
        throw e;
      }
      Instant missed =
          database
              .asTenant(handle -> handle.attach(GrantDao.class).markMissed(channelId, began))
              .orElse(began);
      if (began.isBefore(missed.plus(CONFIRM_MISS_AFTER))) {
        log.info("channel {} was not shown to its owner; it is asked for again", channelId);
        return;
      }
      found = "it has none";
    }
    String message =
        "The Google account that granted access no longer owns this channel (%s).".formatted(found);
    grants.markEnded(channelId, began, Connection.Reason.OWNER_CHANGED, message);
    throw new YouTubeException(new Failure.GrantDead(message));
  }
}
