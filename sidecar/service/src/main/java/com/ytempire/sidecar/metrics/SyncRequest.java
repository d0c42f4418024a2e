package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.FetchRequest.Item;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The body of a request to sync; {@code schemas/sync-request.json}. */
record SyncRequest(
    List<Member> users,
    @Nullable List<Report> reports,
    @Nullable LocalDate startDate,
    @Nullable LocalDate endDate,
    @Nullable Integer waitSeconds) {
  /** The default of the contract. */
  private static final int DEFAULT_WAIT_SECONDS = 300;

  /** The most parts of a period: more than YouTube has days of, and few enough to hold. */
  private static final int MAX_PARTS = 1_000;

  /**
   * A user whose channels are synced.
   *
   * @param channelIds null: all active channels
   */
  record Member(UUID userId, @Nullable List<String> channelIds) {}

  /** How long to fetch. */
  Duration timeout() {
    return Duration.ofSeconds(waitSeconds == null ? DEFAULT_WAIT_SECONDS : waitSeconds);
  }

  /** The ids of the users, each once. */
  Set<UUID> userIds() {
    Set<UUID> ids = new LinkedHashSet<>();
    users.forEach(user -> ids.add(user.userId()));
    return ids;
  }

  /** The reports to fetch of each channel. */
  List<Report> chosenReports() {
    return reports == null ? Stream.of(Report.values()).filter(Report::isSynced).toList() : reports;
  }

  /** Whether only what can have changed is fetched. */
  boolean isByPlan() {
    return startDate == null;
  }

  /**
   * The channels to sync of each user; none of a user that is unknown or has no active channel.
   *
   * @param known the users that there are, with their channels
   */
  Map<UUID, Set<String>> channels(Map<UUID, KnownUser> known) {
    Map<UUID, Set<String>> channels = new LinkedHashMap<>();
    for (Member member : users) {
      Set<String> own = channels.computeIfAbsent(member.userId(), id -> new LinkedHashSet<>());
      @Nullable KnownUser user = known.get(member.userId());
      if (member.channelIds() != null) {
        own.addAll(member.channelIds());
      } else if (user != null) {
        user.channels()
            .forEach((channelId, channel) -> {
              if (channel.source().access().isActive()) {
                own.add(channelId);
              }
            });
      }
    }
    return channels;
  }

  /** How many requests that makes. */
  long size(Map<UUID, Set<String>> channels) {
    long each = chosenReports().stream().mapToLong(report -> periods(report).size()).sum();
    return each * channels.values().stream().mapToLong(Set::size).sum();
  }

  private static Item item(
      UUID userId, String channelId, Report report, Optional<Selection.Period> period) {
    return new Item(
        userId,
        channelId,
        report,
        period.map(Selection.Period::first).orElse(null),
        period.map(Selection.Period::last).orElse(null),
        null,
        null,
        null,
        null,
        null);
  }

  /** The days to fetch of a report, in parts that one request takes; empty: those of the plan. */
  private List<Optional<Selection.Period>> periods(Report report) {
    if (startDate == null || endDate == null || !report.hasPeriod()) {
      return List.of(Optional.empty());
    }
    List<Optional<Selection.Period>> periods = new ArrayList<>();
    LocalDate first = startDate;
    do {
      LocalDate longest = first.plusDays(Admission.maxDays(report) - 1L);
      LocalDate last = longest.isBefore(endDate) ? longest : endDate;
      periods.add(Optional.of(new Selection.Period(first, last)));
      first = last.plusDays(1);
    } while (!first.isAfter(endDate) && periods.size() < MAX_PARTS);
    return periods;
  }

  /** What to fetch, by reference, of these channels. */
  FetchRequest toFetch(Map<UUID, Set<String>> channels) {
    List<Item> items = new ArrayList<>();
    channels.forEach((userId, ids) ->
        ids.forEach(channelId ->
            chosenReports()
                .forEach(report ->
                    periods(report)
                        .forEach(period -> items.add(item(userId, channelId, report, period))))));
    return new FetchRequest(
        items, null, waitSeconds, isByPlan(), null, FetchRequest.Output.REFERENCES);
  }
}
