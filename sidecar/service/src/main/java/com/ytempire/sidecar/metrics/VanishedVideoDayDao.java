package com.ytempire.sidecar.metrics;

import java.time.LocalDate;
import java.util.List;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;

/** Reads stored days of the tenant's videos that an answer of Analytics lacks. */
interface VanishedVideoDayDao {
  /** A video on a day. */
  record VideoDay(String videoId, LocalDate day) {}

  /**
   * Days of a channel's videos that are stored with a figure other than 0 and that an answer lacks,
   * up to a limit; of videos that everybody is shown.
   *
   * @param first the first of {@code days}
   * @param last the last of them; bounds by which a video's rows are found in the index
   * @param days finished days that the answer has rows of
   * @param videoIds the videos that were answered for
   * @param answeredVideos the videos of the answer's rows, each with its day in {@code
   *     answeredDays}
   * @param isRevenue whether the figure is revenue, or else views
   */
  @SqlQuery(
      """
      select m.video_id, m.date as day
        from analytics.videos v
        join analytics.video_metrics m
          on m.video_id = v.video_id and m.date between :first and :last
       where v.video_id = any(:videoIds) and v.first_missed_at is null
         and m.channel_id = :channelId and m.date = any(:days)
         and case when :isRevenue then m.revenue_usd else m.views end <> 0
      except
      select * from unnest(:answeredVideos, :answeredDays)
      limit :limit
      """)
  @RegisterConstructorMapper(VideoDay.class)
  List<VideoDay> vanished(
      String channelId,
      LocalDate first,
      LocalDate last,
      LocalDate[] days,
      String[] videoIds,
      String[] answeredVideos,
      LocalDate[] answeredDays,
      boolean isRevenue,
      int limit);
}
