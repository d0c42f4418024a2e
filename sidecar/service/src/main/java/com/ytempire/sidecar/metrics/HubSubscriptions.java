package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.youtube.Feeds;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks YouTube's hub to push the new videos of channels. Safe to share between threads. */
final class HubSubscriptions {
  private static final Logger log = LoggerFactory.getLogger(HubSubscriptions.class);

  private final Database database;
  private final Feeds feeds;
  private final UploadSecrets secrets;
  private final String publicUrl;

  HubSubscriptions(Database database, Feeds feeds, UploadSecrets secrets, String publicUrl) {
    this.database = database;
    this.feeds = feeds;
    this.secrets = secrets;
    this.publicUrl = publicUrl;
  }

  /** Makes the row of a channel in which is noted what was read, and when. */
  void watch(PlannedRequest request) {
    String secret = secrets.fresh(request.channelId());
    database
        .idempotent()
        .asTenant(handle -> handle.attach(UploadWatchDao.class).watch(request.channelId(), secret));
  }

  /** Subscribes to a channel's uploads, or renews the lease. What fails is asked again. */
  void subscribe(PlannedRequest request, Instant now) {
    UploadWatchDao.Watch watch =
        database
            .idempotent()
            .asTenant(handle -> {
              UploadWatchDao dao = handle.attach(UploadWatchDao.class);
              dao.watch(request.channelId(), secrets.fresh(request.channelId()));
              UploadWatchDao.Watch known = dao.watchOf(request.channelId()).getFirst();
              if (secrets.of(known).isEmpty()) {
                // Its key is lost: the hub is given another one.
                dao.changeSecret(
                    request.channelId(), known.secret(), secrets.fresh(request.channelId()));
              }
              dao.subscribeAsked(request.channelId(), now);
              return dao.watchOf(request.channelId()).getFirst();
            });
    try {
      feeds.subscribe(
          request.channelId(),
          publicUrl + UploadRoutes.PUSH + watch.subscriptionId(),
          secrets.of(watch).orElseThrow(),
          UploadPlan.LEASE);
    } catch (YouTubeException e) {
      log.info("new videos of channel {} are not pushed: {}", request.channelId(), e.getMessage());
    }
  }
}
