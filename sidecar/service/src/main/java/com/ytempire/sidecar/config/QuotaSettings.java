package com.ytempire.sidecar.config;

import java.time.Duration;

/** Google's quotas, and how they are shared out. */
public record QuotaSettings(Limits limits, Sharing sharing) {
  static QuotaSettings read(SettingsReader reader) {
    return new QuotaSettings(Limits.read(reader), Sharing.read(reader));
  }

  /** Units that Google gives the project, a Pacific day or a minute, as its console shows. */
  public record Limits(DataLimits data, AnalyticsLimits analytics, ReportingLimits reporting) {
    /** Units of the Data API a day. */
    public record DataLimits(long general, long search, long upload, long batchGetStats) {}

    /** Queries of the Analytics API. */
    public record AnalyticsLimits(long day, long minute, long userMinute) {}

    /** Calls to the Reporting API. */
    public record ReportingLimits(long day, long minute) {}

    private static Limits read(SettingsReader reader) {
      return new Limits(
          new DataLimits(
              units(reader, "DATA_GENERAL", 10_000),
              units(reader, "DATA_SEARCH", 100),
              units(reader, "DATA_UPLOAD", 100),
              units(reader, "DATA_BATCH_GET_STATS", 10_000)),
          new AnalyticsLimits(
              units(reader, "ANALYTICS_DAY", 100_000),
              units(reader, "ANALYTICS_MINUTE", 720),
              units(reader, "ANALYTICS_USER_MINUTE", 60)),
          new ReportingLimits(
              units(reader, "REPORTING_DAY", 20_000), units(reader, "REPORTING_MINUTE", 60)));
    }

    private static long units(SettingsReader reader, String bucket, int standard) {
      return reader.number("QUOTA_" + bucket, standard, 0, 1_000_000_000);
    }
  }

  /**
   * How a day's units are shared out among the users.
   *
   * @param guaranteedPercent of a bucket, split into the users' guaranteed shares
   * @param interactivePercent kept for calls that a person waits for; both together at most 100
   * @param release how long before the day ends what nobody has claimed begins to be released,
   *     evenly until the end
   */
  public record Sharing(int guaranteedPercent, int interactivePercent, Duration release) {
    private static Sharing read(SettingsReader reader) {
      Sharing sharing =
          new Sharing(
              reader.number("QUOTA_GUARANTEED_PERCENT", 50, 0, 100),
              reader.number("QUOTA_INTERACTIVE_PERCENT", 10, 0, 100),
              Duration.ofHours(reader.number("QUOTA_RELEASE_HOURS", 4, 0, 24)));
      if (sharing.guaranteedPercent() + sharing.interactivePercent() > 100) {
        reader.fault(
            "YTEMPIRE_QUOTA_GUARANTEED_PERCENT and YTEMPIRE_QUOTA_INTERACTIVE_PERCENT are more than 100 together.");
      }
      return sharing;
    }
  }
}
