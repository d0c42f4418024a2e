package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.cache.Cache;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.tenancy.Connection;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.tenancy.Tier;
import com.ytempire.sidecar.web.Caller;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the channels of videos whose rows are to be stored with those that YouTube names. Safe
 * to share between threads.
 */
final class VideoClaims {
  private static final Logger log = LoggerFactory.getLogger(VideoClaims.class);

  /** How long storing waits for YouTube; what is not answered by then is let through. */
  private static final Duration TIME_TO_ASK = Duration.ofSeconds(5);

  private final Database database;
  private final VideoOwners owners;
  private final Cache cache;
  private final Clock clock;

  VideoClaims(Database database, VideoOwners owners, Cache cache, Clock clock) {
    this.database = database;
    this.owners = owners;
    this.cache = cache;
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

  /** The tier and the unverified videos of the user whose rows are to be stored. */
  private record UnverifiedVideos(Tier tier, Map<String, List<String>> toAsk) {}

  /**
   * Returns which videos of rows to be stored YouTube names their channel for, or another one.
   * Takes a unit for 50 videos that are neither stored under their channel nor were asked for
   * lately; where YouTube or the database cannot be asked, as of a channel that is not connected,
   * or not within one time for all users, rows are let through.
   */
  Claims claims(Caller caller, List<ParsedRow> rows) {
    Map<UUID, Map<String, Set<String>>> claims = new TreeMap<>();
    for (ParsedRow read : rows) {
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
        UnverifiedVideos known =
            deadline.supply(() -> Tenant.as(userId, () -> toAsk(claim.getValue())));
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
      VideoOwners.VideoIds ofChannel =
          context.runAsUser(() -> owners.ask(context, channelId, videoIds));
      ofChannel.own().forEach(id -> answer.own().add(new Claim(userId, channelId, id)));
      ofChannel.foreign().forEach(id -> answer.foreign().add(new Claim(userId, channelId, id)));
    } catch (YouTubeException | DatabaseBusy | DatabaseUnavailable e) {
      log.info("whose videos are stored could not be asked: {}", e.getMessage());
    }
  }

  private UnverifiedVideos toAsk(Map<String, Set<String>> channels) {
    return database
        .idempotent()
        .asTenant(handle -> {
          PlanDao dao = handle.attach(PlanDao.class);
          Set<String> connected =
              dao.channelsWith(
                  owners.isPooled() ? null : Connection.CONNECTED.label(),
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
          return new UnverifiedVideos(
              dao.tier().stream().findFirst().map(Tier::of).orElse(Tier.STARTER), toAsk);
        });
  }
}
