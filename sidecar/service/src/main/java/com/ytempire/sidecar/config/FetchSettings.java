package com.ytempire.sidecar.config;

import java.time.Duration;

/**
 * How YouTube is asked, where Google's policies or documents leave a choice.
 *
 * @param isStatisticsPooled public statistics of all users together by the API key, which saves
 *     calls but may be kept for 30 days only; otherwise each user's by its own grants
 * @param isUploadsPushed whether the hub is asked to push new videos
 * @param isVideoDaysByFilter whether Analytics is asked for many videos and days in one query, and
 *     day by day only where it refuses that; otherwise a day's top videos are asked for, one day a
 *     query
 * @param checkInterval from one run of the checks of what is stored to the next
 */
public record FetchSettings(
    boolean isStatisticsPooled,
    boolean isUploadsPushed,
    boolean isVideoDaysByFilter,
    Concurrency concurrency,
    Duration checkInterval) {
  static FetchSettings read(SettingsReader reader) {
    return new FetchSettings(
        reader.choice("PUBLIC_STATISTICS", "by-owner", "pooled").equals("pooled"),
        reader.choice("UPLOADS_PUSH", "on", "off").equals("on"),
        reader.choice("VIDEO_DAYS", "by-filter", "top-videos").equals("by-filter"),
        Concurrency.read(reader),
        Duration.ofSeconds(reader.number("CHECK_INTERVAL_SECONDS", 300, 5, 600)));
  }

  /**
   * Calls to Google at the same time, over all replicas and for one user, to each of its services;
   * and how many may wait at a replica, in all and for each user.
   *
   * @param fetches requests to fetch that a replica serves at the same time
   */
  public record Concurrency(
      int concurrent, int concurrentPerUser, int waiting, int waitingPerUser, int fetches) {
    private static Concurrency read(SettingsReader reader) {
      return new Concurrency(
          reader.number("CALLS_CONCURRENT", 64, 1, 1000),
          reader.number("CALLS_CONCURRENT_PER_USER", 4, 1, 1000),
          reader.number("CALLS_WAITING", 10_000, 1, 1_000_000),
          reader.number("CALLS_WAITING_PER_USER", 2000, 1, 1_000_000),
          reader.number("FETCHES_CONCURRENT", 200, 1, 100_000));
    }
  }
}
