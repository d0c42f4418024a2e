package com.ytempire.sidecar.dashboards;

import com.ytempire.sidecar.dashboards.DashboardDao.Owner;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Type;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/**
 * Reads and writes the stored state of users' dashboards, by the operator's login. Safe to share
 * between threads.
 */
final class DashboardStore {
  private final Database database;

  DashboardStore(Database database) {
    this.database = database;
  }

  /** Work as one user. */
  interface Work<T> {
    T run(Handle handle, DashboardDao dao);
  }

  <T> T as(UUID userId, Work<T> work) {
    return Tenant.as(
        userId,
        () -> database.asTenant(handle -> work.run(handle, handle.attach(DashboardDao.class))));
  }

  /** Asks what concerns all users, or none. */
  <T> T directory(Function<DashboardDao, T> work) {
    return database.directory(handle -> work.apply(handle.attach(DashboardDao.class)));
  }

  /** As {@link #directory}, without a result. */
  void useDirectory(Consumer<DashboardDao> work) {
    database.useDirectory(handle -> work.accept(handle.attach(DashboardDao.class)));
  }

  /**
   * The user of the transaction.
   *
   * @throws Problem when there is none
   */
  static Owner owner(DashboardDao dao, UUID userId) {
    return dao.owner()
        .orElseThrow(() -> Problem.of(Type.UNKNOWN_USER, "There is no user " + userId + "."));
  }
}
