package com.ytempire.sidecar.youtube;

import com.ytempire.sidecar.quota.Bucket;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What we ask of YouTube, in our words. Every method pays inside what each call owes: a fair turn,
 * a reservation of quota, a timeout, retries of what failed without effect, meters, and the
 * translation of Google's errors. All throw {@link YouTubeException}.
 */
public interface YouTube {

  /**
   * For whom and how a call is made.
   *
   * @param weight of the user in the queue
   * @param accessToken of the grant that the call is made with
   * @param deadline until when to wait for a turn and for the quota of the minute
   * @param spending counts the units spent
   */
  record Call(UUID userId, int weight, String accessToken, Instant deadline, Spending spending) {}

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

  /** Lifetime totals of a channel; subscribers are rounded by YouTube, null when hidden. */
  record ChannelTotals(String channelId, long views, @Nullable Long subscribers, long videos) {}

  /** A video in a channel's uploads. */
  record Upload(String videoId, String channelId, String title, Instant publishedAt) {}

  /** Lifetime totals of a video; null: hidden or switched off. */
  record VideoTotals(String videoId, long views, @Nullable Long likes, @Nullable Long comments) {}

  /**
   * Metrics of a day (key YYYY-MM-DD) or of a video (key its id). What YouTube left out is left
   * out.
   */
  record Measured(String key, Map<Metric, BigDecimal> metrics) {}

  /** The channel that the grant is bound to. 1 unit. */
  OwnChannel ownChannel(Call call);

  /** Totals of up to 50 channels. 1 unit, however many. */
  List<ChannelTotals> channelTotals(Call call, List<String> channelIds);

  /** The newest uploads, newest first, up to 50. 1 unit. */
  List<Upload> recentUploads(Call call, String uploadsPlaylistId, int most);

  /** Totals of up to 50 videos, without those that are gone. 1 unit of a bucket of its own. */
  List<VideoTotals> videoTotals(Call call, List<String> videoIds);

  /** Core metrics of the channel, day by day. No units, 1 query. */
  List<Measured> channelDays(Call call, String channelId, LocalDate first, LocalDate last);

  /**
   * Revenue of the channel, day by day; fails with {@link Failure.NotMonetised} where YouTube shows
   * none. No units, 1 query.
   */
  List<Measured> channelRevenueDays(Call call, String channelId, LocalDate first, LocalDate last);

  /** Core metrics of the day's 200 most viewed videos. No units, 1 query. */
  List<Measured> videosOfDay(Call call, String channelId, LocalDate day);

  /**
   * Revenue of the day's 200 best earning videos; fails with {@link Failure.NotMonetised} where
   * YouTube shows none. No units, 1 query.
   */
  List<Measured> videoRevenueOfDay(Call call, String channelId, LocalDate day);
}
