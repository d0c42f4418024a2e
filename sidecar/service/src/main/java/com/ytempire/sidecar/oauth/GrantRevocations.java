package com.ytempire.sidecar.oauth;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.youtube.GoogleOAuth;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Revokes at Google what was given up. Safe to share between threads. */
final class GrantRevocations {
  private static final Logger log = LoggerFactory.getLogger(GrantRevocations.class);

  /**
   * How long what was fetched is kept after a disconnection here. Google's Developer Policies
   * III.D.2.c (item 1) give 7 days; a day of them is left for whoever must find out what went
   * wrong.
   */
  static final Duration ERASE_AFTER_DISCONNECTION = Duration.ofDays(6);

  private static final Duration REVOCATION_RETENTION = Duration.ofDays(7);

  private final Database database;
  private final GrantSecrets secrets;
  private final GoogleOAuth google;
  private final Clock clock;

  GrantRevocations(Database database, GrantSecrets secrets, GoogleOAuth google, Clock clock) {
    this.database = database;
    this.secrets = secrets;
    this.google = google;
    this.clock = clock;
  }

  /**
   * Revokes at Google the grants that were given up, of all users. What Google does not take now is
   * tried at the next call, for a week.
   *
   * <p>Revoking a grant ends all that the same Google account gave us (AutoGPT#10493,
   * google-auth-library-nodejs#1338), and which account gave a grant is not known. So none is
   * revoked while the user has other channels connected, or another user the same channel: it is
   * forgotten after 6 days, or revoked with the last of them.
   */
  void run() {
    ended().forEach(this::revoke);
  }

  /** As {@link #run()}, of this user alone: nobody waits for what others have ended. */
  void run(UUID userId) {
    ended().stream().filter(ended -> ended.userId().equals(userId)).forEach(this::revoke);
  }

  private List<GrantDao.EndedGrant> ended() {
    return database.directory(handle -> handle.attach(GrantDao.class).ended());
  }

  private void revoke(GrantDao.EndedGrant ended) {
    ChannelKey key = new ChannelKey(ended.userId(), ended.channelId());
    Duration keep = ended.hasSiblings() ? ERASE_AFTER_DISCONNECTION : REVOCATION_RETENTION;
    boolean over = !clock.instant().isBefore(ended.since().plus(keep));
    try {
      if (!ended.hasSiblings()) {
        google.revoke(secrets.decrypt(key, ended.refreshTokenEncrypted()));
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
          .useDirectory(handle -> handle.attach(GrantDao.class).forgetEnded(ended.revocationId()));
    }
  }
}
