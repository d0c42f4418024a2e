package com.ytempire.sidecar.metrics;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Plans reports that Google writes into a file a day. Three quarters of an hour of each day are a
 * channel's own: the Reporting API takes few calls a minute. What is missed is there tomorrow, for
 * Google keeps its files for 60 days.
 */
final class FilePlan {
  private static final Duration OPEN = Duration.ofMinutes(45);

  private FilePlan() {}

  static DuePart due(Report report, KnownChannel channel, Instant now) {
    Instant opens = ChannelSlots.fileOpens(report, channel.source().channelId(), now);
    boolean isDue = !now.isBefore(opens) && now.isBefore(opens.plus(OPEN));
    return new DuePart(
        isDue,
        isDue ? now : now.isBefore(opens) ? opens : opens.plus(Duration.ofDays(1)),
        List.of(),
        List.of(),
        "Google writes a file a day, two days late, and now and then a better one; each is read once, in three quarters of an hour of the day that are the channel's own");
  }
}
