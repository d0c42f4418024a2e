package com.ytempire.simulator;

import com.ytempire.simulator.AnalyticsFigures.Day;
import com.ytempire.simulator.Catalog.Channel;
import com.ytempire.simulator.Catalog.Video;
import com.ytempire.simulator.DimensionReports.Breakdown;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Files of the Reporting API other than thumbnails by video, with the columns that real files were
 * seen to have: {@code channel_basic_a3} by video, subscribed status and country, and {@code
 * channel_reach_combined_a1} by video, traffic source and device.
 */
final class BulkFiles {
  /** Codes of traffic sources and of devices in the files, with their usual shares. */
  private static final Breakdown SOURCES =
      new Breakdown(Set.of(), Map.of("3", 40, "5", 22, "7", 30, "4", 8));

  private static final Breakdown DEVICES =
      new Breakdown(Set.of(), Map.of("101", 24, "102", 18, "104", 52, "105", 6));

  private static final Breakdown STATUSES =
      new Breakdown(Set.of(), Map.of("subscribed", 28, "not_subscribed", 72));

  /** Share of a day's views that the first file has; the better one has all. */
  private static final double FIRST_FILE = 0.98;

  private BulkFiles() {}

  static String csv(World world, String type, Channel channel, LocalDate day, boolean isBackfill) {
    boolean isReach = type.equals("channel_reach_combined_a1");
    StringBuilder csv =
        new StringBuilder(
            isReach
                ? "date,channel_id,video_id,traffic_source_type,device_type,operating_system,video_thumbnail_impressions,video_thumbnail_impressions_ctr\n"
                : "date,channel_id,video_id,live_or_on_demand,subscribed_status,country_code,views,engaged_views,comments,likes,dislikes,shares,watch_time_minutes,average_view_duration_seconds,average_view_duration_percentage,subscribers_gained,subscribers_lost,red_views,red_watch_time_minutes\n");
    String prefix = day.format(DateTimeFormatter.BASIC_ISO_DATE) + "," + channel.id() + ",";
    if (isReach) {
      for (AnalyticsFigures.Reach reach : world.reach(channel, day, isBackfill)) {
        reach(csv, prefix + reach.video().id(), reach, channel, day);
      }
    } else {
      for (Video video : world.videos(channel)) {
        Day figures = world.videoDay(video, day);
        if (figures.views() > 0) {
          basic(csv, prefix + video.id(), isBackfill ? figures : first(figures), channel);
        }
      }
    }
    return csv.toString();
  }

  private static Day first(Day day) {
    return new Day(
        day.day(),
        Math.round(day.views() * FIRST_FILE),
        Math.round(day.engagedViews() * FIRST_FILE),
        Math.round(day.minutesWatched() * FIRST_FILE),
        day.averageViewDuration(),
        day.averageViewPercentage(),
        day.likes(),
        day.comments(),
        day.shares(),
        day.subscribersGained(),
        day.subscribersLost(),
        day.revenue());
  }

  private static void basic(StringBuilder csv, String prefix, Day day, Channel channel) {
    DimensionReports.split(day, DimensionReports.COUNTRIES, channel)
        .forEach((country, ofCountry) ->
            DimensionReports.split(ofCountry, STATUSES, channel)
                .forEach((status, values) -> {
                  if (values.views() > 0) {
                    csv.append(
                        String.format(
                            Locale.ROOT,
                            "%s,on_demand,%s,%s,%d,%d,%d,%d,0,%d,%.4f,%d,%.4f,%d,%d,0,0.0000\n",
                            prefix,
                            status,
                            country,
                            values.views(),
                            values.engagedViews(),
                            values.comments(),
                            values.likes(),
                            values.shares(),
                            (double) values.minutesWatched(),
                            values.averageViewDuration(),
                            values.averageViewPercentage(),
                            values.subscribersGained(),
                            values.subscribersLost()));
                  }
                }));
  }

  private static void reach(
      StringBuilder csv,
      String prefix,
      AnalyticsFigures.Reach reach,
      Channel channel,
      LocalDate day) {
    Day impressions = new Day(day, reach.impressions(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    DimensionReports.split(impressions, SOURCES, channel)
        .forEach((source, ofSource) ->
            DimensionReports.split(ofSource, DEVICES, channel)
                .forEach((device, values) -> {
                  if (values.views() > 0) {
                    csv.append(
                            List.of(
                                    prefix,
                                    source,
                                    device,
                                    "18",
                                    String.valueOf(values.views()),
                                    String.valueOf(reach.rate()))
                                .stream()
                                .reduce((a, b) -> a + "," + b)
                                .orElseThrow())
                        .append('\n');
                  }
                }));
  }
}
