package com.ytempire.sidecar;

import com.google.api.client.http.javanet.NetHttpTransport;
import com.ytempire.sidecar.cache.Broadcast;
import com.ytempire.sidecar.config.FetchSettings;
import com.ytempire.sidecar.config.GoogleSettings;
import com.ytempire.sidecar.fairness.FairScheduler;
import com.ytempire.sidecar.fairness.Replicas;
import com.ytempire.sidecar.quota.QuotaMeters;
import com.ytempire.sidecar.telemetry.Telemetry;
import com.ytempire.sidecar.youtube.GoogleFeeds;
import com.ytempire.sidecar.youtube.GoogleOAuth;
import com.ytempire.sidecar.youtube.GoogleProject;
import com.ytempire.sidecar.youtube.GoogleYouTube;
import com.ytempire.sidecar.youtube.MeteredCalls;
import java.time.Clock;
import java.util.Map;

/**
 * Google's services, each by one adapter.
 *
 * @param replicas through which sidecars tell each other whom they served
 */
record Google(
    GoogleProject project,
    GoogleYouTube youTube,
    GoogleFeeds feeds,
    GoogleOAuth oauth,
    Replicas replicas) {
  /** What replicas of earlier versions listen to, too. */
  private static final String FAIRNESS_CHANNEL = "turns";

  static Google open(Core core, Parts parts) {
    Clock clock = core.clock();
    GoogleSettings settings = core.config().google();
    Telemetry telemetry = core.telemetry();
    FairScheduler data = scheduler(core.config().fetching().concurrency(), clock);
    FairScheduler analytics = scheduler(core.config().fetching().concurrency(), clock);
    Broadcast broadcast = parts.opened(new Broadcast(core.redis().client(), FAIRNESS_CHANNEL));
    Replicas replicas =
        new Replicas(Map.of("data", data, "analytics", analytics), broadcast::say, clock);
    broadcast.listen(replicas::receive);
    AppMeters meters = new AppMeters(telemetry);
    meters.registerCalls("data", data);
    meters.registerCalls("analytics", analytics);
    meters.registerReplicas(replicas);
    QuotaMeters.register(telemetry, core.database(), core.quota().report(), clock);
    NetHttpTransport transport = new NetHttpTransport();
    GoogleProject project = new GoogleProject(clock);
    return new Google(
        project,
        new GoogleYouTube(
            transport,
            settings,
            new MeteredCalls(data, core.quota(), core::recordCall, project, clock),
            new MeteredCalls(analytics, core.quota(), core::recordCall, project, clock),
            clock),
        new GoogleFeeds(transport, settings, core::recordCall, clock),
        new GoogleOAuth(transport, settings, project, clock),
        replicas);
  }

  private static FairScheduler scheduler(FetchSettings.Concurrency settings, Clock clock) {
    return new FairScheduler(
        settings.concurrent(),
        settings.concurrentPerUser(),
        settings.waiting(),
        settings.waitingPerUser(),
        clock);
  }
}
