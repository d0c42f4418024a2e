package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.cache.Cache;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.metrics.RowReader.Read;
import com.ytempire.sidecar.tenancy.Connection;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.tenancy.Tier;
import com.ytempire.sidecar.web.Caller;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTube.VideoDetails;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the channel under which a video is fetched or stored with the one that YouTube names.
 * What it answers depends on YouTube and on the user's own rows alone, so that it never shows
 * whether another user has the video. A video that YouTube does not show, as a deleted or a private
 * one, is nobody's: it is let through. Safe to share between threads.
 */
final class VideoChannels {
  private static final Logger log = LoggerFactory.getLogger(VideoChannels.class);

  /** A video never changes its channel; YouTube's policies let us keep that for 30 days. */
  private static final Duration KEPT = Duration.ofDays(30);

  /** A video that YouTube does not show is asked for again after this time. */
  private static final Duration ABSENCE_KEPT = Duration.ofDays(1);

  /** How long storing waits for YouTube; what is not answered by then is let through. */
  private static final Duration TIME_TO_ASK = Duration.ofSeconds(5);

  private static final int NAMED_IN_MESSAGE = 3;

  private final Database database;
  private final YouTube youTube;
  private final Cache cache;
  private final boolean isPooled;
  private final Clock clock;

  /**
   * Makes the comparison.
   *
   * @param isPooled whether YouTube is asked by the platform's key rather than by a channel's grant
   */
  VideoChannels(Database database, YouTube youTube, Cache cache, boolean isPooled, Clock clock) {
    this.database = database;
    this.youTube = youTube;
    this.cache = cache;
    this.isPooled = isPooled;
    this.clock = clock;
  }

  /** A video under a channel of a user. */
  record Claim(UUID userId, String channelId, String videoId) {}

  /**
   * Videos whose channel YouTube names.
   *
   * @param own that it names this channel for
   * @param foreign that it names another one for
   */
  record Claims(Set<Claim> own, Set<Claim> foreign) {
    static final Claims NONE = new Claims(Set.of(), Set.of());
  }

  /** The same of one channel of one user. */
  private record VideoIds(Set<String> own, Set<String> foreign) {}

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
    return ask(
            context,
            channelId,
            videoIds.stream().filter(id -> !stored.contains(id)).distinct().toList())
        .foreign();
  }

  private VideoIds ask(FetchContext context, String channelId, List<String> videoIds) {
    VideoIds answer = new VideoIds(new HashSet<>(), new HashSet<>());
    List<String> unknown = new ArrayList<>();
    for (String id : videoIds) {
      @Nullable CachedAnswer<String> known =
          context.cache().find(key(channelId, id), KEPT, String.class).orElse(null);
      if (known == null) {
        unknown.add(id);
      } else {
        known.rows().forEach(owner -> add(answer, channelId, id, owner));
      }
    }
    for (int from = 0; from < unknown.size(); from += YouTube.IDS_PER_CALL) {
      List<String> some =
          unknown.subList(from, Math.min(unknown.size(), from + YouTube.IDS_PER_CALL));
      List<VideoDetails> shown =
          youTube
              .videoDetails(isPooled ? context.publicCall() : context.call(channelId), some, null)
              .content();
      Map<String, String> owners =
          (shown == null ? List.<VideoDetails>of() : shown)
              .stream()
                  .collect(
                      Collectors.toMap(
                          VideoDetails::videoId, VideoDetails::channelId, (one, other) -> one));
      for (String id : some) {
        @Nullable String owner = owners.get(id);
        context
            .cache()
            .putFor(
                owner == null ? ABSENCE_KEPT : KEPT,
                key(channelId, id),
                owner == null ? List.of() : List.of(owner));
        if (owner != null) {
          add(answer, channelId, id, owner);
        }
      }
    }
    return answer;
  }

  private static void add(VideoIds answer, String channelId, String videoId, String owner) {
    var _ = (owner.equals(channelId) ? answer.own() : answer.foreign()).add(videoId);
  }

  /** A key that is forgotten together with the channel. */
  private static String key(String channelId, String videoId) {
    return channelId + ":video-channel:" + videoId;
  }

  /** What is known of the user whose rows are to be stored. */
  private record Known(Tier tier, Map<String, List<String>> toAsk) {}

  /**
   * Returns which videos of rows to be stored YouTube names their channel for, or another one.
   * Takes a unit for 50 videos that are neither stored under their channel nor were asked for
   * lately; where YouTube or the database cannot be asked, as of a channel that is not connected,
   * or not within one time for all users, rows are let through.
   */
  Claims claims(Caller caller, List<Read> rows) {
    Map<UUID, Map<String, Set<String>>> claims = new TreeMap<>();
    for (Read read : rows) {
      TypedRow row = read.row();
      if (row != null && row.videoId() != null && TenantAccess.mayActFor(caller, row.userId())) {
        claims
            .computeIfAbsent(row.userId(), id -> new LinkedHashMap<>())
            .computeIfAbsent(row.channelId(), id -> new LinkedHashSet<>())
            .add(row.videoId());
      }
    }
    Claims answer = new Claims(new HashSet<>(), new HashSet<>());
    if (claims.isEmpty()) {
      return answer;
    }
    Deadline end = Deadline.currentOr(TIME_TO_ASK);
    Deadline deadline =
        end.remaining().compareTo(TIME_TO_ASK) > 0 ? Deadline.after(TIME_TO_ASK) : end;
    for (Map.Entry<UUID, Map<String, Set<String>>> claim : claims.entrySet()) {
      UUID userId = claim.getKey();
      if (deadline.hasPassed()) {
        log.info("whose videos are stored was not asked for all users in time");
        break;
      }
      try {
        // The database has the same time as YouTube, for all users together.
        Known known = deadline.supply(() -> Tenant.as(userId, () -> toAsk(claim.getValue())));
        FetchContext context =
            new FetchContext(
                new FetchContext.Terms(
                    false, deadline, deadline, null, new YouTube.Spending(), clock),
                userId,
                known.tier().weight(),
                new AnswerCache(cache, userId, clock));
        known.toAsk().forEach((channelId, ids) -> ask(context, channelId, ids, answer));
      } catch (DatabaseBusy | DatabaseUnavailable e) {
        log.info("which videos are stored could not be read: {}", e.getMessage());
      }
    }
    return answer;
  }

  private void ask(FetchContext context, String channelId, List<String> videoIds, Claims answer) {
    UUID userId = context.userId();
    try {
      VideoIds ofChannel = context.runAsUser(() -> ask(context, channelId, videoIds));
      ofChannel.own().forEach(id -> answer.own().add(new Claim(userId, channelId, id)));
      ofChannel.foreign().forEach(id -> answer.foreign().add(new Claim(userId, channelId, id)));
    } catch (YouTubeException | DatabaseBusy | DatabaseUnavailable e) {
      log.info("whose videos are stored could not be asked: {}", e.getMessage());
    }
  }

  private Known toAsk(Map<String, Set<String>> channels) {
    return database
        .idempotent()
        .asTenant(handle -> {
          PlanDao dao = handle.attach(PlanDao.class);
          Set<String> connected =
              dao.channelsWith(
                  isPooled ? null : Connection.CONNECTED.label(),
                  channels.keySet().toArray(String[]::new));
          Map<String, List<String>> toAsk = new LinkedHashMap<>();
          channels.forEach((channelId, ids) -> {
            if (connected.contains(channelId)) {
              Set<String> stored = dao.storedVideos(channelId, ids.toArray(String[]::new));
              List<String> others = ids.stream().filter(id -> !stored.contains(id)).toList();
              if (!others.isEmpty()) {
                toAsk.put(channelId, others);
              }
            }
          });
          return new Known(
              dao.tier().stream().findFirst().map(Tier::of).orElse(Tier.STARTER), toAsk);
        });
  }
}
