package com.ytempire.sidecar.tenancy;

import com.ytempire.sidecar.db.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

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
