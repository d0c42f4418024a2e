package com.ytempire.sidecar.metrics;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The body of a request to fetch; {@code schemas/fetch-request.json}. */
record FetchRequest(
    List<Item> requests,
    @Nullable Integer maxAgeMinutes,
    @Nullable Integer waitSeconds,
    @Nullable Boolean onlyDue,
    @Nullable Boolean interactive,
    @Nullable Output output) {
  /** The default of the contract. */
  private static final int DEFAULT_WAIT_SECONDS = 300;

  /** The content of the answer. */
  enum Output {
    @JsonProperty("rows")
    ROWS,
    @JsonProperty("references")
    REFERENCES
  }

  /** A report of a channel. */
  record Item(
      UUID userId,
      String channelId,
      Report report,
      @Nullable LocalDate startDate,
      @Nullable LocalDate endDate,
      @Nullable List<String> videoIds,
      @Nullable List<String> metrics,
      @Nullable String sortBy,
      @Nullable Integer limit,
      @Nullable String currency) {
    /** The same for these videos only. */
    Item withVideos(List<String> videos) {
      return new Item(
          userId, channelId, report, startDate, endDate, videos, metrics, sortBy, limit, currency);
    }

    /** The video, where one alone is named. */
    @Nullable String onlyVideo() {
      return videoIds != null && videoIds.size() == 1 ? videoIds.getFirst() : null;
    }
  }

  boolean wantsReferences() {
    return output == Output.REFERENCES;
  }

  /** How long the caller waits. */
  Duration timeout() {
    return Duration.ofSeconds(waitSeconds == null ? DEFAULT_WAIT_SECONDS : waitSeconds);
  }

  boolean isByPlan() {
    return Boolean.TRUE.equals(onlyDue);
  }

  /** Whether what is fetched is leased to one run at a time. */
  boolean isLeased() {
    return wantsReferences() && isByPlan();
  }

  /** The requests of each user, by their index. */
  Map<UUID, Map<Integer, Item>> byUser() {
    Map<UUID, Map<Integer, Item>> byUser = new LinkedHashMap<>();
    for (int index = 0; index < requests.size(); index++) {
      Item item = requests.get(index);
      byUser.computeIfAbsent(item.userId(), id -> new LinkedHashMap<>()).put(index, item);
    }
    return byUser;
  }
}
