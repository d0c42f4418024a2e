package com.ytempire.sidecar.db;

import com.ytempire.sidecar.config.DatabaseAccess;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;

/** The pools of a database, which its views share. */
record Pools(
    Transactions everyday, Transactions reserved, Transactions operator, Transactions enforcement) {
  /** Apart from the pool, so that health and meters are answered while all others wait. */
  private static final int RESERVED_CONNECTIONS = 1;

  /** Of the second login, beside the pool: for what concerns the platform. */
  private static final int OPERATOR_CONNECTIONS = 2;

  /** Tenants' logins are held to their limits although every other connection is taken. */
  private static final int ENFORCEMENT_CONNECTIONS = 1;

  /** Opens the pools; where that fails for want of a migration, that is what is said. */
  static Pools open(
      DatabaseAccess access,
      TenantSwitches switches,
      TenantProofs proofs,
      MeterRegistry meters,
      Clock clock) {
    return new Opener(access, switches, proofs, meters, clock).open();
  }

  private record Opener(
      DatabaseAccess access,
      TenantSwitches switches,
      TenantProofs proofs,
      MeterRegistry meters,
      Clock clock) {
    Pools open() {
      return new Pools(
          everyday(),
          open(sidecar(), "postgres-reserved", RESERVED_CONNECTIONS, false),
          open(operator(), "postgres-operator", OPERATOR_CONNECTIONS, false),
          open(operator(), "postgres-enforcement", ENFORCEMENT_CONNECTIONS, false));
    }

    /** The pool; where it cannot be opened for want of a migration, that is what is said. */
    private Transactions everyday() {
      try {
        return open(sidecar(), "postgres", access.poolSize() - RESERVED_CONNECTIONS, true);
      } catch (RuntimeException e) {
        if (access.adminPassword() == null) {
          Migration.requireNone(access, SidecarLogin.NAME, Migration.LOCATIONS);
        }
        throw e;
      }
    }

    private PoolSettings.Login sidecar() {
      return new PoolSettings.Login(SidecarLogin.NAME, access.password());
    }

    private PoolSettings.Login operator() {
      return new PoolSettings.Login(OperatorLogin.NAME, OperatorLogin.password(access.password()));
    }

    private Transactions open(
        PoolSettings.Login login, String name, int connections, boolean isChecked) {
      return new Transactions(
          new PoolSettings(access.url(), login, name, connections, isChecked),
          switches,
          proofs,
          meters,
          clock);
    }
  }

  void close() {
    everyday.close();
    reserved.close();
    operator.close();
    enforcement.close();
  }
}
