package com.ytempire.sidecar.youtube;

import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.quota.Payer;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The APIs of YouTube that the platform calls, in records of its own. Every method takes care of
 * what each call needs: a permit of the fair scheduler, a reservation of quota, a timeout, retries
 * of what failed without effect, meters, and the translation of Google's errors. All throw {@link
 * YouTubeException}.
 */
public interface YouTube {
  /** Ids that one call of the Data API takes. */
  int IDS_PER_CALL = 50;

  /**
   * For whom and how a call is made.
   *
   * @param weight of the user in the queue
   * @param isInteractive whether a person waits for it
   * @param credential that authorizes the call
   * @param deadline until when to wait for a permit and for the quota of the minute
   * @param spending counts the units spent
   */
  record Call(
      UUID userId,
      int weight,
      boolean isInteractive,
      Credential credential,
      Instant deadline,
      Spending spending) {
    /** Who pays: the user, or the platform where the call serves all users. */
    Payer payer() {
      return credential instanceof Credential.ApiKey
          ? Payer.PLATFORM
          : Payer.user(userId, isInteractive);
    }

    /** The same call with another credential. */
    public Call with(Credential other) {
      return new Call(userId, weight, isInteractive, other, deadline, spending);
    }

    /**
     * The access token that the call is made with; null: by the API key.
     *
     * @throws IllegalStateException when the grant of a channel has not been exchanged for a token
     */
    @Nullable String accessToken() {
      return switch (credential) {
        case Credential.ApiKey key -> null;
        case Credential.AccessToken(String token) -> token;
        case Credential.ChannelGrant(String channelId) ->
            throw new IllegalStateException("no access token of channel " + channelId);
      };
    }
  }

  /** The authorization of a call. */
  sealed interface Credential {
    /** The platform's API key, which sees what everybody sees. */
    record ApiKey() implements Credential {}

    /** A token of Google's token endpoint. */
    record AccessToken(String token) implements Credential {}

    /** The grant of a channel of the acting tenant. */
    record ChannelGrant(String channelId) implements Credential {}
  }

  /** Units spent, by bucket. Safe to share between threads. */
  final class Spending {
    private final Map<String, Long> units = new TreeMap<>();

    synchronized void add(Bucket bucket, long spent) {
      units.merge(bucket.label(), spent, Long::sum);
    }

    public synchronized Map<String, Long> byBucket() {
      return Map.copyOf(units);
    }
  }

  /** A channel as its owner sees it. */
  record OwnChannel(String channelId, String title, String uploadsPlaylistId) {}

  /**
   * Lifetime totals of a channel; subscribers are rounded by YouTube, null when hidden.
   *
   * @param views null: YouTube did not say
   */
  record ChannelTotals(
      String channelId, @Nullable Long views, @Nullable Long subscribers, long videos) {}

  /** A video in a channel's uploads. */
  record Upload(String videoId, String channelId, String title, Instant publishedAt) {}

  /** A page of uploads; {@code next} is null after the last. */
  record UploadPage(List<Upload> uploads, @Nullable String next) {}

  /** Lifetime totals of a video; null: hidden, switched off, or left out by YouTube. */
  record VideoTotals(
      String videoId, @Nullable Long views, @Nullable Long likes, @Nullable Long comments) {}

  /**
   * The written details of a video. {@code thumbnailUrl} is the largest that there is.
   *
   * @param durationSeconds null: upcoming or live
   */
  record VideoDetails(
      String videoId,
      String channelId,
      String title,
      String description,
      List<String> tags,
      Instant publishedAt,
      @Nullable Long durationSeconds,
      @Nullable String thumbnailUrl) {}

  /**
   * The content that Google sent, with its mark of this very content.
   *
   * @param content null: the same as what {@code etag} was given for
   */
  record TaggedContent<T>(@Nullable T content, @Nullable String etag) {}

  /**
   * A row of Analytics: its dimensions by YouTube's names, and its metrics. What YouTube left out
   * is left out.
   */
  record Line(Map<String, String> dimensions, Map<Metric, BigDecimal> metrics) {}

  /**
   * The answer to a query about certain videos by day.
   *
   * @param refused videos for which Google refuses a whole query, as for some that were deleted;
   *     the lines are of the others
   */
  record VideoDays(List<Line> lines, List<String> refused, Extent extent) {
    /** The part of the query that was answered. */
    public enum Extent {
      /** All of it, but for the videos that were refused. */
      COMPLETE,
      /** Nothing: Google refuses queries of this shape, whatever the videos. */
      SHAPE_REFUSED,
      /** A part: too many videos were refused to look for the rest of them now. */
      TOO_MANY_REFUSED
    }
  }

  /**
   * A file of the Reporting API.
   *
   * @param day that it covers; of several for one day the one created last holds
   */
  record BulkReport(String reportId, LocalDate day, Instant createdAt, String downloadUrl) {}

  /**
   * The reach of a video's thumbnail on a day.
   *
   * @param clickThroughRate share of the impressions that were clicked, now and then above 1; null:
   *     unknown, as of no impressions
   */
  record Reach(
      String videoId, LocalDate day, long impressions, @Nullable BigDecimal clickThroughRate) {}

  /** The channel that the grant is bound to. 1 unit. */
  OwnChannel ownChannel(Call call);

  /** A channel as everybody sees it. */
  record PublicChannel(String channelId, String title, String handle) {}

  /** The channel of a handle, such as {@code @woodwork}; empty: there is none. 1 unit. */
  Optional<PublicChannel> channelByHandle(Call call, String handle);

  /** Totals of up to 50 channels. 1 unit, however many. */
  List<ChannelTotals> channelTotals(Call call, List<String> channelIds);

  /**
   * A page of uploads, newest first. 1 unit, also when nothing has changed.
   *
   * @param limit uploads of a page, up to 50
   * @param page from the page before; null: the first
   * @param etag of the answer that is at hand; null: none
   */
  TaggedContent<UploadPage> uploads(
      Call call, String uploadsPlaylistId, int limit, @Nullable String page, @Nullable String etag);

  /** Totals of up to 50 videos, without those that are gone. 1 unit of a bucket of its own. */
  List<VideoTotals> videoTotals(Call call, List<String> videoIds);

  /**
   * Those of up to 50 videos that YouTube says are not there for this grant. One that it refuses to
   * answer for is not among them. 1 unit.
   */
  List<String> absentVideos(Call call, List<String> videoIds);

  /**
   * What is written about up to 50 videos, without those that are gone. 1 unit, also when nothing
   * has changed.
   *
   * @param etag of the answer that is at hand for the same videos; null: none
   */
  TaggedContent<List<VideoDetails>> videoDetails(
      Call call, List<String> videoIds, @Nullable String etag);

  /**
   * Asks Analytics. No units, 1 query. Fails with {@link Failure.Refused} before anything is sent
   * when no such report exists, and with {@link Failure.NotMonetized} where YouTube shows no
   * revenue.
   */
  List<Line> analytics(Call call, AnalyticsQuery query);

  /**
   * Asks Analytics for up to {@link AnalyticsQuery#MAX_VIDEOS} videos by day. 1 query; a few more
   * where Google refuses it, to learn whether for a video or for its shape.
   */
  VideoDays videoDays(Call call, AnalyticsQuery query);

  /**
   * The channel's job that has Google write a file a day about thumbnails; made when there is none.
   * Its first file comes within two days.
   */
  String reachJob(Call call);

  /** The job's files, oldest first. */
  List<BulkReport> reachReports(Call call, String jobId);

  /** What a file says. */
  List<Reach> reach(Call call, BulkReport report);

  /**
   * The sum of all lines of a file that have one value of one dimension.
   *
   * @param figures by our names of the metrics
   */
  record BulkSum(LocalDate day, String dimension, String value, Map<String, BigDecimal> figures) {}

  /** The channel's job for files of a query's report; made when there is none. */
  String bulkJob(Call call, BulkQuery query);

  /** What a file says, added up. */
  List<BulkSum> bulkSums(Call call, BulkReport report, BulkQuery query);
}
