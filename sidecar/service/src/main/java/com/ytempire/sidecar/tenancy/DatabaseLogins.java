package com.ytempire.sidecar.tenancy;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import java.util.List;
import java.util.UUID;
import java.util.function.ObjLongConsumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PasswordUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Routes about users' PostgreSQL logins, and the job that holds these logins to their limits. Safe
 * to share between threads.
 */
public final class DatabaseLogins {
  private static final Logger log = LoggerFactory.getLogger(DatabaseLogins.class);

  private final Database database;
  private final TenantAccess tenantAccess;
  private final ObjLongConsumer<String> enforced;

  /**
   * @param enforced is told how often a limit was enforced, by reason
   */
  public DatabaseLogins(
      Database database, TenantAccess tenantAccess, ObjLongConsumer<String> enforced) {
    this.database = database;
    this.tenantAccess = tenantAccess;
    this.enforced = enforced;
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.create(
                "/v1/users/{userId}/database-login",
                "Make a PostgreSQL login that sees this user's rows only; a user has at most two")
            .by(OPERATOR, USER)
            .answers("database-login")
            .with(this::create),
        Endpoint.get("/v1/users/{userId}/database-logins", "List a user's PostgreSQL logins")
            .by(OPERATOR, USER)
            .answers("database-login-list")
            .with(this::list),
        Endpoint.delete(
                "/v1/users/{userId}/database-logins/{login}",
                "Revoke a PostgreSQL login and end its sessions")
            .by(OPERATOR, USER)
            .with(this::revoke));
  }

  /** {@code schemas/database-login.json}. */
  record DatabaseLogin(String login, String password) {}

  /** {@code schemas/database-login-list.json}. */
  record DatabaseLoginList(List<Entry> logins) {
    /** A login without its password, which nobody knows any more. */
    record Entry(String login) {}
  }

  private DatabaseLogin create(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    Credentials created =
        tenantAccess.as(
            request.caller(), userId, "user.database-login", handle -> provision(handle, userId));
    return new DatabaseLogin(created.login(), created.password());
  }

  /** A login and its password, which nobody can read again. */
  public record Credentials(String login, String password) {
    @Override
    public String toString() {
      return login;
    }
  }

  /**
   * Makes a login for the tenant of this transaction of the second login.
   *
   * @throws Problem too-many-database-logins
   */
  public Credentials provision(Handle handle, UUID userId) {
    String password = Secrets.random();
    try {
      // The verifier, so that no statement carries the password into a log.
      return new Credentials(
          handle
              .attach(UserDao.class)
              .provisionLogin(PasswordUtil.encodeScramSha256(password.toCharArray())),
          password);
    } catch (JdbiException e) {
      if (Database.violates(e, "login_role_most")) {
        throw Problem.of(
            Type.TOO_MANY_DATABASE_LOGINS,
            "The user has as many database logins as are allowed. Revoke one first: DELETE /v1/users/"
                + userId
                + "/database-logins/{login}.");
      }
      throw e;
    }
  }

  /** Whether the tenant has this login; null: it has not. */
  public boolean has(Handle handle, @Nullable String login) {
    return login != null && handle.attach(UserDao.class).logins().contains(login);
  }

  /** Revokes a login of the tenant; {@link #enforce} ends its sessions. */
  public void retire(Handle handle, String login) {
    handle.attach(UserDao.class).dropLogin(login);
  }

  private DatabaseLoginList list(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    return tenantAccess.as(
        request.caller(),
        userId,
        "user.database-logins",
        handle ->
            new DatabaseLoginList(
                handle.attach(UserDao.class).logins().stream()
                    .map(DatabaseLoginList.Entry::new)
                    .toList()));
  }

  private @Nullable Object revoke(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    String login = request.path("login");
    tenantAccess.as(
        request.caller(),
        userId,
        "user.database-login-revoked",
        handle -> {
          UserDao users = handle.attach(UserDao.class);
          if (!users.logins().contains(login)) {
            throw Problem.of(Type.UNKNOWN_DATABASE_LOGIN, "The user has no such database login.");
          }
          users.dropLogin(login);
          return true;
        });
    enforce();
    return null;
  }

  /**
   * Enforces the limits now. What cannot be done now, because a login holds its own role, is left
   * for the next time.
   */
  public void enforce() {
    try {
      database
          .enforceTenantLimits()
          .forEach((reason, count) -> {
            log.warn("limits of database logins were enforced: {}, {} times", reason, count);
            enforced.accept(reason, count);
          });
    } catch (Database.Unavailable | Database.Busy | JdbiException e) {
      log.warn("the limits of database logins are enforced later: {}", e.getMessage());
    }
  }
}
