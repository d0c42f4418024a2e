package com.ytempire.sidecar.tenancy;

import com.ytempire.sidecar.db.Database;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Queries about all users together, for other packages. */
public final class Users {
  private static final int PAGE = 500;

  private Users() {}

  /** The active users, and what each is worth in the sharing of what all share. */
  public static Map<UUID, Integer> weights(Database database) {
    return database.directory(handle -> handle.attach(UserDao.class).tiers()).stream()
        .collect(
            Collectors.toMap(
                UserDao.Tier::userId, tier -> Tier.of(tier.subscriptionTier()).weight()));
  }

  /**
   * Changes the tier of the tenant of this transaction and publishes it; false: it is that already.
   *
   * @param reason by {@code schemas/tier-changed.json}
   */
  public static boolean changeTier(
      Handle handle, UUID userId, Tier tier, String reason, Instant now) {
    UserDao users = handle.attach(UserDao.class);
    // Held, so that of two changes each sees the other's.
    @Nullable String before = users.lockTier().orElse(null);
    if (before == null || before.equals(tier.label())) {
      return false;
    }
    var _ = users.update(null, tier.label(), null, null, null);
    Events.publish(
        handle,
        Events.Kind.TIER_CHANGED,
        Events.idOf(Events.Kind.TIER_CHANGED, userId, tier.label() + " " + now),
        null,
        now,
        Map.of("tier", tier.label(), "previousTier", before, "reason", reason));
    return true;
  }

  /** The active users by email; the second login alone may list them. */
  static List<UUID> active(Database database) {
    return list(database, true);
  }

  /** All users by email, those who are not active among them. */
  public static List<UUID> all(Database database) {
    return list(database, false);
  }

  private static List<UUID> list(Database database, boolean activeOnly) {
    return database
        .operator()
        .directory(handle -> {
          UserDao users = handle.attach(UserDao.class);
          List<UUID> all = new ArrayList<>();
          for (List<User> page = users.list(activeOnly, null, PAGE);
              !page.isEmpty();
              page = users.list(activeOnly, all.getLast(), PAGE)) {
            page.forEach(user -> all.add(user.userId()));
          }
          return all;
        });
  }

  /** An active user, the first by email; empty: there is none. */
  public static Optional<UUID> any(Database database) {
    return database
        .operator()
        .directory(handle ->
            handle.attach(UserDao.class).list(true, null, 1).stream()
                .map(User::userId)
                .findFirst());
  }
}
