package com.ytempire.sidecar.tenancy;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.db.VoidWork;
import com.ytempire.sidecar.db.Work;
import com.ytempire.sidecar.web.Caller;
import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Role;
import java.time.Clock;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * Checks that a caller may act for a tenant, and enters the tenant: the one place where a caller
 * becomes one. A user's token acts for its user only; another user's id is answered as unknown. A
 * workflow's token may act for everybody, and each act is written to the audit log together with
 * what it did.
 */
public final class TenantAccess {
  private final Database database;
  private final ActivityLog activities;
  private final Clock clock;

  /** Creates the access of a sidecar that records no activities. */
  public TenantAccess(Database database, Clock clock) {
    this(database, ActivityLog.NONE, clock);
  }

  public TenantAccess(Database database, ActivityLog activities, Clock clock) {
    this.database = database;
    this.activities = activities;
    this.clock = clock;
  }

  /** Does something in one transaction as this user, on behalf of the caller. */
  public <T> T as(Caller caller, UUID userId, String action, Work<T> work) {
    require(caller, userId);
    return Tenant.as(
        userId,
        () ->
            database.asTenant(handle -> {
              requireExists(handle, userId);
              T result = work.run(handle);
              audit(handle, caller, action, Map.of());
              return result;
            }));
  }

  /** As {@link #as}, without a result. */
  public void use(Caller caller, UUID userId, String action, VoidWork work) {
    as(caller, userId, action, work.toWork());
  }

  /** Whether the caller's token may act for this user at all. */
  public static boolean mayActFor(Caller caller, UUID userId) {
    return caller.role() != Role.USER || userId.equals(caller.userId());
  }

  /**
   * Refuses a caller whose token may not act for this user.
   *
   * @throws Problem unknown-user
   */
  public void require(Caller caller, UUID userId) {
    if (!mayActFor(caller, userId)) {
      throw unknownUser(userId);
    }
  }

  private static void requireExists(Handle handle, UUID userId) {
    if (handle.attach(UserDao.class).find().isEmpty()) {
      throw unknownUser(userId);
    }
  }

  /** A user of this id cannot be seen by the caller, whether it exists or not. */
  public static Problem unknownUser(UUID userId) {
    return Problem.of(Problem.Type.UNKNOWN_USER, "There is no user " + userId + ".");
  }

  /** Writes what was done to each of several users, in the transaction that does it. */
  public void auditEach(Handle handle, Caller caller, Collection<UUID> userIds, String action) {
    if (caller.role() == Role.USER || userIds.isEmpty()) {
      return;
    }
    handle
        .attach(AuditDao.class)
        .recordForEach(
            Database.tenants(handle, userIds.toArray(UUID[]::new)),
            clock.instant(),
            caller.tokenId(),
            caller.role().label(),
            action,
            caller.workflowId(),
            caller.executionId(),
            "{}");
  }

  /** Writes what was done to no user that there is. */
  public void auditPlatform(Handle handle, Caller caller, String action, String about) {
    handle
        .attach(AuditDao.class)
        .recordPlatformAct(
            clock.instant(),
            caller.tokenId(),
            caller.role().label(),
            action,
            caller.workflowId(),
            caller.executionId(),
            Json.MAPPER.writeValueAsString(Map.of("about", about)));
  }

  /**
   * Writes what was done, in the transaction that does it, for the tenant entered there. A user's
   * own acts are not audited.
   */
  public void audit(Handle handle, Caller caller, String action, Map<String, ?> details) {
    if (caller.role() == Role.USER) {
      return;
    }
    handle
        .attach(AuditDao.class)
        .record(
            clock.instant(),
            caller.tokenId(),
            caller.role().label(),
            action,
            caller.workflowId(),
            caller.executionId(),
            Json.MAPPER.writeValueAsString(details));
  }

  /**
   * Records what was done for a user among the user's events. Callers name any users: for one that
   * the caller may not act for nothing was done, and nothing is recorded.
   */
  public void recordActivity(
      Caller caller, UUID userId, ActivityLog.Kind kind, Map<String, ?> data) {
    if (mayActFor(caller, userId)) {
      activities.record(
          kind, userId, new ActivityLog.Origin(caller.workflowId(), caller.executionId()), data);
    }
  }
}
