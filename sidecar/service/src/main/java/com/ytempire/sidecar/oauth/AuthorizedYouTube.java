package com.ytempire.sidecar.oauth;

import com.ytempire.sidecar.youtube.AnalyticsQuery;
import com.ytempire.sidecar.youtube.BulkQuery;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.util.List;
import java.util.Optional;
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
  private final ChannelIdentity identity;

  public AuthorizedYouTube(YouTube youTube, Grants grants, ChannelIdentity identity) {
    this.identity = identity;
    this.youTube = youTube;
    this.grants = grants;
  }

  /** As {@link Grants#prefetch}. */
  public PrefetchedGrants prefetch(List<ChannelKey> channels) {
    return grants.prefetch(channels);
  }

  /** A 403 without a reason may mean that the channel has another owner now; that is asked. */
  private <T> T with(Call call, Function<Call, T> method) {
    if (!(call.credential() instanceof Credential.ChannelGrant(String channelId))) {
      return method.apply(call);
    }
    try {
      return grants.with(
          channelId, token -> method.apply(call.with(new Credential.AccessToken(token))));
    } catch (YouTubeException e) {
      if (e.isForbidden() && !(e.failure() instanceof Failure.NotMonetized)) {
        identity.verifyAfterRefusal(call, channelId);
      }
      throw e;
    }
  }

  @Override
  public OwnChannel ownChannel(Call call) {
    return with(call, youTube::ownChannel);
  }

  @Override
  public Optional<PublicChannel> channelByHandle(Call call, String handle) {
    return with(call, authorized -> youTube.channelByHandle(authorized, handle));
  }

  @Override
  public List<ChannelTotals> channelTotals(Call call, List<String> channelIds) {
    return with(call, authorized -> youTube.channelTotals(authorized, channelIds));
  }

  @Override
  public TaggedContent<UploadPage> uploads(
      Call call,
      String uploadsPlaylistId,
      int limit,
      @Nullable String page,
      @Nullable String etag) {
    return with(
        call, authorized -> youTube.uploads(authorized, uploadsPlaylistId, limit, page, etag));
  }

  @Override
  public List<VideoTotals> videoTotals(Call call, List<String> videoIds) {
    return with(call, authorized -> youTube.videoTotals(authorized, videoIds));
  }

  @Override
  public List<String> absentVideos(Call call, List<String> videoIds) {
    return with(call, authorized -> youTube.absentVideos(authorized, videoIds));
  }

  @Override
  public TaggedContent<List<VideoDetails>> videoDetails(
      Call call, List<String> videoIds, @Nullable String etag) {
    return with(call, authorized -> youTube.videoDetails(authorized, videoIds, etag));
  }

  @Override
  public List<Line> analytics(Call call, AnalyticsQuery query) {
    return with(call, authorized -> youTube.analytics(authorized, query));
  }

  @Override
  public VideoDays videoDays(Call call, AnalyticsQuery query) {
    return with(call, authorized -> youTube.videoDays(authorized, query));
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
