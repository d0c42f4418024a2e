package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.tenancy.Connection;
import com.ytempire.sidecar.tenancy.Users;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Watches how many of the connected channels have no recent statistics, so that a sync that has
 * stopped, or that fails for many, is seen although every part is up. Safe to share between
 * threads.
 */
public final class ChannelFreshness {
  /** The sync that comes with the node pack fetches statistics every 15 minutes. */
  private static final Duration STALE_AFTER = Duration.ofHours(6);

  private static final int MAX_STALE_PERCENT = 20;
  private static final int USERS_AT_ONCE = 100;

  private final Database database;
  private final Clock clock;
  private volatile int stalePercent;

  /** Active channels by the label of their connection. */
  private volatile Map<String, Integer> channels = Map.of();

  /** Since when each channel without any statistics has been seen to be so; of one thread. */
  private Map<Key, Instant> withoutAny = Map.of();

  private record Key(UUID userId, String channelId) {}

  public ChannelFreshness(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /** Counts anew. */
  public void run() {
    Instant oldest = clock.instant().minus(STALE_AFTER);
    List<UUID> users = List.copyOf(Users.weights(database).keySet());
    Map<Key, Instant> withoutAnyNow = new HashMap<>();
    Map<String, Integer> byConnection = new HashMap<>();
    long stale = 0;
    for (int from = 0; from < users.size(); from += USERS_AT_ONCE) {
      UUID[] some =
          users.subList(from, Math.min(users.size(), from + USERS_AT_ONCE)).toArray(UUID[]::new);
      for (PlanDao.Source channel :
          database.acrossTenants(
              handle -> handle.attach(PlanDao.class).sources(Database.tenants(handle, some)))) {
        if (!channel.access().isActive()) {
          continue;
        }
        byConnection.merge(channel.access().connection(), 1, Integer::sum);
        if (Connection.CONNECTED.is(channel.access().connection())) {
          Instant last = channel.statistics().statisticsAt();
          if (last == null) {
            // Connected a moment ago, perhaps.
            Key key = new Key(channel.userId(), channel.channelId());
            last = withoutAny.getOrDefault(key, clock.instant());
            withoutAnyNow.put(key, last);
          }
          stale += last.isBefore(oldest) ? 1 : 0;
        }
      }
    }
    withoutAny = withoutAnyNow;
    channels = byConnection;
    int connected = channels(Connection.CONNECTED);
    stalePercent = connected == 0 ? 0 : (int) (stale * 100 / connected);
  }

  /** Active channels with a connection, when last counted. */
  public int channels(Connection connection) {
    return channels.getOrDefault(connection.label(), 0);
  }

  /** Share of the connected channels without statistics of the last 6 hours, when last counted. */
  public int stalePercent() {
    return stalePercent;
  }

  /** What is wrong; empty when few channels are stale. Says no number of channels. */
  public Optional<String> warning() {
    int percent = stalePercent;
    return percent < MAX_STALE_PERCENT
        ? Optional.empty()
        : Optional.of(
            "%d %% of the connected channels have no statistics of the last %d hours"
                .formatted(percent, STALE_AFTER.toHours()));
  }
}
