package com.ytempire.sidecar.costs;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.VoidWork;
import com.ytempire.sidecar.db.Work;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.PageKey;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Request;
import java.time.LocalDate;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads and changes what concerns all users' costs, each time with an entry in the audit log of the
 * platform. Safe to share between threads.
 *
 * @param database by the second login
 */
record PlatformRecords(Database database, TenantAccess tenantAccess) {
  /** A page of rows, and what the next one is asked for with; null: it is the last. */
  record Page<T>(List<T> rows, @Nullable String next) {}

  /** Reads at most so many rows after a key, a day and the other parts; null: from the first. */
  @FunctionalInterface
  interface Query<T> {
    List<T> rows(PlatformDao dao, @Nullable LocalDate day, String[] names, int limit);
  }

  private record Key(@Nullable LocalDate day, List<String> names) {
    static final Key START = new Key(null, List.of());

    static Key of(List<String> parts) {
      return new Key(PageKey.day(parts.getFirst()), parts.subList(1, parts.size()));
    }
  }

  /**
   * Reads the page that a request asks for.
   *
   * @param parts of a key
   * @param key makes the text of a row's key, whose first part is a day
   */
  <T> Page<T> page(
      Request request, String action, int parts, Query<T> query, Function<T, String> key) {
    int limit = request.number("limit", 100, 1, 500);
    Key after = PageKey.decode(request, parts, Key::of).orElse(Key.START);
    List<T> found =
        audited(
            request,
            action,
            handle ->
                query.rows(
                    handle.attach(PlatformDao.class),
                    after.day(),
                    after.names().toArray(String[]::new),
                    limit + 1));
    boolean isMore = found.size() > limit;
    List<T> rows = isMore ? found.subList(0, limit) : found;
    return new Page<>(rows, isMore ? key.apply(rows.getLast()) : null);
  }

  <T> T audited(Request request, String action, Work<T> work) {
    return database.directory(handle -> {
      tenantAccess.auditPlatform(handle, request.caller(), action, "costs");
      return work.run(handle);
    });
  }

  /** As {@link #audited}, without a result. */
  void useAudited(Request request, String action, VoidWork work) {
    var _ = audited(request, action, work.toWork());
  }

  static Problem invalid(String pointer, String message) {
    return Problem.invalid(
        "The body does not fit: %s %s.".formatted(pointer, message),
        List.of(new Fault(pointer, message)));
  }
}
