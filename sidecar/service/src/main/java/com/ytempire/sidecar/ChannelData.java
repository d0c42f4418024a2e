package com.ytempire.sidecar;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.LoginProbe;
import com.ytempire.sidecar.metrics.ChannelFreshness;
import com.ytempire.sidecar.metrics.HubMonitor;
import com.ytempire.sidecar.metrics.MetricRoutes;
import com.ytempire.sidecar.metrics.StoreAccess;
import com.ytempire.sidecar.metrics.YouTubeAccess;
import com.ytempire.sidecar.oauth.AuthorizedYouTube;
import com.ytempire.sidecar.oauth.ChannelIdentity;
import com.ytempire.sidecar.quality.IsolationProbe;
import com.ytempire.sidecar.quality.QualityMonitor;
import com.ytempire.sidecar.quality.Success;
import java.time.Clock;

/** The parts that fetch, store and check the data of channels. */
record ChannelData(
    AuthorizedYouTube youTube,
    ChannelIdentity identity,
    ChannelFreshness freshness,
    HubMonitor hub,
    MetricRoutes metrics,
    QualityMonitor quality,
    Success success) {
  static ChannelData open(Core core, Google google, Access access) {
    Clock clock = core.clock();
    Database database = core.database();
    ChannelIdentity identity =
        new ChannelIdentity(database, google.youTube(), access.grants(), clock);
    ChannelFreshness freshness = new ChannelFreshness(database, clock);
    HubMonitor hub = new HubMonitor(database, clock);
    new AppMeters(core.telemetry()).registerState(freshness, google.project(), hub);
    AuthorizedYouTube authorized =
        new AuthorizedYouTube(google.youTube(), access.grants(), identity);
    YouTubeAccess youTube =
        new YouTubeAccess(authorized, google.feeds(), core.cache(), core.quota());
    IsolationProbe isolationProbe =
        new IsolationProbe(
            core.operator(),
            access.logins(),
            new LoginProbe(core.config().storage().database().url()),
            clock);
    QualityMonitor quality =
        new QualityMonitor(
            database, authorized, isolationProbe, core.config().fetching().checkInterval(), clock);
    Success success = new Success(database, access.tenants(), clock);
    new AppMeters(core.telemetry()).registerQuality(quality, isolationProbe, success);
    return new ChannelData(
        authorized,
        identity,
        freshness,
        hub,
        new MetricRoutes(
            new StoreAccess(database, access.tenants(), core.telemetry()::recordRejectedRows),
            youTube,
            core.contract(),
            core.config(),
            core.secretCipher(),
            clock),
        quality,
        success);
  }
}
