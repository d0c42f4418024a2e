package com.ytempire.platform;

import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** Reads what a sync has left to do. */
final class SyncState {
  /**
   * Longer than a run by reference holds its leases after a fetch, to store what it fetched: three
   * minutes.
   */
  private static final Duration LEASE_LIMIT = Duration.ofMinutes(4);

  private static final Duration POLL = Duration.ofMillis(200);

  /** A report whose only due days are older is due for its history. */
  private static final int RECENT_DAYS = 20;

  /** Due as long as the channel's own part of the day lasts, whether it was read or not. */
  private static final String ALWAYS_DUE = "thumbnail-day";

  private final Platform platform;
  private final Checks checks;

  SyncState(Platform platform) {
    this.platform = platform;
    this.checks = new Checks(platform);
  }

  /**
   * Whether a sync ended well, every channel has all rows, and nothing is due.
   *
   * @param dueAnyway reports that are due right after an undisturbed sync
   */
  boolean isHealed(String status, String user, Set<String> dueAnyway) throws Exception {
    return status.equals("success") && incomplete().isEmpty() && dueAnyway.containsAll(due(user));
  }

  /** Channels without all rows. */
  List<String> incomplete() throws Exception {
    return platform.whileAway(() -> checks.incompleteChannels());
  }

  /** Reports of a user's channels that the next sync would fetch. */
  Set<String> due(String user) throws Exception {
    Set<String> due = new TreeSet<>();
    JsonNode plan =
        platform.whileAway(() -> platform.operator().get("/v1/users/" + user + "/plan"));
    for (JsonNode channel : plan.get("channels")) {
      for (JsonNode report : channel.get("reports")) {
        String name = report.get("report").stringValue();
        if (report.get("isDue").booleanValue() && !name.equals(ALWAYS_DUE) && !isHistory(report)) {
          due.add(name);
        }
      }
    }
    return due;
  }

  /** Whether a report is due for nothing but days of long ago, which come in tick by tick. */
  private boolean isHistory(JsonNode report) {
    LocalDate newest = LocalDate.ofInstant(platform.clock().instant(), ZoneOffset.UTC);
    JsonNode days = report.get("days");
    return !days.isEmpty()
        && days.valueStream()
            .map(day -> LocalDate.parse(day.stringValue()))
            .allMatch(day -> day.isBefore(newest.minusDays(RECENT_DAYS)));
  }

  /**
   * Waits until no run holds leases of a user's reports, at most {@link #LEASE_LIMIT}: those of a
   * process that was killed end by themselves, long before the next tick of a quarter of an hour.
   *
   * @return whether none is held any more
   */
  boolean awaitLeases(String user) throws Exception {
    long until = System.nanoTime() + LEASE_LIMIT.toNanos();
    String leases =
        "select count(*) from core.fetch_leases where user_id = '%s' and leased_until > clock_timestamp()"
            .formatted(user);
    while (platform.whileAway(() -> platform.number(leases)) > 0) {
      if (System.nanoTime() > until) {
        return false;
      }
      Thread.sleep(POLL);
    }
    return true;
  }
}
