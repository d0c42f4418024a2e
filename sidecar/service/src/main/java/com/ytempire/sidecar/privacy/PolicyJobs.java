package com.ytempire.sidecar.privacy;

import com.ytempire.sidecar.cache.Cache;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.oauth.Grants;
import com.ytempire.sidecar.oauth.HeldGrant;
import com.ytempire.sidecar.tenancy.Notices;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hourly jobs that Google's Developer Policies demand: end grants at Google that were given up
 * here (III.D.2.c), ask whether a grant that nobody used still stands (III.E.4.b: every 30 days),
 * erase what was fetched with a grant that ended (III.D.2.c, III.E.4.g); and encrypt grants with
 * the primary key. Each failure waits for the next hour and spoils nothing else; two replicas at it
 * do no harm.
 */
public final class PolicyJobs {
  private static final Logger log = LoggerFactory.getLogger(PolicyJobs.class);

  /** Two days short of Google's 30, for when Google or we are unavailable. */
  private static final Duration VERIFY_AFTER = Duration.ofDays(28);

  private final Database database;
  private final Grants grants;
  private final Cache cache;
  private final Clock clock;

  public PolicyJobs(Database database, Grants grants, Cache cache, Clock clock) {
    this.database = database;
    this.grants = grants;
    this.cache = cache;
    this.clock = clock;
  }

  /** Does all that is due. */
  public void run() {
    grants.revokeEnded();
    Instant unverifiedSince = clock.instant().minus(VERIFY_AFTER);
    for (HeldGrant grant : grants.held()) {
      Tenant.run(grant.userId(), () -> look(grant, grant.verifiedAt().isBefore(unverifiedSince)));
    }
    Instant now = clock.instant();
    for (PrivacyDao.DueErasure due :
        database.directory(handle -> handle.attach(PrivacyDao.class).channelsToErase(now))) {
      Tenant.run(due.userId(), () -> erase(due, now));
    }
  }

  private void look(HeldGrant grant, boolean verify) {
    try {
      grants.reencrypt(grant.channelId());
      if (verify) {
        grants.verify(grant.channelId());
      }
    } catch (YouTubeException e) {
      if (!(e.failure() instanceof Failure.GrantDead)) {
        log.warn("channel {} was not verified: {}", grant.channelId(), e.getMessage());
      }
    } catch (IllegalStateException e) {
      log.warn("channel {} was not verified: {}", grant.channelId(), e.getMessage());
    }
  }

  private void erase(PrivacyDao.DueErasure due, Instant now) {
    boolean erased =
        database.asTenantInJob(handle -> {
          PrivacyDao dao = handle.attach(PrivacyDao.class);
          if (dao.holdIfDue(due.channelId(), now).isEmpty()) {
            return false;
          }
          grants.end(handle, due.channelId());
          dao.eraseChannelData(due.channelId());
          Notices.add(
              handle,
              Notices.Kind.CHANNEL_ERASED,
              due.channelId(),
              "Everything fetched of the channel was erased here, as YouTube's policies demand; nothing was erased at YouTube.",
              now);
          return true;
        });
    if (erased) {
      cache.forget(due.userId(), due.channelId());
      log.info("erased what was fetched of channel {}", due.channelId());
    }
  }
}
