package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares the channel under which a video is fetched with the one that YouTube names. What it
 * answers depends on YouTube and on the user's own rows alone, so that it never shows whether
 * another user has the video. A video that YouTube does not show, as a deleted or a private one, is
 * nobody's: it is let through. Safe to share between threads.
 */
final class VideoChannels {
  private static final int NAMED_IN_MESSAGE = 3;

  private final Database database;
  private final VideoOwners owners;

  VideoChannels(Database database, VideoOwners owners) {
    this.database = database;
    this.owners = owners;
  }

  /**
   * Takes videos of other channels out of a user's open requests, and says so in an outcome. Video
   * details are left to their own answer, which names the channel.
   */
  UserFetch withoutForeign(UserFetch user) {
    FetchContext context = user.context();
    Map<String, Set<String>> named = new LinkedHashMap<>();
    for (PlannedRequest request : user.open()) {
      if (isCompared(request)) {
        named
            .computeIfAbsent(request.channelId(), id -> new LinkedHashSet<>())
            .addAll(videoIds(request));
      }
    }
    if (named.isEmpty()) {
      return user;
    }
    Map<String, Set<String>> foreign = new LinkedHashMap<>();
    Map<String, RuntimeException> failures = new LinkedHashMap<>();
    named.forEach((channelId, ids) -> {
      try {
        foreign.put(channelId, foreign(context, channelId, ids));
      } catch (YouTubeException | DatabaseBusy | DatabaseUnavailable e) {
        failures.put(channelId, e);
      }
    });
    List<PlannedRequest> open = new ArrayList<>();
    List<Outcome> outcomes = new ArrayList<>(user.outcomes());
    for (PlannedRequest request : user.open()) {
      @Nullable RuntimeException failure = failures.get(request.channelId());
      // Analytics answers of the channel's own videos alone, whatever it is asked for.
      if (!isCompared(request) || (failure != null && request.report().isAnalytics())) {
        open.add(request);
        continue;
      }
      if (failure != null) {
        outcomes.add(context.missed(request, failure));
        continue;
      }
      Set<String> others = foreign.getOrDefault(request.channelId(), Set.of());
      List<String> foreignIds = videoIds(request).stream().filter(others::contains).toList();
      if (foreignIds.isEmpty()) {
        open.add(request);
        continue;
      }
      outcomes.add(missed(request, foreignIds));
      List<String> own = videoIds(request).stream().filter(id -> !others.contains(id)).toList();
      if (!own.isEmpty()) {
        open.add(request.withVideos(own));
      }
    }
    return new UserFetch(context, open, outcomes);
  }

  private static boolean isCompared(PlannedRequest request) {
    return request.item().videoIds() != null && request.report() != Report.VIDEO_DETAILS;
  }

  private static List<String> videoIds(PlannedRequest request) {
    List<String> ids = request.item().videoIds();
    return ids == null ? List.of() : ids;
  }

  /** The outcome of videos of other channels. */
  static Outcome.Missed missed(PlannedRequest request, List<String> videoIds) {
    String named = String.join(", ", videoIds.stream().limit(NAMED_IN_MESSAGE).toList());
    int more = videoIds.size() - NAMED_IN_MESSAGE;
    return new Outcome.Missed(
        request.index(),
        Reason.VIDEO_OF_ANOTHER_CHANNEL,
        "YouTube names another channel for %s %s%s. Fetch a video under its own channel."
            .formatted(
                videoIds.size() == 1 ? "video" : "videos",
                named,
                more > 0 ? " and %d more".formatted(more) : ""),
        null);
  }

  /** Returns those videos that YouTube names another channel for; none that are stored here. */
  private Set<String> foreign(FetchContext context, String channelId, Collection<String> videoIds) {
    Set<String> stored =
        database
            .idempotent()
            .asTenant(handle ->
                handle
                    .attach(PlanDao.class)
                    .storedVideos(channelId, videoIds.toArray(String[]::new)));
    return owners
        .ask(
            context,
            channelId,
            videoIds.stream().filter(id -> !stored.contains(id)).distinct().toList())
        .foreign();
  }
}
