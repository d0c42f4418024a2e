package com.ytempire.sidecar.oauth;

import com.ytempire.sidecar.youtube.AnalyticsQuery;
import com.ytempire.sidecar.youtube.BulkQuery;
import com.ytempire.sidecar.youtube.YouTube;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * YouTube by the grants of channels: exchanges a call's {@link Credential.ChannelGrant} for an
 * access token. Such a call belongs to the acting tenant, and fails with {@link
 * com.ytempire.sidecar.youtube.Failure.NotConnected} where the channel has no grant. Safe to share
 * between threads.
 */
public final class AuthorizedYouTube implements YouTube {
  private final YouTube youTube;
  private final Grants grants;

  public AuthorizedYouTube(YouTube youTube, Grants grants) {
    this.youTube = youTube;
    this.grants = grants;
  }

  /** As {@link Grants#prefetch}. */
  public Grants.Prefetched prefetch(List<Grants.Key> channels) {
    return grants.prefetch(channels);
  }

  private <T> T with(Call call, Function<Call, T> method) {
    return call.credential() instanceof Credential.ChannelGrant(String channelId)
        ? grants.with(
            channelId, token -> method.apply(call.with(new Credential.AccessToken(token))))
        : method.apply(call);
  }

  @Override
  public OwnChannel ownChannel(Call call) {
    return with(call, youTube::ownChannel);
  }

  @Override
  public List<ChannelTotals> channelTotals(Call call, List<String> channelIds) {
    return with(call, authorized -> youTube.channelTotals(authorized, channelIds));
  }

  @Override
  public Tagged<UploadPage> uploads(
      Call call, String uploadsPlaylistId, int most, @Nullable String page, @Nullable String etag) {
    return with(
        call, authorized -> youTube.uploads(authorized, uploadsPlaylistId, most, page, etag));
  }

  @Override
  public List<VideoTotals> videoTotals(Call call, List<String> videoIds) {
    return with(call, authorized -> youTube.videoTotals(authorized, videoIds));
  }

  @Override
  public Tagged<List<VideoDetails>> videoDetails(
      Call call, List<String> videoIds, @Nullable String etag) {
    return with(call, authorized -> youTube.videoDetails(authorized, videoIds, etag));
  }

  @Override
  public List<Line> analytics(Call call, AnalyticsQuery query) {
    return with(call, authorized -> youTube.analytics(authorized, query));
  }

  @Override
  public String reachJob(Call call) {
    return with(call, youTube::reachJob);
  }

  @Override
  public List<BulkReport> reachReports(Call call, String jobId) {
    return with(call, authorized -> youTube.reachReports(authorized, jobId));
  }

  @Override
  public List<Reach> reach(Call call, BulkReport report) {
    return with(call, authorized -> youTube.reach(authorized, report));
  }

  @Override
  public String bulkJob(Call call, BulkQuery query) {
    return with(call, authorized -> youTube.bulkJob(authorized, query));
  }

  @Override
  public List<BulkSum> bulkSums(Call call, BulkReport report, BulkQuery query) {
    return with(call, authorized -> youTube.bulkSums(authorized, report, query));
  }
}
