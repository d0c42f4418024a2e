package com.ytempire.sidecar.tenancy;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.db.PausedUser;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Consumer;
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
  private final Clock clock;

  /** When {@link #observe} last ran; null: it has not. */
  private volatile @Nullable Instant observedAt;

  /** How often {@link #observe} is to be called. */
  public static final Duration OBSERVATION_INTERVAL = Duration.ofMillis(250);

  /** More than that is not taken for computed, whatever held up the observation. */
  private static final Duration LONGEST_OBSERVATION = Duration.ofSeconds(1);

  /** Of no token: the platform itself writes. */
  private static final UUID PLATFORM = new UUID(0, 1);

  /**
   * @param enforced receives how often a limit was enforced, by reason
   */
  public DatabaseLogins(
      Database database, TenantAccess tenantAccess, ObjLongConsumer<String> enforced, Clock clock) {
    this.database = database;
    this.tenantAccess = tenantAccess;
    this.enforced = enforced;
    this.clock = clock;
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
   * @throws Problem too-many-database-logins: the user has as many as it may have, or had as many
   *     made today as a day may have
   */
  public Credentials provision(Handle handle, UUID userId) {
    return provision(
        handle, userId, users -> users.requireLoginRoom(false, false), UserDao::provisionLogin);
  }

  /** The same for the dashboards: it is not one of those that the user may have. */
  public Credentials provisionForDashboards(Handle handle, UUID userId) {
    return provision(
        handle,
        userId,
        users -> users.requireLoginRoom(true, false),
        UserDao::provisionDashboardLogin);
  }

  /** The same for a probe of isolation, which retires it; empty: there is no such active user. */
  public Optional<Credentials> provisionForProbe(Handle handle, UUID userId) {
    return handle
        .attach(UserDao.class)
        .find()
        .filter(User::isActive)
        .map(_ ->
            provision(
                handle,
                userId,
                users -> users.requireLoginRoom(false, true),
                UserDao::provisionProbeLogin));
  }

  /** Revokes the logins of all users that a probe of isolation left behind. */
  public void retireProbes(Handle handle) {
    long retired = handle.attach(UserDao.class).dropProbeLogins();
    if (retired > 0) {
      log.info("{} database logins of a probe of isolation were left behind, and go", retired);
    }
  }

  private Credentials provision(
      Handle handle,
      UUID userId,
      Consumer<UserDao> requireRoom,
      BiFunction<UserDao, String, String> provisioning) {
    String password = Secrets.random();
    try {
      UserDao users = handle.attach(UserDao.class);
      // Before the verifier, which takes thousands of hashes.
      requireRoom.accept(users);
      // The verifier, so that no statement carries the password into a log.
      String verifier = PasswordUtil.encodeScramSha256(password.toCharArray());
      return new Credentials(provisioning.apply(users, verifier), password);
    } catch (JdbiException e) {
      if (Database.violates(e, "login_role_most")) {
        throw Problem.of(
            Type.TOO_MANY_DATABASE_LOGINS,
            "The user has as many database logins as are allowed. Revoke one first: DELETE /v1/users/"
                + userId
                + "/database-logins/{login}.");
      }
      if (Database.violates(e, "login_days_most")) {
        throw Problem.until(
            Type.TOO_MANY_DATABASE_LOGINS,
            "As many database logins were made for the user today (UTC) as a day may have. Make the next one tomorrow.",
            clock.instant().truncatedTo(ChronoUnit.DAYS).plus(1, ChronoUnit.DAYS));
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
    tenantAccess.use(
        request.caller(),
        userId,
        "user.database-login-revoked",
        handle -> {
          UserDao users = handle.attach(UserDao.class);
          if (!users.logins().contains(login)) {
            throw Problem.of(Type.UNKNOWN_DATABASE_LOGIN, "The user has no such database login.");
          }
          users.dropLogin(login);
          users.replaceDashboardLogin(login, clock.instant());
        });
    enforce();
    return null;
  }

  /**
   * Enforces the limits now, for a request. What cannot be done now, because a login holds its own
   * role or another session is at it, is left for the job.
   */
  public void enforce() {
    try {
      enforceOnce();
    } catch (DatabaseUnavailable | DatabaseBusy | JdbiException e) {
      log.warn("the limits of database logins are enforced later: {}", e.getMessage());
    }
  }

  /**
   * Enforces the limits now, as a job that fails where a part of it does: limits that nobody
   * enforces any more must be seen.
   *
   * @throws IllegalStateException naming the steps that failed
   */
  public void enforceAll() {
    enforceOnce();
    Set<String> failed = database.failedEnforcements();
    if (!failed.isEmpty()) {
      throw new IllegalStateException("not done: " + String.join(", ", failed));
    }
  }

  private void enforceOnce() {
    database
        .enforceTenantLimits()
        .forEach((reason, count) -> {
          log.warn("limits of database logins were enforced: {}, {} times", reason, count);
          enforced.accept(reason, count);
        });
  }

  /**
   * Observes what users' logins compute, and tells each user whose logins have to pause for it. Not
   * safe to call at the same time twice.
   */
  public void observe() {
    Instant now = clock.instant();
    Instant last = observedAt;
    observedAt = now;
    Duration since = last == null ? OBSERVATION_INTERVAL : Duration.between(last, now);
    if (since.isNegative() || since.compareTo(LONGEST_OBSERVATION) > 0) {
      since = LONGEST_OBSERVATION;
    }
    try {
      for (PausedUser paused : database.observeTenantActivity(now, since)) {
        log.warn(
            "database logins of user {} computed too much and are refused until {}",
            paused.userId(),
            paused.until());
        enforced.accept("computing", 1);
        Tenant.run(paused.userId(), () -> note(paused, now));
      }
    } catch (DatabaseUnavailable | DatabaseBusy | JdbiException e) {
      // The enforcement of the other limits warns of it, and not several times a second.
      log.debug("what database logins compute is observed later: {}", e.getMessage());
    }
  }

  private void note(PausedUser paused, Instant at) {
    String until = paused.until().truncatedTo(ChronoUnit.SECONDS).toString();
    database.useTenant(handle -> {
      Notices.add(
          handle,
          Notices.Kind.DATABASE_LOGINS_PAUSED,
          null,
          "Your database logins computed more than their share: their statements were ended, and they are refused until "
              + until
              + ". Run fewer and shorter queries at once, and refresh dashboards less often. What is stored, and the API, are not concerned.",
          at);
      handle
          .attach(AuditDao.class)
          .record(
              at,
              PLATFORM,
              "platform",
              "user.database-logins-paused",
              null,
              null,
              Json.MAPPER.writeValueAsString(Map.of("until", until)));
    });
  }
}
