package com.ytempire.sidecar.youtube;

import com.google.api.client.http.HttpTransport;
import com.ytempire.sidecar.config.GoogleSettings;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@link YouTube} by Google's own client libraries. Safe to share between threads. */
public final class GoogleYouTube implements YouTube {
  private final GoogleChannels channels;
  private final GoogleVideos videos;
  private final VideoStatistics statistics;
  private final GoogleAnalytics analytics;
  private final GoogleReporting reporting;

  /**
   * Connects to nothing yet.
   *
   * @param dataCalls calls to the Data API, and {@code analyticsCalls} those to Analytics and
   *     Reporting: of two schedulers, so that those who wait for Analytics' quota of the minute do
   *     not hold up the others
   */
  public GoogleYouTube(
      HttpTransport transport,
      GoogleSettings settings,
      MeteredCalls dataCalls,
      MeteredCalls analyticsCalls,
      Clock clock) {
    DataApi data = new DataApi(transport, settings, dataCalls, clock);
    this.channels = new GoogleChannels(data);
    this.videos = new GoogleVideos(data);
    this.statistics = new VideoStatistics(data);
    this.analytics = new GoogleAnalytics(transport, settings, analyticsCalls);
    this.reporting = new GoogleReporting(transport, settings, analyticsCalls);
  }

  @Override
  public OwnChannel ownChannel(Call call) {
    return channels.ownChannel(call);
  }

  @Override
  public Optional<PublicChannel> channelByHandle(Call call, String handle) {
    return channels.channelByHandle(call, handle);
  }

  @Override
  public List<ChannelTotals> channelTotals(Call call, List<String> channelIds) {
    return channels.channelTotals(call, channelIds);
  }

  @Override
  public TaggedContent<UploadPage> uploads(
      Call call,
      String uploadsPlaylistId,
      int limit,
      @Nullable String page,
      @Nullable String etag) {
    return videos.uploads(call, uploadsPlaylistId, limit, page, etag);
  }

  @Override
  public List<String> absentVideos(Call call, List<String> videoIds) {
    return videos.absentVideos(call, videoIds);
  }

  @Override
  public TaggedContent<List<VideoDetails>> videoDetails(
      Call call, List<String> videoIds, @Nullable String etag) {
    return videos.videoDetails(call, videoIds, etag);
  }

  @Override
  public List<VideoTotals> videoTotals(Call call, List<String> videoIds) {
    return statistics.videoTotals(call, videoIds);
  }

  @Override
  public List<Line> analytics(Call call, AnalyticsQuery query) {
    LegalReport.check(query);
    return query.videoIds().size() < 2
        ? analytics.query(call, query)
        : new IdBisection()
            .ask(query.videoIds(), some -> analytics.query(call, query.ofVideos(some)));
  }

  @Override
  public VideoDays videoDays(Call call, AnalyticsQuery query) {
    LegalReport.check(query);
    return analytics.videoDays(call, query);
  }

  @Override
  public String reachJob(Call call) {
    return reporting.reachJob(call);
  }

  @Override
  public List<BulkReport> reachReports(Call call, String jobId) {
    return reporting.reports(call, jobId);
  }

  @Override
  public List<Reach> reach(Call call, BulkReport report) {
    return reporting.reach(call, report);
  }

  @Override
  public String bulkJob(Call call, BulkQuery query) {
    return reporting.job(call, query.reportType());
  }

  @Override
  public List<BulkSum> bulkSums(Call call, BulkReport report, BulkQuery query) {
    return reporting.sums(call, report, query);
  }
}
