package com.ytempire.sidecar.tenancy;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Notices to a user, one for each cause: added by whoever finds out, read by API and dashboards.
 */
public final class Notices {
  private final TenantAccess tenantAccess;

  public Notices(TenantAccess tenantAccess) {
    this.tenantAccess = tenantAccess;
  }

  /** The kind of a notice. */
  public enum Kind {
    /** Google no longer takes a channel's grant. */
    RECONNECT_NEEDED,
    /** A channel was disconnected; its rows are out of sight. */
    CHANNEL_DISCONNECTED,
    /** Everything fetched of a channel was erased. */
    CHANNEL_ERASED,
    /** The user's database logins computed too much, and are refused for a while. */
    DATABASE_LOGINS_PAUSED;

    private String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  record Page(List<Notice> notices, @Nullable Long next) {}

  /**
   * Adds a notice for the tenant, in the transaction in which its cause happens.
   *
   * @param channelId which channel it is about; null: none
   */
  public static void add(
      Handle handle, Kind kind, @Nullable String channelId, String message, Instant at) {
    handle.attach(NoticeDao.class).add(at, kind.label(), channelId, message);
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/v1/users/{userId}/notices", "Read what a user should know, oldest first")
            .by(OPERATOR, SERVICE, USER)
            .query("after", "The `next` of the page before; left out: from the beginning.")
            .query("limit", "Notices a page, 1 to 500; 100 when left out.")
            .answers("notice-page")
            .with(this::read));
  }

  private Page read(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    int limit = request.number("limit", 100, 1, 500);
    long after = request.number("after", 0, 0, Integer.MAX_VALUE);
    List<Notice> found =
        tenantAccess.as(
            request.caller(),
            userId,
            "notices.read",
            handle -> handle.attach(NoticeDao.class).after(after, limit + 1));
    boolean more = found.size() > limit;
    List<Notice> page = more ? found.subList(0, limit) : found;
    return new Page(page, more ? page.getLast().noticeId() : null);
  }
}
