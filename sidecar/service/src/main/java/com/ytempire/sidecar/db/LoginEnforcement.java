package com.ytempire.sidecar.db;

import com.ytempire.sidecar.config.DatabaseAccess;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PasswordUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Enforces the limits and privileges of tenants' logins and of the sidecar's own. Safe to share
 * between threads.
 */
final class LoginEnforcement {
  private static final Logger log = LoggerFactory.getLogger(LoginEnforcement.class);

  private final Transactions enforcement;
  private final Transactions operator;
  private final TenantProofs proofs;
  private final DatabaseAccess access;

  /** The verifier that was found to be of our password; to find that takes thousands of hashes. */
  private volatile @Nullable String checkedVerifier;

  /** The steps of the enforcement that failed the last time that they ran, of a fixed few. */
  private final Set<String> failedSteps = ConcurrentHashMap.newKeySet();

  /**
   * Makes an enforcement.
   *
   * @param enforcement the second login's connection that is kept for it
   * @param operator the second login's other connections
   */
  LoginEnforcement(
      Transactions enforcement, Transactions operator, TenantProofs proofs, DatabaseAccess access) {
    this.enforcement = enforcement;
    this.operator = operator;
    this.proofs = proofs;
    this.access = access;
  }

  /**
   * Ends sessions of tenants' logins that exceed their limits, puts back what a login changed of
   * its own role, or the sidecar's first login of its, drops the roles of retired logins, closes
   * databases of the server that were made since, and reads the key of tenants' proofs anew.
   *
   * @return how often each limit was enforced, by reason; a reason is one of a fixed few
   */
  Map<String, Long> enforce() {
    Map<String, Long> enforced = new TreeMap<>();
    attempt("reading the key of tenants' proofs", () -> readTenantKey(enforcement));
    attempt(
        "enforcing the limits of tenants' logins",
        () ->
            enforcement
                .run(
                    TransactionOptions.withoutTenant(false),
                    handle ->
                        handle
                            .createQuery("select reason, count from app.enforce_tenant_limits()")
                            .map((row, context) -> Map.entry(row.getString(1), row.getLong(2)))
                            .list())
                .forEach(entry -> enforced.merge(entry.getKey(), entry.getValue(), Long::sum)));
    attempt("putting back the login " + SidecarLogin.NAME, () -> restoreOwnLogin(enforced));
    attempt("dropping retired logins", this::dropRetiredLogins);
    attempt(
        "closing databases",
        () ->
            enforcement.run(
                TransactionOptions.withoutTenant(false),
                handle ->
                    handle.createQuery("select app.close_databases()").mapTo(Long.class).one()));
    return enforced;
  }

  /** As {@link Database#failedEnforcements}. */
  Set<String> failed() {
    return new TreeSet<>(failedSteps);
  }

  /** As {@link Database#observeTenantActivity}. */
  List<PausedUser> observe(Instant now, Duration sinceLast) {
    return enforcement.run(
        TransactionOptions.withoutTenant(false),
        handle ->
            handle
                .createQuery(
                    "select user_id, paused_until as until from app.observe_tenant_activity(:now, :seconds)")
                .bind("now", now)
                .bind("seconds", BigDecimal.valueOf(sinceLast.toMillis(), 3))
                .map(ConstructorMapper.of(PausedUser.class))
                .list());
  }

  /**
   * Runs a step of the enforcement, whose failure must not stop the others. It is warned of once,
   * until the step succeeds again.
   *
   * @throws DatabaseUnavailable if PostgreSQL cannot be reached, so that no other step would
   *     succeed
   */
  private void attempt(String step, Runnable work) {
    try {
      work.run();
      failedSteps.remove(step);
    } catch (DatabaseUnavailable e) {
      if (e.failure().isConnectionLost()) {
        throw e;
      }
      warnOnce(step, e);
    } catch (DatabaseBusy | JdbiException | DropLockHeld e) {
      warnOnce(step, e);
    }
  }

  private void warnOnce(String step, RuntimeException failure) {
    if (failedSteps.add(step)) {
      log.warn("{} failed, and is tried again every time: {}", step, failure.getMessage());
    }
  }

  /**
   * Puts back what the first login has changed of its own role: its password, and the defaults of
   * its sessions. It has no defaults but the server's.
   */
  private void restoreOwnLogin(Map<String, Long> enforced) {
    OwnLogin login =
        enforcement.run(
            TransactionOptions.withoutTenant(false),
            handle ->
                handle
                    .createQuery(
                        "select is_readable, verifier, has_settings from app.read_sidecar_login()")
                    .map((row, context) ->
                        new OwnLogin(row.getBoolean(1), row.getString(2), row.getBoolean(3)))
                    .one());
    String verifier = login.verifier();
    boolean isOurs =
        !login.isReadable()
            || (verifier != null
                && (verifier.equals(checkedVerifier)
                    || ScramVerifier.matches(verifier, access.password())));
    if (isOurs && !login.hasSettings()) {
      checkedVerifier = verifier;
      return;
    }
    enforcement.run(
        TransactionOptions.withoutTenant(false),
        handle ->
            String.valueOf(
                handle
                    .createQuery("select app.restore_sidecar_login(:verifier)")
                    .bind(
                        "verifier",
                        isOurs
                            ? null
                            : PasswordUtil.encodeScramSha256(access.password().toCharArray()))
                    .mapTo(String.class)
                    .one()));
    log.warn(
        "the login {} was changed by itself ({}) and was put back",
        SidecarLogin.NAME,
        isOurs ? "settings" : "password");
    enforced.merge(isOurs ? "settings" : "password", 1L, Long::sum);
  }

  private record OwnLogin(boolean isReadable, @Nullable String verifier, boolean hasSettings) {}

  /**
   * Drops the roles of logins that were revoked or whose user was erased. What one of them owns in
   * another database is dropped there if the administrator's password is set, and otherwise stays
   * for {@link DatabaseAdmin#migrate}.
   *
   * @throws DropLockHeld if another session holds the lock, and some are left for a minute
   */
  private void dropRetiredLogins() {
    List<RetiredLogin> left = retiredLogins();
    if (access.adminPassword() == null
        || left.stream().allMatch(login -> login.database() == null)) {
      return;
    }
    for (RetiredLogin login : left) {
      String name = login.login();
      String database = login.database();
      if (name != null && database != null) {
        log.warn(
            "the retired login {} owns objects in the database {}, which are dropped",
            name,
            database);
        DatabaseAdmin.dropOwned(access, database, name);
      }
    }
    retiredLogins();
  }

  /**
   * A login whose role could not be dropped.
   *
   * @param login null: another session holds the lock, and leaves some for a minute
   */
  private record RetiredLogin(
      @Nullable String login, @Nullable String database, @Nullable String error) {}

  /** Another session holds the lock of dropping, and leaves logins for a minute. */
  private static final class DropLockHeld extends RuntimeException {
    DropLockHeld(@Nullable String message) {
      super(message);
    }
  }

  /** Drops those that can be dropped; returns the others, with a database that holds one up. */
  private List<RetiredLogin> retiredLogins() {
    List<RetiredLogin> left =
        operator.run(
            TransactionOptions.withoutTenant(false),
            handle ->
                handle
                    .createQuery("select login, database, error from app.drop_retired_logins(0)")
                    .map((row, context) ->
                        new RetiredLogin(row.getString(1), row.getString(2), row.getString(3)))
                    .list());
    for (RetiredLogin login : left) {
      if (login.login() == null) {
        throw new DropLockHeld(login.error());
      }
    }
    return left;
  }

  /** Follows a change of the key of tenants' proofs, which only the second login may read. */
  void readTenantKey(Transactions login) {
    proofs.setKey(
        login.run(
            TransactionOptions.withoutTenant(false),
            handle -> handle.createQuery("select app.tenant_key()").mapTo(byte[].class).one()));
  }
}
